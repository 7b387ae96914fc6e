"""What StatsD is told of a call besides its outcome: what is counted, and what is timed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynrepo.instrumentation.call import rows_of
from dynrepo.instrumentation.events import (
    BudgetSpent,
    ConnectionAwaited,
    ConnectionMade,
    SenderChosen,
)

if TYPE_CHECKING:
    from dynrepo.instrumentation.call import Call
    from dynrepo.instrumentation.events import Event

COUNTERS = (
    *("items", "capacity", "retries", "throttled", "in_doubt"),
    *("connection_timeouts", "budget_spent", "sender_direct", "sender_botocore"),
)
"""The names in `counts_of`."""

TIMINGS = ("connection_create", "connection_wait")
"""The names in `timings_of`."""


def counts_of(call: Call) -> list[tuple[str, float]]:
    """What there is to count of a call besides its outcome."""
    answer = call.answer
    attempts = call.attempts if answer is None else answer.attempts
    counts = usual_counts(items_of(call), None if answer is None else call.capacity, attempts)
    if call.error is None and not call.events:
        return counts
    if throttles := call.throttles:
        counts.append(("throttled", throttles))
    if call.in_doubt:
        counts.append(("in_doubt", 1))
    counts += [(name, 1) for event in call.events if (name := _counter_of(event))]
    return counts


def items_of(call: Call) -> int | None:
    """The items that a call has read, or was to read or write; None where it has none."""
    answer = call.answer
    rows = None if answer is None else rows_of(call.operation.name, answer)
    return call.batch_size if rows is None else rows


def usual_counts(
    items: int | None, capacity: float | None, attempts: int
) -> list[tuple[str, float]]:
    """What there is to count of a call that went as it was to go."""
    told = (("items", items), ("capacity", capacity), ("retries", attempts - 1))
    return [(name, value) for name, value in told if value]


def _counter_of(event: Event) -> str | None:
    """The counter of an event, where it has one."""
    if isinstance(event, ConnectionAwaited) and event.is_late:
        return "connection_timeouts"
    if isinstance(event, SenderChosen):
        return f"sender_{event.used.name}"
    return "budget_spent" if isinstance(event, BudgetSpent) else None


def timings_of(call: Call) -> list[tuple[str, float]]:
    """What took its time on the way of a call, in seconds: connections, which are kept mostly."""
    return [
        (_TIMED[type(event)], event.seconds)
        for event in call.events
        if isinstance(event, ConnectionMade | ConnectionAwaited)
    ]


_TIMED = {ConnectionMade: "connection_create", ConnectionAwaited: "connection_wait"}
