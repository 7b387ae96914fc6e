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
    with _ending_at(end if outer is None else min(end, outer)):
        yield


@contextmanager
def one_call(seconds: float) -> Generator[None]:
    """Bounds the requests of a block together as one call is that may take so many seconds."""
    with _ending_at(ends_at(seconds)):
        yield


@contextmanager
def _ending_at(end: float) -> Generator[None]:
    token = current_end.set(end)
    try:
        yield
    finally:
        current_end.reset(token)


def ends_at(seconds: float) -> float:
    """When a call ends that may take so many seconds, on the clock of `time.monotonic`.

    Inside a `deadline` block the block's end counts, be it earlier or later.
    """
    end = current_end.get()
    return time.monotonic() + seconds if end is None else end


def utc_now() -> datetime:
    """The time, by the clock of this machine."""
    return datetime.now(UTC)


# The global generator of `random` belongs to the application: what it seeds must give the same
# numbers with dynrepo as without, and processes that all seed alike must not all wait alike before
# they send again.
draw = SystemRandom().random
"""A number from 0 up to, and without, 1; safe in threads and after a fork."""
