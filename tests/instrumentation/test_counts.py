"""What is counted of a call, and what is timed, have their names on a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynrepo import OutcomeUnknown, SenderUsed, Throttled
from dynrepo.instrumentation.counts import (
    COUNTERS,
    TIMINGS,
    counts_of,
    items_of,
    timings_of,
    usual_counts,
)
from dynrepo.instrumentation.events import (
    AttemptFailed,
    BudgetSpent,
    ConnectionAwaited,
    ConnectionMade,
    SenderChosen,
)
from dynrepo.operations.operation import Effect

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Call

    Ended = Callable[..., Call]


def test_every_counter_has_its_name_on_the_list(ended: Ended) -> None:
    """From which the dashboards are made; those of a batch that was throttled are all."""
    throttled = Throttled("no", attempts=2)
    eventful = ended()
    eventful.events = (
        *(BudgetSpent(), ConnectionMade("a", 0.1)),
        *(ConnectionAwaited("a", 0.1, is_late) for is_late in (False, True)),
        *(SenderChosen(SenderUsed(name, "why")) for name in ("direct", "botocore")),
    )
    calls = [
        ended("BatchWriteItem", request={"RequestItems": {"a": [{}]}}, error=throttled),
        ended(body={"ConsumedCapacity": {"CapacityUnits": 1}}),
        ended("PutItem", error=KeyboardInterrupt(), effect=Effect.ONCE),
        eventful,
    ]
    counted = {name for call in calls for name, _ in counts_of(call)}
    timed = {name for call in calls for name, _ in timings_of(call)}
    assert (counted, timed) == (set(COUNTERS), set(TIMINGS))


def test_throttled_attempts_are_counted_of_a_call_that_came_through(ended: Ended) -> None:
    """Each of them, before any call fails."""
    call = ended(attempts=3)
    failed = [AttemptFailed(number, "Slow", True, True, None, 0.1) for number in (1, 2)]
    call.events = tuple(failed)
    assert counts_of(call) == [("retries", 2), ("throttled", 2)]


def test_a_lost_write_is_counted_as_in_doubt(ended: Ended) -> None:
    """A lost read is not."""
    lost = OutcomeUnknown("lost", attempts=1)
    assert counts_of(ended("PutItem", error=lost, effect=Effect.ONCE)) == [("in_doubt", 1)]
    assert counts_of(ended("GetItem", error=lost)) == []


@pytest.mark.parametrize(
    ("name", "request_", "body", "items"),
    [
        ("GetItem", {}, {"Item": {"a": {"S": "b"}}}, 1),
        ("GetItem", {}, {}, 0),
        ("Query", {}, {"Count": 7}, 7),
        ("BatchWriteItem", {"RequestItems": {"a": [{}, {}]}}, {}, 2),
        ("PutItem", {}, {}, None),
    ],
)
def test_items_are_those_read_or_to_be_written(
    ended: Ended, name: str, request_: object, body: object, items: int | None
) -> None:
    """None where the operation has no number of them."""
    assert items_of(ended(name, request=request_, body=body)) == items


def test_what_is_zero_is_not_counted() -> None:
    """Nor what is not known."""
    assert usual_counts(0, None, 1) == []
    assert usual_counts(2, 0.5, 3) == [("items", 2), ("capacity", 0.5), ("retries", 2)]


def test_connections_are_timed_in_seconds(ended: Ended) -> None:
    """Those made, and those waited for; of other events there is nothing to time."""
    call = ended()
    call.events = (ConnectionMade("a", 0.25), BudgetSpent(), ConnectionAwaited("a", 0.5, False))
    assert timings_of(call) == [("connection_create", 0.25), ("connection_wait", 0.5)]
