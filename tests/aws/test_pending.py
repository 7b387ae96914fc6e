"""A call waits for a task until its own time is up, or that of the task, and is told which."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aws import pending
from dynrepo.aws.pending import Pending
from dynrepo.aws.tasks import Task
from dynrepo.sending.outcomes import DeadlineExceeded, NotPrepared
from tests.loopback import soon

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def hanging() -> Iterator[Task[Any]]:
    """A task that ends with the test."""
    gate = threading.Event()
    task = Task(lambda: gate.wait(30), "task")
    task.start()
    yield task
    gate.set()


def test_the_result_is_that_of_the_task() -> None:
    """Whatever the time is when it is asked for."""
    task = Task(lambda: "made", "task")
    waited_for = Pending(task, time.monotonic() - 1, lambda: "late")
    task.run()
    assert waited_for.result() == "made"

    failed: Task[Any] = Task({}.popitem, "task")
    failed.run()
    with pytest.raises(KeyError):
        Pending(failed, soon(), lambda: "late").result()


def test_the_time_of_the_call_is_told_first(hanging: Task[Any]) -> None:
    """Where both are up at once, it is that of the call."""
    ends = time.monotonic() + 5
    for latest in (ends, soon()):
        waited_for = Pending(hanging, ends, lambda: "it took the time", latest=latest)
        assert 0 < waited_for.seconds <= 5
        with pytest.raises(DeadlineExceeded) as raised:
            waited_for.result()
        assert raised.value.remedy == "it took the time"


def test_a_task_has_its_own_time(monkeypatch: pytest.MonkeyPatch, hanging: Task[Any]) -> None:
    """From its start, whoever waits since then; less where the caller says so."""
    for latest in (hanging.started + 2, soon()):
        monkeypatch.setattr(pending, "PATIENCE", 2.0 if latest > soon(3) else 30.0)
        waited_for = Pending(hanging, soon(), lambda: "it took the time", latest=latest)
        assert waited_for.seconds <= 2
        with pytest.raises(NotPrepared) as raised:
            waited_for.result()
        assert raised.value.remedy == "it took the time"
