"""A value that no annotation describes is stored by its class and read by its tag."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dynrepo.codec.untyped import ANY, JSON_VALUE, decode_any, encode_any, listed, map_key
from dynrepo.errors import CodecError

EVERYTHING = {
    "text": "a",
    "numbers": [1, Decimal("0.5")],
    "bytes": b"x",
    "flags": [True, False, None],
    "sets": [{"y"}, {1}, {b"z"}],
    "map": {"a": {"b": []}},
}


def test_every_class_that_reads_back_as_an_equal_is_stored() -> None:
    """Under the tag of its own."""
    stored = encode_any(EVERYTHING)

    assert decode_any(stored) == ANY.fast_decode(stored) == EVERYTHING
    assert encode_any({1}) == {"NS": ["1"]}


def test_a_json_value_has_floats_and_no_sets() -> None:
    """As JSON has."""
    value = {"a": [1, 0.5, None, True, "x"]}

    assert JSON_VALUE.decode(JSON_VALUE.encode(value)) == value
    for other in ({1}, b"x", Decimal(1), 2.0**53):
        with pytest.raises(CodecError):
            JSON_VALUE.encode(other)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0.5, "float has no DynamoDB type that reads back as an equal value"),
        ((1,), "tuple has no DynamoDB type"),
        ({(1,)}, "tuple has no DynamoDB type"),
        ({True}, "bool has no DynamoDB type"),
        (set(), "empty, or of mixed types"),
        ({1, "a"}, "empty, or of mixed types"),
        ({"": 1}, "cannot be empty"),
        ({1: 1}, "expected str, found int"),
    ],
)
def test_what_would_come_back_as_something_else_is_refused(value: Any, says: str) -> None:
    """A tuple as a list, a float as a Decimal."""
    with pytest.raises(CodecError, match=says):
        encode_any([value])


@pytest.mark.parametrize(
    "stored",
    [
        *({"X": 1}, {}, {"S": "a", "N": "1"}, "ab", {"S": 1}, {"B": "a"}, {"BOOL": 1}),
        *({"N": "NaN"}, {"N": 1}, {"L": ""}, {"M": []}, {"SS": "ab"}, {"NS": ["1", "1.0"]}),
    ],
)
def test_what_is_no_attribute_value_is_refused(stored: Any) -> None:
    """Whatever a foreign writer stored."""
    with pytest.raises(CodecError):
        decode_any({"L": [stored]})


def test_a_part_of_any_value_may_be_any_value() -> None:
    """Found by any step, and looked through where it is a list or a dict."""
    assert ANY.child("a") == ("a", ANY)
    assert ANY.parts([1]) == ((ANY, [1]),)
    assert [(codec, list(values)) for codec, values in ANY.parts({"a": 1})] == [(ANY, [1])]
    assert not ANY.parts({1})


def test_the_payload_of_a_list_is_a_list() -> None:
    """Not a text, which can be looped over, too."""
    assert listed([1]) == [1]
    with pytest.raises(CodecError):
        listed("ab")
    assert map_key("a") == "a"
