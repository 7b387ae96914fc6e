"""Keys, indexes and expiry of a table, by attribute."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.modelling.marks import Marks
from tests.modelling.recorded import described, expires, index

TABLE = described(
    "t",
    "pk sk",
    index("by_a", "a b"),
    index("by_b", "b"),
    index("by_c", "pk c", local=True),
    index("by_keys", "a", all_=False),
    index("by_some", "a", "text"),
    pk="S",
    sk="N",
    a="S",
    b="S",
    c="N",
)


def test_an_attribute_has_a_marker_for_each_key() -> None:
    """Of the table first; a local index shares the partition key of the table."""
    marks = Marks(TABLE, None)
    assert list(marks) == ["pk", "sk", "a", "b", "c"]
    assert marks.table_key == ["pk", "sk"]
    assert marks.markers("pk") == ["PartitionKey()"]
    assert marks.markers("b") == ['SortKey(index="by_a")', 'PartitionKey(index="by_b")']
    assert marks.markers("c") == ['SortKey(index="by_c")']
    assert marks.markers("other") == []


def test_a_key_tells_what_its_type_must_be_fit_for() -> None:
    """A sort key is the narrower."""
    marks = Marks(TABLE, None)
    assert [marks.key(name) for name in ("pk", "sk", "b", "other")] == [
        "partition",
        "sort",
        "sort",
        "",
    ]


def test_indexes_that_hold_a_part_are_noted() -> None:
    """Of keys, or of some attributes more."""
    assert Marks(TABLE, None).notes == [
        "The index by_keys holds keys only: no instance is read from it.",
        "The index by_some holds some attributes only: no instance is read from it.",
    ]


def test_an_index_by_several_attributes_has_no_markers() -> None:
    """A global index may have four for each part of its key."""
    wide = index("wide", "a b")
    wide["KeySchema"].append({"AttributeName": "c", "KeyType": "RANGE"})
    wide["Projection"] = {"ProjectionType": "KEYS_ONLY"}
    marks = Marks(described("t", "pk", wide, pk="S", a="S", b="S", c="S"), None)
    assert list(marks) == ["pk"]
    assert marks.notes == [
        "The index wide has a key of several attributes, for which there are no markers."
    ]


@pytest.mark.parametrize(
    ("time_to_live", "attribute"),
    [
        (None, None),
        ({}, None),
        ({"TimeToLiveStatus": "DISABLED"}, None),
        ({"TimeToLiveStatus": "DISABLING", "AttributeName": "x"}, None),
        (expires("x"), "x"),
        ({"TimeToLiveDescription": expires("x")}, "x"),
    ],
)
def test_expiry_is_by_the_attribute_that_is_switched_on(time_to_live: Any, attribute: Any) -> None:
    """In a TimeToLiveDescription, or in the answer that holds it."""
    assert Marks(TABLE, time_to_live).ttl == attribute
