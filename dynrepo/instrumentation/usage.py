"""Usage on demand: what the calls of a block of code cost."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.instrumentation.fence import Fence

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from dynrepo.instrumentation.call import Call


class What(NamedTuple):
    """What was called: a table and DynamoDB's name of an operation."""

    table: str
    operation: str


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


class Usage:
    """The cost of a block, while it runs and afterwards; safe for threads."""

    def __init__(self) -> None:
        self._parts: dict[What, Cost] = {}
        self._lock = threading.Lock()

    @property
    def parts(self) -> Mapping[What, Cost]:
        """The cost by table and operation, in the order of their first call."""
        with self._lock:
            return MappingProxyType(dict(self._parts))

    @property
    def total(self) -> Cost:
        """The cost of all calls together."""
        return sum(self.parts.values(), Cost())

    def add(self, what: What, cost: Cost) -> None:
        """Adds the cost of a call."""
        with self._lock:
            self._parts[what] = self._parts.get(what, Cost()) + cost


_collecting: ContextVar[tuple[Usage, ...]] = ContextVar("dynrepo_usage", default=())


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
    token = _collecting.set((*_collecting.get(), used))
    try:
        yield used
    finally:
        _collecting.reset(token)


class UsageInstrument:
    """Adds each call to the blocks that it is made in."""

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Adds the call."""
        cost = Cost(1, call.error is not None, call.attempts - 1, call.capacity or 0, call.duration)
        for used in _collecting.get():
            used.add(What(call.operation.table, call.operation.name), cost)


_fence = Fence(UsageInstrument())


def collect(call: Call) -> None:
    """Adds a call where somebody collects; it is no matter of which instruments are in use."""
    if _collecting.get():
        _fence.finished(call, None)
