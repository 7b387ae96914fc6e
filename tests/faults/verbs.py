"""Every verb of the repository, on an account of its own: what it finds, leaves and answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from tests.faults.ledger import (
    NOON,
    NOON_TEXT,
    Entries,
    Entry,
    GuardedLines,
    Line,
    Lines,
    Timed,
    TimedEntries,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Unprocessed
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
    answer; `settles` that it does so when the write was applied. `once` says that it reads the item
    after the write, in a request of its own, which may be the one that fails; `reads_first` that it
    reads it before, or is refused a write, in one that meets no fault. Of one that is `guarded`
    each amount has a guard.
    """

    name: str
    call: Callable[[Entries, str], Any]
    before: State = field(default_factory=dict)
    after: State | None = None
    answers: Callable[[str], tuple[Any, ...]] = lambda _: ()
    repeats: bool = False
    settles: bool = False
    batch: bool = False
    once: bool = False
    reads_first: bool = False
    guarded: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes the table."""
        return self.after is not None

    def feels(self, fault: Fault) -> bool:
        """Whether a fault does anything to it: only batches are handed back in part."""
        return self.batch or "unprocessed" not in fault.name

    def is_part(self, stored: State, left: Unprocessed) -> bool:
        """Whether all that a batch does not name as left is done."""
        if not self.batch:
            return False
        if not self.writes:
            return stored == self.before
        undone = {one.number for one in left.items} | {number for _, number in left.keys}
        after = self.after or {}
        return all(
            stored.get(number) == after.get(number)
            or (number in undone and stored.get(number) == self.before.get(number))
            for number in {*self.before, *after}
        )


ONE = {1: row(5)}
THREE = {number: row(number) for number in (1, 2, 3)}


def three(account: str) -> list[Entry]:
    """What THREE is in Python."""
    return [entry(account, number, number) for number in (1, 2, 3)]


def _transaction(entries: Entries, account: str) -> None:
    fields = entries.fields
    with entries.transaction() as writes:
        writes.update(entries, (account, 1), fields.amount.add(1))
        writes.save(entries, entry(account, 2, 7))
        writes.delete(entries, (account, 3), condition=fields.amount == 3)
        writes.create(entries, entry(account, 4, 4, version=0))


def one_more(found: Any) -> Any:
    """An entry with an amount that is one more."""
    return found.model_copy(update={"amount": found.amount + 1})


class Amount(BaseModel):
    """A part of an entry."""

    amount: int


def _batch(entries: Entries, account: str) -> None:
    with entries.batch() as batch:
        batch.set(entry(account, 1, 9, version=0))
        batch.delete((account, 2))


def _checked(entries: Entries, account: str) -> None:
    with entries.transaction() as writes:
        writes.check(entries, (account, 1), entries.fields.amount == 1)
        writes.set(entries, entry(account, 2, 7))


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
        "get of a part",
        lambda entries, account: entries.get((account, 1), only=Amount),
        ONE,
        answers=lambda _: (Amount(amount=5),),
        repeats=True,
    ),
    Verb(
        "require",
        lambda entries, account: entries.require((account, 1), consistent=True),
        ONE,
        answers=lambda account: (entry(account, 1, 5),),
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
    Verb(
        "first",
        lambda entries, account: entries.query(entries.fields.account == account).first(),
        THREE,
        answers=lambda account: (entry(account, 1, 1),),
        repeats=True,
    ),
    Verb(
        "count",
        lambda entries, account: entries.query(entries.fields.account == account).count(),
        THREE,
        answers=lambda _: (3,),
        repeats=True,
    ),
    Verb(
        "page",
        lambda entries, account: list(
            entries.query(entries.fields.account == account).page(size=3).items
        ),
        THREE,
        answers=lambda account: (three(account),),
        repeats=True,
    ),
    Verb(
        "scan",
        lambda entries, account: sorted(
            entries.scan(where=entries.fields.account == account), key=lambda one: one.number
        ),
        THREE,
        answers=lambda account: (three(account),),
        repeats=True,
    ),
    Verb(
        "scan in parts",
        lambda entries, account: sorted(
            entries.scan(where=entries.fields.account == account, segments=2),
            key=lambda one: one.number,
        ),
        THREE,
        answers=lambda account: (three(account),),
        repeats=True,
    ),
    Verb(
        "get_many",
        lambda entries, account: entries.get_many([(account, number) for number in (3, 1, 4, 2)]),
        THREE,
        answers=lambda account: (
            [entry(account, 3, 3), entry(account, 1, 1), None, entry(account, 2, 2)],
        ),
        repeats=True,
        batch=True,
    ),
    Verb(
        "get_together",
        lambda entries, account: entries.get_together(
            entries.lookup((account, 1)), entries.lookup((account, 2))
        ),
        ONE,
        answers=lambda account: ((entry(account, 1, 5), None),),
        repeats=True,
    ),
)
WRITES = (
    Verb(
        "create",
        lambda entries, account: entries.create(entry(account, 1, 5, version=0)),
        after=ONE,
        answers=lambda account: (entry(account, 1, 5),),
        settles=True,
    ),
    Verb(
        "set",
        lambda entries, account: entries.set(entry(account, 1, 7)),
        ONE,
        {1: row(7, 2)},
        answers=lambda account: (entry(account, 1, 7, 2),),
        repeats=True,
    ),
    Verb(
        "save",
        lambda entries, account: entries.save(entry(account, 1, 7, notes=("a",))),
        {1: row(5, more="kept")},
        {1: row(7, 2, notes=["a"], more="kept")},
        answers=lambda account: (entry(account, 1, 7, 2, notes=("a",)),),
    ),
    Verb(
        "save without a version",
        lambda entries, account: Lines(entries.store).save(
            Line(account=account, number=1, amount=7)
        ),
        {1: row(5, more="kept")},
        {1: row(7, more="kept")},
        answers=lambda account: (Line(account=account, number=1, amount=7),),
        repeats=True,
    ),
    Verb(
        "save with a time",
        lambda entries, account: TimedEntries(entries.store, clock=lambda: NOON).save(
            Timed(account=account, number=1, amount=7, version=1)
        ),
        {1: row(5)},
        {1: row(7, 2, saved=NOON_TEXT)},
        answers=lambda account: (
            Timed(account=account, number=1, amount=7, version=2, saved=NOON),
        ),
        settles=True,
    ),
    Verb(
        "update that sets",
        lambda entries, account: Lines(entries.store).update(
            (account, 1), Lines.fields.amount.set(9)
        ),
        ONE,
        {1: row(9)},
        answers=lambda account: (Line(account=account, number=1, amount=9),),
        repeats=True,
    ),
    Verb(
        "update that adds",
        lambda entries, account: entries.update((account, 1), entries.fields.amount.add(1)),
        ONE,
        {1: row(6, 2)},
        answers=lambda account: (entry(account, 1, 6, 2),),
    ),
    Verb(
        "update that appends",
        lambda entries, account: entries.update((account, 1), entries.fields.notes.append("b")),
        ONE,
        {1: row(5, 2, notes=["b"])},
        answers=lambda account: (entry(account, 1, 5, 2, notes=("b",)),),
    ),
    Verb(
        "update on a condition",
        lambda entries, account: entries.update(
            (account, 1), entries.fields.amount.set(9), condition=entries.fields.amount == 5
        ),
        ONE,
        {1: row(9, 2)},
        answers=lambda account: (entry(account, 1, 9, 2),),
    ),
    Verb(
        "update exactly once",
        lambda entries, account: entries.update(
            (account, 1), entries.fields.amount.add(1), exactly_once=True
        ),
        ONE,
        {1: row(6, 2)},
        answers=lambda account: (entry(account, 1, 6, 2),),
        repeats=True,
        once=True,
    ),
    Verb(
        "edit",
        lambda entries, account: entries.edit((account, 1), one_more),
        {1: row(5, more="kept")},
        {1: row(6, 2, more="kept")},
        answers=lambda account: (entry(account, 1, 6, 2),),
        reads_first=True,
    ),
    Verb(
        "edit without a version",
        lambda entries, account: Lines(entries.store).edit((account, 1), one_more),
        ONE,
        {1: row(6)},
        answers=lambda account: (Line(account=account, number=1, amount=6),),
        reads_first=True,
    ),
    Verb(
        "edit with a time",
        lambda entries, account: TimedEntries(entries.store, clock=lambda: NOON).edit(
            (account, 1), one_more
        ),
        ONE,
        {1: row(6, 2, saved=NOON_TEXT)},
        answers=lambda account: (
            Timed(account=account, number=1, amount=6, version=2, saved=NOON),
        ),
        settles=True,
        reads_first=True,
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
    Verb(
        "delete of a version",
        lambda entries, account: entries.delete(entry(account, 1, 5)),
        ONE,
        {},
        answers=lambda account: (entry(account, 1, 5),),
    ),
    Verb(
        "delete on a condition",
        lambda entries, account: entries.delete((account, 1), condition=entries.fields.amount == 5),
        ONE,
        {},
        answers=lambda account: (entry(account, 1, 5),),
    ),
    Verb(
        "set_many",
        lambda entries, account: entries.set_many(
            [entry(account, number, 9, version=0) for number in (1, 2, 3)]
        ),
        ONE,
        {number: row(9) for number in (1, 2, 3)},
        answers=lambda _: (None,),
        repeats=True,
        batch=True,
    ),
    Verb(
        "delete_many",
        lambda entries, account: entries.delete_many([(account, number) for number in (1, 2)]),
        THREE,
        {3: row(3)},
        answers=lambda _: (None,),
        repeats=True,
        batch=True,
    ),
    Verb(
        "batch",
        _batch,
        THREE,
        {1: row(9), 3: row(3)},
        answers=lambda _: (None,),
        repeats=True,
        batch=True,
    ),
    Verb(
        "transaction with a check",
        _checked,
        THREE,
        {1: row(1), 2: row(7, 2), 3: row(3)},
        answers=lambda _: (None,),
        repeats=True,
    ),
    Verb(
        "transaction",
        _transaction,
        THREE,
        {1: row(2, 2), 2: row(7, 2), 4: row(4)},
        answers=lambda _: (None,),
        repeats=True,
    ),
)


def _guarded(name: str, call: Callable[[Any, str], Any], after: State, **more: Any) -> Verb:
    """A call that moves a unique value: one transaction, which is known again by its token."""
    more = {"before": ONE, "reads_first": True, **more}
    return Verb(
        f"{name} with a unique value",
        lambda entries, account: call(GuardedLines(entries.store), account),
        after=after,
        repeats=True,
        guarded=True,
        **more,
    )


def _line(account: str, amount: int) -> Line:
    return Line(account=account, number=1, amount=amount)


GUARDED = (
    _guarded(
        "create",
        lambda lines, account: lines.create(_line(account, 5)),
        {1: {"amount": 5}},
        before={},
        reads_first=False,
        answers=lambda account: (_line(account, 5),),
    ),
    _guarded(
        "set",
        lambda lines, account: lines.set(_line(account, 7)),
        {1: {"amount": 7}},
        answers=lambda account: (_line(account, 7),),
    ),
    _guarded(
        "save",
        lambda lines, account: lines.save(_line(account, 7)),
        {1: row(7)},
        answers=lambda account: (_line(account, 7),),
    ),
    _guarded(
        "update",
        lambda lines, account: lines.update((account, 1), Lines.fields.amount.set(7)),
        {1: row(7)},
        answers=lambda account: (_line(account, 7),),
        once=True,
    ),
    _guarded(
        "edit",
        lambda lines, account: lines.edit((account, 1), one_more),
        {1: row(6)},
        answers=lambda account: (_line(account, 6),),
    ),
    _guarded(
        "delete",
        lambda lines, account: lines.delete((account, 1)),
        {},
        answers=lambda account: (_line(account, 5),),
    ),
)
VERBS = READS + WRITES + GUARDED
