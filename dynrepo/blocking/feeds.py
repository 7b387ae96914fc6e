"""What comes one after the other in threads: from several sources at once, and row by row."""

from __future__ import annotations

import queue
import threading
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dynrepo.aws.tasks import Task
from dynrepo.errors import Unavailable
from dynrepo.sending.outcomes import NoThread

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

__all__ = ["Feed", "flattened", "merged"]

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
