"""What waits in threads: for so long, for all of several calls, for several sources at once."""

from __future__ import annotations

import contextvars
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.blocking.waits import SCANNING, merged, sleep, together
from dynrepo.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable


def each(things: Iterable[Any]) -> Generator[Any]:
    """A source of things."""
    yield from things


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
    """Calls together run one after the other; what cannot be done in one is unavailable."""
    assert together([lambda: "a", lambda: "b"]) == ["a", "b"]
    with pytest.raises(Unavailable, match="no thread") as raised:
        list(merged([each("abc"), each("abc")]))
    assert (raised.value.code, raised.value.retryable) == ("NoThread", True)


def test_everything_comes() -> None:
    """From sources of different lengths, of none too."""
    assert sorted(merged([each(range(5)), each([]), each(range(5, 50))])) == [*range(50)]
    assert list(merged([])) == []
    assert list(merged([each("abc")])) == ["a", "b", "c"]


def test_an_error_is_raised_where_the_things_are_taken() -> None:
    """And ends it all."""

    def failing() -> Generator[int]:
        yield 1
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        list(merged([failing(), each(range(1000))]))
    _all_ended()


def test_sources_are_not_read_further_than_wanted() -> None:
    """One thing waits for each, and one is in its hand."""
    taken = [0, 0]

    def counting(number: int) -> Generator[int]:
        while True:
            taken[number] += 1
            yield number

    things = merged([counting(0), counting(1)])
    for _ in range(5):
        next(things)
    things.close()
    _all_ended()
    assert sum(taken) <= 5 + 2 + 2


def test_a_source_runs_in_the_context_of_the_caller() -> None:
    """So that spans find their parents."""
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("here")

    def reading() -> Generator[str]:
        yield variable.get()

    assert list(merged([reading(), reading()])) == ["here", "here"]


def _all_ended() -> None:
    for thread in threading.enumerate():
        if thread.name == SCANNING:
            thread.join(30)
            assert not thread.is_alive()
