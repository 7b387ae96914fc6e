"""Usage on demand: what the calls of a block of code cost."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from dynrepo.instrumentation.call import Call


class UsageKey(NamedTuple):
    """A table, and DynamoDB's name of an operation."""

    table: str
    operation: str


@public
@dataclass(frozen=True, slots=True)
class Cost:
    """What calls cost: how many there were and failed, retries, capacity units, seconds."""

    calls: int = 0
    failures: int = 0
    retries: int = 0
    capacity: float = 0.0
    duration: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.calls + other.calls,
            self.failures + other.failures,
            self.retries + other.retries,
            self.capacity + other.capacity,
            self.duration + other.duration,
        )


@public
class Usage:
    """The cost of a block, while it runs and afterwards; safe for threads."""

    def __init__(self) -> None:
        self._parts: dict[UsageKey, Cost] = {}
        self._lock = threading.Lock()

    @property
    def parts(self) -> Mapping[UsageKey, Cost]:
        """The cost by table and operation, in the order of their first call."""
        with self._lock:
            return MappingProxyType(dict(self._parts))

    @property
    def total(self) -> Cost:
        """The cost of all calls together."""
        return sum(self.parts.values(), Cost())

    def add(self, key: UsageKey, cost: Cost) -> None:
        """Adds the cost of a call."""
        with self._lock:
            self._parts[key] = self._parts.get(key, Cost()) + cost


collecting: ContextVar[tuple[Usage, ...]] = ContextVar("dynrepo_usage", default=())
"""The blocks that the code stands in."""


@contextmanager
def usage() -> Generator[Usage]:
    """Collects what the calls of the block cost, on any repository.

    ::

        with usage() as used:
            users.require(key)
        print(used.total.capacity)

    Calls of threads started in the block count where the thread runs in a copy of the context, as
    those of `asyncio.to_thread` and of web frameworks do. Blocks can be nested.
    """
    used = Usage()
    token = collecting.set((*collecting.get(), used))
    try:
        yield used
    finally:
        collecting.reset(token)


class UsageInstrument:
    """Adds each call to the blocks that it is made in, whichever instruments are in use."""

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Adds the call."""
        key = UsageKey(call.operation.table, call.operation.name)
        cost = Cost(1, call.error is not None, call.attempts - 1, call.capacity or 0, call.duration)
        for used in collecting.get():
            used.add(key, cost)
