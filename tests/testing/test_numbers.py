"""Numbers are held and computed as by DynamoDB, whatever the decimal context of the thread."""

from __future__ import annotations

import decimal
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, StoreError
from dynrepo.sending.outcomes import Refused
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.numbers import difference, number, total

if TYPE_CHECKING:
    from collections.abc import Iterator

NINES = "9" * 38


class Sum(BaseModel):
    """Two numbers and a set of them."""

    name: Annotated[str, PartitionKey()]
    n: Decimal = Decimal(0)
    m: Decimal = Decimal(0)
    all: frozenset[Decimal] = frozenset()


class Sums(Repository[Sum]):
    """The sums."""

    table = "sums"


f = Sums.fields


@pytest.fixture
def narrow() -> Iterator[None]:
    """A decimal context in which next to nothing can be computed."""
    with decimal.localcontext() as context:
        context.prec, context.Emax, context.Emin = 3, 5, -5
        context.rounding = decimal.ROUND_UP
        for signal in context.traps:
            context.traps[signal] = True
        yield


@pytest.mark.parametrize("text", [NINES, "12345678901234567890123456789.5", "0." + "12345" * 6])
@pytest.mark.usefixtures("narrow")
def test_sums_have_all_their_digits_in_any_context(text: str) -> None:
    """Of stored numbers and of given ones, added and taken away."""
    sums = Sums(MemoryStore(Sums))
    stored = sums.set(Sum(name="a", n=Decimal(text), m=Decimal(text)))
    assert sums.update(stored, f.n.set(f.n - f.m)).n == 0
    assert sums.update(stored, f.n.set(f.m - Decimal(text))).n == 0
    assert sums.update(stored, f.n.add(Decimal(text))).n == Decimal(text)
    assert sums.update(stored, f.n.add(Decimal(f"-{text}"))).n == 0
    assert sums.scan(where=f.m == Decimal(text)).count() == 1
    assert sums.scan(where=f.m > f.n).count() == 1


@pytest.mark.usefixtures("narrow")
def test_sets_hold_numbers_by_value_in_any_context() -> None:
    """One of them written otherwise is the same."""
    sums = Sums(MemoryStore(Sums))
    stored = sums.set(Sum(name="a", all=frozenset({Decimal(NINES), Decimal("1.5")})))
    sums.update(stored, f.all.add(Decimal("1.50"), Decimal(f"{NINES}.0")))
    assert sums.require("a").all == {Decimal(NINES), Decimal("1.5")}
    sums.update(stored, f.all.delete(Decimal("15E-1")))
    assert sums.require("a").all == {Decimal(NINES)}


IMPORTED_UNDER_TRAPS = """
import decimal
for signal in decimal.DefaultContext.traps:
    decimal.DefaultContext.traps[signal] = True
decimal.DefaultContext.Emax, decimal.DefaultContext.Emin = 5, -5
decimal.DefaultContext.rounding = decimal.ROUND_UP
from dynrepo.testing.numbers import difference, total
print(difference("9" * 38, "9" * 38), total("1E+20", "0.5"))
"""


def test_what_a_program_makes_of_the_default_context_does_not_matter() -> None:
    """Though it was changed before the library was imported."""
    command = [sys.executable, "-c", IMPORTED_UNDER_TRAPS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "100000000000000000000.5"]


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


def test_a_refused_sum_leaves_the_item() -> None:
    """And says so."""
    sums = Sums(MemoryStore(Sums))
    stored = sums.set(Sum(name="a", n=Decimal(NINES)))
    with pytest.raises(StoreError, match="ValidationException"):
        sums.update(stored, f.n.add(Decimal("0.5")))
    assert sums.require("a") == stored
