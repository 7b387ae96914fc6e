"""A socket behaves alike, whether its loop watches it or is asked to do things with it."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aio.sockets import AsyncProactorSocket, AsyncSelectorSocket, socket_on
from tests.aio import loops
from tests.aio.served import happens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.aio.sockets import AsyncSocket

KINDS = ["plain", "no readers"]


class Owner:
    """Notes what it is called with; `most` bytes are awaited."""

    def __init__(self, most: int = 0) -> None:
        self.most = most
        self.received = b""
        self.ended = self.is_done = False
        self.parts = 0
        self.failure: Exception | None = None

    def data_received(self, data: bytes) -> bool:
        """Notes it."""
        self.received += data
        self.ended = not data
        return not self.ended and len(self.received) < self.most

    def progressed(self) -> None:
        """Notes it."""
        self.parts += 1

    def completed(self) -> None:
        """Notes it."""
        self.is_done = True

    def failed(self, error: Exception) -> None:
        """Notes it."""
        self.failure = error


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """What is connected to."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


async def connected(listener: socket.socket, owner: Owner) -> tuple[Any, socket.socket]:
    """A connection, and the other end of it."""
    connection = socket_on(asyncio.get_running_loop(), socket.socket(), owner)
    connection.connect(listener.getsockname())
    await happens(lambda: owner.is_done)
    owner.is_done = False
    return connection, listener.accept()[0]


@pytest.mark.parametrize(
    ("kind", "made"), [("plain", AsyncSelectorSocket), ("no readers", AsyncProactorSocket)]
)
def test_the_loop_says_which_it_is(kind: str, made: type[AsyncSocket]) -> None:
    """By what it is able to."""

    async def main() -> None:
        connection = socket_on(asyncio.get_running_loop(), socket.socket(), Owner())
        assert type(connection) is made
        connection.close()
        connection.close()
        assert not connection.is_open

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_is_received(kind: str, listener: socket.socket) -> None:
    """Until no more is awaited, and the end as well; what was received is no input."""

    async def main() -> None:
        owner = Owner(most=10)
        connection, far = await connected(listener, owner)
        connection.listen()
        connection.listen()
        for piece in (b"hello", b"world"):
            far.sendall(piece)
            await happens(lambda piece=piece: owner.received.endswith(piece))
        assert not connection.has_input()
        connection.receive()
        far.close()
        await happens(connection.has_input)
        connection.listen()
        await happens(lambda: owner.ended)
        assert owner.failure is None
        connection.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sent_arrives(kind: str, listener: socket.socket) -> None:
    """At once what there is room for, the rest later; each part is noted."""
    data = bytes(range(256)) * 32_000

    async def main() -> None:
        owner = Owner()
        connection, far = await connected(listener, owner)
        connection.send_all(b"")
        assert connection.send(b"head") == 4
        sent = connection.send(data)
        assert sent < len(data)
        connection.send_rest(memoryview(data)[sent:])
        reading = threading.Thread(target=read, args=(far,))
        reading.start()
        await happens(lambda: owner.is_done)
        connection.close()
        await asyncio.to_thread(reading.join)
        assert owner.parts > 0

    received = bytearray()

    def read(far: socket.socket) -> None:
        with far:
            while piece := far.recv(1_000_000):
                received.extend(piece)

    loops.run(main, kind)
    assert received == b"head" + data


@pytest.mark.parametrize("kind", KINDS)
def test_where_there_is_no_room_nothing_is_sent(kind: str, listener: socket.socket) -> None:
    """What should go out at once fails then; when the other side is gone, the rest does, too."""

    async def main() -> None:
        owner = Owner()
        connection, far = await connected(listener, owner)
        while connection.send(b"x" * 1_000_000):
            pass
        with pytest.raises(BlockingIOError):
            connection.send_all(b"x")
        connection.send_rest(memoryview(b"x" * 1_000_000))
        await asyncio.sleep(0)
        far.close()
        await happens(lambda: owner.failure)
        assert isinstance(owner.failure, OSError)
        connection.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_that_cannot_be_made_is_a_failure(kind: str) -> None:
    """As an error of the system, at once or later."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = closed.getsockname()

    async def main() -> None:
        owner = Owner()
        connection = socket_on(asyncio.get_running_loop(), socket.socket(), owner)
        connection.connect(address)
        await happens(lambda: owner.failure)
        assert isinstance(owner.failure, ConnectionRefusedError)
        connection.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_that_is_reset_is_a_failure(kind: str, listener: socket.socket) -> None:
    """As an error of the system."""

    async def main() -> None:
        owner = Owner(most=10)
        connection, far = await connected(listener, owner)
        connection.listen()
        await asyncio.sleep(0)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        far.close()
        await happens(lambda: owner.failure)
        assert isinstance(owner.failure, ConnectionResetError)
        connection.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_closed_calls_nobody(kind: str, listener: socket.socket) -> None:
    """Be it in the middle of what it does; its socket is closed as soon as the loop is done."""

    async def main() -> None:
        owner = Owner(most=10)
        connection, far = await connected(listener, owner)
        connection.listen()
        await asyncio.sleep(0)
        connection.close()
        far.sendall(b"hello")
        await happens(lambda: connection._socket.fileno() == -1)
        far.close()
        assert (owner.received, owner.failure) == (b"", None)

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_forgotten_touches_no_loop(kind: str, listener: socket.socket) -> None:
    """Its socket is closed at once."""

    async def main() -> None:
        connection, far = await connected(listener, Owner())
        loop, connection._loop = connection._loop, None
        connection.forget()
        assert connection._socket.fileno() == -1
        connection._loop = loop
        connection.close()
        far.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_one_whose_loop_is_closed_is_closed_without_it(kind: str, listener: socket.socket) -> None:
    """At once."""
    connection, far = loops.run(lambda: connected(listener, Owner()), kind)
    connection._loop.remove_reader = connection._loop.remove_writer = None
    connection.close()
    assert connection._socket.fileno() == -1
    far.close()
