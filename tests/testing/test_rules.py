"""What DynamoDB refuses is refused, and what it takes is stored in one form."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import StoreError
from dynrepo.sending.outcomes import Refused
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.rules import admitted, copied, key_value, number, sortable
from tests.testing.rows import Rows, put


def nested(depth: int) -> dict[str, Any]:
    """A list in a list in a list."""
    value: dict[str, Any] = {"L": []}
    for _ in range(depth - 1):
        value = {"L": [value]}
    return value


REFUSED: dict[str, dict[str, Any]] = {
    "an item over 400 KB": {"a": {"S": "x" * 409_600}},
    "39 digits": {"a": {"N": "1" * 39}},
    "a number too large": {"a": {"N": "1E126"}},
    "a number too small": {"a": {"N": "1E-131"}},
    "not a number": {"a": {"N": "NaN"}},
    "infinity": {"a": {"N": "Infinity"}},
    "a text for a number": {"a": {"N": "one"}},
    "no text": {"a": {"S": 1}},
    "no base64": {"a": {"B": "%"}},
    "no boolean": {"a": {"BOOL": "true"}},
    "a NULL that is not": {"a": {"NULL": False}},
    "an empty set": {"a": {"SS": []}},
    "a set with duplicates": {"a": {"NS": ["1", "1.0"]}},
    "two types": {"a": {"S": "x", "N": "1"}},
    "no type": {"a": {"X": "x"}},
    "depth 33": {"a": nested(33)},
    "an empty attribute name": {"": {"S": "x"}},
    "an empty name in a map": {"a": {"M": {"": {"S": "x"}}}},
    "a name of 65,536 bytes": {"a" * 65_536: {"S": "x"}},
    "a name of 65,536 bytes in a map": {"a": {"M": {"é" * 32_768: {"S": "x"}}}},
    "an empty partition key": {"p": {"S": ""}},
    "a key of another type": {"s": {"S": "1"}},
    "a partition key over 2048 bytes": {"p": {"S": "x" * 2049}},
    "an index key of another type": {"g": {"N": "1"}},
    "an empty index key": {"g": {"S": ""}},
}


def test_a_name_may_have_65535_bytes() -> None:
    """They count into the size of the item."""
    name = "a" * 65_535
    assert admitted({name: {"NULL": True}}) == ({name: {"NULL": True}}, 65_536)


@pytest.mark.parametrize("attributes", REFUSED.values(), ids=REFUSED)
def test_what_dynamodb_refuses_is_refused(attributes: dict[str, Any]) -> None:
    """With the code of DynamoDB, and nothing is written."""
    store = MemoryStore(Rows)
    with pytest.raises(StoreError) as caught:
        put(store, **attributes)
    assert caught.value.code in ("ValidationException", "SerializationException")
    assert store.items("rows") == []


def test_what_dynamodb_takes_is_taken() -> None:
    """At the very limits."""
    store = MemoryStore(Rows)
    put(store, p={"S": "x" * 2048}, a=nested(32), b={"N": "1" * 38}, c={"N": "1E125"}, d={"S": ""})
    (item,) = store.items("rows")
    assert item["c"] == {"N": "1" + "0" * 125}


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "\u00e9"}, 2),
        ({"N": "123"}, 3),
        ({"N": "-123"}, 4),
        ({"B": "AAEC"}, 3),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "a"}]}, 5),
        ({"M": {"k": {"S": "a"}}}, 6),
    ],
    ids=str,
)
def test_an_item_has_a_size(value: dict[str, Any], size: int) -> None:
    """The bytes of its names and values."""
    assert admitted({"name": value}) == ({"name": value}, len("name") + size)


@pytest.mark.parametrize(
    ("text", "stored"),
    [("1.0", "1"), ("-0", "0"), ("1e3", "1000"), ("0.10", "0.1"), ("100", "100")],
)
def test_a_number_has_one_text(text: str, stored: str) -> None:
    """However it was written."""
    assert number(text) == stored
    assert admitted({"a": {"NS": [text]}})[0] == {"a": {"NS": [stored]}}


def test_a_copy_shares_nothing() -> None:
    """All the way down."""
    value = {"L": [{"M": {"a": {"S": "x"}}}]}
    copied(value)["L"][0]["M"].clear()
    assert value == {"L": [{"M": {"a": {"S": "x"}}}]}


def test_keys_are_ordered_by_their_content() -> None:
    """Numbers by value, texts by code point, bytes unsigned."""
    for tag, contents in {
        "N": ["-1", "2", "10"],
        "S": ["A", "a", "\u00e9"],
        "B": ["AA==", "/w=="],
    }.items():
        assert sorted(set(contents), key=lambda content: sortable(tag, content)) == contents


def test_a_key_has_a_type_and_a_limit() -> None:
    """A value of another type, or one that is too long, is named."""
    assert key_value({"S": "x"}, "S", 1, "p") == "x"
    for value in ({"N": "1"}, {"S": "xx"}, {"S": ""}, {}):
        with pytest.raises(Refused):
            key_value(value, "S", 1, "p")
