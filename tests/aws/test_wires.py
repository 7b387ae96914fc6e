"""A socket is told of alike, whether its loop watches it or is asked to do things with it."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aws.wires import AskedWire, WatchedWire, wire_on
from tests.aio import loops
from tests.aio.served import happens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.aws.wires import Wire

KINDS = ["plain", "no readers"]


class Owner:
    """Notes what it is told; `most` bytes are awaited."""

    def __init__(self, most: int = 0) -> None:
        self.most = most
        self.received = b""
        self.ended = self.is_done = False
        self.moves = 0
        self.failure: Exception | None = None

    def took(self, received: bytes) -> bool:
        """Notes it."""
        self.received += received
        self.ended = not received
        return not self.ended and len(self.received) < self.most

    def moved(self) -> None:
        """Notes it."""
        self.moves += 1

    def done(self) -> None:
        """Notes it."""
        self.is_done = True

    def failed(self, error: Exception) -> None:
        """Notes it."""
        self.failure = error


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """What wires connect to."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


async def connected(listener: socket.socket, owner: Owner) -> tuple[Any, socket.socket]:
    """A wire, and the other end of it."""
    wire = wire_on(asyncio.get_running_loop(), socket.socket(), owner)
    wire.connect(listener.getsockname())
    await happens(lambda: owner.is_done)
    owner.is_done = False
    return wire, listener.accept()[0]


@pytest.mark.parametrize(("kind", "made"), [("plain", WatchedWire), ("no readers", AskedWire)])
def test_the_loop_says_which_it_is(kind: str, made: type[Wire]) -> None:
    """By what it is able to."""

    async def main() -> None:
        wire = wire_on(asyncio.get_running_loop(), socket.socket(), Owner())
        assert type(wire) is made
        wire.close()
        wire.close()
        assert not wire.is_open

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_is_told(kind: str, listener: socket.socket) -> None:
    """Until no more is awaited, and the end as well; what was told is no news."""

    async def main() -> None:
        owner = Owner(most=10)
        wire, far = await connected(listener, owner)
        wire.listen()
        wire.listen()
        for piece in (b"hello", b"world"):
            far.sendall(piece)
            await happens(lambda piece=piece: owner.received.endswith(piece))
        assert not wire.has_news()
        wire.receive()
        far.close()
        await happens(wire.has_news)
        wire.listen()
        await happens(lambda: owner.ended)
        assert owner.failure is None
        wire.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sent_arrives(kind: str, listener: socket.socket) -> None:
    """At once what there is room for, the rest later; each part is told."""
    data = bytes(range(256)) * 32_000

    async def main() -> None:
        owner = Owner()
        wire, far = await connected(listener, owner)
        wire.send_all(b"")
        assert wire.send(b"head") == 4
        sent = wire.send(data)
        assert sent < len(data)
        wire.send_rest(memoryview(data)[sent:])
        reading = threading.Thread(target=read, args=(far,))
        reading.start()
        await happens(lambda: owner.is_done)
        wire.close()
        await asyncio.to_thread(reading.join)
        assert owner.moves > 0

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
        wire, far = await connected(listener, owner)
        while wire.send(b"x" * 1_000_000):
            pass
        with pytest.raises(BlockingIOError):
            wire.send_all(b"x")
        wire.send_rest(memoryview(b"x" * 1_000_000))
        await asyncio.sleep(0)
        far.close()
        await happens(lambda: owner.failure)
        assert isinstance(owner.failure, OSError)
        wire.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_that_cannot_be_made_is_told(kind: str) -> None:
    """As an error of the system, at once or later."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = closed.getsockname()

    async def main() -> None:
        owner = Owner()
        wire = wire_on(asyncio.get_running_loop(), socket.socket(), owner)
        wire.connect(address)
        await happens(lambda: owner.failure)
        assert isinstance(owner.failure, ConnectionRefusedError)
        wire.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_connection_that_is_reset_is_told(kind: str, listener: socket.socket) -> None:
    """As an error of the system."""

    async def main() -> None:
        owner = Owner(most=10)
        wire, far = await connected(listener, owner)
        wire.listen()
        await asyncio.sleep(0)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        far.close()
        await happens(lambda: owner.failure)
        assert isinstance(owner.failure, ConnectionResetError)
        wire.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_closed_tells_nothing(kind: str, listener: socket.socket) -> None:
    """Be it in the middle of what it does; its socket is closed as soon as the loop is done."""

    async def main() -> None:
        owner = Owner(most=10)
        wire, far = await connected(listener, owner)
        wire.listen()
        await asyncio.sleep(0)
        wire.close()
        far.sendall(b"hello")
        await happens(lambda: wire._socket.fileno() == -1)
        far.close()
        assert (owner.received, owner.failure) == (b"", None)

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_forgotten_touches_no_loop(kind: str, listener: socket.socket) -> None:
    """Its socket is closed at once."""

    async def main() -> None:
        wire, far = await connected(listener, Owner())
        loop, wire._loop = wire._loop, None
        wire.forget()
        assert wire._socket.fileno() == -1
        wire._loop = loop
        wire.close()
        far.close()

    loops.run(main, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_one_whose_loop_is_closed_is_closed_without_it(kind: str, listener: socket.socket) -> None:
    """At once."""
    wire, far = loops.run(lambda: connected(listener, Owner()), kind)
    wire._loop.remove_reader = wire._loop.remove_writer = None
    wire.close()
    assert wire._socket.fileno() == -1
    far.close()
