"""What DynamoDB refuses for its size is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.codec.limits import MAX_ITEM, check_depth, check_key, checked_json, size_of
from dynrepo.errors import CodecError


def test_a_size_is_counted_as_dynamodb_counts() -> None:
    """Names and values in UTF-8, half a byte a digit, three bytes a container and one an entry."""
    item = {
        "s": {"S": "é"},
        "n": {"N": "-12.5"},
        "b": {"B": "AAA="},
        "t": {"BOOL": True},
        "z": {"NULL": True},
        "l": {"L": [{"S": "a"}]},
        "m": {"M": {"k": {"S": "a"}}},
        "x": {"SS": ["a", "bb"]},
        "y": {"NS": ["1"]},
        "w": {"BS": ["AA=="]},
    }

    assert size_of(item) == 10 + 2 + 4 + 2 + 1 + 1 + 5 + 6 + 3 + 2 + 1


@pytest.mark.parametrize(
    "stored", [{"S": "a" * 10}, {"S": "é" * 5}, {"B": "AAAA"}, {"N": "9" * 38}]
)
def test_a_key_may_be_as_long_as_the_limit(stored: dict[str, str]) -> None:
    """Numbers have a limit of their own."""
    check_key("User.id", stored, 10)


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ({"S": ""}, "a key cannot be empty"),
        ({"B": ""}, "a key cannot be empty"),
        ({"S": "a" * 11}, "has 10 bytes at most, found 11"),
        ({"S": "é" * 6}, "has 10 bytes at most, found 12"),
        ({"B": "A" * 16}, "has 10 bytes at most, found 12"),
    ],
)
def test_a_key_that_is_empty_or_too_long_is_refused(stored: dict[str, str], says: str) -> None:
    """With the name of the field."""
    with pytest.raises(CodecError, match=rf"^User\.id: a key {says.removeprefix('a key ')}$"):
        check_key("User.id", stored, 10)


def test_an_item_may_have_400_kb() -> None:
    """By DynamoDB's count, although its JSON is longer."""
    fits = {"a": {"S": "x" * (MAX_ITEM - 1)}}

    assert len(checked_json("User", fits)) > MAX_ITEM
    with pytest.raises(CodecError, match=r"^User: an item has 409600 bytes at most, found 409601$"):
        checked_json("User", {"a": {"S": "x" * MAX_ITEM}})


@pytest.mark.parametrize(
    "inner", [lambda part: {"L": [part]}, lambda part: {"M": {"a": part}}], ids=["L", "M"]
)
def test_a_value_has_32_levels(inner: Any) -> None:
    """The innermost scalar among them."""
    stored: Any = {"S": "a"}
    for _ in range(31):
        stored = inner(stored)

    check_depth("User", {"id": {"S": "1"}, "deep": stored})
    with pytest.raises(CodecError, match="deeper than 32 levels"):
        check_depth("User", {"deep": inner(stored)})
