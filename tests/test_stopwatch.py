"""What a stopwatch counts."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from tests import stopwatch
from tests.stopwatch import Stopwatch, held_up, passes


def test_what_is_waited_for_counts() -> None:
    """A sleep, to which nobody was pushed."""
    watch = Stopwatch()
    time.sleep(0.05)
    assert watch.seconds > 0.04


def test_time_without_a_core_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system says that threads were ready for, and did not get."""
    delays = iter([{"1": 10.0, "2": 70.0}, {"1": 10.01, "3": 0.02}])  # one ends, one begins
    monkeypatch.setattr(stopwatch, "held_up", lambda: next(delays))
    watch = Stopwatch()
    started = time.monotonic()
    time.sleep(0.05)
    assert watch.seconds < time.monotonic() - started - 0.02


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_the_system_tells_how_long_threads_had_no_core() -> None:
    """It grows where two want the same moment, and never shrinks while they live."""
    before = held_up()
    stop = threading.Event()
    threads = [threading.Thread(target=stop.wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert all(seconds >= before.get(thread, 0.0) for thread, seconds in held_up().items())
    stop.set()
    for thread in threads:
        thread.join()


def test_time_passes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock that deadlines are told by."""
    started = time.monotonic()
    for _ in range(2):
        passes(monkeypatch, 3600)
    assert time.monotonic() - started >= 7200
