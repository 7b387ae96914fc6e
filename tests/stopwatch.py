"""Measures how long something took, without the time of others, and lets time pass at once."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

TASKS = Path("/proc/self/task")


def held_up() -> float:
    """The seconds that threads of this process were ready to run and had no core, on Linux."""
    total = 0
    for schedule in TASKS.glob("*/schedstat"):
        with suppress(OSError):  # the thread has ended meanwhile
            total += int(schedule.read_text().split()[1])
    return total / 1e9


class Stopwatch:
    """Runs from the moment it is made.

    A test that says *in time* means the library, not the machine: what its threads waited for a
    core is not counted. Elsewhere than on Linux, it is.
    """

    def __init__(self) -> None:
        self._held_up = held_up()
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """What was taken so far."""
        elapsed = time.monotonic() - self._started
        return elapsed - max(0.0, held_up() - self._held_up)


def passes(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """So many seconds pass at once, by the clock that deadlines are told by."""
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + seconds)
