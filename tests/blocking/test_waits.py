"""What waits in threads: for so long, and for all of several calls."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from dynrepo.blocking.waits import sleep, together


def test_sleeping_takes_the_time_it_is_given() -> None:
    """By the clock that deadlines are told by."""
    started = time.monotonic()
    sleep(0.02)
    assert time.monotonic() - started >= 0.02


def test_calls_together_are_all_waited_for() -> None:
    """Their results come in their order; the first error is raised, after all have ended."""
    ended: list[int] = []
    started = threading.Barrier(3, timeout=10)

    def call(number: int) -> int:
        started.wait()
        ended.append(number)
        if number > 0:
            raise ValueError(number)
        return number

    with pytest.raises(ValueError, match="1"):
        together([partial(call, number) for number in range(3)])
    assert sorted(ended) == [0, 1, 2]
    assert together([]) == []
    assert together([lambda: "a", lambda: "b"]) == ["a", "b"]


@pytest.fixture
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.mark.usefixtures("_no_threads")
def test_without_threads() -> None:
    """Calls together run one after the other."""
    assert together([lambda: "a", lambda: "b"]) == ["a", "b"]
