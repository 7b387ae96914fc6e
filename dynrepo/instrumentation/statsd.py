"""StatsD timings and counters by a client that the application has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.callbacks import check_called
from dynrepo.instrumentation.counts import counts_of, timings_of
from dynrepo.instrumentation.lines import (
    CALLS,
    DURATION,
    PlainLines,
    datagrams,
    level_of,
    safe,
    tags_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.instrumentation.call import Call
    from dynrepo.operations.protocols import AnyStatsClient

PREFIX = "dynrepo"
_OF_UDP = "statsd.client.udp.StatsClient"


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
        self._tell: Callable[[Call], None] | None = None  # decided by the first call

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Sends the lines of the call, in one datagram where the client can."""
        tell = self._tell
        if tell is None:
            tell = self._tell = self._teller()
        tell(call)

    def close(self) -> None:
        """Closes the client; one that is made by an address is made anew for a later call."""
        self._client.close()

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

    def _teller(self) -> Callable[[Call], None]:
        """What tells the client of a call, in the fewest steps that it allows."""
        if type(self).measure is StatsdInstrument.measure and is_plain(self._client):
            return WrittenFor(self._client, self.prefix, self.rate).tell
        has_pipeline = hasattr(self._client, "pipeline")
        return self._tell_together if has_pipeline else self._tell_singly

    def _tell_together(self, call: Call) -> None:
        lines = self._client.pipeline()
        self.measure(call, lines)
        lines.send()

    def _tell_singly(self, call: Call) -> None:
        self.measure(call, self._client)


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


class WrittenFor:
    """The lines for a client that `is_plain`: what its pipeline would send, in fewer steps."""

    def __init__(self, client: Any, prefix: str, rate: float) -> None:
        # Its pipeline is made of the same private names, which have no public counterpart.
        self._deliver = client._send  # noqa: SLF001
        self._most = client._maxudpsize - 1  # noqa: SLF001
        of_client = client._prefix  # noqa: SLF001
        self._lines = PlainLines(f"{of_client}.{prefix}" if of_client else prefix, rate)

    def tell(self, call: Call) -> None:
        """Sends the lines of a call."""
        text = self._lines.of(call)
        if len(text) <= self._most:
            if text:
                self._deliver(text)
            return
        for datagram in datagrams(text.split("\n"), self._most):
            self._deliver(datagram)


def is_plain(client: Any) -> bool:
    """Whether a client is the one of `statsd` for UDP, with nothing of its own in its place."""
    own: dict[str, Any] = getattr(client, "__dict__", {})
    return (
        f"{type(client).__module__}.{type(client).__qualname__}" == _OF_UDP
        and {"_maxudpsize", "_prefix"} <= own.keys()
        and own.keys().isdisjoint(("_send", "pipeline"))
        and hasattr(client, "_send")
    )


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
