"""Connections kept for the next request, for any number of tasks and loops, and across `fork`."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections import deque
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING

from dynrepo.aio.channel import AsyncChannel
from dynrepo.aio.slots import AsyncSlots
from dynrepo.clock import steady
from dynrepo.instrumentation.events import ConnectionAwaited, ConnectionMade, note
from dynrepo.instrumentation.resources import PoolState, collectors, note_use, pools
from dynrepo.protocol.timer import Timer
from dynrepo.sending.outcomes import DeadlineExceeded, NotSent

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncGenerator

    from dynrepo.protocol.endpoint import Endpoint, Timeouts
    from dynrepo.protocol.http import Message

IDLE = 20.0
"""Seconds after which an idle connection is not used again: well before a server gives it up."""


class AsyncPool:
    """The connections to one endpoint, on each loop its own; loops may run in several threads.

    `size` is how many connections a loop has at most, in use and idle together.
    """

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts, size: int = 50) -> None:
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._size = size
        self._name = f"{endpoint.host}:{endpoint.port}"
        self._is_closed = False
        self._pools: dict[AbstractEventLoop, _LoopPool] = {}
        # Also when the pool is dropped, and quietly at the end of the interpreter.
        weakref.finalize(self, _close_all, self._pools)
        _all_pools.add(self)
        pools.add(self)

    async def exchange(self, request: bytes, until: float, *, anew: bool = False) -> Message:
        """Sends a request over a kept connection, or a new one, and returns the answer.

        With `anew` it is a new one.

        Where as many are in use as there may be, those who come first are served first.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(_ASYNCIO_ONLY) from None
        pool = self._pools.get(loop) or self._new_pool(loop)
        return await pool.exchange(request, until, anew=anew)

    def state(self) -> PoolState:
        """Its connections now, of all loops, and who waits for one."""
        idle = used = pending = 0
        kept = list(self._pools.values())
        for pool in kept:
            idle, used, pending = map(sum, zip((idle, used, pending), pool.counts(), strict=True))
        return PoolState(self._name, idle, used, pending, most=self._size * len(kept))

    def close(self) -> None:
        """Closes the idle connections now, and those in use when their answer is there."""
        self._is_closed = True
        _close_all(self._pools)

    def forget(self) -> None:
        """Starts anew in a forked process: closes the sockets that it has, and touches no loop."""
        for pool in self._pools.values():
            pool.forget()
        self._pools.clear()

    def _new_pool(self, loop: AbstractEventLoop) -> _LoopPool:
        for other in list(self._pools):
            if other.is_closed() and (ended := self._pools.pop(other, None)):
                ended.forget()
        pool = self._pools[loop] = _LoopPool(loop, self._endpoint, self._timeouts, self._size)
        if self._is_closed:
            pool.close()
        return pool


_ASYNCIO_ONLY = "the asynchronous face is for asyncio only, and no loop of asyncio runs here"


_all_pools: weakref.WeakSet[AsyncPool] = weakref.WeakSet()


def _forget_all() -> None:
    """Also the pools of stores that were closed while calls were under way."""
    for pool in list(_all_pools):
        pool.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forget_all)


def _running_loop() -> AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _close_all(pools: dict[AbstractEventLoop, _LoopPool]) -> None:
    """Closes the connections of every loop, from whatever thread."""
    for loop, pool in list(pools.items()):
        if loop.is_closed():
            pool.forget()
        elif loop.is_running() and loop is not _running_loop():
            try:
                loop.call_soon_threadsafe(pool.close, context=Context())
            except RuntimeError:  # it was closed meanwhile
                pool.forget()
        else:
            pool.close()


class _LoopPool:
    """The connections of one loop. The last one used is the first to be used again."""

    def __init__(
        self, loop: AbstractEventLoop, endpoint: Endpoint, timeouts: Timeouts, size: int
    ) -> None:
        self._loop = loop
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._name = f"{endpoint.host}:{endpoint.port}"
        # In a context of its own: nothing of a caller's stays with it.
        self._timer = Timer(partial(loop.call_later, context=Context()))
        self._size = size
        self._slots = AsyncSlots(loop, self._timer, size)
        self._idle: deque[AsyncChannel] = deque()
        self._held: set[AsyncChannel] = set()
        self._is_closed = False
        self._parked = self._until_the_end()
        try:
            self._parked.__anext__().send(None)
        except StopIteration:  # it waits
            pass
        except ResourceWarning:  # the loop is about to be closed, and takes no more of them
            self._is_closed = True

    async def exchange(self, request: bytes, until: float, *, anew: bool) -> Message:
        """As that of the pool."""
        if not self._slots.take():
            await self._wait(until)
        try:
            channel = (None if anew else self._kept()) or await self._new_channel(until)
            try:
                message = await channel.exchange(request, until)
            except NotSent:
                if not channel.used:
                    raise
                # The other side closed it between the look and the use; nothing has left.
                channel = await self._new_channel(until)
                message = await channel.exchange(request, until)
            except BaseException:
                note_use(self._name, steady.monotonic() - channel.taken_at)
                raise
            self._keep(channel, message)
        finally:
            self._slots.give()
        return message

    def counts(self) -> tuple[int, int, int]:
        """Connections that are idle and in use, and requests that wait for one."""
        idle = len(self._idle)
        return idle, max(0, len(self._held) - idle), self._slots.waiting

    def close(self) -> None:
        """Closes what is idle now, and the rest when it comes back, on the thread of the loop."""
        self._keep_none()
        self._end_parked()

    def forget(self) -> None:
        """Closes every socket, and touches no loop: it is closed, or another process's."""
        self._is_closed = True
        for channel in list(self._held):
            channel.forget()
        self._end_parked()

    async def _until_the_end(self) -> AsyncGenerator[None]:
        """Is parked for as long as the loop goes on, which ends it when it is closed in order."""
        try:
            yield
        finally:
            self._keep_none()

    def _end_parked(self) -> None:
        with suppress(StopIteration):
            self._parked.aclose().send(None)

    def _keep_none(self) -> None:
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()

    async def _wait(self, until: float) -> None:
        began = steady.monotonic()
        try:
            await self._slots.wait(until)
        except DeadlineExceeded:
            note(ConnectionAwaited(self._name, steady.monotonic() - began, is_late=True))
            raise
        note(ConnectionAwaited(self._name, steady.monotonic() - began, is_late=False))

    async def _new_channel(self, until: float) -> AsyncChannel:
        # Each slot that is taken has a connection, or is about to open one. Of the idle ones some
        # may be dead, and nobody has looked.
        while self._idle and len(self._idle) + self._slots.taken > self._size:
            self._idle.popleft().close()
        began = steady.monotonic()
        channel = await AsyncChannel.to(
            self._endpoint, self._timeouts, until, self._timer, self._held
        )
        channel.taken_at = steady.monotonic()
        note(ConnectionMade(self._name, channel.taken_at - began))
        return channel

    def _kept(self) -> AsyncChannel | None:
        while self._idle:
            channel = self._idle.pop()
            channel.taken_at = steady.monotonic()
            if channel.taken_at - channel.idle_since < IDLE and channel.is_open():
                return channel
            channel.close()
        return None

    def _keep(self, channel: AsyncChannel, message: Message) -> None:
        channel.idle_since = now = steady.monotonic()
        if collectors:
            note_use(self._name, now - channel.taken_at)
        if self._is_closed or not message.keep_alive:
            channel.close()
            return
        self._idle.append(channel)
