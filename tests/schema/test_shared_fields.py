"""A field that several models have is one field of their table, or a SchemaError."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Base64Str, BaseModel, Field, computed_field, create_model

from dynrepo import Attribute, Encoding, PartitionKey, SchemaError, SortKey, Version
from dynrepo.schema.entity import schema_of
from dynrepo.schema.shared_fields import shared_fields


class Status(StrEnum):
    """Some texts."""

    OPEN = "open"
    SHUT = "shut"


def model(name: str, annotation: Any, default: Any = ...) -> type[BaseModel]:
    """A model with a field of a type."""
    fields: Any = {"x": (annotation, default)}
    return create_model(name, id=(Annotated[str, PartitionKey()], ...), **fields)


def shared(*models: type[BaseModel]) -> dict[str, Any]:
    """The fields of models together, by name."""
    found = shared_fields("A | B", {each: schema_of(each).fields for each in models})
    return {field.name: field for field in found}


SWAPPED = Encoding("S", encode=lambda text: text[::-1], decode=lambda text: text[::-1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (int, int),
        (int, Annotated[int, Field(ge=1)]),
        (Annotated[str, AfterValidator(str.strip)], str),
        (str, str | None),
        (list[date], list[date]),
        (Annotated[str, SWAPPED], Annotated[str, SWAPPED]),
        (Annotated[str, Attribute("y")], Annotated[str, Attribute("y")]),
        (Status, Status),
    ],
    ids=["type", "bound", "validator", "None", "list", "encoding", "attribute", "enum"],
)
def test_fields_that_are_stored_alike_are_one(one: Any, other: Any) -> None:
    """Whatever their values have to pass beside their type."""
    default = None if other == str | None else ...
    field = shared(model("A", one), model("B", other, default))["x"]
    assert (field.owner, field.none, field.required) == ("A | B", "refused", True)


def test_a_field_of_one_model_stays_its_own() -> None:
    """With the name of its model."""
    assert (
        shared(model("A", int), create_model("B", id=(Annotated[str, PartitionKey()], ...)))[
            "x"
        ].label
        == "A.x"
    )


def test_the_values_of_literals_are_those_of_all() -> None:
    """Of which each is written as ever."""
    codec = shared(model("A", Literal["a", "b"]), model("B", Literal["b", "c"]))["x"].codec
    assert [codec.encode(value) for value in "abc"] == [{"S": "a"}, {"S": "b"}, {"S": "c"}]
    members = shared(model("A", Literal[Status.OPEN]), model("B", Literal[Status.SHUT]))["x"].codec
    assert members.decode({"S": "shut"}) is Status.SHUT


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        (int, str, r"A\.x and B\.x are stored as two types, int and str"),
        (date, datetime, "are stored as two types"),
        (Literal["a"], Literal[1], "are stored as two types"),
        (Literal["a"], str, "are stored as two types"),
        (str, Base64Str, "are stored as two types"),
        (Annotated[str, SWAPPED], str, "are stored as two types"),
        (list[int], list[str], "are stored as two types"),
        (Annotated[str, Attribute("y")], str, "have two attributes"),
        (Annotated[int, SortKey()], int, "have different markers"),
    ],
    ids=["type", "time", "literals", "literal", "bytes", "encoding", "list", "attribute", "marker"],
)
def test_fields_that_are_stored_in_two_ways_are_refused(one: Any, other: Any, says: str) -> None:
    """With the names of both."""
    with pytest.raises(SchemaError, match=says):
        shared(model("A", one), model("B", other))


def test_none_is_stored_in_one_way() -> None:
    """By absence in both, or as NULL in both, unless one takes no None."""
    with pytest.raises(SchemaError, match="store None in two ways"):
        shared(model("A", str | None, None), model("B", str | None, "x"))
    with pytest.raises(SchemaError, match="store the empty set in two ways"):
        shared(model("A", set[str], set()), model("B", set[str], {"x"}))


def test_versions_count_from_one_default() -> None:
    """An update counts on from it, whichever the model is."""
    versions = model("A", Annotated[int, Version()], 0), model("B", Annotated[int, Version()], 1)
    with pytest.raises(SchemaError, match="count from different defaults"):
        shared(*versions)


def test_two_names_do_not_share_an_attribute() -> None:
    """A condition on the one would be true of the other."""
    other: Any = create_model(
        "B", id=(Annotated[str, PartitionKey()], ...), y=(Annotated[int, Attribute("x")], ...)
    )
    with pytest.raises(SchemaError, match=r"A\.x and B\.y .*are stored under one attribute"):
        shared(model("A", int), other)


def test_a_field_is_computed_in_all_models_or_in_none() -> None:
    """One that is given is changed by an update, one that is computed goes stale by it."""

    class Computing(BaseModel):
        id: Annotated[str, PartitionKey()]

        @computed_field  # type: ignore[prop-decorator]
        @property
        def x(self) -> Annotated[int, PartitionKey(index="by_x")]:
            return 1

    assert shared(Computing, create_model("B", __base__=Computing))["x"].computed
    with pytest.raises(SchemaError, match="are not both computed"):
        shared(Computing, model("B", Annotated[int, PartitionKey(index="by_x")]))


def test_settings_that_say_how_texts_are_written_have_to_be_equal() -> None:
    """They are a part of the stored form."""

    class Plain(BaseModel):
        id: Annotated[str, PartitionKey()]
        x: bytes

    class Based(BaseModel, ser_json_bytes="base64"):
        id: Annotated[str, PartitionKey()]
        x: bytes

    with pytest.raises(SchemaError, match="are stored as two types"):
        shared(Plain, Based)
