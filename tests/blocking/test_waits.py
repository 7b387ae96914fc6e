"""What waits in threads: for so long, and for all of several calls."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

import pytest

from dynrepo.blocking.waits import applied, check_change, sleep, together


def test_sleeping_takes_the_time_it_is_given() -> None:
    """By the clock that deadlines are told by."""
    started = time.monotonic()
    sleep(0.02)
    assert time.monotonic() - started >= 0.02


async def awaited(value: Any) -> Any:
    """What is to be awaited."""
    return value


def test_a_function_is_applied() -> None:
    """What it returns is returned."""
    check_change(str)
    assert applied(str, 5) == "5"


@pytest.mark.parametrize("function", [awaited, partial(awaited)], ids=["function", "partial"])
def test_a_function_that_is_to_be_awaited_is_refused(function: Any) -> None:
    """The error names the cure, and no coroutine is left behind."""
    with pytest.raises(TypeError, match=r"change returned a coroutine: .* give it a plain def"):
        applied(function, 5)


def test_what_cannot_be_called_is_refused_at_once() -> None:
    """And a function of coroutines, before anything is sent."""
    with pytest.raises(TypeError, match=r"change is a function that .*, not int$"):
        check_change(5)
    with pytest.raises(TypeError, match=r"change is a function .* give it a plain def"):
        check_change(awaited)


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
