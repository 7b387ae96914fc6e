"""Several sources read at the same time: all of them, and no longer than wanted."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING

import pytest

from dynrepo.blocking.waits import merged

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_everything_comes() -> None:
    """From sources of different lengths, of none too."""
    assert sorted(merged([iter(range(5)), iter([]), iter(range(5, 50))])) == [*range(50)]
    assert list(merged([])) == []


def test_an_error_is_raised_where_the_things_are_taken() -> None:
    """And ends it all."""

    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        list(merged([failing(), iter(range(1000))]))
    _all_ended()


def test_sources_are_not_read_further_than_wanted() -> None:
    """One thing waits for each, and one is in its hand."""
    taken = [0, 0]

    def counting(number: int) -> Iterator[int]:
        while True:
            taken[number] += 1
            yield number

    things = merged([counting(0), counting(1)])
    for _ in range(5):
        next(things)
    things.close()  # type: ignore[attr-defined]
    _all_ended()
    assert sum(taken) <= 5 + 2 + 2


def test_a_source_runs_in_the_context_of_the_caller() -> None:
    """So that spans find their parents."""
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("here")

    def reading() -> Iterator[str]:
        yield variable.get()

    assert list(merged([reading(), reading()])) == ["here", "here"]


def _all_ended() -> None:
    for thread in threading.enumerate():
        if thread.name == "dynrepo-scan":
            thread.join(5)
            assert not thread.is_alive()
