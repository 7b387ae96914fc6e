"""The faulty fields of a stored item, with the reasons."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict

from dynrepo import Attribute, CodecError, PartitionKey, schema_of
from dynrepo.schema.faults import FieldFault, fault_in, faults_of


def _checked(text: str) -> str:
    return text if text != "bad" else text[99]


class Thing(BaseModel):
    """A thing that takes no other attributes."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, PartitionKey()]
    size: Annotated[int, Attribute("s")] = 0
    text: Annotated[str, AfterValidator(_checked)] = ""


def faults(item: Any, model: type[BaseModel] = Thing) -> list[FieldFault]:
    """The faults of an item that is refused."""
    schema = schema_of(model)
    with pytest.raises(CodecError) as caught:
        schema.decode(item)
    return faults_of(schema, item, str(caught.value))


ID = {"S": "a"}


def test_each_field_that_cannot_be_read_is_a_fault() -> None:
    """By its name, whatever its attribute is called."""
    assert faults({"id": {"N": "1"}, "s": {"S": "x"}}) == [
        FieldFault("id", "expected S for str, found N"),
        FieldFault("size", "expected N for int, found S"),
    ]


def test_a_key_in_another_spelling_is_a_fault() -> None:
    """Beside those of other fields."""

    class Named(BaseModel):
        """A thing by a UUID."""

        id: Annotated[UUID, PartitionKey()]
        size: int = 0

    key = {"S": "123E4567-E89B-12D3-A456-42661417400A"}
    spelled, typed = faults({"id": key, "size": {"S": "x"}}, Named)
    assert (spelled.field, typed.field) == ("id", "size")
    assert spelled.reason.startswith("the stored form is another than the one that is written")


def test_a_null_that_is_read_as_the_default_is_no_fault() -> None:
    """Though the row has another."""
    row = {"id": ID, "s": {"NULL": True}, "text": {"N": "1"}}
    assert faults(row) == [FieldFault("text", "expected S for str, found N")]


def test_what_pydantic_refuses_is_a_fault() -> None:
    """An attribute that is forbidden is of the whole: its name may be data."""
    assert faults({"id": ID, "secret": {"S": "x"}}) == [FieldFault("", "extra_forbidden")]


def test_a_validator_that_raises_is_a_fault_of_the_whole() -> None:
    """As the error tells it."""
    assert faults({"id": ID, "text": {"S": "bad"}}) == [
        FieldFault(
            "", "the stored item is no Thing: the validation of Thing.text raised IndexError"
        )
    ]


def test_a_key_that_its_fields_do_not_make_is_a_fault_of_the_whole() -> None:
    """Each part may be right by itself."""

    class Lowered(BaseModel):
        """A thing by a name in small letters."""

        id: Annotated[str, PartitionKey(), AfterValidator(str.lower)]

    assert faults({"id": {"S": "A"}}, Lowered) == [
        FieldFault("", "Lowered: its fields make another key than the stored one")
    ]


def test_the_field_is_taken_from_the_error() -> None:
    """And the reason from what is behind it; else all of it is the reason."""
    schema = schema_of(Thing)
    assert fault_in(schema, "Thing.size (attribute s): too large") == FieldFault(
        "size", "too large"
    )
    assert fault_in(schema, "Other.size: too large") == FieldFault("", "Other.size: too large")
