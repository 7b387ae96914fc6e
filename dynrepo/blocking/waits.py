"""What waits in threads: for a while, for calls, for a call in another thread."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from dynrepo.aws.tasks import SharedCall, Task
from dynrepo.callbacks import check_called, not_awaited
from dynrepo.operations.operation import exhausted
from dynrepo.sending.outcomes import NoThread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.operations.operation import Steps

__all__ = [
    "AT_ONCE",
    "ChangeOf",
    "Condition",
    "SharedCall",
    "Task",
    "applied",
    "check_change",
    "current_caller",
    "ended",
    "instruments_made",
    "sleep",
    "stepped",
    "together",
]

AT_ONCE = math.inf
"""Bytes of an answer that are read at once."""

R = TypeVar("R")

ChangeOf: TypeAlias = Callable[[R], R]
"""A function that returns a changed instance."""


def sleep(seconds: float) -> None:
    """Waits for so many seconds."""
    time.sleep(seconds)


def current_caller() -> int:
    """A number for who calls: of the thread that runs."""
    return threading.get_ident()


def ended(task: Task[Any], seconds: float | None = None) -> bool:
    """Waits for the end of a call, for so many seconds at most; whether it has come."""
    return task.wait(seconds)


def instruments_made(_defaults: object, _seconds: float) -> None:
    """Waits for nothing: the default instruments are made where they are used."""


def check_change(change: Any) -> None:
    """TypeError for what is no function, or one that is to be awaited."""
    check_called("change", change, "a function that returns the changed item")


def applied(function: Callable[[Any], Any], value: Any) -> Any:
    """What a function of the caller's makes of a value; TypeError where that is to be awaited."""
    return not_awaited("change", function(value))


def stepped(steps: Steps[R]) -> R:
    """What the reading of an answer ends with."""
    return exhausted(steps)


def together(calls: Iterable[Callable[[], R]]) -> list[R]:
    """What calls return that run at the same time, in their order; the first error is raised.

    Each runs in a thread of its own, in a copy of the caller's context, and all are waited for.
    Those for which no thread can be started run here, one after the other.
    """
    calls = list(calls)
    if len(calls) == 1:
        return [calls[0]()]
    tasks = [Task(call, "dynrepo-together") for call in calls]
    for task in tasks:
        try:
            task.start()
        except NoThread:
            task.run()
    for task in tasks:
        task.wait()
    return [task.outcome() for task in tasks]


class Condition:
    """Waits until something holds, which others change and notify of."""

    def __init__(self) -> None:
        self._condition = threading.Condition()

    def wait_for(self, holds: Callable[[], bool]) -> None:
        """Returns when it holds."""
        with self._condition:
            self._condition.wait_for(holds)

    def notify_all(self) -> None:
        """Has all who wait look again."""
        with self._condition:
            self._condition.notify_all()
