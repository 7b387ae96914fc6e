"""Usage on demand: what the calls of a block of code cost."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from dynrepo.blocks import Block, open_blocks, opened
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
    """What calls cost; the sum of two is that of both.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html

    Attributes:
        calls: How many there were.
        failures: How many failed; one that was cancelled did not.
        retries: Requests that were sent again.
        capacity: Capacity units, of reads and writes, as answers told.
        duration: Seconds that the calls took, added up.
    """

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
        self._sums: dict[tuple[str, str], Numbers] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:
            return {"_sums": dict(self._sums)}  # a lock is not copied, nor pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    @property
    def parts(self) -> Mapping[UsageKey, Cost]:
        """The cost by table and operation, in the order of their first call."""
        with self._lock:
            return {UsageKey(*key): Cost(*numbers) for key, numbers in self._sums.items()}

    @property
    def total(self) -> Cost:
        """The cost of all calls together."""
        return sum(self.parts.values(), Cost())

    def add(self, key: UsageKey, cost: Cost) -> None:
        """Adds the cost of a call.

        Args:
            key: The table and the operation.
            cost: What it cost.
        """
        numbers = cost.calls, cost.failures, cost.retries, cost.capacity, cost.duration
        self.count(key, numbers)

    def count(self, key: tuple[str, str], numbers: Numbers) -> None:
        """Adds a cost that is not made yet.

        Args:
            key: The table and the operation.
            numbers: The fields of the cost, in their order.
        """
        calls, failures, retries, capacity, duration = numbers
        with self._lock:
            known = self._sums.get(key, _NOTHING)
            self._sums[key] = (
                known[0] + calls,
                known[1] + failures,
                known[2] + retries,
                known[3] + capacity,
                known[4] + duration,
            )


Numbers: TypeAlias = tuple[int, int, int, float, float]
"""The fields of a `Cost`; it takes longer to make, and is made when somebody asks."""

_NOTHING: Numbers = (0, 0, 0, 0.0, 0.0)


class Collecting(Block):
    """A block that collects what its calls cost."""

    __slots__ = ("usage",)

    def __init__(self, usage: Usage) -> None:
        super().__init__()
        self.usage = usage


collecting: ContextVar[Collecting | None] = ContextVar("dynrepo_usage", default=None)
"""The innermost block, which may be over; None where there is none."""


@contextmanager
def usage() -> Generator[Usage]:
    """Collects what the calls of the block cost, on any repository.

    ```python
    with usage() as used:
        users.require(key)
    print(used.total.capacity)
    ```

    Calls of tasks, and of threads that run in a copy of the context as those of `asyncio.to_thread`
    and of web frameworks do, count until the block ends. Blocks can be nested.

    Yields:
        The cost so far; after the block, of all of it.
    """
    used = Usage()
    with opened(Collecting(used), collecting):
        yield used


class UsageInstrument:
    """Adds each call to the blocks that it is made in, whichever instruments are in use."""

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Adds the call."""
        key = call.operation.table, call.operation.name
        failed = call.error is not None and call.outcome == "failure"
        numbers = 1, int(failed), call.attempts - 1, call.capacity or 0, call.duration
        for block in open_blocks(collecting):
            block.usage.count(key, numbers)
