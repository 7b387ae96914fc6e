"""StatsD timings and counters, plain or with the tags of DogStatsD.

Plain names are `{prefix}.{table}.{operation}.{measure}`; with tags they are `{prefix}.{measure}`
and the tags `table`, `operation`, `outcome` and `error`. A metric is made of names that the code
and the schema hold, never of a key, an item or an error's text: there are only so many of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from dynrepo.clock import draw
from dynrepo.errors import Throttled

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.instrumentation.call import Call

PREFIX = "dynrepo"
DURATION = "duration"
CALLS = "calls"
COUNTERS = ("items", "capacity", "retries", "throttled")
"""What is counted of a call besides its outcome, when it is not zero."""


class StatsClient(Protocol):
    """What is used of a plain StatsD client; `statsd.StatsClient` is one.

    Where it has a `pipeline` too, the lines of a call leave in one datagram.
    """

    def timing(self, stat: str, delta: float, rate: Any = 1, /) -> object:
        """Sends a timing in milliseconds."""
        ...

    def incr(self, stat: str, count: Any = 1, rate: Any = 1, /) -> object:
        """Counts."""
        ...


class TaggedClient(Protocol):
    """What is used of a client that sends tags; `datadog.DogStatsd` is one."""

    def timing(
        self, metric: str, value: float, tags: Any = None, sample_rate: Any = None, /
    ) -> object:
        """Sends a timing in milliseconds."""
        ...

    def increment(
        self, metric: str, value: Any = 1, tags: Any = None, sample_rate: Any = None, /
    ) -> object:
        """Counts."""
        ...


AnyStatsClient: TypeAlias = StatsClient | TaggedClient


class StatsdInstrument:
    """Sends a timing in fractional milliseconds and a counter of the outcome for each call.

    `items`, `capacity`, `retries` and `throttled` are counted where they are not zero. `rate` is
    the share of lines that are sent, from 0 to 1; the daemon is told and multiplies.
    """

    def __init__(self, client: AnyStatsClient, *, prefix: str = PREFIX, rate: float = 1) -> None:
        self.client = impatient(client)
        self.prefix = ".".join(safe(level) for level in prefix.split("."))
        self.rate = rate
        # Of a client, or a `measure`, that others wrote no more than its methods are known.
        self._takes_text = (
            type(client).__module__.startswith("statsd.") or hasattr(type(client), "takes_text")
        ) and type(self).measure.__module__ == __name__
        self._rate = "" if rate == 1 else f"|@{rate}"

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Sends the lines of the call, in one datagram where the client can."""
        client: Any = self.client
        if self._takes_text:
            lines = self.lines(call)
            if self.rate < 1:
                lines = [line for line in lines if draw() < self.rate]
            text = "\n".join(lines)
            if len(text) <= DATAGRAM:
                client._after(text)  # noqa: SLF001 - what its pipeline does, at half the cost
                return
        pipeline: Callable[[], Any] | None = getattr(client, "pipeline", None)
        if pipeline is None:
            self.measure(call, client)
        else:
            pipelined = pipeline()
            self.measure(call, pipelined)
            pipelined.send()

    def lines(self, call: Call) -> list[str]:
        """The lines of a call as they are sent."""
        client: Any = self.client
        operation, outcome, rate = call.operation, call.outcome, self._rate
        name = level_of(self.prefix, operation.table, operation.name)
        if client._prefix:  # noqa: SLF001 - there is no public name for it
            name = f"{client._prefix}.{name}"  # noqa: SLF001 - the same
        lines = [
            f"{name}{outcome}:{call.duration * 1000:.6f}|ms{rate}",
            f"{name}{outcome}:1|c{rate}",
        ]
        lines += [f"{name}{counter}:{value}|c{rate}" for counter, value in counts_of(call)]
        return lines

    def measure(self, call: Call, client: Any) -> None:
        """Writes the lines of a call."""
        name = level_of(self.prefix, call.operation.table, call.operation.name)
        client.timing(name + call.outcome, call.duration * 1000, self.rate)
        client.incr(name + call.outcome, 1, self.rate)
        for counter, value in counts_of(call):
            client.incr(name + counter, value, self.rate)


