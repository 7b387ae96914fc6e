"""A call in a thread is waited for by any number of callers, for no longer than they want."""

from __future__ import annotations

import contextvars
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aws import tasks
from dynrepo.aws.tasks import SharedCall, Task
from dynrepo.errors import Timeout
from dynrepo.sending.outcomes import NoThread
from tests.strikes import struck

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What the calls of a test wait for; open at its end."""
    event = threading.Event()
    yield event
    event.set()


def started(call: Any) -> Task[Any]:
    """The run of a call, in a thread."""
    task = Task(call, "task")
    task.start()
    return task


def no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the system refuse threads."""

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


def test_the_outcome_is_that_of_the_call() -> None:
    """What it returned, or what it raised, to all who wait, whenever they come."""
    task = started(lambda: "made")
    assert [task.outcome(10), task.outcome(), task.wait(0)] == ["made", "made", True]

    def fail() -> None:
        raise KeyError("no")

    failed = started(fail)
    for _ in range(2):
        with pytest.raises(KeyError):
            failed.outcome(10)


def test_who_waits_is_back_in_time(gate: threading.Event) -> None:
    """The call goes on without them, and leaves nothing of those who did not stay."""
    task = started(lambda: gate.wait(30))
    assert not task.wait(0.01)
    assert not task.wait(-1)
    with pytest.raises(Timeout):
        task.outcome(0.01)
    assert not task._callbacks
    gate.set()
    assert task.outcome(10) is True


def test_the_end_is_told(gate: threading.Event) -> None:
    """To those who asked before, from the thread of the call; at once to those who ask later."""
    told: list[str] = []
    task = started(lambda: gate.wait(30))
    task.when_done(lambda: told.append(threading.current_thread().name))
    assert told == []
    gate.set()
    assert task.wait(10)
    task.when_done(lambda: told.append("later"))
    assert sorted(told) == ["later", "task"]


def test_what_is_told_may_be_withdrawn(gate: threading.Event) -> None:
    """Before the end; after it, there is nothing to take back."""
    told: list[str] = []

    def tell() -> None:
        told.append("here")

    task = started(lambda: gate.wait(30))
    task.when_done(tell)
    task.withdraw(tell)
    gate.set()
    assert task.wait(10)
    task.withdraw(tell)
    assert told == []


def test_what_runs_is_settled(gate: threading.Event) -> None:
    """It is waited for as long as it may run in all; where nothing runs, not at all."""
    shared = SharedCall(lambda: gate.wait(30), "shared")
    shared.settle(30)
    task = shared.task()
    shared.settle(0)
    assert not task.is_done
    gate.set()
    shared.settle(30)
    assert task.is_done


def test_without_a_thread_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts it hears of it, and whoever waits."""
    no_thread(monkeypatch)
    task = Task(lambda: "made", "task")
    with pytest.raises(NoThread):
        task.start()
    with pytest.raises(NoThread):
        task.outcome(10)
    shared = SharedCall(lambda: "made", "shared")
    with pytest.raises(NoThread):
        shared.task()
    monkeypatch.undo()
    assert shared.task().outcome(10) == "made"


def test_the_end_of_the_interpreter_is_no_time_for_threads(
    monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> None:
    """One that was started then would never run, and those that run have stopped."""
    task = started(lambda: gate.wait(30))
    monkeypatch.setattr(sys, "is_finalizing", lambda: True)
    assert not task.wait()
    with pytest.raises(NoThread):
        started(lambda: "made")


def test_one_run_serves_all(gate: threading.Event) -> None:
    """Those who come while it runs get what it returns; those who come later get another one."""
    runs: list[int] = []

    def call() -> int:
        runs.append(len(runs))
        gate.wait(30)
        return runs[-1]

    shared = SharedCall(call, "shared")
    assert shared.running is None
    found: list[int] = []
    callers = [
        threading.Thread(target=lambda: found.append(shared.task().outcome())) for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    assert shared.running is shared.task()
    gate.set()
    for caller in callers:
        caller.join(10)
    assert (found, runs) == ([0] * 8, [0])
    assert shared.running is None
    assert shared.task().outcome(10) == 1


def test_one_run_for_all_is_in_the_context_of_nobody() -> None:
    """Neither the deadline nor the span of who came first is that of the others."""
    mine: contextvars.ContextVar[str] = contextvars.ContextVar("mine", default="nobody's")
    mine.set("mine")
    assert SharedCall(mine.get, "shared").task().outcome(10) == "nobody's"
    assert started(mine.get).outcome(10) == "mine"


def test_a_run_that_hangs_is_given_up(
    monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> None:
    """After a while another one is tried, and a bounded number of threads is left."""
    shared = SharedCall(lambda: gate.wait(30), "hanging")
    assert shared.task() is shared.task()
    monkeypatch.setattr(tasks, "GIVEN_UP", -1.0)
    assert len({id(shared.task()) for _ in range(10)}) == 3
    assert sum(thread.name == "hanging" for thread in threading.enumerate()) == 4


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such signals here")
def test_a_signal_handler_may_wait_for_what_its_thread_waits_for(gate: threading.Event) -> None:
    """And it comes to both."""
    shared = SharedCall(lambda: gate.wait(30), "shared")
    found: list[Any] = []

    def handle(*_: Any) -> None:
        threading.Timer(0.05, gate.set).start()
        found.append(shared.task().outcome(20))

    before = signal.signal(signal.SIGALRM, handle)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        found.append(shared.task().outcome(20))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert found == [True, True]


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no such signals here")
def test_whoever_asks_after_a_start_that_was_broken_off_is_answered() -> None:
    """At whatever moment a time limit struck: nobody waits for a thread that was not started."""

    def strike(*_: Any) -> None:
        raise KeyboardInterrupt

    shared = SharedCall(lambda: 1, "shared")
    before = signal.signal(signal.SIGALRM, strike)
    unanswered: list[int] = []
    moment, done = 0, False
    try:
        while not done:
            moment += 1
            try:
                done = not struck(shared.task, moment)
            except KeyboardInterrupt:
                if not shared.task().wait(5):
                    unanswered.append(moment)
                    shared.forget()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert moment > 5
    assert unanswered == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_has_runs_of_its_own(gate: threading.Event) -> None:
    """The thread that its parent waits for is not there."""

    def call() -> int:
        if os.getpid() == parent:
            gate.wait(30)
        return os.getpid()

    parent = os.getpid()
    shared = SharedCall(call, "shared")
    waited_for = shared.task()

    child = os.fork()
    if child == 0:
        os._exit(0 if shared.task().outcome(20) == os.getpid() else 1)
    assert os.waitpid(child, 0)[1] == 0
    gate.set()
    assert waited_for.outcome(20) == parent


def test_a_run_knows_when_it_was_started() -> None:
    """By the clock that deadlines are told by."""
    before = time.monotonic()
    assert before <= Task(lambda: None, "task").started <= time.monotonic()
