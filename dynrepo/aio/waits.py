"""What waits in a task of the loop: for the end of a call in a thread."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynrepo.aws.tasks import Task


async def ended(task: Task[Any], seconds: float | None = None) -> bool:
    """Waits for the end of a call, for so many seconds at most; whether it has come."""
    if task.is_done or task.cannot_end:
        return task.is_done
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def tell() -> None:
        with suppress(RuntimeError):  # the loop was closed, and whoever waited in it is gone
            loop.call_soon_threadsafe(_end, over)

    timer = None if seconds is None else loop.call_later(seconds, _end, over)
    task.when_done(tell)
    try:
        await over
    finally:
        task.withdraw(tell)
        if timer is not None:
            timer.cancel()
    return task.is_done


def _end(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)
