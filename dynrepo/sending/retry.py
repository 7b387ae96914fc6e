"""When a request is sent again, and how long to wait before.

Sending again is right where it can help and can do no harm: the failure passes, and the request
surely was not applied, or applying it twice is as good as once. A budget that all calls of a store
share keeps an outage from multiplying the load.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from dynrepo.clock import draw
from dynrepo.errors import Throttled
from dynrepo.operations.operation import Effect, Operation

if TYPE_CHECKING:
    from dynrepo.sending.failure import Failure

ATTEMPTS = 4
"""Requests that one call may send."""

CAPACITY = 100.0
"""Retries that a store may make in a row while nothing succeeds."""

REFILL = 0.1
"""What a call that succeeds at once gives back: one retry in ten calls is sustained."""

_FIRST_PAUSE = 0.025
_FIRST_PAUSE_THROTTLED = 0.25


class RetryBudget:
    """The retries that the calls of a store may still make, together; safe for threads."""

    def __init__(self, capacity: float = CAPACITY) -> None:
        self._capacity = capacity
        self._left = capacity
        self._lock = RLock()  # a signal handler may call while its thread does
        self.is_touched = False
        """Whether a retry was taken that is not yet given back."""

    @property
    def left(self) -> float:
        """The retries that are left at this moment."""
        return self._left

    def take(self) -> bool:
        """Takes one retry; False when none is left."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            self.is_touched = True
            return True

    def refill(self) -> None:
        """Gives a little back, for a call that succeeded at the first attempt."""
        with self._lock:
            self._left = min(self._capacity, self._left + REFILL)
            self.is_touched = self._left < self._capacity


def may_repeat(operation: Operation[Any], failure: Failure) -> bool:
    """Whether sending an operation again can help and can do no harm."""
    return (
        operation.deadline is None
        and failure.retryable
        and not (failure.in_doubt and operation.effect is Effect.ONCE)
    )


def pause(attempt: int, failure: Failure) -> float:
    """Seconds to wait after an attempt: exponential with full jitter, longer when throttled.

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    first = _FIRST_PAUSE_THROTTLED if failure.kind is Throttled else _FIRST_PAUSE
    return draw() * first * 2.0**attempt
