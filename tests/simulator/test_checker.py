"""The checker finds what is not so, in histories that are written by hand, and nothing else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulator.checker import complaints
from tests.simulator.history import (
    Answer,
    Call,
    Effect,
    History,
    Intrusion,
    Part,
    Request,
    Seen,
    Verdict,
)
from tests.simulator.laws import DONE, Create, Delete, Glance, Put, Read, Said, Update
from tests.simulator.ledger import PLACES, UNREADABLE, Place, Row

if TYPE_CHECKING:
    from tests.simulator.laws import Law

pytestmark = pytest.mark.once

HERE, THERE = Place("locked", 1), Place("locked", 2)
OLD, NEW = Row(1, "old", 1), Row(2, "new", 1)


def request(seen: Seen, applied: int = 0, operation: str = "UpdateItem", **more: Any) -> Request:
    """A request that was applied so many times, and changed the row each time."""
    times = Counter({HERE: applied})
    return Request(operation, "all well", 2, seen, arrived=3, applied=times, changed=times, **more)


def call(law: Law, verdict: Verdict, *requests: Request, **more: Any) -> Call:
    """A call at one place, from step 1 to step 9."""
    said = more.pop("said", ())
    options = {"effect": Effect.GUARDED, "atomic": False, "latest": 10.0, **more}
    answer = Answer(verdict, said, verdict.value)
    made = Call("A", "verb", (Part(HERE, law),), begun=1, began=0.0, **options)
    made.ended, made.end, made.answer, made.requests = 9, 1.0, answer, list(requests)
    return made


def history(*calls: Call, found: Row | None = None, left: Row | None = None) -> History:
    """A history that somebody else began with a row, and that ended with one."""
    last = dict.fromkeys(PLACES) | {HERE: left}
    intrusions = [Intrusion(0, HERE, "puts it", None, found)] if found else []
    return History(list(calls), intrusions, last=last)


def answered(**more: Any) -> Request:
    """A write that was applied and answered."""
    return request(Seen.ANSWERED, 1, **more)


def shown(row: Row | None) -> dict[str, Any]:
    """An answer that shows a row."""
    return {"said": (Said(DONE, row),)}


CREATED, UPDATE = Create(NEW), Update(add=1)
RAISED = Row(2, "old", 1)

TRUE = {
    "done": history(call(CREATED, Verdict.DONE, answered(), **shown(NEW)), left=NEW),
    "refused": history(
        call(CREATED, Verdict.REFUSED, request(Seen.REFUSED), said=(Said("ItemExists", OLD),)),
        found=OLD,
        left=OLD,
    ),
    "unknown, and applied": history(
        call(UPDATE, Verdict.UNKNOWN, request(Seen.DOUBT, 1)), found=OLD, left=RAISED
    ),
    "unknown, and lost": history(
        call(UPDATE, Verdict.UNKNOWN, request(Seen.DOUBT)), found=OLD, left=OLD
    ),
    "not applied": history(call(CREATED, Verdict.NOT_APPLIED, request(Seen.REFUSED))),
    "cancelled": history(call(CREATED, Verdict.CANCELLED, request(Seen.DOUBT, 1)), left=NEW),
    "repeated": history(
        call(Put(NEW), Verdict.DONE, answered(), answered(), effect=Effect.REPEATABLE), left=NEW
    ),
    "deleted by the request before": history(
        call(
            Delete(),
            Verdict.DONE,
            request(Seen.DOUBT, 1),
            answered(),
            effect=Effect.REPEATABLE,
            **shown(None),
        ),
        found=OLD,
    ),
    "a glance": history(call(Glance([None, OLD]), Verdict.DONE, effect=Effect.NONE, **shown(OLD))),
    "unreadable": history(
        call(Read(), Verdict.DONE, effect=Effect.NONE, **shown(UNREADABLE)),
        found=OLD._replace(readable=False),
        left=OLD._replace(readable=False),
    ),
}

UNTRUE = {
    "was not written": history(call(CREATED, Verdict.DONE, **shown(NEW)), left=NEW),
    "was written 2 times": history(
        call(UPDATE, Verdict.DONE, request(Seen.DOUBT, 1), answered()), found=OLD, left=RAISED
    ),
    "refused, it says, and": history(
        call(CREATED, Verdict.REFUSED, answered(), said=(Said("ItemExists", OLD),)), left=NEW
    ),
    "not applied, it says, and": history(call(CREATED, Verdict.NOT_APPLIED, answered()), left=NEW),
    "where nothing stood in the way": history(call(CREATED, Verdict.NOT_APPLIED)),
    "and the write was answered": history(call(CREATED, Verdict.UNKNOWN, answered()), left=NEW),
    "no request was in doubt": history(call(CREATED, Verdict.UNKNOWN, request(Seen.UNSENT))),
    "its look has found the very row": history(
        call(
            CREATED,
            Verdict.UNKNOWN,
            request(Seen.DOUBT, 1),
            request(Seen.ANSWERED, operation="GetItem", shown=NEW),
            settles=True,
        ),
        left=NEW,
    ),
    "of a read": history(call(Read(), Verdict.UNKNOWN, request(Seen.DOUBT), effect=Effect.NONE)),
    "s after its time": history(
        call(CREATED, Verdict.DONE, answered(), latest=0.5, **shown(NEW)), left=NEW
    ),
    "it was stopped, and": history(call(CREATED, Verdict.DONE, answered(), stopped=True), left=NEW),
    "it sent 2 requests": history(
        call(CREATED, Verdict.DONE, request(Seen.DOUBT), answered(), most=1), left=NEW
    ),
    "it shows what was never": history(
        call(Glance([None, OLD]), Verdict.DONE, effect=Effect.NONE, **shown(NEW))
    ),
    "none of the library's": history(call(CREATED, Verdict.STRANGE)),
    "not left over, it says": history(
        call(Put(NEW), Verdict.PARTIAL, effect=Effect.REPEATABLE, said=(Said(DONE),)), left=NEW
    ),
    "no order of events": history(
        call(UPDATE, Verdict.DONE, answered(), **shown(Row(9, "old", 1))), found=OLD, left=RAISED
    ),
}


@pytest.mark.parametrize("true", TRUE.values(), ids=TRUE)
def test_what_is_true_passes(true: History) -> None:
    """Whatever the answer is, if the table and the order bear it out."""
    assert complaints(true) == []


@pytest.mark.parametrize("complaint", UNTRUE)
def test_what_is_untrue_is_found(complaint: str) -> None:
    """And the complaint says what is wrong with it."""
    assert complaint in "\n".join(complaints(UNTRUE[complaint]))


def test_a_row_that_comes_from_nowhere_is_found() -> None:
    """Nobody wrote it, as far as callers and others know."""
    assert complaints(history(left=NEW)) == ["no order of events explains the answers"]


def test_what_is_said_of_a_connection_is_passed_on() -> None:
    """As that it carried two callers."""
    assert complaints(History(complaints=["crossed"], last=dict.fromkeys(PLACES))) == ["crossed"]


def test_a_call_that_never_ends_is_found() -> None:
    """Its task waits for what does not come."""
    waiting = call(Read(), Verdict.DONE)
    waiting.answer = waiting.ended = None
    assert "A at 1: the call never ended" in complaints(history(waiting))
