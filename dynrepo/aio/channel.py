"""One keep-alive connection to the endpoint: a request goes out, its answer comes back."""

from __future__ import annotations

import asyncio
import math
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynrepo.aio.lookup import addresses_of
from dynrepo.aio.sockets import socket_on
from dynrepo.aws.sockets import connecting, lasts, new_socket
from dynrepo.clock import steady
from dynrepo.interruption import pass_interruption
from dynrepo.protocol.http import AnswerReader
from dynrepo.protocol.secured import TlsLayer
from dynrepo.sending.interrupted import note_interrupted
from dynrepo.sending.outcomes import AnswerLost, AnswerTimedOut, ConnectTimedOut, InDoubt, NotSent

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.protocol.endpoint import Endpoint, Timeouts
    from dynrepo.protocol.http import Message
    from dynrepo.protocol.timer import Timer


class AsyncChannel:
    """A connection for one exchange at a time, on the loop that it was made in.

    Times are points of `time.monotonic`. After any failure it is closed. It is among `held` as long
    as it has an open socket.
    """

    def __init__(
        self, family: int, timeouts: Timeouts, timer: Timer, held: set[AsyncChannel]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = socket_on(self._loop, new_socket(family), self)
        self._held = held
        held.add(self)
        self._timeouts = timeouts
        self._timer = timer
        self._tls: TlsLayer | None = None
        self._reader = AnswerReader()
        self._feed: Callable[[bytes], Any] = self._reader.feed
        self._is_awaited = False
        self._result: Any = None
        self._failure: Exception | None = None
        self._is_busy = False
        self._waiter: asyncio.Future[None] | None = None
        self._is_late = False
        self.due = self._until = self._patience = math.inf
        self.idle_since = self.taken_at = 0.0
        self.used = False

    @classmethod
    async def to(
        cls,
        endpoint: Endpoint,
        timeouts: Timeouts,
        until: float,
        timer: Timer,
        held: set[AsyncChannel],
    ) -> AsyncChannel:
        """A connection to the first of the endpoint's addresses that takes one; else `NotSent`."""
        with connecting():
            until = min(until, steady.monotonic() + timeouts.connect)
            addresses = await addresses_of(endpoint, until)
            failure: Exception = OSError("the name of the endpoint has no address")
            for tried, (family, _, _, _, address) in enumerate(addresses):
                try:
                    # A dead address must leave time for the next one.
                    seconds = _left(until) / (len(addresses) - tried)
                    channel = cls(family, timeouts, timer, held)
                    await channel._open(address, seconds, endpoint, until)
                except Exception as error:  # noqa: BLE001 - raised when no other address is left
                    pass_interruption(error)
                    failure = error
                    if lasts(error):
                        break
                else:
                    return channel
            raise failure

    async def exchange(self, request: bytes, until: float) -> Message:
        """Sends a request and reads its answer; `SendingFailed` says what may have happened."""
        is_sent = False
        try:
            rest = self._send(request, until)
            if rest:
                await self._send_rest(rest)
            is_sent = True
            message = await self._answer()
        except BaseException as error:
            self.close()
            if is_sent:
                note_interrupted(error, 1, in_doubt=True)
            raise
        self.used = True
        return message

    def is_open(self) -> bool:
        """Whether it may be used, after a look at what came that the loop has not received yet."""
        if self._socket.is_open and self._socket.has_input():
            self._socket.receive()
        return self._socket.is_open

    def close(self) -> None:
        """Ends the connection, whatever state it is in."""
        self._held.discard(self)
        self._timer.drop(self)
        self._socket.close()

    def forget(self) -> None:
        """Closes the socket alone, where the loop is closed, or another process's."""
        self._held.discard(self)
        self._timer.drop(self)
        self._socket.forget()

    def data_received(self, data: bytes) -> bool:
        """Takes in what came, nothing at the end; whether more is awaited."""
        if not self._is_awaited:
            self._take_unasked(data)
            return False
        try:
            self._result = self._feed(data)
        except Exception as error:  # noqa: BLE001 - raised where the result is waited for
            self.failed(error)
            return False
        if self._result is None:
            self.progressed()
            return True
        self._is_awaited = False
        self._wake()
        return False

    def progressed(self) -> None:
        """Puts the end of the wait off: something came, or went."""
        self.due = min(self._until, steady.monotonic() + self._patience)

    def completed(self) -> None:
        """The socket has connected, or has sent all it was given."""
        self._is_busy = False
        self._wake()

    def failed(self, error: Exception) -> None:
        """The connection is broken."""
        self._failure = error
        if not (self._is_awaited or self._is_busy):
            self.close()
        self._is_awaited = False
        self._wake()

    def expire(self) -> None:
        """The time of a wait is up."""
        self._is_late = True
        self._wake()

    def _wake(self) -> None:
        self._timer.drop(self)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _take_unasked(self, received: bytes) -> None:
        """Closes the connection at whatever is said between two requests, or at its end.

        Over TLS a session ticket may come late: it is taken in, and says nothing.
        """
        try:
            if self._tls is None or any(True for _ in self._tls.opened(received)):
                self.failed(ConnectionError("something came that was not asked for"))
        except Exception as error:  # noqa: BLE001 - it is not to be used, whatever is wrong
            self.failed(error)

    async def _open(self, address: Any, seconds: float, endpoint: Endpoint, until: float) -> None:
        try:
            self.due = self._until = steady.monotonic() + seconds
            await self._finished(self._socket.connect, address)
            if endpoint.tls is not None:
                self._tls = TlsLayer(endpoint.tls, endpoint.host)
                self._feed = self._shake_hands
                self._expect(until, until)
                self._shake_hands()
                await self._awaited()
                self._feed = self._open_answer
            self._patience = self._timeouts.read
        except BaseException:
            self.close()
            raise

    def _shake_hands(self, received: bytes | None = None) -> bool | None:
        """Goes on with the handshake, and sends what it has to say; True when it is done."""
        layer: Any = self._tls
        try:
            is_done = layer.shakes_hands(received)
        except ssl.SSLError:
            with suppress(OSError):  # an alert, which says why
                self._socket.send_all(layer.sealed())
            raise
        self._socket.send_all(layer.sealed())
        return is_done or None

    def _send(self, request: bytes, until: float) -> memoryview | None:
        """Sends what goes out at once, and returns the rest, if there is one."""
        try:
            data = request if self._tls is None else self._tls.sealed(request)
            now = steady.monotonic()
            if until <= now:
                raise TimeoutError  # noqa: TRY301 - as any other that is late
            self._expect(until, min(until, now + self._patience))
            sent = self._socket.send(data)
        except Exception as error:
            raise _not_sent(error) from error
        return memoryview(data)[sent:] if sent < len(data) else None

    async def _send_rest(self, rest: memoryview) -> None:
        try:
            await self._finished(self._socket.send_rest, rest)
        except Exception as error:
            raise _not_sent(error) from error

    async def _answer(self) -> Message:
        try:
            message: Message = await self._awaited()
        except InDoubt:
            raise
        except TimeoutError:
            raise AnswerTimedOut("no whole answer in time") from None
        except Exception as error:
            raise AnswerLost(f"the answer did not come: {type(error).__name__}") from error
        return message

    def _open_answer(self, received: bytes) -> Message | None:
        """The answer, if these bytes complete it; nothing may follow it."""
        layer: Any = self._tls
        message = None
        try:
            for piece in layer.opened(received):
                if message is not None:
                    return message._replace(keep_alive=False)
                message = self._reader.feed(piece)
        except ssl.SSLError:
            if message is None:
                raise
            return message._replace(keep_alive=False)
        return message

    def _expect(self, until: float, due: float) -> None:
        """Begins to await bytes of which `_feed` makes something."""
        self._result = None
        self._is_awaited = True
        self._is_late = False
        self._until = until
        self.due = due
        self._socket.listen()

    async def _awaited(self) -> Any:
        """What was made of the bytes that came."""
        while self._result is None:
            await self._next_event()
        return self._result

    async def _finished(self, begin: Callable[[Any], None], argument: Any) -> None:
        """Waits until the socket has completed what it is given."""
        self._is_busy = True
        begin(argument)
        while self._is_busy:
            await self._next_event()
        self.progressed()

    def _next_event(self) -> asyncio.Future[None]:
        """Ends when something has happened; raises the failure, or TimeoutError, at once."""
        if self._failure is not None:
            raise self._failure
        if self._is_late:
            raise TimeoutError
        self._waiter = self._loop.create_future()
        self._timer.add(self)
        return self._waiter


def _not_sent(error: Exception) -> NotSent:
    """Whatever failed, the end of the request did not leave: DynamoDB has no whole one."""
    if isinstance(error, TimeoutError):
        return ConnectTimedOut("the request could not be sent in time")
    return NotSent(f"the request could not be sent: {type(error).__name__}")


def _left(until: float) -> float:
    left = until - steady.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
