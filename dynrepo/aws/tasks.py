"""Calls in threads of their own, for which any number of callers wait, each as long as it likes.

What takes a lock here holds it for a few assignments, and one that its own thread may take again:
a signal handler can wait, too. A forked child has none of its parent's threads, and starts anew.
"""

from __future__ import annotations

import contextvars
import os
import sys
import threading
import weakref
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from dynrepo.clock import steady
from dynrepo.errors import Timeout
from dynrepo.opaque import Sealed
from dynrepo.sending.outcomes import NoThread

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")

GIVEN_UP = 60.0
"""Seconds after which a shared call that still runs is not waited for by those who come later."""

_MOST_RUNS = 4
"""Threads at most that one shared call may keep while none of them ends."""


class Task(Generic[R]):
    """A call that runs in a daemon thread, in a copy of the context that it was made in.

    Another `context` may be given. `started` is when it was made, on the clock of `time.monotonic`.
    """

    def __init__(
        self, call: Callable[[], R], name: str, context: contextvars.Context | None = None
    ) -> None:
        self.started = steady.monotonic()
        self.is_done = False
        self._call = call
        self._name = name
        self._context = contextvars.copy_context() if context is None else context
        self._results: list[Sealed] = []  # of credentials, for one
        self._error: BaseException | None = None
        self._callbacks: deque[Callable[[], object]] = deque()
        self._thread: int | None = None

    def start(self) -> None:
        """Starts the thread. `NoThread`, which is the outcome then, where none can be started."""
        try:
            if sys.is_finalizing():  # Python 3.11 would start one, which never runs
                raise RuntimeError("the interpreter is shutting down")  # noqa: TRY301 - as later ones
            threading.Thread(target=self.run, name=self._name, daemon=True).start()
        except (RuntimeError, MemoryError) as error:
            raise self.abandon() from error

    def abandon(self) -> NoThread:
        """Ends it where it has not begun, and returns its outcome."""
        error = self._error = NoThread()
        self._end()
        return error

    def run(self) -> None:
        """Makes the call in this thread."""
        self._thread = threading.get_ident()
        self._error = None
        try:
            self._results.append(Sealed(self._context.run(self._call)))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._error = error
        self._end()

    def when_done(self, callback: Callable[[], object]) -> None:
        """Has a function called at the end: from the thread of the call, or now if it has ended."""
        self._callbacks.append(callback)
        if self.is_done:  # looked at after the append, so that no end can slip between
            self._call_back()

    def withdraw(self, callback: Callable[[], object]) -> None:
        """Takes back what `when_done` was given, if it was not called yet."""
        with suppress(ValueError):
            self._callbacks.remove(callback)

    @property
    def cannot_end(self) -> bool:
        """Whether it would wait for this very thread, or its thread has stopped for ever."""
        return self._thread == threading.get_ident() or sys.is_finalizing()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the end of the call, for so many seconds at most; whether it has come."""
        if self.is_done or self.cannot_end:
            return self.is_done
        # Of its own, and no event: a signal handler that waits finds no lock of its thread's.
        ended = threading.Lock()
        ended.acquire()
        self.when_done(ended.release)
        ended.acquire(timeout=-1 if seconds is None else _possible(seconds))
        if not self.is_done:
            self.withdraw(ended.release)
        return self.is_done

    def outcome(self, seconds: float | None = None) -> R:
        """What the call returned, or raised; `Timeout` where it has done neither by then."""
        self.wait(seconds)
        if self._results:
            return cast("R", self._results[0].cell_contents)
        if self._error is not None:
            raise self._error
        raise Timeout("no answer in time", code="Timeout", retryable=True)

    def _end(self) -> None:
        self.is_done = True
        self._call_back()

    def _call_back(self) -> None:
        while self._callbacks:
            try:
                callback = self._callbacks.popleft()
            except IndexError:  # another thread took it
                return
            callback()


class SharedCall(Generic[R]):
    """A call that runs once at a time for all who want what it returns, in the context of nobody.

    A run that hangs keeps its thread. After `GIVEN_UP` seconds the next one who asks starts another
    one, until there are four.
    """

    def __init__(self, call: Callable[[], R], name: str) -> None:
        self._call = call
        self._name = name
        self._runs: list[Task[R]] = []
        self.forget()
        _shared.add(self)

    @property
    def running(self) -> Task[R] | None:
        """The latest run, while it has not ended."""
        runs = self._runs
        return runs[-1] if runs and not runs[-1].is_done else None

    @property
    def hangs(self) -> bool:
        """Whether more than one run is under way: all but the latest were given up."""
        return sum(not run.is_done for run in self._runs) > 1

    def task(self) -> Task[R]:
        """The run that is under way, or a new one; `NoThread` where it cannot be started."""
        task: Task[R] | None = None
        try:
            with self._lock:
                runs = self._runs = [run for run in self._runs if not run.is_done]
                if runs and (len(runs) == _MOST_RUNS or not _is_old(runs[-1])):
                    return runs[-1]
                task = Task(self._call, self._name, contextvars.Context())
                runs.append(task)
            task.start()
        except BaseException:
            # A signal may strike before the thread is there: nobody is to wait for it.
            if task is not None:
                task.abandon()
            raise
        return task

    def settle(self, seconds: float) -> None:
        """Waits for the run that is under way, until it has run for so many seconds."""
        task = self.running
        if task is not None:
            task.wait(task.started + seconds - steady.monotonic())

    def forget(self) -> None:
        """Starts anew in a forked process, where no thread runs but the one that forked."""
        self._lock = threading.RLock()  # a signal handler may ask while its thread does
        self._runs = []


def _is_old(task: Task[Any]) -> bool:
    return steady.monotonic() - task.started > GIVEN_UP


def _possible(seconds: float) -> float:
    return max(0.0, min(seconds, threading.TIMEOUT_MAX))


_shared: weakref.WeakSet[SharedCall[Any]] = weakref.WeakSet()


def _forget_all() -> None:
    for call in list(_shared):
        call.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forget_all)
