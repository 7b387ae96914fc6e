"""What waits in the tasks of a loop: for a while, for calls, for a call in a thread."""

from __future__ import annotations

import asyncio
import contextvars
from asyncio import sleep
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from dynrepo.aws.tasks import GIVEN_UP, SharedCall
from dynrepo.clock import steady, time_left
from dynrepo.errors import Timeout
from dynrepo.sending.outcomes import NoThread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.aws.tasks import Task
    from dynrepo.instrumentation.environment import DefaultInstruments
    from dynrepo.operations.operation import Steps

__all__ = [
    "AT_ONCE",
    "AsyncChangeOf",
    "AsyncCondition",
    "AsyncSharedCall",
    "AsyncTask",
    "applied",
    "check_change",
    "current_caller",
    "ended",
    "instruments_made",
    "sleep",
    "stepped",
    "together",
]

AT_ONCE = 100_000
"""Bytes of an answer that are read without a turn of the loop."""

R = TypeVar("R")

AsyncChangeOf: TypeAlias = Callable[[R], R | Awaitable[R]]
"""A function that returns a changed instance; it may be an `async def`."""


async def ended(task: Task[Any], seconds: float | None = None) -> bool:
    """Waits for the end of a call, for so many seconds at most; whether it has come."""
    if task.is_done or task.cannot_end:
        return task.is_done
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop was closed, and whoever waited in it is gone
            loop.call_soon_threadsafe(_end, over)

    # A loop keeps a timer that was cancelled for a while: without the context of the caller.
    empty = contextvars.Context()
    timer = None if seconds is None else loop.call_later(seconds, _end, over, context=empty)
    task.when_done(wake)
    try:
        await over
    finally:
        task.withdraw(wake)
        if timer is not None:
            timer.cancel()
    return task.is_done


def _end(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


async def instruments_made(defaults: DefaultInstruments, seconds: float) -> None:
    """Waits for the default instruments, which a thread makes: their imports read files.

    What hangs for so many seconds holds up no call any more, nor beyond a `deadline` block: calls
    have no instruments until it has ended.
    """
    with suppress(NoThread):  # they are made in the loop then
        making = _making(defaults).task()
        begun = making.started - steady.monotonic()
        if not await ended(making, max(0.0, time_left(begun + seconds))):
            defaults.begin_without()


@cache
def _making(defaults: DefaultInstruments) -> SharedCall[object]:
    """What makes them, one for all loops; there are as many as a process has settings."""
    return SharedCall(defaults.make, "dynrepo-instruments")


def current_caller() -> int:
    """A number for who calls: of the task that runs."""
    return id(asyncio.current_task())


async def stepped(steps: Steps[R]) -> R:
    """What the reading of an answer ends with; the loop has a turn after each step."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("R", end.value)
        await sleep(0)


def check_change(change: Any) -> None:
    """TypeError for what is no function."""
    if not callable(change):
        kind = type(change).__name__
        raise TypeError(f"change is a function that returns the changed item, not {kind}")


async def applied(function: Callable[[Any], Any], value: Any) -> Any:
    """What a function of the caller's makes of a value; awaited where it is to be."""
    made = function(value)
    return await made if isawaitable(made) else made


async def together(calls: Iterable[Callable[[], Awaitable[R]]]) -> list[R]:
    """What calls return that run at the same time, in their order; the first error is raised.

    Each runs in a task of its own, in a copy of the caller's context, and all are waited for; when
    the caller is cancelled, they are.
    """
    tasks = [asyncio.ensure_future(_awaited(call)) for call in calls]
    await asyncio.gather(*tasks, return_exceptions=True)
    return [task.result() for task in tasks]


async def _awaited(call: Callable[[], Awaitable[R]]) -> R:
    return await call()


class AsyncCondition:
    """Waits until something holds, which others change and notify of."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    async def wait_for(self, holds: Callable[[], bool]) -> None:
        """Returns when it holds."""
        while not holds():
            woken = asyncio.get_running_loop().create_future()
            self._waiting.append(woken)
            await woken

    def notify_all(self) -> None:
        """Has all who wait look again."""
        waiting, self._waiting = self._waiting, []
        for woken in waiting:
            _end(woken)


class AsyncTask(Generic[R]):
    """A call in a task of its own, which any number of callers may wait for."""

    def __init__(self, task: asyncio.Task[R]) -> None:
        self.task = task
        self.started = steady.monotonic()

    async def outcome(self, seconds: float | None = None) -> R:
        """What the call returned, or raised; `Timeout` where it has done neither by then."""
        if not self.task.done():
            await asyncio.wait({self.task}, timeout=seconds)
        if self.task.done() and not self.task.cancelled():
            return self.task.result()
        raise Timeout("no answer in time", code="Timeout", retryable=True)


class AsyncSharedCall(Generic[R]):
    """A call that runs once at a time in a loop, for all there who want what it returns.

    It runs in a context of its own, and goes on when those who wait for it are cancelled. A run
    that hangs for `GIVEN_UP` seconds is cancelled for the next one who asks.
    """

    def __init__(self, call: Callable[[], Awaitable[R]], name: str) -> None:
        self._call = call
        self._name = name
        self._runs: dict[asyncio.AbstractEventLoop, AsyncTask[R]] = {}

    def task(self) -> AsyncTask[R]:
        """The run that is under way in this loop, or a new one; `NoThread` outside of one."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError as error:  # under trio, say
            raise NoThread from error
        for other in [other for other in list(self._runs) if other.is_closed()]:
            self._runs.pop(other, None)
        found = self._runs.get(loop)
        if found is not None and steady.monotonic() - found.started > GIVEN_UP:
            found.task.cancel()
            found = None
        if found is None or found.task.done():
            empty = contextvars.Context()
            run = loop.create_task(_awaited(self._call), name=self._name, context=empty)
            found = self._runs[loop] = AsyncTask(run)
            run.add_done_callback(self._forget)
        return found

    def _forget(self, run: asyncio.Task[R]) -> None:
        if not run.cancelled():
            run.exception()  # raised where it is waited for, which may be nowhere
        latest = self._runs.get(run.get_loop())
        if latest is not None and latest.task is run:
            del self._runs[run.get_loop()]
