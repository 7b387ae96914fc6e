"""Every verb of the repository, on an account of its own: what it finds, leaves and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dynrepo import Unprocessed
from tests.faults.ledger import Entries, Entry
from tests.faults.proxy import Fault

State = dict[int, dict[str, Any]]
"""An account's entries by number, as they are stored."""


def entry(account: str, number: int = 1, amount: int = 0, version: int = 1, **more: Any) -> Entry:
    """An entry."""
    return Entry(account=account, number=number, amount=amount, version=version, **more)


def row(amount: int = 0, version: int = 1, **more: Any) -> dict[str, Any]:
    """An entry as it is stored."""
    return {"amount": amount, "notes": [], "version": version, **more}


@dataclass(frozen=True)
class Verb:
    """A call of a verb, on an account that holds `before`, and would hold `after` it.

    `answers` are the results that are true of it. `repeats` says that the call outlives one lost
    answer; `settles` that it does so when the write was applied.
    """

    name: str
    call: Callable[[Entries, str], Any]
    before: State = field(default_factory=dict)
    after: State | None = None
    answers: Callable[[str], tuple[Any, ...]] = lambda _: ()
    repeats: bool = False
    settles: bool = False
    batch: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes the table."""
        return self.after is not None

    def feels(self, fault: Fault) -> bool:
        """Whether a fault does anything to it: only batches are handed back in part."""
        return self.batch or "unprocessed" not in fault.name

    def is_part(self, stored: State, left: Unprocessed) -> bool:
        """Whether what a batch says it left is just what it left."""
        if not self.batch:
            return False
        if not self.writes:
            return stored == self.before
        undone = {one.number for one in left.items} | {number for _, number in left.keys}
        after = self.after or {}
        return all(
            stored.get(number) == (self.before if number in undone else after).get(number)
            for number in {*self.before, *after}
        )


ONE = {1: row(5)}
THREE = {number: row(number) for number in (1, 2, 3)}


def three(account: str) -> list[Entry]:
    """What THREE is in Python."""
    return [entry(account, number, number) for number in (1, 2, 3)]


READS = (
    Verb(
        "get",
        lambda entries, account: entries.get((account, 1)),
        ONE,
        answers=lambda account: (entry(account, 1, 5),),
        repeats=True,
    ),
    Verb(
        "get of nothing",
        lambda entries, account: entries.get((account, 1)),
        answers=lambda _: (None,),
        repeats=True,
    ),
    Verb(
        "exists",
        lambda entries, account: entries.exists((account, 1)),
        ONE,
        answers=lambda _: (True,),
        repeats=True,
    ),
    Verb(
        "query",
        lambda entries, account: list(entries.query(entries.fields.account == account)),
        THREE,
        answers=lambda account: (three(account),),
        repeats=True,
    ),
)
WRITES = (
    Verb(
        "create",
        lambda entries, account: entries.create(entry(account, 1, 5, 1)),
        after=ONE,
        answers=lambda account: (entry(account, 1, 5),),
        settles=True,
    ),
    Verb(
        "set",
        lambda entries, account: entries.set(entry(account, 1, 7)),
        ONE,
        {1: row(7, 1)},
        answers=lambda account: (entry(account, 1, 7, 1),),
        repeats=True,
    ),
    Verb(
        "delete",
        lambda entries, account: entries.delete((account, 1)),
        ONE,
        {},
        # The second request of a delete finds nothing, and the first one's answer was lost.
        answers=lambda account: (entry(account, 1, 5), None),
        repeats=True,
    ),
)
VERBS = READS + WRITES
