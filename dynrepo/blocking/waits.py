"""What waits in threads: for a while, for calls, for rows, for a call in another thread."""

from __future__ import annotations

import math
import queue
import threading
import time
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dynrepo.aws.tasks import SharedCall, Task
from dynrepo.errors import Unavailable
from dynrepo.operations.operation import exhausted
from dynrepo.sending.outcomes import NoThread

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from dynrepo.operations.operation import Steps

__all__ = [
    "AT_ONCE",
    "Condition",
    "Feed",
    "SharedCall",
    "Task",
    "current_caller",
    "ended",
    "flattened",
    "merged",
    "sleep",
    "stepped",
    "together",
]

AT_ONCE = math.inf
"""Bytes of an answer that are read at once."""

R = TypeVar("R")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

SCANNING = "dynrepo-scan"
"""The name of the threads that read the segments of a table."""


class Feed(Protocol[T_co]):
    """What is asked for one thing after the other, and may be closed before the last."""

    def __iter__(self) -> Iterator[T_co]: ...

    def __next__(self) -> T_co:
        """The next thing."""
        ...

    def close(self) -> None:
        """Asks for nothing more."""
        ...


def sleep(seconds: float) -> None:
    """Waits for so many seconds."""
    time.sleep(seconds)


def current_caller() -> int:
    """A number for who calls: of the thread that runs."""
    return threading.get_ident()


def ended(task: Task[Any], seconds: float | None = None) -> bool:
    """Waits for the end of a call, for so many seconds at most; whether it has come."""
    return task.wait(seconds)


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
    """Waits until something holds, which others change and tell of."""

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


@contextmanager
def _threads_needed() -> Generator[None]:
    """The block fails as `Unavailable` where it can start no thread."""
    try:
        yield
    except NoThread as error:
        raise Unavailable(error.remedy, code=error.code, retryable=True) from error


def merged(sources: Sequence[Feed[T]]) -> Feed[T]:
    """What the sources give, in the order of arrival; the first error is raised.

    One source is read where it is asked for. Of several, each runs in a thread of its own, in a
    copy of the caller's context; at most one thing per source waits to be taken. When the caller
    stops early, each source stops after the thing it is at.
    """
    return sources[0] if len(sources) == 1 else _merged(sources)


_END = object()


def _merged(sources: Sequence[Iterator[T] | Feed[T]]) -> Generator[T]:
    waiting: queue.Queue[Any] = queue.Queue(maxsize=len(sources))
    stopped = threading.Event()
    tasks = [Task(partial(_feed, source, waiting, stopped), SCANNING) for source in sources]
    try:
        with _threads_needed():
            for task in tasks:
                task.start()
        running = len(tasks)
        while running:
            thing = waiting.get()
            if thing is _END:
                running -= 1
            elif isinstance(thing, _Failed):
                raise thing.error
            else:
                yield thing
    finally:
        stopped.set()
        _drain(waiting)


def _drain(waiting: queue.Queue[Any]) -> None:
    """Makes room: each source has one thing in hand at most, and there is a place for each."""
    with suppress(queue.Empty):
        while True:
            waiting.get_nowait()


class _Failed:
    """The error that ended a source."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _feed(source: Iterable[Any], waiting: queue.Queue[Any], stopped: threading.Event) -> None:
    try:
        for thing in source:
            if not _offer(thing, waiting, stopped):
                return
    except BaseException as error:  # noqa: BLE001 - raised where the things are taken
        _offer(_Failed(error), waiting, stopped)
    else:
        _offer(_END, waiting, stopped)


def _offer(thing: Any, waiting: queue.Queue[Any], stopped: threading.Event) -> bool:
    """Hands a thing over, unless no more are wanted."""
    if not stopped.is_set():
        waiting.put(thing)
    return not stopped.is_set()


def flattened(
    answers: Feed[R], rows_of: Callable[[R], Iterable[T]], limit: int | None
) -> Iterator[T]:
    """The rows of answers, up to a limit; the next answer is asked for when its rows are wanted."""
    count = 0
    with closing(answers):
        for answer in answers:
            for row in rows_of(answer):
                yield row
                count += 1
                if count == limit:
                    return
