"""Connections kept for the next request, for any number of threads and across `fork`."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING

from dynrepo.blocking.channel import Channel
from dynrepo.clock import steady
from dynrepo.instrumentation.events import ConnectionMade, note
from dynrepo.instrumentation.resources import PoolState, collectors, note_use, pools
from dynrepo.sending.outcomes import NotSent

if TYPE_CHECKING:
    from dynrepo.protocol.endpoint import Endpoint, Timeouts
    from dynrepo.protocol.http import Message

IDLE = 20.0
"""Seconds after which an idle connection is not used again: well before a server gives it up."""


class Pool:
    """The connections to one endpoint. The last one used is the first to be used again.

    `kept` is how many idle connections are kept; more may be in use.

    It needs no lock: each step on the deque is atomic, and a channel has one holder at a time.
    """

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts, kept: int = 50) -> None:
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._most_kept = kept
        self._name = f"{endpoint.host}:{endpoint.port}"
        self._idle: deque[Channel] = deque()
        self._held: set[Channel] = set()
        self._closed = False
        pools.add(self)
        # Also when the pool is dropped, and quietly at the end of the interpreter.
        weakref.finalize(self, _close_all, self._idle)

    def exchange(self, request: bytes, until: float, *, anew: bool = False) -> Message:
        """Sends a request over a kept connection, or a new one, and returns the answer.

        With `anew` it is a new one.
        """
        channel = (None if anew else self._kept()) or self._new_channel(until)
        try:
            message = channel.exchange(request, until)
        except NotSent:
            if not channel.used:
                raise
            # The other side closed it between the look and the use; nothing has left.
            channel = self._new_channel(until)
            message = channel.exchange(request, until)
        except BaseException:
            note_use(self._name, steady.monotonic() - channel.taken_at)
            raise
        self._keep(channel, message)
        return message

    def state(self) -> PoolState:
        """Its connections now; nobody waits for one."""
        idle = len(self._idle)
        used = max(0, len(self._held) - idle)  # other threads go on meanwhile
        return PoolState(self._name, idle, used, most_idle=self._most_kept)

    def close(self) -> None:
        """Closes the idle connections now, and those in use when their answer is there."""
        self._closed = True
        _close_all(self._idle)

    def forget(self) -> None:
        """Starts anew in a forked process: closes the idle sockets there, and tells nobody."""
        _close_all(self._idle)
        self._held.clear()  # those in use are the parent's

    def _new_channel(self, until: float) -> Channel:
        began = steady.monotonic()
        channel = Channel(self._endpoint, self._timeouts, until, self._held)
        channel.taken_at = steady.monotonic()
        note(ConnectionMade(self._name, channel.taken_at - began))
        return channel

    def _kept(self) -> Channel | None:
        while self._idle:
            try:
                channel = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            channel.taken_at = steady.monotonic()
            if channel.taken_at - channel.idle_since < IDLE and not channel.is_stale():
                return channel
            channel.close()
        return None

    def _keep(self, channel: Channel, message: Message) -> None:
        channel.idle_since = now = steady.monotonic()
        if collectors:
            note_use(self._name, now - channel.taken_at)
        if not message.keep_alive or len(self._idle) >= self._most_kept:
            channel.close()
            return
        self._idle.append(channel)
        if self._closed:  # looked at after the append, so that no close() can slip between
            _close_all(self._idle)


def _close_all(channels: deque[Channel]) -> None:
    while channels:
        try:
            channels.pop().close()
        except IndexError:
            return
