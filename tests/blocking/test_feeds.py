"""What is read in threads comes as it is asked for, and ends with whoever asks."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.blocking.feeds import SCANNING, flattened, merged
from dynrepo.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable


def each(things: Iterable[Any]) -> Generator[Any]:
    """A source of things."""
    yield from things


def test_several_sources_need_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any they are unavailable; one source needs none."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(Unavailable, match="no thread") as raised:
        list(merged([each("abc"), each("abc")]))
    assert (raised.value.code, raised.value.retryable) == ("NoThread", True)
    assert list(merged([each("abc")])) == ["a", "b", "c"]


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


def test_rows_come_as_far_as_they_are_wanted() -> None:
    """The next answer is asked for when its rows are wanted, and none after the last."""
    answers = each([[1, 2], [], [3, 4], [5]])
    assert list(flattened(answers, iter, 3)) == [1, 2, 3]
    assert list(answers) == []
    assert list(flattened(each([[1], [2]]), iter, None)) == [1, 2]


def test_rows_that_are_left_close_what_they_are_of() -> None:
    """An error among them does so too."""
    left, spoilt = each([[1, 2], [3]]), each([[1], 2, [3]])
    rows: Any = flattened(left, iter, None)
    assert next(rows) == 1
    rows.close()
    with pytest.raises(TypeError):
        list(flattened(spoilt, iter, None))
    assert (list(left), list(spoilt)) == ([], [])


def _all_ended() -> None:
    for thread in threading.enumerate():
        if thread.name == SCANNING:
            thread.join(30)
            assert not thread.is_alive()
