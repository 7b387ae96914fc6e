"""What happens to a call on its way is left with that call, and with no other."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import Any

import pytest

from dynrepo import Answer, Call, ForwardingStore, SenderUsed
from dynrepo.instrumentation.events import (
    AttemptFailed,
    BudgetSpent,
    ConnectionAwaited,
    ConnectionMade,
    Event,
    SenderChosen,
    current_call,
    note,
)
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.otel import SpanInstrument
from tests.facade import without_facade


class Telling(ForwardingStore):
    """A store that notes an event for each request."""

    def execute(self, operation: Any, /) -> Answer:
        """Notes, and hands on."""
        note(ConnectionMade(operation.table, 0.5))
        return super().execute(operation)


def test_an_event_is_left_with_the_call(notes: Any, recorder: Any) -> None:
    """In the order of events, with the time; after the call there is none to leave it with."""
    before, outer = time.time_ns(), current_call.get()
    repository = type(notes())(Telling(notes(Answer({})).store), instruments=[recorder])
    repository.get("1")
    repository.get("2")
    told = [call.events for call in recorder.calls]
    assert [[type(event) for event in events] for events in told] == [[ConnectionMade]] * 2
    (event,), _ = told
    assert (event.pool, event.seconds) == ("notes", 0.5)
    assert before <= event.at <= time.time_ns()
    assert current_call.get() is outer
    note(BudgetSpent())
    assert recorder.calls[-1].events == told[-1]


@without_facade("a store that calls a repository is a blocking one")
def test_a_store_that_makes_calls_of_its_own_goes_on_with_its_own(
    notes: Any, recorder: Any
) -> None:
    """What it notes after them is of the call that it serves."""
    inner = notes(Answer({}))
    inner.use_instruments(recorder)

    class Auditing(ForwardingStore):
        def execute(self, operation: Any, /) -> Answer:
            inner.get("audit")
            note(BudgetSpent())
            return super().execute(operation)

    outer = type(inner)(Auditing(notes(Answer({})).store), instruments=[recorder])
    outer.get("1")
    assert [len(call.events) for call in recorder.calls] == [0, 1]


@pytest.mark.parametrize("instruments", [(), (LogInstrument(),), (SpanInstrument(),)])
def test_nothing_is_kept_where_nobody_reads_it(notes: Any, instruments: Any) -> None:
    """Neither without instruments, nor by those that look at no event, nor without an SDK."""
    outer, current = current_call.get(), []

    class Looking(ForwardingStore):
        def execute(self, operation: Any, /) -> Answer:
            current.append(current_call.get())
            return super().execute(operation)

    type(notes())(Looking(notes(Answer({})).store), instruments=instruments).get("1")
    assert current == [outer]


@without_facade("a store that calls a repository is a blocking one")
def test_a_call_that_nobody_listens_to_leaves_nothing_with_the_one_around_it(
    notes: Any, recorder: Any
) -> None:
    """What happens on its way is its own."""
    inner = type(notes())(Telling(notes(Answer({})).store), instruments=())

    class Auditing(ForwardingStore):
        def execute(self, operation: Any, /) -> Answer:
            inner.get("audit")
            return super().execute(operation)

    type(inner)(Auditing(notes(Answer({})).store), instruments=[recorder]).get("1")
    assert [call.events for call in recorder.calls] == [()]


@without_facade("makes threads of its own")
def test_another_thread_has_no_call(notes: Any, recorder: Any) -> None:
    """Unless it runs in a copy of the context."""

    class Threading(ForwardingStore):
        def execute(self, operation: Any, /) -> Answer:
            thread = threading.Thread(target=note, args=[BudgetSpent()])
            thread.start()
            thread.join()
            return super().execute(operation)

    repository = type(notes())(Threading(notes(Answer({})).store), instruments=[recorder])
    repository.get("1")
    assert recorder.calls[0].events == ()


def test_a_coroutine_that_is_dropped_half_way_leaves_the_call_of_others_alone(
    async_notes: Any, recorder: Any
) -> None:
    """It ends in whatever context drops it."""

    async def main() -> None:
        repository = async_notes(Answer({}))
        repository.use_instruments(recorder)
        dropped = repository.get("1")
        dropped.send(None)
        mine: Any = Call(None, None)  # type: ignore[arg-type]
        token = current_call.set(mine)
        dropped.close()
        assert current_call.get() is mine
        current_call.reset(token)

    asyncio.run(main())


def test_a_call_is_forgotten_when_it_has_ended(notes: Any) -> None:
    """The context holds it no longer."""
    repository, seen, outer = notes(Answer({})), [], current_call.get()
    others = {id(kept) for kept in calls_alive()}

    class Seeing:
        def finished(self, call: Call, _begun: Any, /) -> None:
            seen.append(call.events)

    repository.use_instruments(Seeing())
    repository.get("1")
    assert current_call.get() is outer
    assert {id(kept) for kept in calls_alive()} <= others
    assert seen == [()]


def calls_alive() -> list[Call]:
    """The calls that something holds."""
    gc.collect()
    return [kept for kept in gc.get_objects() if type(kept) is Call]


@pytest.mark.parametrize(
    "event",
    [
        AttemptFailed(1, "ThrottlingException", True, True, "R1", 0.1),
        ConnectionAwaited("127.0.0.1:8000", 0.1, is_late=True),
        SenderChosen(SenderUsed("direct", "nothing stands in its way")),
    ],
)
def test_an_event_is_a_value(event: Event) -> None:
    """Two of one time and kind are equal, and none can be changed."""
    assert event == type(event)(**{name: getattr(event, name) for name in fields_of(event)})
    with pytest.raises(AttributeError):
        event.at = 0  # type: ignore[misc]


def fields_of(event: Event) -> list[str]:
    """The names of the fields."""
    return list(type(event).__dataclass_fields__)
