"""Calls that block have so many threads, and stand in line for them."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aws.workers import Workers
from dynrepo.sending.outcomes import NoThread
from tests.loopback import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What the calls of a test wait for; open at its end."""
    event = threading.Event()
    yield event
    event.set()


def alive(name: str) -> int:
    """How many threads have a name."""
    return sum(thread.name == name for thread in threading.enumerate())


def noting(begun: list[int], number: int, gate: threading.Event) -> Callable[[], int]:
    """A call that notes its beginning, waits, and returns its number."""

    def call() -> int:
        begun.append(number)
        gate.wait(30)
        return number

    return call


def test_so_many_run_at_a_time_and_the_others_in_their_order(gate: threading.Event) -> None:
    """Each is answered, and no thread is left at the end."""
    begun: list[int] = []
    workers = Workers(2, "two-workers")
    tasks = [workers.task(noting(begun, number, gate)) for number in range(6)]
    wait_until(lambda: len(begun) == 2)
    assert alive("two-workers") == 2
    gate.set()
    assert [task.outcome(30) for task in tasks] == [0, 1, 2, 3, 4, 5]
    assert set(begun[:2]) == {0, 1}
    wait_until(lambda: alive("two-workers") == 0)


def test_who_stands_in_line_may_leave_it(gate: threading.Event) -> None:
    """Their call never begins; one that has begun goes on."""
    begun: list[int] = []
    workers = Workers(1, "worker")
    first, second, third = (workers.task(noting(begun, number, gate)) for number in range(3))
    wait_until(lambda: begun == [0])
    assert (workers.withdraw(first), workers.withdraw(second)) == (False, True)
    assert not workers.withdraw(second)
    gate.set()
    assert (first.outcome(30), third.outcome(30), begun) == (0, 2, [0, 2])
    assert not second.is_done
    assert not workers.withdraw(third)


def test_a_call_that_fails_makes_room_too() -> None:
    """Its error is its own."""
    workers = Workers(1, "worker")
    failed: Any = workers.task({}.popitem)
    with pytest.raises(KeyError):
        failed.outcome(30)
    assert workers.task(lambda: "done").outcome(30) == "done"


def test_each_runs_in_the_context_of_its_caller(gate: threading.Event) -> None:
    """In a thread that ran another one before, too."""
    mine: contextvars.ContextVar[str] = contextvars.ContextVar("mine", default="nobody's")
    workers = Workers(1, "worker")
    first = workers.task(lambda: gate.wait(30) and mine.get())
    mine.set("mine")
    second = workers.task(mine.get)
    gate.set()
    assert (first.outcome(30), second.outcome(30)) == ("nobody's", "mine")


def test_without_a_thread_nobody_is_left_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither who asked, nor who came meanwhile; and it is tried again for the next."""
    workers = Workers(1, "worker")
    came: list[Any] = []

    def refuse(_: threading.Thread) -> None:
        came.append(workers.task(lambda: "never"))
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(NoThread):
        workers.task(lambda: "never")
    with pytest.raises(NoThread):
        came[0].outcome(0)
    monkeypatch.undo()
    assert workers.task(lambda: "done").outcome(30) == "done"
