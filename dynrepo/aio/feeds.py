"""What comes one after the other in the tasks of a loop: of several sources, and row by row."""

from __future__ import annotations

import asyncio
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from dynrepo.operations.paging import IN_USE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence

__all__ = ["AsyncFeed", "flattened", "merged"]

R = TypeVar("R")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class AsyncFeed(Protocol[T_co]):
    """What is asked for one thing after the other, and may be closed before the last."""

    def __anext__(self) -> Awaitable[T_co]:
        """The next thing."""
        ...

    async def aclose(self) -> None:
        """Asks for nothing more."""
        ...


def merged(sources: Sequence[AsyncFeed[T]]) -> AsyncFeed[T]:
    """What the sources give, in the order of arrival; the first error is raised.

    One source is read where it is asked for. Of several, each is read by a task of its own, in a
    copy of the caller's context; at most one thing per source waits to be taken. When the caller
    stops early, the tasks are cancelled.
    """
    return sources[0] if len(sources) == 1 else _AsyncMerged(sources)


class _AsyncMerged(Generic[T]):
    """Several sources, read at the same time."""

    def __init__(self, sources: Sequence[AsyncFeed[T]]) -> None:
        self._sources = sources
        self._reading: dict[asyncio.Task[T], AsyncFeed[T]] | None = None

    async def __anext__(self) -> T:
        reading = self._begun()
        while reading:
            done, _ = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
            if reading is not self._reading:  # closed by another task, which has cancelled these
                break
            task = next(task for task in reading if task in done)
            source = reading.pop(task)
            try:
                thing = task.result()
            except StopAsyncIteration:
                continue
            except BaseException:
                await self.aclose()
                raise
            reading[_reading_of(source)] = source
            return thing
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Asks for nothing more; whoever waits for the next thing finds that there is none."""
        reading, self._reading = self._reading or {}, {}
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        for source in self._sources:
            await source.aclose()

    def _begun(self) -> dict[asyncio.Task[T], AsyncFeed[T]]:
        if self._reading is None:
            self._reading = {_reading_of(source): source for source in self._sources}
            dropped = weakref.finalize(self, _cancel, self._reading, asyncio.get_running_loop())
            dropped.atexit = False  # no loop runs any more
        return self._reading


def _reading_of(source: AsyncFeed[T]) -> asyncio.Task[T]:
    return asyncio.ensure_future(source.__anext__())


def _cancel(reading: dict[asyncio.Task[Any], Any], loop: asyncio.AbstractEventLoop) -> None:
    """Ends the tasks of what was dropped half read, from whatever thread drops it."""
    with suppress(RuntimeError):  # the loop was closed, and its tasks are gone
        for task in list(reading):
            loop.call_soon_threadsafe(task.cancel)


def flattened(
    answers: AsyncFeed[R], rows_of: Callable[[R], Iterable[T]], limit: int | None
) -> AsyncIterator[T]:
    """The rows of answers, up to a limit; the next answer is asked for when its rows are wanted."""
    return _AsyncRows(answers, rows_of, limit)


class _AsyncRows(Generic[R, T]):
    """The rows of answers, one after the other."""

    def __init__(
        self, answers: AsyncFeed[R], rows_of: Callable[[R], Iterable[T]], limit: int | None
    ) -> None:
        self._answers = answers
        self._rows_of = rows_of
        self._left = -1 if limit is None else limit
        self._rows: Iterator[T] = iter(())
        self._is_waiting = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if self._is_waiting:
            raise RuntimeError(IN_USE)
        try:
            while self._left:
                for row in self._rows:
                    self._left -= 1
                    return row
                self._rows = iter(self._rows_of(await self._answer()))
        except BaseException:
            await self.aclose()
            raise
        await self.aclose()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Asks for no further answer."""
        self._left = 0
        await self._answers.aclose()

    async def _answer(self) -> R:
        self._is_waiting = True
        try:
            return await self._answers.__anext__()
        finally:
            self._is_waiting = False
