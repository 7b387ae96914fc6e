"""Conditions are true of an item or not."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.condition import BeginsWith, Condition
from pynamodb.expressions.operand import Path, Value

from dynrepo.testing.conditions import holds

ITEM: dict[str, Any] = {
    "text": {"S": "hello"},
    "bytes": {"B": "AAEC"},
    "number": {"N": "5"},
    "words": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1.0"]},
    "list": {"L": [{"S": "a"}]},
    "map": {"M": {"a": {"S": "a"}}},
}
text, number, words, none = Path("text"), Path("number"), Path("words"), Path("none")


def n(value: int) -> Value:
    """A number."""
    return Value({"N": str(value)})


def s(value: str) -> Value:
    """A text."""
    return Value({"S": value})


@pytest.mark.parametrize(
    "condition",
    [
        number == n(5),
        number != n(4),
        number < n(6),
        number <= n(5),
        number > n(4),
        number >= n(5),
        none != n(5),
        number != s("5"),
        number.between(n(5), n(6)),
        number.is_in(n(1), n(5)),
        text.exists(),
        none.does_not_exist(),
        text.is_type("S"),
        text.startswith(s("he")),
        BeginsWith(Path("bytes"), Value({"B": "AAE="})),
        text.contains(s("ell")),
        words.contains(s("a")),
        Path("numbers").contains(n(1)),
        Path("list").contains(s("a")),
        (number == n(5)) & (text == s("hello")),
        (number == n(4)) | (text == s("hello")),
        ~(number == n(4)),
    ],
    ids=str,
)
def test_a_condition_that_holds(condition: Condition) -> None:
    """It is true of the item, and its opposite is not."""
    assert holds(condition, ITEM)
    assert not holds(~condition, ITEM)


@pytest.mark.parametrize(
    "condition",
    [
        number == n(4),
        none == Path("other"),
        number < n(5),
        number <= n(4),
        number > n(5),
        number >= n(6),
        none < n(5),
        number < s("6"),
        number <= s("6"),
        number.between(n(6), n(7)),
        none.between(n(1), n(9)),
        number.is_in(n(1), s("5")),
        none.exists(),
        text.does_not_exist(),
        text.is_type("N"),
        none.is_type("S"),
        text.startswith(s("x")),
        number.startswith(s("5")),
        BeginsWith(text, none),
        none.startswith(s("")),
        none.contains(s("a")),
        text.contains(s("x")),
        words.contains(s("x")),
        words.contains(n(1)),
        Path("list").contains(s("x")),
        Path("map").contains(s("a")),
        (number == n(5)) & (text == s("x")),
        (number == n(4)) | (text == s("x")),
    ],
    ids=str,
)
def test_a_condition_that_does_not_hold(condition: Condition) -> None:
    """It is false of the item, and of no item at all unless it asks for that."""
    assert not holds(condition, ITEM)


def test_no_condition_always_holds() -> None:
    """Of an item, and of none."""
    assert holds(None, ITEM)
    assert holds(None, {})


def test_bounds_that_are_stored_are_compared_when_they_are_read() -> None:
    """A path has no value before there is an item."""
    condition = number.between(Path("low"), Path("high"))
    assert holds(condition, {**ITEM, "low": {"N": "4"}, "high": {"N": "5"}})
    assert not holds(condition, ITEM)
