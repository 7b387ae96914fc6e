"""What waits in threads: for a while, for a call, for several calls, for several iterators."""

from __future__ import annotations

import math
import queue
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from dynrepo.aws.tasks import Task
from dynrepo.clock import ends_at
from dynrepo.errors import Unavailable
from dynrepo.sending.outcomes import NoThread

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

R = TypeVar("R")
T = TypeVar("T")

SCANNING = "dynrepo-scan"
"""The name of the threads that read the segments of a table."""


def sleep(seconds: float) -> None:
    """Waits for so many seconds."""
    time.sleep(seconds)


def time_left(seconds: float) -> float:
    """So many seconds, or as many as the `deadline` block around the call leaves of them."""
    return max(0.0, min(seconds, ends_at(math.inf) - time.monotonic()))


def within(seconds: float, call: Callable[[], R], *, name: str = "dynrepo-within") -> R:
    """What a call returns, or raises; `Timeout` when it has done neither after so many seconds.

    It runs in a thread of its own, in a copy of the caller's context. That bounds what no timeout
    of a socket does; a call that is too late goes on to its end. `Unavailable` without a thread.
    """
    task = Task(call, name)
    with _threads_needed():
        task.start()
    return task.outcome(seconds)


def together(calls: Iterable[Callable[[], R]]) -> list[R]:
    """What calls return that run at the same time, in their order; the first error is raised.

    Each runs in a thread of its own, in a copy of the caller's context, and all are waited for.
    Those for which no thread can be started run here, one after the other.
    """
    tasks = [Task(call, "dynrepo-together") for call in calls]
    for task in tasks:
        try:
            task.start()
        except NoThread:
            task.run()
    for task in tasks:
        task.wait()
    return [task.outcome() for task in tasks]


@contextmanager
def _threads_needed() -> Generator[None]:
    """The block fails as `Unavailable` where it can start no thread."""
    try:
        yield
    except NoThread as error:
        raise Unavailable(error.remedy, code=error.code, retryable=True) from error


def merged(sources: Sequence[Generator[T]]) -> Generator[T]:
    """What the sources give, in the order of arrival; the first error is raised.

    One source is read where it is asked for. Of several, each runs in a thread of its own, in a
    copy of the caller's context; at most one thing per source waits to be taken. When the caller
    stops early, each source stops after the thing it is at.
    """
    return sources[0] if len(sources) == 1 else _merged(sources)


_END = object()


def _merged(sources: Sequence[Iterator[T]]) -> Generator[T]:
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


def _feed(source: Iterator[Any], waiting: queue.Queue[Any], stopped: threading.Event) -> None:
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
