"""Connections kept for the next request, for the tasks of any number of loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dynrepo.sending.outcomes import NotSent

if TYPE_CHECKING:
    from dynrepo.protocol.endpoint import Endpoint, Timeouts
    from dynrepo.protocol.http import Message


class AsyncPool:
    """The connections to one endpoint."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts, size: int = 50) -> None:
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._size = size

    async def exchange(self, request: bytes, until: float) -> Message:  # noqa: ARG002
        """Sends a request over a kept connection, or a new one, and returns the answer."""
        raise NotSent(code="NotYet")

    def close(self) -> None:
        """Closes the idle connections now, and those in use when their answer is there."""
