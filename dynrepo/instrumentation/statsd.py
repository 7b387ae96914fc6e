"""StatsD timings and counters: `{prefix}.{table}.{operation}.{outcome}`."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from dynrepo.instrumentation import Call

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


class StatsClient(Protocol):
    """What is used of a StatsD client; `statsd.StatsClient` is one."""

    def timing(self, stat: str, delta: float, rate: Any = 1, /) -> object:
        """Sends a timing in milliseconds."""
        ...

    def incr(self, stat: str, count: int = 1, rate: Any = 1, /) -> object:
        """Counts."""
        ...


class StatsdInstrument:
    """Sends one timing, in fractional milliseconds, and one count per call."""

    def __init__(self, client: StatsClient, *, prefix: str = "dynrepo") -> None:
        for method in ("timing", "incr"):
            if not callable(getattr(client, method, None)):
                raise TypeError(
                    f"use_metrics takes a StatsD client with timing and incr, not {type(client).__name__}"
                )
        self.client = client
        self.prefix = prefix

    def started(self, call: Call, /) -> None:
        """Sends nothing yet."""

    def finished(self, call: Call, begun: Any, /) -> None:
        """Sends the timing and the count."""
        operation = call.operation
        name = f"{self.prefix}.{safe(operation.table)}.{safe(operation.name)}"
        self.client.timing(f"{name}.{call.outcome}", call.duration * 1000)
        self.client.incr(f"{name}.{call.outcome}")


def safe(name: str) -> str:
    """A name that is one level of a metric: what could end it or start another becomes `_`."""
    return _UNSAFE.sub("_", name)


def from_environment() -> StatsdInstrument | None:
    """An instrument for the daemon that `DYNREPO_STATSD=host:port` names; None when none is named."""
    address = os.environ.get("DYNREPO_STATSD")
    if not address:
        return None
    from statsd import StatsClient as UdpClient  # noqa: PLC0415 - only for those who use it

    host, _, port = address.rpartition(":")
    prefix = os.environ.get("DYNREPO_STATSD_PREFIX", "dynrepo")
    return StatsdInstrument(UdpClient(host, int(port)), prefix=prefix)
