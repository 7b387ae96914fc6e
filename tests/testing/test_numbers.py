"""Numbers are held and computed as by DynamoDB, whatever the decimal context of the thread."""

from __future__ import annotations

import pytest

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.numbers import difference, number, total

NINES = "9" * 38


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1.500", "1.5"),
        ("-0", "0"),
        ("+3", "3"),
        (".123", "0.123"),
        ("0001.23", "1.23"),
        ("1e+5", "100000"),
        ("-17.4E37", "-174" + "0" * 36),
        ("0e1000", "0"),
        ("1E-130", "0." + "0" * 129 + "1"),
        (NINES + "000", NINES + "000"),
    ],
)
def test_a_number_has_one_text(text: str, kept: str) -> None:
    """Without exponent, sign of zero, or zeros at its ends."""
    assert number(text) == kept


NO_FORM = [
    "NaN",
    "Infinity",
    "-Infinity",
    "dog",
    "-dog",
    " 1",
    "1 ",
    "1_0",
    "",
    ".",
    "1e",
    "\u0661",
]
TOO_MUCH = ["1E126", "11E125", "1E-131", "0.9E-130", "9" * 39, "1e99999999999999999999"]


@pytest.mark.parametrize("text", [*NO_FORM, *TOO_MUCH])
def test_what_is_no_number_of_dynamodb_is_refused(text: str) -> None:
    """By its form, its digits or its magnitude."""
    with pytest.raises(Refused) as caught:
        number(text)
    assert caught.value.code == "ValidationException"


def test_a_number_travels_as_text() -> None:
    """A number of JSON is refused."""
    with pytest.raises(Refused) as caught:
        number(1)
    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize(
    ("left", "right"), [("1E+50", "1"), (NINES, "0.5"), ("9E125", "9E125"), ("-9E125", "-9E125")]
)
def test_a_sum_that_dynamodb_cannot_hold_is_an_overflow(left: str, right: str) -> None:
    """It is never rounded, neither added nor taken away."""
    negated = right.removeprefix("-") if right.startswith("-") else f"-{right}"
    for compute, amount in ((total, right), (difference, negated)):
        with pytest.raises(Refused, match="overflow") as caught:
            compute(left, amount)
        assert caught.value.code == "ValidationException"


def test_what_a_sum_leaves_below_the_smallest_number_is_refused() -> None:
    """A difference can be smaller than both."""
    assert difference("1.5E-129", "1.4E-129") == number("1E-130")
    with pytest.raises(Refused, match="underflow"):
        difference("1.1E-130", "1E-130")
