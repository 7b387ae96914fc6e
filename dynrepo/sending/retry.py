"""When a request is sent again, and how long to wait before.

Sending again is right where it can help and can do no harm: the failure passes, and the request
surely was not applied, or applying it twice is as good as once. A budget that all calls of a store
share keeps an outage from multiplying the load.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from dynrepo.clock import draw
from dynrepo.errors import DynrepoError, Throttled
from dynrepo.operations.operation import Answer, Effect, Operation, Refusal, Settlement
from dynrepo.sending.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec import Item

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
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Takes one retry; False when none is left."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def refill(self, attempts: int) -> None:
        """Gives a little back, for a call that succeeded at the first attempt."""
        if attempts == 1 and self._left < self._capacity:
            with self._lock:
                self._left = min(self._capacity, self._left + REFILL)


class Sender:
    """Sends operations until they are answered or their time is up; safe for threads.

    `attempt(operation, number, ends)` sends once, and raises what stands in its way; it is called
    `attempts` times at most for an operation. Stores share this, so that a fault in memory means
    to the caller what the same fault means on a network.
    """

    def __init__(
        self,
        attempt: Callable[[Operation[Any], int, float], Answer],
        sleep: Callable[[float], None] = time.sleep,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._attempt = attempt
        self._sleep = sleep
        self._attempts = attempts
        self._budget = RetryBudget()

    def send(self, operation: Operation[Any], ends: float) -> Answer:
        """The answer to an operation, or the error that is the verdict on it.

        `ends` is when the call must be answered, on the clock of `time.monotonic`.
        """
        failure: Failure | None = None
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._attempt(operation, attempt, ends)
            except Exception as error:  # noqa: BLE001 - translated in one place
                failure = Failure.from_exception(error, after=failure)
                wait = pause(attempt, failure)
                if not self._may_repeat(operation, failure, attempt, ends - wait):
                    return self._settled(operation, failure, attempt, ends, error)
                self._sleep(wait)
            else:
                self._budget.refill(attempt)
                return answer

    def _may_repeat(
        self, operation: Operation[Any], failure: Failure, attempt: int, latest: float
    ) -> bool:
        return (
            attempt < self._attempts
            and may_repeat(operation, failure)
            and time.monotonic() < latest
            and self._budget.take()
        )

    def _settled(
        self,
        operation: Operation[Any],
        failure: Failure,
        attempts: int,
        ends: float,
        error: Exception,
    ) -> Answer:
        """The answer of a write that, by a look, was applied; else the verdict is raised."""
        settlement = operation.settlement
        if failure.in_doubt and settlement is not None:
            stored, ours = self._look(settlement, ends)
            if ours:
                return Answer(
                    {"Attributes": stored}, request_id=failure.request_id, attempts=attempts
                )
            if ours is False and operation.refusal is not None:
                found = {"Item": stored}
                raise operation.refusal(
                    Refusal(failure.code, failure.request_id, attempts, found, looked=True)
                ) from error
        raise failure.verdict(operation, attempts) from error

    def _look(self, settlement: Settlement, ends: float) -> tuple[Item | None, bool | None]:
        try:
            stored = settlement.look.read(self.send(settlement.look, ends))
        except DynrepoError:
            return None, None
        return stored, settlement.ours(stored)


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
