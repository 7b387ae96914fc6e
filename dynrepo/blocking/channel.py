"""One keep-alive connection to the endpoint: a request goes out, its answer comes back."""

from __future__ import annotations

import select
import socket
import ssl
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from dynrepo.protocol.http import Message, Reader
from dynrepo.sending.outcomes import (
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    NotConnected,
    NotSent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.protocol.endpoint import Endpoint, Timeouts

# More than a TLS record holds: none is left half read where waiting on the socket would miss it.
# And less than the C library maps for itself: mapped memory costs a fault for each of its pages.
_PIECE = 127 * 1024
_IN, _OUT = 1, 4
"""POLLIN and POLLOUT, which Windows does not name."""


class Channel:
    """A connection for one exchange at a time; whoever holds it has it alone.

    Times are points of `time.monotonic`. After any failure it is closed.
    """

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts, until: float) -> None:
        self._timeouts = timeouts
        self._socket = _connected(endpoint, min(until, time.monotonic() + timeouts.connect))
        # A socket with a timeout asks the kernel before each piece whether it may be sent or read,
        # and each question lets another thread in: waiting is done here, where there is cause.
        self._socket.settimeout(0)
        self._readable = _asking(self._socket, _IN)
        self._writable = _asking(self._socket, _OUT)
        self._read = 0
        self.idle_since = 0.0
        self.used = False

    def exchange(self, request: bytes, until: float) -> Message:
        """Sends a request and reads its answer; `TransportFailure` says what may have happened."""
        try:
            self._send(request, until)
            message = Reader(self._receive, until).message()
        except BaseException:
            self.close()
            raise
        self.used = True
        return message

    def is_stale(self) -> bool:
        """Whether the other side closed the connection, or said something nobody asked for."""
        if _received(self._socket) == self._read or not self._readable(0):
            return False
        try:
            self._socket.recv(1)
        except _NOT_READABLE:
            # Over TLS a session ticket may come late: it is taken in by reading and gives no data.
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Ends the connection, whatever state it is in."""
        self._socket.close()

    def _send(self, request: bytes, until: float) -> None:
        # Whatever fails here, the end of the request did not leave, and DynamoDB wants all of it.
        rest: bytes | memoryview = request
        try:
            _left(until)
            while rest:
                try:
                    sent = self._socket.send(rest)
                except _NOT_WRITABLE:
                    self._wait(self._writable, until)
                else:
                    rest = memoryview(rest)[sent:] if sent < len(rest) else b""
        except TimeoutError:
            raise ConnectTimedOut("the request could not be sent in time") from None
        except OSError as error:
            raise NotSent(f"the request could not be sent: {type(error).__name__}") from error

    def _receive(self, until: float) -> bytes:
        """The next bytes of an answer, and none at its end."""
        try:
            while True:
                self._wait(self._readable, until)
                try:
                    received = self._socket.recv(_PIECE)
                except _NOT_READABLE:  # what came was no data, or not yet all of a TLS record
                    continue
                self._read += len(received)
                return received
        except TimeoutError:
            raise AnswerTimedOut("no whole answer in time") from None
        except OSError as error:
            raise AnswerLost(f"the answer did not come: {type(error).__name__}") from error

    def _wait(self, ready: Callable[[float], Any], until: float) -> None:
        left = until - time.monotonic()
        if left <= 0 or not ready(min(left, self._timeouts.read) * 1000):
            raise TimeoutError


# What a socket says that would have to wait, without TLS and with it.
_NOT_READABLE = (BlockingIOError, ssl.SSLWantReadError)
_NOT_WRITABLE = (BlockingIOError, ssl.SSLWantWriteError)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _received(of: socket.socket) -> int:
    """How many bytes came, by what the kernel tells of a connection that is open; else -1.

    Unlike `poll`, this question gives no other thread its turn. Over TLS more came than was read.
    """
    if sys.platform != "linux":
        return -1
    try:
        told = of.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED.stop)
    except OSError:
        return -1
    return int.from_bytes(told[_RECEIVED], sys.byteorder) if told[0] == _ESTABLISHED else -1


# Where Linux's `struct tcp_info` has the count; older ones, which end before it, tell of none.
_RECEIVED = slice(128, 136)
_ESTABLISHED = 1


def _asking(of: socket.socket, event: int) -> Callable[[float], Any]:
    """A function that waits so many milliseconds for an event, and says if it came."""
    if not hasattr(select, "poll"):  # Windows
        read, write = ([of], []) if event == _IN else ([], [of])
        return lambda ms: any(select.select(read, write, [], ms / 1000))
    poll = select.poll()
    poll.register(of, event)
    return poll.poll


def _connected(endpoint: Endpoint, until: float) -> socket.socket:
    """A connection to the first of the endpoint's addresses that takes one."""
    addresses = _addresses(endpoint, until)
    failure: OSError | None = None
    for tried, (family, _, _, _, address) in enumerate(addresses):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            # A dead address must leave time for the next one.
            connection.settimeout(_left(until) / (len(addresses) - tried))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _secured(connection, endpoint, until)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
    if isinstance(failure, TimeoutError):
        raise ConnectTimedOut("no connection in time") from failure
    raise NotConnected(f"no connection: {type(failure).__name__}") from failure


def _secured(connection: socket.socket, endpoint: Endpoint, until: float) -> socket.socket:
    if endpoint.tls is None:
        return connection
    connection.settimeout(_left(until))
    # An end that TLS does not vouch for is a failure: the body that it ends may have been cut.
    return endpoint.tls.wrap_socket(
        connection, server_hostname=endpoint.host, suppress_ragged_eofs=False
    )


def _addresses(endpoint: Endpoint, until: float) -> list[Any]:
    """The addresses of a host; the system's look-up has no time limit, so a thread waits for it."""
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, name="dynrepo-lookup", daemon=True)
    thread.start()
    thread.join(max(0.0, until - time.monotonic()))
    if not found:
        raise ConnectTimedOut("the name of the endpoint was not resolved in time")
    if isinstance(found[0], Exception):
        raise NotConnected("the name of the endpoint is unknown") from found[0]
    return found[0]  # type: ignore[no-any-return]
