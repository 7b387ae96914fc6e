"""Numbers in memory are those of DynamoDB, whatever the decimal context of the thread."""

from __future__ import annotations

import decimal
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, StoreError
from dynrepo.testing.memory import MemoryStore

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
from decimal import Decimal
from typing import Annotated
from pydantic import BaseModel

for signal in decimal.DefaultContext.traps:
    decimal.DefaultContext.traps[signal] = True
decimal.DefaultContext.Emax, decimal.DefaultContext.Emin = 5, -5
decimal.DefaultContext.rounding = decimal.ROUND_UP

from dynrepo import PartitionKey, Repository
from dynrepo.testing.memory import MemoryStore

class Sum(BaseModel):
    name: Annotated[str, PartitionKey()]
    n: Decimal = Decimal(0)

class Sums(Repository[Sum]):
    table = "sums"

sums = Sums(MemoryStore(Sums))
sums.set(Sum(name="a", n=Decimal("9" * 38)))
print(sums.update("a", Sums.fields.n.add(Decimal("-" + "9" * 38))).n)
print(sums.update("a", Sums.fields.n.set(Sums.fields.n + Decimal("1E+20"))).n)
print(sums.update("a", Sums.fields.n.set(Sums.fields.n - Decimal("0.5"))).n)
"""


def test_what_a_program_makes_of_the_default_context_does_not_matter() -> None:
    """Though it was changed before the library was imported."""
    command = [sys.executable, "-c", IMPORTED_UNDER_TRAPS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr[-500:]) == (["0", "1" + "0" * 20, "9" * 20 + ".5"], "")


def test_a_refused_sum_leaves_the_item() -> None:
    """And says so."""
    sums = Sums(MemoryStore(Sums))
    stored = sums.set(Sum(name="a", n=Decimal(NINES)))
    with pytest.raises(StoreError, match="ValidationException"):
        sums.update(stored, f.n.add(Decimal("0.5")))
    assert sums.require("a") == stored
