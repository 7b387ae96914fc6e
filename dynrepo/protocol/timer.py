"""The time of many waits, kept by one timer of whoever runs them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from dynrepo.clock import steady

if TYPE_CHECKING:
    from collections.abc import Callable


class Timed(Protocol):
    """A wait that ends at a point of `time.monotonic`, which may be put off while it lasts."""

    due: float

    def expire(self) -> None:
        """Its time is up."""
        ...


class Alarm(Protocol):
    """A call that is still to come, as the `TimerHandle` of a loop."""

    def cancel(self) -> None:
        """Has it not come."""
        ...


class Timer:
    """Tells waits when their time is up.

    `call_later(seconds, callback)` calls a function once after so many seconds. It is called for
    the wait that is due first, not for each: most end long before.
    """

    def __init__(self, call_later: Callable[[float, Callable[[], None]], Alarm]) -> None:
        self._call_later = call_later
        self._waits: set[Timed] = set()
        self._next = math.inf
        self._alarm: Alarm | None = None

    def add(self, wait: Timed) -> None:
        """Watches a wait. Until it is dropped, `due` may become later, but no earlier."""
        self._waits.add(wait)
        if wait.due < self._next:
            self._call_at(wait.due)

    def drop(self, wait: Timed) -> None:
        """Watches a wait no longer."""
        self._waits.discard(wait)

    def _call_at(self, due: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._next = due
        self._alarm = self._call_later(max(0.0, due - steady.monotonic()), self._look)

    def _look(self) -> None:
        """Ends what is due, and looks again when the next one is."""
        now = steady.monotonic()
        for wait in [wait for wait in self._waits if wait.due <= now]:
            self._waits.discard(wait)
            wait.expire()
        self._next, self._alarm = math.inf, None
        if self._waits:
            self._call_at(min(wait.due for wait in self._waits))
