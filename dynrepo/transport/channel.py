"""One keep-alive connection to the endpoint: a request goes out, its answer comes back."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dynrepo.transport.failures import (
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    NotConnected,
    NotSent,
)
from dynrepo.transport.message import Message, Reader

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds, for a connection and for each piece of an answer.

    `kept` is how many idle connections are kept; more may be in use.
    """

    connect: float
    read: float
    kept: int = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where an endpoint is, and the TLS context to reach it with; None for plain HTTP."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


class Channel:
    """A connection for one exchange at a time; whoever holds it has it alone.

    Times are points of `time.monotonic`. After any failure it is closed.
    """

    def __init__(self, place: Place, limits: Limits, until: float) -> None:
        self._limits = limits
        self._socket = _connected(place, min(until, time.monotonic() + limits.connect))
        self._readable = _poll(self._socket)
        self._timeout = self._socket.gettimeout()
        self.idle_since = 0.0
        self.used = False

    def exchange(self, request: bytes, until: float) -> Message:
        """Sends a request and reads its answer; `TransportFailure` says what may have happened."""
        try:
            self._send(request, until)
            message = Reader(lambda: self._receive(until)).message()
        except BaseException:
            self.close()
            raise
        self.used = True
        return message

    def is_stale(self) -> bool:
        """Whether the other side closed the connection, or said something nobody asked for."""
        if not self._readable():
            return False
        if not isinstance(self._socket, ssl.SSLSocket):
            return True
        # What is there may be a session ticket, which is taken in by reading and gives no data.
        try:
            self._set_timeout(0)
            self._socket.recv(1)
        except ssl.SSLWantReadError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Ends the connection, whatever state it is in."""
        self._socket.close()

    def _send(self, request: bytes, until: float) -> None:
        # Whatever fails here, the end of the request did not leave, and DynamoDB wants all of it.
        rest = memoryview(request)
        try:
            while rest:
                self._set_timeout(min(_left(until), self._limits.read))
                rest = rest[self._socket.send(rest) :]
        except TimeoutError:
            raise ConnectTimedOut("the request could not be sent in time") from None
        except OSError as error:
            raise NotSent(f"the request could not be sent: {type(error).__name__}") from error

    def _set_timeout(self, seconds: float) -> None:
        # Mostly it is what it was: the deadline is far. Each change costs a call of the kernel.
        if seconds != self._timeout:
            self._socket.settimeout(seconds)
            self._timeout = seconds

    def _receive(self, until: float) -> bytes:
        try:
            self._set_timeout(min(_left(until), self._limits.read))
            return self._socket.recv(_PIECE)
        except TimeoutError:
            raise AnswerTimedOut("no whole answer in time") from None
        except OSError as error:
            raise AnswerLost(f"the answer did not come: {type(error).__name__}") from error


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _poll(of: socket.socket) -> Callable[[], Any]:
    """A function that says at once whether there is something to read."""
    if not hasattr(select, "poll"):  # Windows
        return lambda: select.select([of], [], [], 0)[0]
    poll = select.poll()
    poll.register(of, select.POLLIN)
    return lambda: poll.poll(0)


def _connected(place: Place, until: float) -> socket.socket:
    """A connection to the first of the endpoint's addresses that takes one."""
    addresses = _addresses(place, until)
    failure: OSError | None = None
    for tried, (family, _, _, _, address) in enumerate(addresses):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            # A dead address must leave time for the next one.
            connection.settimeout(_left(until) / (len(addresses) - tried))
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _secured(connection, place, until)
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
    if isinstance(failure, TimeoutError):
        raise ConnectTimedOut("no connection in time") from failure
    raise NotConnected(f"no connection: {type(failure).__name__}") from failure


def _secured(connection: socket.socket, place: Place, until: float) -> socket.socket:
    if place.tls is None:
        return connection
    connection.settimeout(_left(until))
    return place.tls.wrap_socket(connection, server_hostname=place.host)


def _addresses(place: Place, until: float) -> list[Any]:
    """The addresses of a host; the system's look-up has no time limit, so a thread waits for it."""
    found: list[Any] = []

    def look_up() -> None:
        try:
            found.append(socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM))
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