class TaggedStatsdInstrument(StatsdInstrument):
    """The same with tags: `dynrepo.duration`, `dynrepo.calls`, `dynrepo.items` and so on."""

    def lines(self, call: Call) -> list[str]:
        """The lines of a call as they are sent."""
        tags = tags_of(call.operation.table, call.operation.name, call.outcome, call.code)
        end = f"{self._rate}|#{','.join(tags)}"
        lines = [
            f"{self.prefix}.{DURATION}:{call.duration * 1000:.6f}|ms{end}",
            f"{self.prefix}.{CALLS}:1|c{end}",
        ]
        lines += [f"{self.prefix}.{name}:{value}|c{end}" for name, value in counts_of(call)]
        return lines

    def measure(self, call: Call, client: Any) -> None:
        """Writes the lines of a call."""
        tags = tags_of(call.operation.table, call.operation.name, call.outcome, call.code)
        client.timing(f"{self.prefix}.{DURATION}", call.duration * 1000, tags, self.rate)
        client.increment(f"{self.prefix}.{CALLS}", 1, tags, self.rate)
        for counter, value in counts_of(call):
            client.increment(f"{self.prefix}.{counter}", value, tags, self.rate)


DATAGRAM = 512
"""Characters that go into one datagram on any network; more are left to the client's pipeline."""

PATIENCE = 0.1
"""Seconds to wait for a daemon that is spoken to over TCP and has stopped reading."""


def impatient(client: Any) -> Any:
    """The client; one of `statsd` for TCP or a Unix socket waits no longer than `PATIENCE`.

    Unless it was given a timeout, it would hold up every call as long as the daemon likes.
    """
    held: dict[str, Any] = getattr(
        client, "__dict__", {}
    )  # a client that is not there yet has none
    if held.get("_timeout", PATIENCE) is None:
        client._timeout = PATIENCE  # noqa: SLF001 - there is no public name for it
        if held.get("_sock") is not None:
            client._sock.settimeout(PATIENCE)  # noqa: SLF001 - the same
    return client


def instrument_for(
    client: AnyStatsClient, *, prefix: str = PREFIX, rate: float = 1
) -> StatsdInstrument:
    """The instrument that speaks a client's dialect; TypeError where it has none."""
    made = None if isinstance(client, type) else client  # a class is no client yet
    has = [name for name in ("timing", "incr", "increment") if callable(getattr(made, name, None))]
    if has[:2] == ["timing", "incr"]:
        return StatsdInstrument(client, prefix=prefix, rate=rate)
    if has == ["timing", "increment"]:
        return TaggedStatsdInstrument(client, prefix=prefix, rate=rate)
    raise TypeError(
        f"use_metrics takes a StatsD client with timing and incr, not {type(client).__name__}"
    )


def counts_of(call: Call) -> list[tuple[str, float]]:
    """What there is to count of a call besides its outcome."""
    counts: list[tuple[str, float]] = []
    rows = call.rows
    if items := call.batch_size if rows is None else rows:
        counts.append(("items", items))
    if capacity := call.capacity:
        counts.append(("capacity", capacity))
    if retries := call.attempts - 1:
        counts.append(("retries", retries))
    if call.error is not None and isinstance(call.error, Throttled):
        counts.append(("throttled", 1))
    return counts


_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def safe(name: str) -> str:
    """A name that is one level of a metric: what could end it or start another becomes `_`."""
    return _UNSAFE.sub("_", name)


@lru_cache(maxsize=1024)
def level_of(prefix: str, table: str, operation: str) -> str:
    """The start of a plain name, up to its last dot."""
    return f"{prefix}.{safe(table)}.{safe(operation)}."


@lru_cache(maxsize=1024)
def tags_of(table: str, operation: str, outcome: str, code: str | None) -> list[str]:
    """The tags of a call."""
    tags = [f"table:{safe(table)}", f"operation:{safe(operation)}", f"outcome:{outcome}"]
    return tags if code is None else [*tags, f"error:{safe(code)}"]
