"""The judge of a history: whether each answer is true, of the table, the order and the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulator.events import EMPTY, events_of, intrusion
from tests.simulator.history import Effect, Seen, Verdict
from tests.simulator.laws import Glance
from tests.simulator.ledger import PLACES
from tests.simulator.search import explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulator.history import Call, History

TOLERANCE = 1e-6
"""Seconds: what adding floats may cost."""


def complaints(history: History) -> list[str]:
    """What is wrong with a history; nothing, in a library that is true."""
    found = list(history.complaints)
    for call in history.calls:
        found += [f"{call.caller} at {call.begun}: {problem}" for problem in _problems(call)]
    last = tuple([history.last[place] for place in PLACES])
    events = [event for call in history.calls if call.answer for event in events_of(call)]
    events += map(intrusion, history.intrusions)
    if not explained(events, EMPTY, last):
        found.append("no order of events explains the answers")
    return found


def _problems(call: Call) -> Iterator[str]:
    if call.answer is None:
        yield "the call never ended"
        return
    if call.end > call.latest + TOLERANCE:
        yield f"it ended {call.end - call.latest:.3f} s after its time"
    if call.sent > call.most:
        yield f"it sent {call.sent} requests"
    if call.stopped and call.answer.verdict is not Verdict.CANCELLED:
        yield f"it was stopped, and {call.answer.text} came of it"
    yield from _CHECKS[call.answer.verdict](call)


def _strange(call: Call) -> Iterator[str]:
    assert call.answer
    yield f"an exception that is none of the library's: {call.answer.text}"


def _done(call: Call) -> Iterator[str]:
    if call.effect is Effect.NONE:
        yield from _glance(call)
        return
    for part in call.parts:
        if not call.applied(part.place):
            yield f"done, it says, and {part.place} was not written"
    yield from _twice(call)


def _glance(call: Call) -> Iterator[str]:
    """What may be stale is a row that was there, all the same."""
    assert call.answer
    law = call.parts[0].law
    if isinstance(law, Glance) and call.answer.said[0] not in [law(row)[0] for row in law.had]:
        yield f"it shows what was never at {call.parts[0].place}"


def _twice(call: Call) -> Iterator[str]:
    """Only what may be repeated is applied twice."""
    for part in call.parts:
        times = call.changed(part.place)
        if times > 1 and call.effect is not Effect.REPEATABLE:
            yield f"{part.place} was written {times} times"


def _not_done(call: Call) -> Iterator[str]:
    assert call.answer
    for part in call.parts:
        if call.changed(part.place):
            yield f"{call.answer.verdict.value}, it says, and {part.place} was written"
    if call.answer.verdict is Verdict.NOT_APPLIED and not _was_hindered(call):
        yield f"{call.answer.text} where nothing stood in the way"


def _was_hindered(call: Call) -> bool:
    """Whether a request was not answered, or the time was up."""
    answered = all(request.seen is Seen.ANSWERED for request in call.requests)
    return not answered or call.end >= call.latest - TOLERANCE


def _unknown(call: Call) -> Iterator[str]:
    """The caller cannot know: not from what left, not from what was answered, not by a look."""
    seen = {request.seen for request in call.writes}
    if Seen.ANSWERED in seen:
        yield "unknown, it says, and the write was answered"
    elif Seen.DOUBT not in seen:
        yield "unknown, it says, and no request was in doubt"
    if call.effect is Effect.NONE:
        yield "unknown, it says of a read"
    ours = [getattr(part.law, "new", None) for part in call.parts]
    looks = [request for request in call.requests if request.operation == "GetItem"]
    if call.settles and any(look.seen is Seen.ANSWERED and look.shown in ours for look in looks):
        yield "unknown, it says, and its look has found the very row"
    yield from _twice(call)


def _partial(call: Call) -> Iterator[str]:
    assert call.answer
    for part, said in zip(call.parts, call.answer.said, strict=True):
        if said is not None and call.effect is not Effect.NONE and not call.applied(part.place):
            yield f"not left over, it says, and {part.place} was not written"


_CHECKS = {
    Verdict.DONE: _done,
    Verdict.REFUSED: _not_done,
    Verdict.NOT_APPLIED: _not_done,
    Verdict.UNKNOWN: _unknown,
    Verdict.PARTIAL: _partial,
    Verdict.CANCELLED: _twice,
    Verdict.STRANGE: _strange,
}
