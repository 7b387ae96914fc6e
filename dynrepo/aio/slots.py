"""Turns on one loop: so many at a time, and those who wait are served as they came."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from dynrepo.sending.outcomes import DeadlineExceeded

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future

    from dynrepo.protocol.timer import Timer


class AsyncSlots:
    """So many at a time; those who wait are served in the order in which they came."""

    def __init__(self, loop: AbstractEventLoop, timer: Timer, number: int) -> None:
        self._loop = loop
        self._timer = timer
        self._number = self._free = number
        self._waiting: deque[_Waiter] = deque()

    @property
    def taken(self) -> int:
        """How many slots are taken."""
        return self._number - self._free

    @property
    def waiting(self) -> int:
        """How many wait for a slot."""
        return len(self._waiting)

    def take(self) -> bool:
        """Takes a slot, if one is free."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self, until: float) -> None:
        """Waits for a slot; `DeadlineExceeded` where none is free by a point of time."""
        waiter = _Waiter(self._loop.create_future(), until)
        self._waiting.append(waiter)
        self._timer.add(waiter)
        try:
            await waiter.woken
        except BaseException:
            if waiter.has_slot:
                self.give()
            raise
        finally:
            self._timer.drop(waiter)
            if not waiter.has_slot:  # else it was taken from the line: no need to look all along it
                with suppress(ValueError):
                    self._waiting.remove(waiter)
        if not waiter.has_slot:
            raise DeadlineExceeded("no connection was free in time", remedy=_NONE_FREE)

    def give(self) -> None:
        """Returns a slot: to the next who waits, if there is one."""
        while self._waiting and not self._loop.is_closed():
            waiter = self._waiting.popleft()
            if not waiter.woken.done():
                waiter.has_slot = True
                waiter.woken.set_result(None)
                return
        self._free += 1


_NONE_FREE = "DeadlineExceeded; every connection was in use, and there are no more than pool_size"


class _Waiter:
    """Whoever waits for a slot."""

    def __init__(self, woken: Future[None], due: float) -> None:
        self.woken = woken
        self.due = due
        self.has_slot = False

    def expire(self) -> None:
        """The time is up."""
        if not self.woken.done():
            self.woken.set_result(None)
