"""A socket without a network: bytes go to the engine by virtual time, and answers come back.

It stands in for the socket below a real `Channel`, so that the pool, the signer, the reader of
answers and the loop of retries above it are the library's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulator.task import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.delivery import Delivery
    from tests.simulator.network import Network
    from tests.simulator.task import Task


class Wire:
    """One connection, as far as `Channel` uses its socket."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._delivery: Delivery | None = None
        self._holder: Task | None = None
        self._ended = False
        self._is_half_sent = False

    def send(self, request: bytes | memoryview) -> int:
        """Takes a request, or the half of it; the engine gets it when it arrives, if it does."""
        self._check_holder()
        if self._delivery is not None:
            self._network.complain("a request was sent over a connection that owes an answer")
        if self._ended:
            raise BrokenPipeError
        self._is_half_sent = not self._is_half_sent and self._network.is_full()
        if self._is_half_sent:
            return len(request) // 2
        self._delivery = self._network.deliver()
        return len(request)

    def recv(self, _: int) -> bytes:
        """The bytes that came; none at the end of the connection."""
        self._check_holder()
        delivery = self._delivery
        if delivery is None:
            return b""
        piece = delivery.taken()
        if delivery.is_over:
            self._delivery = self._holder = None
            self._ended = self._network.closes()
        return piece

    def poll(self, milliseconds: float) -> bool:
        """Waits for bytes, at most so long; whether there are any, or the end is there."""
        if self._delivery is None:
            return self._ended
        self._check_holder()
        if milliseconds and not self._delivery.is_readable:
            self._delivery.wait(milliseconds / 1000)
        return self._delivery.is_readable

    def getsockopt(self, *_: int) -> bytes:
        """Tells nothing, as on systems that do not count the bytes of a connection."""
        raise OSError

    def close(self) -> None:
        """Ends the connection; what is under way arrives all the same."""
        self._ended = True
        self._delivery = None

    def waiting(self, event: int) -> Callable[[float], bool]:
        """What `Channel` waits with: for bytes to read; there is always room to write."""
        readable = 1
        return self.poll if event == readable else lambda _: True

    def _check_holder(self) -> None:
        task = current()
        if self._holder not in (None, task):
            self._network.complain("one connection carries two callers")
        self._holder = task
