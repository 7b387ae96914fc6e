"""Calls as the events that they are made of, by what their answers say."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING

from tests.simulator.history import Effect, Part, Verdict
from tests.simulator.laws import DONE, Glance, Read, Refused, Said
from tests.simulator.ledger import PLACES
from tests.simulator.search import Event, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.simulator.history import Answer, Call, Intrusion

EMPTY: State = (None,) * len(PLACES)
"""Nothing is stored anywhere."""

_INDEX = {place: index for index, place in enumerate(PLACES)}


def events_of(call: Call) -> Iterator[Event]:
    """What a call did, or may have done, each with the time in which it did so."""
    assert call.answer is not None
    match call.answer.verdict:
        case Verdict.DONE if isinstance(call.parts[0].law, Glance):
            pass  # what it shows may be over
        case Verdict.DONE if call.reads_after:
            yield from _read_after(call)
        case Verdict.DONE if call.effect is Effect.NONE and not call.answer.said:
            yield _event(call, partial(_unreadable, call.parts))
        case Verdict.REFUSED if call.reads_first and _was_slower(call.answer.said):
            yield _event(call, partial(_together, _slower(call), call.answer.said))
        case Verdict.DONE | Verdict.REFUSED if call.atomic or len(call.parts) == 1:
            yield _event(call, partial(_together, call.parts, call.answer.said))
        case Verdict.DONE | Verdict.PARTIAL:
            yield from _one_by_one(call)
        case _:
            pass
    yield from _others(call)


def intrusion(what: Intrusion) -> Event:
    """What somebody else found and left, in one step."""
    part = Part(what.place, lambda row: (Said(DONE, row), what.left))
    apply = partial(_together, (part,), (Said(DONE, what.found),))
    return Event(what.step, what.step, apply, hint=what.step)


def _was_slower(said: Sequence[Said | None]) -> bool:
    """Whether others were faster than each try of a call, of which the last shows their row."""
    return bool(said) and said[0] is not None and said[0].what in _SLOWER


def _slower(call: Call) -> tuple[Part, ...]:
    assert call.answer is not None
    told = call.answer.said[0]
    assert told is not None
    return (Part(call.parts[0].place, Refused(told.what)),)


_SLOWER = ("ConditionFailed", "VersionConflict")


def _event(call: Call, apply: partial[State | None]) -> Event:
    ended = inf if call.ended is None else call.ended
    return Event(call.begun, ended, apply, hint=_arrivals(call)[-1])


def _arrivals(call: Call) -> list[float]:
    """When the engine got the requests of a call that the answer may be of."""
    arrived = [request.arrived for request in call.requests if request.arrived is not None]
    return [step for step in arrived if step <= (call.ended or inf)] or [call.begun]


def _read_after(call: Call) -> Iterator[Event]:
    """A write that is not seen, and then a read of what it left."""
    assert call.answer is not None
    done = [request.answered for request in call.writes if request.answered is not None]
    between = done[-1] if done else call.begun
    write = _event(call, partial(_together, call.parts, ()))
    yield write._replace(ended=between, hint=min(write.hint, between))
    if not call.answer.said:
        return
    reads = [Part(part.place, Read()) for part in call.parts]
    yield _event(call, partial(_together, reads, call.answer.said))._replace(begun=between)


def _one_by_one(call: Call) -> Iterator[Event]:
    assert call.answer is not None
    said = call.answer.said or (Said(DONE),) * len(call.parts)
    is_shown = call.effect is Effect.NONE
    for part, told in zip(call.parts, said, strict=True):
        if told is not None:
            yield _event(call, partial(_together, (part,), (told,) if is_shown else ()))


def _others(call: Call) -> Iterator[Event]:
    """What a call may have done besides what its answer tells: unknown to the caller, or again.

    How often a request was applied is known from the engine: the search need not try more.
    """
    assert call.answer is not None
    if call.effect is Effect.NONE or call.answer.verdict in _DID_NOTHING:
        return
    groups = [call.parts] if call.atomic else [(part,) for part in call.parts]
    for number, parts in enumerate(groups):
        times = max(call.applied(part.place) for part in parts) - _tells(call.answer, number)
        event = Event(call.begun, inf, partial(_together, parts, ()), True, _arrivals(call)[0])
        yield from [event] * (times if call.effect is Effect.REPEATABLE else min(times, 1))


_DID_NOTHING = (Verdict.REFUSED, Verdict.NOT_APPLIED)


def _tells(answer: Answer, number: int) -> bool:
    """Whether an answer tells of a part that it was done."""
    if answer.verdict is Verdict.PARTIAL:
        return answer.said[number] is not None
    return answer.verdict is Verdict.DONE


def _together(parts: Sequence[Part], said: Sequence[Said | None], state: State) -> State | None:
    """The state after all parts at one moment; None where that is not what was said of them.

    Nothing of `said` means that all was done, whatever it showed.
    """
    rows = list(state)
    refused = False
    for number, (place, law) in enumerate(parts):
        index = _INDEX[place]
        tells, rows[index] = law(rows[index])
        expected = said[number] if said else Said(DONE, tells.row)
        if tells.what == DONE and expected is None:
            continue
        if tells != expected:
            return None
        refused = refused or tells.what != DONE
    return state if refused else tuple(rows)


def _unreadable(parts: Sequence[Part], state: State) -> State | None:
    """One of the rows is not the model."""
    rows = [state[_INDEX[part.place]] for part in parts]
    return state if any(row is not None and not row.readable for row in rows) else None
