"""The time: now, and that by which a block must be done; the chance that spreads retries."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from random import SystemRandom
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

current_end: ContextVar[float | None] = ContextVar("dynrepo_deadline", default=None)
"""When the innermost block of `deadline` ends, on the clock of `time.monotonic`; None in none."""


_of_one_call: ContextVar[float | None] = ContextVar("dynrepo_one_call", default=None)
"""The seconds of the block of `one_call`, where no block of `deadline` is around it."""


@contextmanager
def deadline(seconds: float) -> Generator[None]:
    """Bounds everything that the block asks of any store, together, to so many seconds.

    ::

        with deadline(0.5):
            user = users.require(key)
            orders.save(order)

    A call that is not answered by then raises `Timeout`, or `OutcomeUnknown` when it is a write
    that may have been applied. An inner block can only shorten the time of an outer one.
    """
    end = time.monotonic() + seconds
    outer = current_end.get()
    with _ending_at(end if outer is None else min(end, outer), None):
        yield


@contextmanager
def one_call(seconds: float) -> Generator[None]:
    """Bounds the requests of a block together as one call is that may take so many seconds."""
    own = seconds if current_end.get() is None else _of_one_call.get()
    with _ending_at(ends_at(seconds), own):
        yield


@contextmanager
def _ending_at(end: float, of_one_call: float | None) -> Generator[None]:
    tokens = current_end.set(end), _of_one_call.set(of_one_call)
    try:
        yield
    finally:
        current_end.reset(tokens[0])
        _of_one_call.reset(tokens[1])


def ends_at(seconds: float) -> float:
    """When a call ends that may take so many seconds, on the clock of `time.monotonic`.

    Inside a `deadline` block the block's end counts, be it earlier or later.
    """
    end = current_end.get()
    return time.monotonic() + seconds if end is None else end


def prepared_by(seconds: float) -> float:
    """When a call must have been prepared for, which may take so many seconds, as `ends_at` tells.

    The time of a call begins after that. A block of `deadline` has begun.
    """
    if _of_one_call.get() is not None:
        return time.monotonic() + seconds
    return ends_at(seconds)


def begin_call() -> None:
    """Begins the time of the block of `one_call` anew, now that it is prepared for."""
    seconds = _of_one_call.get()
    if seconds is not None:
        current_end.set(time.monotonic() + seconds)


def utc_now() -> datetime:
    """The time, by the clock of this machine."""
    return datetime.now(UTC)


# The global generator of `random` belongs to the application: what it seeds must give the same
# numbers with dynrepo as without, and processes that all seed alike must not all wait alike before
# they send again.
draw = SystemRandom().random
"""A number from 0 up to, and without, 1; safe in threads and after a fork."""
