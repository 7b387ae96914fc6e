"""One keep-alive connection to the endpoint: a request goes out, its answer comes back."""

from __future__ import annotations

import select
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any

from dynrepo.aws.sockets import (
    NOT_READABLE,
    NOT_WRITABLE,
    PIECE,
    connecting,
    lasts,
    new_socket,
)
from dynrepo.blocking.lookup import addresses_of
from dynrepo.clock import steady
from dynrepo.interruption import pass_interruption
from dynrepo.protocol.http import AnswerReader
from dynrepo.sending.interrupted import note_interrupted
from dynrepo.sending.outcomes import (
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    InDoubt,
    NotSent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.protocol.endpoint import Endpoint, Timeouts
    from dynrepo.protocol.http import Message

_IN, _OUT = 1, 4
"""POLLIN and POLLOUT, which Windows does not name."""


class Channel:
    """A connection for one exchange at a time, held by one call at a time.

    Times are points of `time.monotonic`. After any failure it is closed. It is among `held` as long
    as it has an open socket.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        timeouts: Timeouts,
        until: float,
        held: set[Channel] | None = None,
    ) -> None:
        self._timeouts = timeouts
        self._held = set[Channel]() if held is None else held
        with connecting():
            self._socket = _connected(endpoint, min(until, steady.monotonic() + timeouts.connect))
            self._readable = _waiting(self._socket, _IN)
            self._writable = _waiting(self._socket, _OUT)
        self._reader = AnswerReader()
        self._read = 0
        self.idle_since = self.taken_at = 0.0
        self.used = False
        self._held.add(self)

    def exchange(self, request: bytes, until: float) -> Message:
        """Sends a request and reads its answer; `SendingFailed` says what may have happened."""
        try:
            self._send(request, until)
            message = self._answer(until)
        except NotSent:
            self.close()
            raise
        except BaseException as error:
            self.close()
            note_interrupted(error, 1, in_doubt=True)  # a signal may strike when all was sent
            raise
        self.used = True
        return message

    def is_stale(self) -> bool:
        """Whether the other side closed the connection, or sent what belongs to no request."""
        if _bytes_received(self._socket) == self._read:
            return False
        try:
            if not self._readable(0):
                return False
            self._socket.recv(1)
        except NOT_READABLE:
            # Over TLS a session ticket may come late: it is taken in by reading and gives no data.
            return False
        except Exception as error:  # noqa: BLE001 - it is not to be used, whatever is wrong
            pass_interruption(error)
            return True
        return True

    def close(self) -> None:
        """Ends the connection, whatever state it is in."""
        self._held.discard(self)
        self._socket.close()

    def _send(self, request: bytes, until: float) -> None:
        # Whatever fails here, the end of the request did not leave: DynamoDB has no whole one.
        rest: bytes | memoryview = request
        try:
            _left(until)
            while rest:
                try:
                    sent = self._socket.send(rest)
                except NOT_WRITABLE:
                    self._wait(self._writable, until)
                else:
                    rest = memoryview(rest)[sent:] if sent < len(rest) else b""
        except TimeoutError:
            raise ConnectTimedOut("the request could not be sent in time") from None
        except Exception as error:
            raise NotSent(f"the request could not be sent: {type(error).__name__}") from error

    def _answer(self, until: float) -> Message:
        message = None
        try:
            while message is None:
                message = self._reader.feed(self._receive(until))
        except InDoubt:
            raise
        except TimeoutError:
            raise AnswerTimedOut("no whole answer in time") from None
        except Exception as error:
            raise AnswerLost(f"the answer did not come: {type(error).__name__}") from error
        return message

    def _receive(self, until: float) -> bytes:
        """The next bytes of an answer, and none at its end."""
        while True:
            self._wait(self._readable, until)
            try:
                received = self._socket.recv(PIECE)
            except NOT_READABLE:  # what came was no data, or not yet all of a TLS record
                continue
            self._read += len(received)
            return received

    def _wait(self, ready: Callable[[float], Any], until: float) -> None:
        left = until - steady.monotonic()
        if left <= 0 or not ready(min(left, self._timeouts.read) * 1000):
            raise TimeoutError


def _left(until: float) -> float:
    left = until - steady.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _waiting(connection: socket.socket, event: int) -> Callable[[float], Any]:
    """A function that waits so many milliseconds for an event, and returns whether it came."""
    if not hasattr(select, "poll"):  # Windows
        read, write = ([connection], []) if event == _IN else ([], [connection])
        return lambda ms: any(select.select(read, write, [], ms / 1000))
    poll = select.poll()
    poll.register(connection, event)
    return poll.poll


def _connected(endpoint: Endpoint, until: float) -> socket.socket:
    """A connection to the first of the endpoint's addresses that takes one."""
    addresses = addresses_of(endpoint, until)
    failure: Exception = OSError("the name of the endpoint has no address")
    for tried, (family, _, _, _, address) in enumerate(addresses):
        try:
            # A dead address must leave time for the next one.
            seconds = _left(until) / (len(addresses) - tried)
            return _connection_to(address, family, seconds, endpoint, until)
        except Exception as error:  # noqa: BLE001 - raised when no other address is left
            pass_interruption(error)
            failure = error
            if lasts(error):
                break
    raise failure


def _connection_to(
    address: Any, family: int, seconds: float, endpoint: Endpoint, until: float
) -> socket.socket:
    connection = new_socket(family)
    try:
        connection.settimeout(seconds)
        connection.connect(address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _secured(connection, endpoint, until)
        # A socket with a timeout asks the kernel before each piece whether it may be sent or read,
        # and each question lets another thread in: the channel waits itself, where there is cause.
        connection.settimeout(0)
    except BaseException:
        connection.close()
        raise
    return connection


def _secured(connection: socket.socket, endpoint: Endpoint, until: float) -> socket.socket:
    if endpoint.tls is None:
        return connection
    connection.settimeout(_left(until))
    # An end that TLS does not vouch for is a failure: the body that it ends may have been cut.
    return endpoint.tls.wrap_socket(
        connection, server_hostname=endpoint.host, suppress_ragged_eofs=False
    )


def _bytes_received(connection: socket.socket) -> int:
    """How many bytes came, by the kernel's count for a connection that is open; else -1.

    Unlike `poll`, `getsockopt` keeps Python's lock. Over TLS more bytes came than were read.
    """
    if sys.platform != "linux":
        return -1
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
        state, received = _INFO.unpack(info)
    except (OSError, struct.error):
        return -1
    return received if state == _ESTABLISHED else -1


# The state and the count in Linux's `struct tcp_info`; older ones end before the count.
_INFO = struct.Struct("=B127xQ")
_ESTABLISHED = 1
