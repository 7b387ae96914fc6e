"""StatsD timings and counters, plain or with the tags of DogStatsD.

Plain names are `{prefix}.{table}.{operation}.{measure}`; with tags they are `{prefix}.{measure}`
and the tags `table`, `operation`, `outcome` and `error`. A metric is made of names that the code
and the schema hold, never of a key, an item or an error's text: there are only so many of them.
"""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dynrepo.callbacks import check_called
from dynrepo.instrumentation.call import one_table
from dynrepo.instrumentation.events import (
    BudgetSpent,
    ConnectionAwaited,
    ConnectionMade,
    SenderChosen,
)
from dynrepo.instrumentation.lines import PlainLines, is_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.instrumentation.call import Call
    from dynrepo.instrumentation.events import Event
    from dynrepo.operations.protocols import AnyStatsClient

PREFIX = "dynrepo"
_EMPTIED = (PlainLines.__module__, "statsd.client.udp", "statsd.client.stream")
"""The modules whose pipelines are empty once they are sent, and may be used for the next call."""
DURATION = "duration"
CALLS = "calls"
SEVERAL = "several_tables"
"""What stands for the table where a call has several, so that each mix is no series of its own."""

COUNTERS = (
    *("items", "capacity", "retries", "throttled", "in_doubt"),
    *("connection_timeouts", "budget_spent", "sender_direct", "sender_botocore"),
)
"""The names in `counts_of`."""

TIMINGS = ("connection_create", "connection_wait")
"""The names in `timings_of`."""


class StatsdInstrument:
    """Sends a timing in fractional milliseconds and a counter of the outcome for each call.

    What `COUNTERS` names is counted where it is not zero, what `TIMINGS` names is timed where it
    happened.
    `rate` is the share of lines that are sent, from 0 to 1; each line says it, and the daemon
    multiplies.
    """

    def __init__(self, client: AnyStatsClient, *, prefix: str = PREFIX, rate: float = 1) -> None:
        self.client = client
        self.prefix = ".".join(map(safe, prefix.split(".")))
        self.rate = rate

    @property
    def client(self) -> Any:
        """The client; another one may be put in its place."""
        return self._client

    @client.setter
    def client(self, client: AnyStatsClient) -> None:
        self._client = impatient(client)
        self._idle: deque[Any] = deque()  # the pipelines of this client that no call uses

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Sends the lines of the call, in one datagram where the client can."""
        client, idle = self._client, self._idle
        try:
            lines = idle.pop() if idle else None
        except IndexError:  # another thread was faster
            lines = None
        if lines is None:
            lines = _lines_of(client)
        self.measure(call, lines)
        if lines is not client:
            lines.send()
            if type(lines).__module__ in _EMPTIED:
                idle.append(lines)

    def close(self) -> None:
        """Closes the client; one that is made by an address is made anew for a later call."""
        self._client.close()
        self._idle = deque()  # what is in them would go to the client that was closed

    def measure(self, call: Call, client: Any) -> None:
        """Writes the lines of a call."""
        name = level_of(self.prefix, call.operation.table, call.operation.name)
        outcome = name + call.outcome
        client.timing(outcome, call.duration * 1000, self.rate)
        client.incr(outcome, 1, self.rate)
        for counter, value in counts_of(call):
            client.incr(name + counter, value, self.rate)
        for timing, seconds in timings_of(call):
            client.timing(name + timing, seconds * 1000, self.rate)


def _lines_of(client: Any) -> Any:
    """What takes the lines of a call; the client itself where each line leaves alone."""
    if is_plain(client):
        return PlainLines(client)
    pipeline: Callable[[], Any] | None = getattr(client, "pipeline", None)
    return client if pipeline is None else pipeline()


class TaggedStatsdInstrument(StatsdInstrument):
    """The same with tags: `dynrepo.duration`, `dynrepo.calls`, `dynrepo.items` and so on."""

    def measure(self, call: Call, client: Any) -> None:
        """Writes the lines of a call."""
        tags = tags_of(call.operation.table, call.operation.name, call.outcome, call.code)
        client.timing(f"{self.prefix}.{DURATION}", call.duration * 1000, tags, self.rate)
        client.increment(f"{self.prefix}.{CALLS}", 1, tags, self.rate)
        for counter, value in counts_of(call):
            client.increment(f"{self.prefix}.{counter}", value, tags, self.rate)
        for timing, seconds in timings_of(call):
            client.timing(f"{self.prefix}.{timing}", seconds * 1000, tags, self.rate)


STREAM_TIMEOUT = 0.1
"""Seconds to wait for a daemon that is spoken to over TCP and has stopped reading."""


def impatient(client: Any) -> Any:
    """The client; one of `statsd` for TCP or a Unix socket waits no longer than `STREAM_TIMEOUT`.

    Without a timeout every call would wait until the daemon reads again. The two private names
    have no public counterpart; a client that lacks them is left as it is.
    """
    attributes: dict[str, Any] = getattr(client, "__dict__", {})
    if attributes.get("_timeout", STREAM_TIMEOUT) is None:
        client._timeout = STREAM_TIMEOUT  # noqa: SLF001
        if attributes.get("_sock") is not None:
            client._sock.settimeout(STREAM_TIMEOUT)  # noqa: SLF001
    return client


def instrument_for(
    client: AnyStatsClient, *, prefix: str = PREFIX, rate: float = 1
) -> StatsdInstrument:
    """The instrument for a client's dialect; TypeError where it has none."""
    made = None if isinstance(client, type) else client  # a class is no client yet
    has = [name for name in ("timing", "incr", "increment") if callable(getattr(made, name, None))]
    for name in has:
        check_called(f"{type(client).__name__}.{name}", getattr(client, name), "told of each call")
    if has[:2] == ["timing", "incr"]:
        return StatsdInstrument(client, prefix=prefix, rate=rate)
    if has == ["timing", "increment"]:
        return TaggedStatsdInstrument(client, prefix=prefix, rate=rate)
    raise TypeError(
        f"use_metrics takes a StatsD client with timing and incr, not {type(client).__name__}"
    )


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
    rows = call.rows
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
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def safe(name: str) -> str:
    """A name that is one level of a metric: what could end it or start another becomes `_`."""
    return _UNSAFE.sub("_", name)


def _table_level(tables: str) -> str:
    return safe(one_table(tables) or SEVERAL)


@lru_cache(maxsize=1024)
def level_of(prefix: str, table: str, operation: str) -> str:
    """The start of a plain name, up to its last dot."""
    return f"{prefix}.{_table_level(table)}.{safe(operation)}."


@lru_cache(maxsize=1024)
def tags_of(table: str, operation: str, outcome: str, code: str | None) -> list[str]:
    """The tags of a call."""
    tags = [f"table:{_table_level(table)}", f"operation:{safe(operation)}", f"outcome:{outcome}"]
    return tags if code is None else [*tags, f"error:{safe(code)}"]
