"""Measures how long something took, without the time of others, and lets time pass at once."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.clock import steady

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

CLOCKS: tuple[Any, ...] = (time, steady)
"""Where a loop looks, and where the library does."""

TASKS = Path("/proc/self/task")


def held_up() -> dict[str, float]:
    """The seconds that each thread of this process was ready to run and had no core, on Linux."""
    found: dict[str, float] = {}
    for schedule in TASKS.glob("*/schedstat"):
        with suppress(OSError):  # the thread has ended meanwhile
            found[schedule.parent.name] = int(schedule.read_text().split()[1]) / 1e9
    return found


class Stopwatch:
    """Runs from the moment it is made.

    A test that says *in time* means the library, not the machine: what its threads waited for a
    core is not counted. Elsewhere than on Linux, it is.
    """

    def __init__(self) -> None:
        self._held_up = held_up()
        self._started = steady.monotonic()

    @property
    def seconds(self) -> float:
        """What was taken so far."""
        elapsed = steady.monotonic() - self._started
        # By thread: one that has ended takes nothing from what the others were held up.
        return elapsed - sum(
            max(0.0, seconds - self._held_up.get(thread, 0.0))
            for thread, seconds in held_up().items()
        )


def passes(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """So many seconds pass at once, by the clock that deadlines are told by."""
    monotonic = steady.monotonic
    for told_by in CLOCKS:
        monkeypatch.setattr(told_by, "monotonic", lambda: monotonic() + seconds)


@contextmanager
def standing_until(happened: Callable[[], object]) -> Generator[None]:
    """In the block, the clock that deadlines are told by stands until something has happened.

    So a time limit of a moment strikes behind that, however long the machine took to get there.
    """
    monotonic = steady.monotonic
    stopped = monotonic()
    resumed: list[float] = []

    def now() -> float:
        if not resumed and happened():
            resumed.append(monotonic())
        return stopped + (monotonic() - resumed[0] if resumed else 0.0)

    with pytest.MonkeyPatch.context() as patch:
        for told_by in CLOCKS:
            patch.setattr(told_by, "monotonic", now)
        yield
