"""Connections and pools in a loop to servers on loopback, and waits that leave the loop running."""

from __future__ import annotations

import asyncio
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING

from dynrepo.aio.channel import AsyncChannel
from dynrepo.aio.pool import AsyncPool
from dynrepo.protocol.endpoint import Endpoint, Timeouts
from dynrepo.protocol.timer import Timer
from tests.loopback import Loopback, answer, soon

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"
BODY = answer().partition(b"\r\n\r\n")[2]
TIMEOUTS = Timeouts(connect=30, read=30)


def endpoint_of(server: Loopback) -> Endpoint:
    """Where a server is."""
    return Endpoint("127.0.0.1", server.port)


async def open_channel(
    endpoint: Endpoint,
    timeouts: Timeouts = TIMEOUTS,
    until: float | None = None,
    held: set[AsyncChannel] | None = None,
) -> AsyncChannel:
    """A connection of its own."""
    timer = Timer(partial(asyncio.get_running_loop().call_later, context=Context()))
    held = set() if held is None else held
    return await AsyncChannel.to(endpoint, timeouts, until or soon(), timer, held)


async def channel_to(server: Loopback, timeouts: Timeouts = TIMEOUTS) -> AsyncChannel:
    """A connection to a server."""
    return await open_channel(endpoint_of(server), timeouts)


def pool_to(server: Loopback, timeouts: Timeouts = TIMEOUTS, size: int = 50) -> AsyncPool:
    """A pool of connections to a server."""
    return AsyncPool(endpoint_of(server), timeouts, size)


async def happens(condition: Callable[[], object]) -> None:
    """Waits in the loop for what another thread, the kernel, or a callback does."""
    until = soon(20)
    while not condition():
        assert soon(0) < until, "it did not happen"
        await asyncio.sleep(0.002)
