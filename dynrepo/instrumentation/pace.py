"""A bound on what the calls of a block consume: each waits for its turn."""

from __future__ import annotations

import math
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from dynrepo.blocks import Block, open_blocks, opened
from dynrepo.clock import deadline_ends, steady
from dynrepo.instrumentation.usage import UsageKey
from dynrepo.public import public
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import DeadlineExceeded

if TYPE_CHECKING:
    from collections.abc import Generator

    from dynrepo.errors import DynrepoError
    from dynrepo.instrumentation.call import Call
    from dynrepo.operations.operation import Operation

BURST = 0.1
"""Seconds of its rate that a pace may catch up with, so that a late timer costs no rate."""

FIRST = 1.0
"""Units that a call is expected to consume whose kind has consumed none yet."""

CHARGED = {
    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
    *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"),
}
"""The operations that consume capacity; those on tables do not."""


@public
class Pace:
    """What the calls of a `pace` block may consume, and have; safe for threads and tasks.

    Attributes:
        units: Capacity units a second that they may consume.
        consumed: Capacity units that they have by now, as answers told, or as was counted for
            answers that did not tell.
        waited: Seconds that they had to wait, added up.
    """

    def __init__(self, units: float) -> None:
        self.units = units
        self.consumed = 0.0
        self.waited = 0.0
        self._free = steady.monotonic()  # when the next call may begin
        self._expected: dict[UsageKey, float] = {}
        self._lock = threading.Lock()

    def take(self, kind: UsageKey) -> tuple[float, float]:
        """The seconds until the turn of a call, and the units that are set aside for it.

        They are those that the call before it of its kind consumed: calls at the same time do not
        all begin when one may.
        """
        with self._lock:
            now = steady.monotonic()
            begin = max(self._free, now - BURST)
            units = self._expected.get(kind, FIRST)
            self._free = begin + units / self.units
            return max(0.0, begin - now), units

    def settle(self, kind: UsageKey, units: float, consumed: float) -> None:
        """Counts what a call has consumed in the place of the units that were set aside."""
        with self._lock:
            self.consumed += consumed
            self._expected[kind] = consumed
            self._free += (consumed - units) / self.units

    def give_back(self, units: float) -> None:
        """Frees the units that were set aside for a call that is not made."""
        with self._lock:
            self._free -= units / self.units

    def note(self, seconds: float) -> None:
        """Counts what a call has waited."""
        with self._lock:
            self.waited += seconds


class Pacing(Block):
    """A block whose calls keep a pace."""

    __slots__ = ("pace",)

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self.pace = pace


pacing: ContextVar[Pacing | None] = ContextVar("dynrepo_pace", default=None)
"""The innermost block, which may be over; None where there is none."""


@contextmanager
def pace(units: float) -> Generator[Pace]:
    """Bounds what the calls of the block consume to so many capacity units a second.

    ```python
    with pace(units=50):
        for user in users.scan():
            users.update(user.user_id, path(users.stored.visits).set(0))
    ```

    Reads and writes count together, on any repository, as DynamoDB charges them:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    What a call consumes is known from its answer, so that the next one waits for it: in any t
    seconds calls begin that consume `(t + 0.1) * units` at most, and one call more; calls at the
    same time count as the last of their table and operation did. Where an answer does not tell, it
    counts one unit for each row read or item written, and a call that fails as the one before it.

    All calls of the block share its units, those of tasks and of threads that run in a copy of the
    context included, until it ends. In nested blocks each holds. The wait is no part of the time of
    a call, but of a `deadline` block: a call whose turn comes later than its end raises `Timeout`
    at once and is not sent.

    Args:
        units: Capacity units a second, more than 0.

    Yields:
        What the calls have consumed and waited so far.

    Raises:
        ValueError: `units` is no number, or not above 0.
    """
    given: Any = units  # the text of a variable is no number
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not (is_number and 0 < given < math.inf):
        raise ValueError(f"pace takes capacity units a second, more than 0, not {units!r}")
    kept = Pace(units)
    with opened(Pacing(kept), pacing):
        yield kept


class Turn:
    """The turn of a call in all blocks around it; `seconds` until it comes."""

    def __init__(self, operation: Operation[Any]) -> None:
        self._operation = operation
        self._kind = UsageKey(operation.table, operation.name)
        # A probe has no time to wait, and operations on tables are not charged.
        is_paced = operation.name in CHARGED and operation.deadline is None
        paces = [block.pace for block in open_blocks(pacing)] if is_paced else []
        taken = [(kept, *kept.take(self._kind)) for kept in paces]
        self._units = [(kept, units) for kept, _, units in taken]
        self.seconds = max([seconds for _, seconds, _ in taken], default=0.0)

    @property
    def is_late(self) -> bool:
        """Whether it comes after the end of a `deadline` block around the call."""
        return self.seconds > 0 and steady.monotonic() + self.seconds >= deadline_ends()

    def refusal(self) -> DynrepoError:
        """The error of a call whose turn is late."""
        late = DeadlineExceeded(remedy="its turn in a pace block comes after the deadline")
        return Failure.from_exception(late).verdict(self._operation, 0)

    def waited(self) -> None:
        """Counts the wait, now that it is over."""
        for kept, _ in self._units:
            kept.note(self.seconds)

    def give_back(self) -> None:
        """Leaves the turn to others: the call is not made."""
        for kept, units in self._units:
            kept.give_back(units)

    def settle(self, call: Call) -> None:
        """Counts what the call has consumed."""
        if self._units:
            consumed = consumption(call)
            for kept, units in self._units:
                kept.settle(self._kind, units, consumed)


def consumption(call: Call) -> float:
    """What a call has consumed; where its answer does not tell, a unit for each row or item."""
    told = call.capacity
    if told is not None:
        return told
    rows: int = 0 if call.answer is None else call.answer.body.get("ScannedCount", 0)
    return float(max(1, rows, call.batch_size or 0))
