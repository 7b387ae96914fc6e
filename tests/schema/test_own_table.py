"""What a model with a table of its own says of what places are about."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from dynrepo import PartitionKey, schema_of


class Person(BaseModel):
    """An item."""

    id: Annotated[str, PartitionKey()]
    name: str = ""


def test_each_attribute_is_a_field_and_each_row_an_item() -> None:
    """So a write asks nothing of what is stored, and adds nothing to it."""
    schema = schema_of(Person)
    row = {"id": {"S": "a"}}
    assert (schema.asked_mark, schema.folded, schema.added) == ((), frozenset(), frozenset())
    assert not schema.is_of_others({"_et": {"S": "other"}})
    assert schema.key_item("a") == {}
    assert schema.attributes_of(schema.field("name")) == ("name",)
    schema.restamped(row)
    assert row == {"id": {"S": "a"}}
