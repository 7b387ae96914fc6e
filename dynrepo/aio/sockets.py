"""A socket on a loop of asyncio, which calls back when it is ready, or when something was done.

A loop that watches sockets has each registered once, for as long as it is open. What is left at the
end of a loop are sockets, and no transports: they can be closed without it.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from contextvars import Context
from typing import TYPE_CHECKING, Any, Protocol

from dynrepo.aws.sockets import NOT_READABLE, NOT_WRITABLE, PIECE

if TYPE_CHECKING:
    from collections.abc import Coroutine


class AsyncSocketOwner(Protocol):
    """What is called back with what becomes of a socket."""

    def data_received(self, data: bytes) -> bool:
        """Takes in what came, nothing at the end; whether more is awaited."""
        ...

    def progressed(self) -> None:
        """A part was sent."""
        ...

    def completed(self) -> None:
        """It is connected, or all was sent."""
        ...

    def failed(self, error: Exception) -> None:
        """The connection is broken."""
        ...


def socket_on(
    loop: Any, connection: socket.socket, owner: AsyncSocketOwner
) -> AsyncSelectorSocket | AsyncProactorSocket:
    """A socket on a loop, by what the loop is able to."""
    connection.setblocking(False)  # noqa: FBT003 - so it is named
    try:
        return AsyncSelectorSocket(loop, connection, owner)
    except NotImplementedError:
        return AsyncProactorSocket(loop, connection, owner)


class AsyncSocket:
    """A socket that does not block: what is done at once, on every loop."""

    def __init__(self, loop: Any, connection: socket.socket, owner: AsyncSocketOwner) -> None:
        self._loop = loop
        self._socket = connection
        self._owner = owner
        self.is_open = True

    def send(self, data: bytes) -> int:
        """Sends what goes out at once; how many bytes that were."""
        try:
            return self._socket.send(data)
        except NOT_WRITABLE:
            return 0

    def send_all(self, data: bytes) -> None:
        """Sends what is so little that it goes out at once."""
        if data and self.send(data) < len(data):
            raise BlockingIOError("there is no room for a few bytes")

    def has_input(self) -> bool:
        """Whether more came than was received, or the other side closed the connection."""
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except NOT_READABLE:
            return False
        except OSError:
            return True
        return True

    def receive(self) -> None:
        """Hands over what came."""
        try:
            received = self._socket.recv(PIECE)
        except NOT_READABLE:
            return
        except Exception as error:  # noqa: BLE001 - given to the owner
            self._owner.failed(error)
            return
        self._owner.data_received(received)

    def forget(self) -> None:
        """Closes the socket, and touches no loop."""
        self.is_open = False
        self._socket.close()


class AsyncSelectorSocket(AsyncSocket):
    """On a loop that watches sockets (selector, uvloop): all but Windows' default one."""

    def __init__(self, loop: Any, connection: socket.socket, owner: AsyncSocketOwner) -> None:
        super().__init__(loop, connection, owner)
        self._rest = memoryview(b"")
        self._watch(loop.add_writer, self._connected)

    def connect(self, address: Any) -> None:
        """Begins to connect; calls `completed`, or `failed`, of the owner."""
        with suppress(BlockingIOError):
            self._socket.connect(address)

    def listen(self) -> None:
        """Does nothing: what comes is received from the moment of the connection on."""

    def send_rest(self, rest: memoryview) -> None:
        """Begins to send, as there is room; calls `completed`, or `failed`, of the owner."""
        self._rest = rest
        self._watch(self._loop.add_writer, self._writable)

    def close(self) -> None:
        """Closes the socket, and has the loop watch it no longer."""
        if self.is_open and not self._loop.is_closed():
            self._loop.remove_reader(self._socket.fileno())
            self._loop.remove_writer(self._socket.fileno())
        self.forget()

    def _watch(self, add: Any, callback: Any) -> None:
        """Has the loop call a function each time; it keeps nothing of the caller's context."""
        Context().run(add, self._socket.fileno(), callback)

    def _connected(self) -> None:
        self._loop.remove_writer(self._socket.fileno())
        error = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._owner.failed(OSError(error, os.strerror(error)))
            return
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch(self._loop.add_reader, self.receive)
        self._owner.completed()

    def _writable(self) -> None:
        try:
            self._rest = self._rest[self._socket.send(self._rest) :]
        except NOT_WRITABLE:
            return
        except Exception as error:  # noqa: BLE001 - given to the owner
            self._loop.remove_writer(self._socket.fileno())
            self._owner.failed(error)
            return
        self._owner.progressed()
        if not self._rest:
            self._loop.remove_writer(self._socket.fileno())
            self._owner.completed()


class AsyncProactorSocket(AsyncSocket):
    """On a loop that completes what it is given to do (proactor): Windows' default one."""

    def __init__(self, loop: Any, connection: socket.socket, owner: AsyncSocketOwner) -> None:
        super().__init__(loop, connection, owner)
        self._tasks = set[Any]()
        self._is_listening = False

    def connect(self, address: Any) -> None:
        """Begins to connect; calls `completed`, or `failed`, of the owner."""
        self._start(self._connect(address))

    def listen(self) -> None:
        """Begins to receive what comes, until no more is awaited."""
        if not self._is_listening:
            self._is_listening = True
            self._start(self._listen())

    def send_rest(self, rest: memoryview) -> None:
        """Begins to send, piece by piece; calls `completed`, or `failed`, of the owner."""
        self._start(self._send_rest(rest))

    def close(self) -> None:
        """Closes the socket, when the loop is done with it."""
        self.is_open = False
        pending = [task for task in self._tasks if not task.done()]
        if self._loop.is_closed() or not pending:
            self.forget()
        else:
            for task in pending:
                task.cancel()

    def forget(self) -> None:
        """Closes the socket, and touches no loop."""
        self._tasks.clear()
        super().forget()

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine in a task that keeps nothing of the caller's context."""
        task = Context().run(self._loop.create_task, coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: Any) -> None:
        self._tasks.discard(task)
        if not self.is_open and not self._tasks:
            self.forget()

    async def _connect(self, address: Any) -> None:
        try:
            await self._loop.sock_connect(self._socket, address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except Exception as error:  # noqa: BLE001 - given to the owner
            self._owner.failed(error)
        else:
            self._owner.completed()

    async def _listen(self) -> None:
        more = True
        try:
            while more:
                received = await self._loop.sock_recv(self._socket, PIECE)
                more = self._owner.data_received(received)
        except Exception as error:  # noqa: BLE001 - given to the owner
            self._owner.failed(error)
        finally:
            self._is_listening = False

    async def _send_rest(self, rest: memoryview) -> None:
        try:
            while rest:
                await self._loop.sock_sendall(self._socket, rest[:PIECE])
                rest = rest[PIECE:]
                self._owner.progressed()
        except Exception as error:  # noqa: BLE001 - given to the owner
            self._owner.failed(error)
        else:
            self._owner.completed()
