"""A model that sees what it is made from is made of the same values, however they are read."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationInfo,
    computed_field,
    create_model,
    field_validator,
    model_validator,
)

from dynrepo.codec.core_schemas import NotAccelerated
from dynrepo.markers import Attribute, PartitionKey
from dynrepo.reading.values_reader import ValuesReader, schema_by_values
from dynrepo.schema.entity import Schema, schema_of
from tests.reading.odd_items import NULL, ODD, Odd, OddItems
from tests.reading.test_parsers import by_codec, if_accelerated, is_same
from tests.reading.test_rewriter import reader_of, same_in_both

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = if_accelerated


class Open(Odd, extra="allow"):
    """Keeps what no field declares, but for what it makes itself."""

    @computed_field
    @property
    def label(self) -> str:
        """Is stored, too."""
        return self.name


class Closed(Odd, extra="forbid"):
    """Takes no more than its fields."""

    @computed_field
    @property
    def label(self) -> str:
        """Is stored, too."""
        return self.name


class Strict(Odd, strict=True):
    """Takes values of the exact types."""


class Looking(Odd):
    """Sees the values, and how they come."""

    @model_validator(mode="before")
    @classmethod
    def look(cls, values: Any) -> Any:
        """Takes a dict by the names of the fields."""
        assert type(values) is dict
        return {**values, "text": "".join(sorted(name[0] for name in values))}

    @field_validator("name")
    @classmethod
    def tell(cls, value: str, info: ValidationInfo) -> str:
        """Tells what a validator is told."""
        return f"{value} {info.mode} {info.context} {sorted(info.data)}"


class Wrapped(Odd):
    """Has the last word on what it is."""

    @model_validator(mode="wrap")
    @classmethod
    def wrap(cls, values: Any, handler: Callable[[Any], Any]) -> Any:
        """Changes it before and after."""
        made = handler({**values, "text": "wrapped"})
        made.name += "!"
        return made


class Made(Odd):
    """Makes itself."""

    def __init__(self, **values: Any) -> None:
        super().__init__(**{**values, "text": "made"})


@pytest.mark.parametrize("model", [Open, Closed, Strict, Looking, Wrapped, Made])
@pytest.mark.parametrize("share", [0, 0.01])
def test_values_in_any_form_make_what_the_codec_makes(model: Any, share: float) -> None:
    """Nested ones too, and beside attributes that no field declares."""
    schema, chance = schema_of(model), Random(share)  # noqa: S311 - no secret
    read, items = reader_of(schema), OddItems(chance, share)

    for number in range(60):
        item = items.item()
        if number % 3 == 0:
            item[chance.choice(["more", "label", "NULL", "text_"])] = chance.choice(ODD)
        found, expected = read(item), by_codec(schema, item)
        assert found is not None or expected is None or share, item
        assert found is None or is_same(found, expected), item


def test_what_no_field_declares_may_have_the_name_of_one() -> None:
    """Where that is stored by another name: the codec says so, and reads alone."""
    model = create_model(
        "Renamed",
        __config__=ConfigDict(extra="allow"),
        id=(Annotated[str, PartitionKey()], ...),
        number=(Annotated[int, Attribute("no")], 7),
    )
    schema: Schema[Any] = Schema(model)
    assert "another one" in schema.unaccelerated
    assert schema.decode({"id": {"S": "1"}, "more": NULL}).more is None


class Computed(BaseModel, extra="allow"):
    """A key that is made of another field."""

    half: int

    @computed_field
    @property
    def whole(self) -> Annotated[str, PartitionKey()]:
        """The key."""
        return str(self.half * 2)


def test_an_instance_has_the_key_that_is_stored() -> None:
    """Or it is none."""
    schema = schema_of(Computed)
    item = {"half": {"N": "2"}, "whole": {"S": "4"}, "more": {"N": "1"}}
    assert same_in_both(schema, item).model_extra == {"more": 1}
    assert same_in_both(schema, {**item, "whole": {"S": "5"}}) is None
    assert same_in_both(schema, {"half": {"N": "2"}}) is None


def test_only_what_a_codec_reads_is_laid_out() -> None:
    """The values of fields that are not stored are not looked for."""
    record = schema_of(Computed)._record
    assert list(ValuesReader(()).values(record)["fields"]) == ["half"]
    renamed = create_model(
        "Renamed", __config__=ConfigDict(extra="forbid"), id=(Annotated[str, Attribute("no")], ...)
    )
    fields = Schema(
        create_model("Keyed", id=(Annotated[str, PartitionKey()], ...), part=(renamed, ...))
    )
    assert fields.unaccelerated == ""
    inner = fields.field("part").codec.record  # type: ignore[attr-defined]
    with pytest.raises(NotAccelerated, match="another one"):
        schema_by_values(renamed.model_validate, inner, ValuesReader(()), keeps_keys=True)
