"""Several sources of pages, read in threads at the same time, given out as they come."""

from __future__ import annotations

import contextvars
import queue
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")

_END = object()


def merged(sources: Sequence[Iterator[T]]) -> Iterator[T]:
    """What the sources give, in the order of arrival; the first error is raised.

    Each source runs in a thread of its own, in a copy of the caller's context. At most one thing
    per source waits to be taken. When the caller stops early, each source stops after the thing
    it is at.
    """
    waiting: queue.Queue[Any] = queue.Queue(maxsize=len(sources))
    stopped = threading.Event()
    threads = [
        threading.Thread(
            target=contextvars.copy_context().run,
            args=(_feed, source, waiting, stopped),
            name="dynrepo-scan",
            daemon=True,
        )
        for source in sources
    ]
    for thread in threads:
        thread.start()
    try:
        running = len(threads)
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
    """Hands a thing over, unless nobody wants it any more."""
    if not stopped.is_set():
        waiting.put(thing)
    return not stopped.is_set()
