"""The table 2024_odd.table, as its description and a sample of its rows show it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from dynrepo import Attribute, PartitionKey, Repository, SortKey
from pydantic import BaseModel


class Nested(BaseModel, frozen=True):
    """A part of a row: nested."""

    is_it: Annotated[bool, Attribute("is-it")]
    from_: Annotated[str, Attribute("from")]


class Row2024OddTable(BaseModel, frozen=True):
    """A row of 2024_odd.table."""

    user_id_2: Annotated[str, PartitionKey(), Attribute("user-id")]
    class_: Annotated[int, SortKey(), Attribute("class")]
    field_2fa: Annotated[bool, Attribute("2fa")]
    private: Annotated[str, Attribute("_private")]
    grosse: Annotated[Decimal, Attribute("größe")]
    field: Annotated[str, Attribute("日本")]
    say_hi: Annotated[str, Attribute('say "hi"')]
    it_s_here: Annotated[str, Attribute("it's\\here")]
    line_break: Annotated[str, Attribute("line\nbreak")]
    model_config_: Annotated[str, Attribute("model_config")]
    copy_: Annotated[str, Attribute("copy")]
    date_: Annotated[date, Attribute("date")]
    date_2: Annotated[date, Attribute("Date")]
    user_id_3: Annotated[Decimal, Attribute("userId")]
    user_id: str
    items_0: Annotated[str, Attribute("items[0]")]
    an_attribute_with_a_name_that_is_longer: Annotated[
        frozenset[str],
        Attribute("an.attribute.with.a.name.that.is.longer.than.many.others"),
    ]
    nested: Nested


class Row2024OddTableRows(Repository[Row2024OddTable]):
    """The rows of 2024_odd.table."""

    table = "2024_odd.table"
