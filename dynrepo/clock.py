"""The time: now, and that by which a block must be done; the chance that spreads retries."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Any

from dynrepo.blocks import Block, open_blocks, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class SteadyClock:
    """The clocks that waits and durations are told by: seconds, from whatever moment on.

    They go on where a test freezes the time. What freezes it puts functions of its own into `time`
    and into modules, but not in here; half of the threads would see those, and half would not.
    """

    def __init__(self) -> None:
        # Its own attributes are found sooner than what its class has, eight times in a call.
        self.monotonic = time.monotonic
        self.perf_counter = time.perf_counter


steady = SteadyClock()


class End(Block):
    """When a block must be done: `at`, on the clock of `time.monotonic`.

    `seconds` is what one of `one_call` may take, and None for one of `deadline`.
    """

    __slots__ = ("at", "seconds")

    def __init__(self, at: float, seconds: float | None = None) -> None:
        super().__init__()
        self.at = at
        self.seconds = seconds


current_end: ContextVar[End | None] = ContextVar("dynrepo_deadline", default=None)
"""The end of the innermost block, which may be over; None where there is none."""


@contextmanager
def deadline(seconds: float) -> Generator[None]:
    """Bounds everything that the block asks of any store, together, to so many seconds.

    ```python
    with deadline(0.5):
        user = users.require(key)
        orders.save(order)
    ```

    A call that is not answered by then raises `Timeout`, or `OutcomeUnknown` when it is a write
    that may have been applied. An inner block can only shorten the time of an outer one. Tasks and
    threads that run in a copy of the context are bound too, until the block ends.

    Args:
        seconds: From now on; with 0 or less no call is made.

    Yields:
        Nothing, while the block is bound.

    Raises:
        ValueError: It is no number, or NaN.
    """
    given: Any = seconds  # the text of a variable is no number
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or math.isnan(given):
        raise ValueError(f"deadline takes a number of seconds, not {given!r}")
    with opened(End(steady.monotonic() + seconds), current_end):
        yield


@contextmanager
def one_call(seconds: float) -> Generator[None]:
    """Bounds the requests of a block together as one call is that may take so many seconds."""
    with opened(End(steady.monotonic() + seconds, seconds), current_end):
        yield


def ends_at(seconds: float) -> float:
    """When a call ends that may take so many seconds, on the clock of `time.monotonic`.

    Inside a `deadline` block the block's end counts, be it earlier or later.
    """
    ends = open_blocks(current_end)
    if not ends:
        return steady.monotonic() + seconds
    *inner, outermost = ends
    return min([outermost.at, *(end.at for end in inner if end.seconds is None)])


def time_left(seconds: float) -> float:
    """So many seconds, or as many as the `deadline` block around the call leaves of them."""
    if current_end.get() is None:
        return max(0.0, seconds)
    return max(0.0, min(seconds, ends_at(math.inf) - steady.monotonic()))


def prepared_by(seconds: float) -> float:
    """When a call must have been prepared for, which may take so many seconds, as `ends_at` tells.

    The time of a call begins after that. A block of `deadline` has begun.
    """
    return ends_at(seconds) if _call_around() is None else steady.monotonic() + seconds


def begin_call() -> None:
    """Begins the time of the block of `one_call` anew, now that it is prepared for."""
    call = _call_around()
    if call is not None and call.seconds is not None:
        call.at = steady.monotonic() + call.seconds


def deadline_ends() -> float:
    """When the `deadline` block around the call ends; infinity outside of one."""
    return math.inf if _call_around() is not None else ends_at(math.inf)


def prolong_call(seconds: float) -> None:
    """Gives the block of `one_call` more time: it waited for what is no part of a call's time."""
    call = _call_around()
    if call is not None:
        call.at += seconds


def _call_around() -> End | None:
    """The outermost block of `one_call`; None where a block of `deadline` is among the others."""
    ends = open_blocks(current_end)
    of_calls = bool(ends) and all(end.seconds is not None for end in ends)
    return ends[-1] if of_calls else None


def utc_now() -> datetime:
    """The time, by the clock of this machine."""
    return datetime.now(UTC)


def held_to_offsets(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """A clock of the caller's, whose call is a TypeError where it gives a time without an offset.

    `timestamp` would take it for the local time, and items would expire by that.
    """
    if clock is utc_now:
        return clock

    def now() -> datetime:
        moment: Any = clock()
        if not isinstance(moment, datetime) or moment.utcoffset() is None:
            naive = " without a time zone" if isinstance(moment, datetime) else ""
            found = f"{type(moment).__name__}{naive}"
            raise TypeError(f"clock gives aware datetimes, as datetime.now(UTC), not a {found}")
        return moment

    return now


def seconds_since_1970() -> float:
    """The same in seconds; as any clock of the application, a test may freeze it."""
    return time.time()


# The global generator of `random` belongs to the application: what it seeds must give the same
# numbers with dynrepo as without, and processes that all seed alike must not all wait alike before
# they send again.
draw = SystemRandom().random
"""A number from 0 up to, and without, 1; safe in threads and after a fork."""
