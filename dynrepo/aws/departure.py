"""Whether a request that botocore is to send has left, as far as botocore's events tell.

Whatever an error says, nothing is in doubt of a request that was never handed to a connection:
botocore tells when it begins with one, and when that is signed and about to be sent.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator


class Departure:
    """How far the request of a block has come, by a client that tells of it."""

    def __init__(self) -> None:
        self._has_begun = self._has_left = False

    @property
    def is_pending(self) -> bool:
        """Whether botocore has begun with the request, and has not come to sending it."""
        return self._has_begun and not self._has_left

    @contextmanager
    def noted(self) -> Generator[None]:
        """The block in which the request is made, in one context."""
        token = _departure.set(self)
        try:
            yield
        finally:
            _departure.reset(token)

    def begin(self) -> None:
        """Notes that botocore has the request."""
        self._has_begun = True

    def leave(self) -> None:
        """Notes that from now on the request may be on its way."""
        self._has_left = True


_departure: ContextVar[Departure | None] = ContextVar("dynrepo_departure", default=None)


def tell_departures(client: Any) -> None:
    """Makes a client tell of its requests."""
    events = client.meta.events
    events.register("provide-client-params.dynamodb", _begun, unique_id="dynrepo-begun")
    events.register("before-send.dynamodb", _leaving, unique_id="dynrepo-leaving")


def _begun(**_: Any) -> None:
    departure = _departure.get()
    if departure is not None:
        departure.begin()


def _leaving(**_: Any) -> None:
    departure = _departure.get()
    if departure is not None:
        departure.leave()
