"""Sets are sets of DynamoDB where they can be, and lists otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dynrepo.codec import codec_for
from dynrepo.codec.records import Record, RecordCodec
from dynrepo.codec.scalars import BOOL, BYTES, IDENTIFIER, INT, STR
from dynrepo.codec.sets import set_of
from dynrepo.codec.times import AWARE
from dynrepo.codec.untyped import ANY
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Encoding


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (set_of(set, STR), {"a"}, {"SS": ["a"]}),
        (set_of(frozenset, INT), frozenset({1}), {"NS": ["1"]}),
        (set_of(set, BYTES), {b"a"}, {"BS": ["YQ=="]}),
        (set_of(set, IDENTIFIER), set(), {"L": []}),
        (set_of(set, BOOL), {True}, {"L": [{"BOOL": True}]}),
        (set_of(set, ANY), {"a"}, {"SS": ["a"]}),
        (set_of(frozenset, ANY), frozenset(), {"L": []}),
    ],
)
def test_a_set_comes_back(codec: Any, value: Any, stored: dict[str, Any]) -> None:
    """The empty one, which DynamoDB does not have, from an empty list."""
    assert codec.encode(value) == stored
    assert codec.decode(stored) == value
    assert type(codec.decode(stored)) is type(value)


@pytest.mark.parametrize("element", [STR, BOOL, ANY])
def test_another_collection_is_refused(element: Any) -> None:
    """As a list, of which Pydantic would make a set only when it validates."""
    with pytest.raises(CodecError, match="found list"):
        set_of(set, element).encode([True])


@pytest.mark.parametrize(
    ("codec", "stored", "says"),
    [
        (set_of(set, INT), {"SS": ["1"]}, "expected NS for set of int, found SS"),
        (set_of(set, INT), {"L": [{"N": "1"}]}, "expected NS for set of int, found L"),
        (set_of(set, INT), {"NS": ["x"]}, "the N found is no number"),
        (set_of(set, INT), {"NS": "12"}, "no list"),
        (set_of(set, INT), {"NS": ["1", "1.0"]}, "two elements of the set found are equal"),
        (
            set_of(set, IDENTIFIER),
            {"SS": [str(UUID(int=10)), str(UUID(int=10)).upper()]},
            "two elements of the set found are equal",
        ),
        (set_of(set, BOOL), {"L": [{"BOOL": True}] * 2}, "two elements of the set found are equal"),
        (set_of(set, ANY), {"S": "abc"}, "expected a set, found S"),
    ],
)
def test_what_is_stored_otherwise_is_refused(codec: Any, stored: Any, says: str) -> None:
    """Two equal elements too, for they would be written as one."""
    with pytest.raises(CodecError, match=says):
        codec.decode(stored)


def test_the_elements_of_a_set_of_dynamodb_have_a_codec() -> None:
    """Which expressions add to it and take from it."""
    assert set_of(set, STR).element is STR
    assert set_of(set, BOOL).element is None


def test_what_pydantic_makes_elements_of_need_not_be_hashable() -> None:
    """As dicts of models; where Pydantic is strict it takes no list for the set."""

    class Frozen:
        a: int

    element = RecordCodec(Record("Frozen", Frozen, ()))

    assert set_of(set, element).decode({"L": [{"M": {}}]}) == [{}]
    with pytest.raises(SchemaError, match="declare a list"):
        set_of(set, element, strict=True)


def test_two_elements_that_are_stored_alike_are_refused() -> None:
    """DynamoDB takes an element once: instants of two zones, or what an Encoding makes alike."""
    half_past = datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Paris"))
    folded = Encoding("S", encode=str.lower, decode=str)
    for codec, value in (
        (set_of(set, AWARE), {half_past, half_past.astimezone(UTC)}),
        (codec_for(frozenset[Annotated[str, folded]]), frozenset({"a", "A"})),
    ):
        assert len(value) == 2
        with pytest.raises(CodecError, match="two elements of a set are stored alike"):
            codec.encode(value)
