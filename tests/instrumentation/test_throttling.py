"""Throttling is seen before calls fail: each attempt is told, also of a call that succeeds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import AsyncRepository, DynrepoError, PartitionKey, Repository
from dynrepo.instrumentation.otel import MeterInstrument, SpanInstrument
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.testing.faults import lost_reply, throttling
from dynrepo.testing.memory import MemoryStore
from tests.instrumentation.metered import Counts, Metered

if TYPE_CHECKING:
    from collections.abc import Callable


class Note(BaseModel):
    """A key and a count."""

    note_id: Annotated[str, PartitionKey()]
    count: int = 0


class Notes(Repository[Note]):
    """The notes of everybody."""

    table = "notes"


class AsyncNotes(AsyncRepository[Note]):
    """The same, awaited."""

    table = "notes"


THROTTLED = "ProvisionedThroughputExceededException"


def get(store: MemoryStore, instruments: list[Any]) -> None:
    """A get by the blocking face."""
    Notes(store, instruments=instruments).get("1")


def get_awaited(store: MemoryStore, instruments: list[Any]) -> None:
    """A get by the asynchronous face."""

    async def main() -> None:
        await AsyncNotes(store, instruments=instruments).get("1")

    asyncio.run(main())


class Seen:
    """A get through a store that fails some times, and what the instruments were told."""

    def __init__(self, ask: Callable[..., None], fault: Any, times: int) -> None:
        store = MemoryStore(Notes)
        store.inject(fault, times=times)
        self.metered, self.statsd = Metered(), Counts()
        instruments = [
            SpanInstrument(self.metered.traces),
            MeterInstrument(self.metered.meters),
            StatsdInstrument(self.statsd),
        ]
        try:
            ask(store, instruments)
            self.error = None
        except DynrepoError as error:
            self.error = error


BOTH = pytest.mark.parametrize("ask", [get, get_awaited])


@BOTH
def test_each_attempt_that_failed_is_an_event_on_the_span(ask: Callable[..., None]) -> None:
    """With its code and the pause after it, though the call succeeds."""
    seen = Seen(ask, throttling(), 2)
    (span,) = seen.metered.spans
    assert [event.name for event in span.events] == ["dynrepo.attempt.failed"] * 2
    told = [dict(event.attributes or {}) for event in span.events]
    for number, attributes in enumerate(told, 1):
        pause = attributes.pop("dynrepo.pause")
        assert isinstance(pause, float)
        assert 0 <= pause < 2
        assert attributes.pop("aws.request_id", "") is not None
        assert attributes == {
            "dynrepo.attempt": number,
            "error.type": THROTTLED,
            "db.response.status_code": THROTTLED,
        }
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.start_time <= span.events[0].timestamp <= span.events[1].timestamp <= span.end_time


@BOTH
def test_throttled_attempts_are_counted_though_the_call_succeeds(ask: Callable[..., None]) -> None:
    """In OpenTelemetry by their code, and in StatsD: each attempt once."""
    seen = Seen(ask, throttling(), 2)
    assert seen.error is None
    assert seen.statsd.told["dynrepo.notes.GetItem.throttled"] == 2
    assert seen.statsd.told["dynrepo.notes.GetItem.retries"] == 2
    (throttles,) = seen.metered.points("dynrepo.client.throttles")
    (retries,) = seen.metered.points("dynrepo.client.retries")
    assert (throttles.value, retries.value) == (2, 2)
    assert throttles.attributes == retries.attributes
    assert throttles.attributes["error.type"] == THROTTLED
    assert throttles.attributes["db.collection.name"] == "notes"


@BOTH
def test_the_last_attempt_of_a_call_that_fails_is_counted_too(ask: Callable[..., None]) -> None:
    """It has no pause: nothing is sent after it."""
    seen = Seen(ask, throttling(), 4)
    assert seen.error is not None
    assert seen.statsd.told["dynrepo.notes.GetItem.throttled"] == 4
    assert seen.statsd.told["dynrepo.notes.GetItem.retries"] == 3
    assert seen.metered.total("dynrepo.client.throttles") == 4
    assert seen.metered.total("dynrepo.client.retries") == 3
    (span,) = seen.metered.spans
    assert "dynrepo.pause" not in (span.events[-1].attributes or {})


@BOTH
def test_a_retry_for_another_reason_is_no_throttle(ask: Callable[..., None]) -> None:
    """A lost answer has no code of AWS: its class stands for it."""
    seen = Seen(ask, lost_reply(), 1)
    assert seen.statsd.told["dynrepo.notes.GetItem.throttled"] == 0
    assert seen.metered.points("dynrepo.client.throttles") == []
    (retries,) = seen.metered.points("dynrepo.client.retries")
    assert "db.response.status_code" not in retries.attributes
    (span,) = seen.metered.spans
    assert (span.events[0].attributes or {})["error.type"] == retries.attributes["error.type"]


@BOTH
def test_consumed_capacity_is_a_metric(ask: Callable[..., None]) -> None:
    """By table and operation, in capacity units."""
    seen = Seen(ask, throttling(), 0)
    (capacity,) = seen.metered.points("dynrepo.client.consumed_capacity")
    assert capacity.value == 0.5
    assert capacity.attributes["db.collection.name"] == "notes"
    assert capacity.attributes["db.operation.name"] == "GetItem"
    assert seen.metered.metrics()["dynrepo.client.consumed_capacity"].unit == "{capacity_unit}"


def test_a_refused_condition_is_no_attempt_that_failed() -> None:
    """DynamoDB has answered."""
    metered = Metered()
    notes = Notes(MemoryStore(Notes), instruments=[SpanInstrument(metered.traces)])
    notes.create(Note(note_id="1"))
    with pytest.raises(DynrepoError):
        notes.create(Note(note_id="1"))
    assert [span.events for span in metered.spans] == [(), ()]
