"""Connections kept for the next request, for any number of threads and across `fork`."""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING

from dynrepo.blocking.channel import Channel
from dynrepo.clock import steady
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
        self._idle: deque[Channel] = deque()
        self._closed = False
        # Also when the pool is dropped, and quietly at the end of the interpreter.
        weakref.finalize(self, _close_all, self._idle)

    def exchange(self, request: bytes, until: float) -> Message:
        """Sends a request over a kept connection, or a new one, and returns the answer."""
        channel = self._kept() or Channel(self._endpoint, self._timeouts, until)
        try:
            message = channel.exchange(request, until)
        except NotSent:
            if not channel.used:
                raise
            # The other side closed it between the look and the use; nothing has left.
            channel = Channel(self._endpoint, self._timeouts, until)
            message = channel.exchange(request, until)
        self._keep(channel, message)
        return message

    def close(self) -> None:
        """Closes the idle connections now, and those in use when their answer is there."""
        self._closed = True
        _close_all(self._idle)

    def forget(self) -> None:
        """Starts anew in a forked process: closes the idle sockets there, and tells nobody."""
        _close_all(self._idle)

    def _kept(self) -> Channel | None:
        while self._idle:
            try:
                channel = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            if steady.monotonic() - channel.idle_since < IDLE and not channel.is_stale():
                return channel
            channel.close()
        return None

    def _keep(self, channel: Channel, message: Message) -> None:
        if not message.keep_alive or len(self._idle) >= self._most_kept:
            channel.close()
            return
        channel.idle_since = steady.monotonic()
        self._idle.append(channel)
        if self._closed:  # looked at after the append, so that no close() can slip between
            _close_all(self._idle)


def _close_all(channels: deque[Channel]) -> None:
    while channels:
        try:
            channels.pop().close()
        except IndexError:
            return
