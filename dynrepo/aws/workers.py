"""Calls that block, in a bounded number of threads."""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from dynrepo.aws.tasks import Task
from dynrepo.sending.outcomes import NoThread

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")


class Workers:
    """Runs calls in `most` daemon threads at most; the others stand in line, first come first.

    A thread that has no more to do ends. A forked process needs workers of its own.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._busy = 0
        self._line: deque[Task[Any]] = deque()
        self._lock = threading.RLock()  # a signal handler may ask while its thread does

    def task(self, call: Callable[[], R]) -> Task[R]:
        """The run of a call, in a copy of the caller's context; `NoThread` where there is none."""
        task = Task(call, self._name)
        with self._lock:
            if self._busy == self._most:
                self._line.append(task)
                return task
            self._busy += 1
        try:
            Task(partial(self._work, task), self._name, contextvars.Context()).start()
        except NoThread:
            while (waiting := self._next()) is not None:  # for a thread that is not there
                waiting.abandon()
            raise
        return task

    def withdraw(self, task: Task[Any]) -> bool:
        """Takes a call out of the line; whether it stood there, and so will never begin."""
        with self._lock:
            stands_there = task in self._line
            if stands_there:
                self._line.remove(task)
            return stands_there

    def _work(self, task: Task[Any]) -> None:
        following: Task[Any] | None = task
        while following is not None:
            following.run()
            following = self._next()

    def _next(self) -> Task[Any] | None:
        """The call that stands first; None where a thread may end, as none does."""
        with self._lock:
            if self._line:
                return self._line.popleft()
            self._busy -= 1
            return None
