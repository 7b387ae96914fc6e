"""A caller of blocking code that can be stopped wherever it waits: the driver of the blocking face.

Each task is a greenlet: the code runs as it is, and where it would wait it goes back to the
scheduler, which resumes it when its time has come.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.operations.operation import Operation
    from tests.simulator.history import Call
    from tests.simulator.scheduler import Scheduler


class Task(greenlet):
    """One caller; it begins when it is first resumed.

    `call` is what it is at, and `operation` the request of that which is sent next.
    """

    call: Call
    operation: Operation[Any]

    def __init__(self, scheduler: Scheduler, body: Callable[[], None]) -> None:
        super().__init__(body)
        self._scheduler = scheduler
        self._turn = 0
        scheduler.at(scheduler.now, partial(self._resume, 0))

    def wait(self, seconds: float) -> None:
        """Lets others go on; called within this task."""
        assert self.parent is not None
        self._turn += 1
        self._scheduler.at(self._scheduler.now + seconds, partial(self._resume, self._turn))
        self.parent.switch()

    def wake(self, when: float) -> None:
        """Ends at a time what the task waits for now, if that lasts so long."""
        self._scheduler.at(when, partial(self._resume, self._turn))

    def interrupt(self, error: BaseException) -> None:
        """Raises an error where the task waits."""
        if not self.dead:
            self._turn += 1
            self.throw(error)

    def _resume(self, turn: int) -> None:
        if turn == self._turn and not self.dead:  # else it was interrupted meanwhile
            self.switch()


def current() -> Task:
    """The task that runs."""
    task = getcurrent()
    assert isinstance(task, Task)
    return task
