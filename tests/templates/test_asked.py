"""What is asked of an attribute that holds values as they are stored."""

from __future__ import annotations

import pytest

from dynrepo.errors import CodecError
from dynrepo.templates.asked import NEVER, Asked, as_stored


def texts(operator: str, *values: str) -> Asked:
    """A comparison with texts."""
    return Asked(operator, tuple({"S": value} for value in values))


def numbers(operator: str, *values: str) -> Asked:
    """A comparison with numbers."""
    return Asked(operator, tuple({"N": value} for value in values))


@pytest.mark.parametrize(
    "asked",
    [
        texts("=", "a"),
        texts("<", "a"),
        texts("begins_with", "a"),
        texts("BETWEEN", "a", "a"),
        texts("BETWEEN", "\uffff", "\U0001f600"),
        numbers("BETWEEN", "9", "10"),
        numbers("BETWEEN", "-10", "-9"),
        numbers("BETWEEN", "1.0", "1"),
        numbers("<", "0"),
        Asked("BETWEEN", ({"B": "AQ=="}, {"B": "/w=="})),
        Asked("=", ({"BOOL": True},)),
        Asked("BETWEEN", ({"S": "b"}, {"N": "1"})),
    ],
)
def test_what_dynamodb_takes_is_asked_as_it_is(asked: Asked) -> None:
    """By the order of the type; what is none of a key's is for DynamoDB to refuse."""
    assert as_stored(asked, "M.x", 1024) == asked


@pytest.mark.parametrize(
    "asked",
    [
        texts("<", ""),
        texts("<=", ""),
        texts("BETWEEN", "a", ""),
        texts("BETWEEN", "", ""),
        texts("BETWEEN", "b", "a"),
        texts("BETWEEN", "\U0001f600", "\uffff"),
        numbers("BETWEEN", "10", "9"),
        Asked("BETWEEN", ({"B": "/w=="}, {"B": "AQ=="})),
    ],
)
def test_what_cannot_be_is_never(asked: Asked) -> None:
    """DynamoDB would refuse to be asked."""
    assert as_stored(asked, "M.x", 1024) is NEVER


@pytest.mark.parametrize("operator", [">", ">=", "begins_with"])
def test_what_holds_of_every_key_is_not_asked(operator: str) -> None:
    """For no key is empty."""
    assert as_stored(texts(operator, ""), "M.x", 1024) is None


def test_a_range_from_the_empty_text_has_one_end() -> None:
    """All that is not after it."""
    assert as_stored(texts("BETWEEN", "", "b"), "M.x", 1024) == texts("<=", "b")


@pytest.mark.parametrize(
    "asked", [texts("=", ""), texts("=", "ab"), texts("<", "ab"), texts("BETWEEN", "a", "ab")]
)
def test_a_value_that_is_no_key_is_refused(asked: Asked) -> None:
    """By the name of the field."""
    with pytest.raises(CodecError, match=r"M\.x: a key (cannot be empty|has 1 bytes)"):
        as_stored(asked, "M.x", 1)


def test_a_range_is_reversed_by_the_order_of_its_type() -> None:
    """One with values of two types is none of a key."""
    assert numbers("BETWEEN", "10", "9").is_reversed
    assert not texts("BETWEEN", "10", "9").is_reversed
    assert not numbers("=", "10").is_reversed
    assert not Asked("BETWEEN", ({"S": "b"}, {"N": "1"})).is_reversed
    assert not Asked("BETWEEN", ({"BOOL": True}, {"BOOL": False})).is_reversed


@pytest.mark.parametrize(
    ("asked", "stored", "holds"),
    [
        (texts("=", "a"), {"S": "a"}, True),
        (texts("=", "a"), {"S": "b"}, False),
        (texts("<", "b"), {"S": "a"}, True),
        (texts("<", "b"), {"S": "b"}, False),
        (numbers("<=", "10"), {"N": "9"}, True),
        (numbers("<=", "10"), {"N": "1.00E+1"}, True),
        (numbers(">", "9"), {"N": "10"}, True),
        (numbers(">=", "9"), {"N": "8.9"}, False),
        (texts("BETWEEN", "a", "c"), {"S": "b"}, True),
        (texts("BETWEEN", "a", "c"), {"S": "ca"}, False),
        (texts("begins_with", "a#"), {"S": "a#1"}, True),
        (texts("begins_with", "a#"), {"S": "a"}, False),
        (Asked("=", ({"B": "AQ=="},)), {"B": "AQ=="}, True),
        (Asked("begins_with", ({"B": "AQ=="},)), {"B": "AQI="}, True),
        (texts("=", "1"), {"N": "1"}, False),
    ],
)
def test_what_is_asked_holds_or_not(asked: Asked, stored: dict[str, str], holds: object) -> None:
    """By the order of the type, as DynamoDB compares."""
    assert asked.holds(stored) is holds
