"""A connection carries a request and its answer in the time given, or says what became of them."""

from __future__ import annotations

import asyncio
import errno
import gc
import socket
import ssl
import threading
import time
import weakref
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aio.channel import AsyncChannel
from dynrepo.aws import tasks
from dynrepo.protocol.endpoint import Endpoint, Timeouts
from dynrepo.sending.interrupted import interrupted_of
from dynrepo.sending.outcomes import (
    AnswerBroken,
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    InDoubt,
    NotConnected,
    NotSent,
)
from tests.aio import loops
from tests.aio.served import (
    BODY,
    REQUEST,
    channel_to,
    endpoint_of,
    happens,
    open_channel,
)
from tests.loopback import (
    Loopback,
    Received,
    answer,
    drip,
    reset,
    say,
    say_and_close,
    say_and_half_close,
    say_nothing,
    soon,
)
from tests.ports import refusing
from tests.stopwatch import Stopwatch, passes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.aio.conftest import Run
    from tests.loopback import Step


def test_one_answer_after_another(run: Run) -> None:
    """Large and small, each whole, over one connection."""
    sizes = [1, 1000, 300_000, 10]

    async def main() -> None:
        channel = await channel_to(server)
        for size in sizes:
            message = await channel.exchange(REQUEST, soon())
            assert (message.status, message.body) == (200, b"x" * size)
        channel.close()

    with Loopback(*[say(answer(b"x" * size)) for size in sizes]) as server:
        run(main)
    assert (server.connections, len(server.received)) == (1, len(sizes))


def test_a_body_that_ends_with_the_connection(run: Run) -> None:
    """Without a length, all that comes before the end is the body."""

    async def main() -> None:
        channel = await channel_to(server)
        message = await channel.exchange(REQUEST, soon())
        channel.close()
        assert (message.body, message.keep_alive) == (b"all of it", False)

    with Loopback(say_and_close(b"HTTP/1.1 200 OK\r\n\r\nall of it")) as server:
        run(main)


def _flood(connection: socket.socket, _: Received) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x")


IN_DOUBT: dict[str, tuple[Step, type[Exception]]] = {
    "reset": (reset, AnswerLost),
    "closed": (say_and_close(), AnswerLost),
    "half closed": (say_and_half_close(b""), AnswerLost),
    "cut body": (say_and_close(answer({"Item": {}})[:-3]), AnswerLost),
    "cut head": (say_and_close(b"HTTP/1.1 200 OK\r\nContent-"), AnswerLost),
    "no HTTP": (say(b"It works!\r\n\r\n"), AnswerBroken),
    "header flood": (
        say(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n"),
        AnswerBroken,
    ),
    "endless 1xx": (say(b"HTTP/1.1 100 Continue\r\n\r\n" * 100), AnswerBroken),
    "bad chunk": (
        say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        AnswerBroken,
    ),
}


def test_a_request_that_was_sent_is_in_doubt(run: Run) -> None:
    """Whatever goes wrong after it left; and the connection is closed."""

    async def main() -> None:
        for name, (step, failure) in IN_DOUBT.items():
            with Loopback(step) as server:
                channel = await channel_to(server)
                with pytest.raises(failure) as raised:
                    await channel.exchange(REQUEST, soon())
                assert isinstance(raised.value, InDoubt), name
                assert not channel.is_open()
                assert len(server.received) == 1

    run(main)


@pytest.mark.parametrize(
    "step",
    [
        say_nothing,
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}"),
        drip(answer({"Item": "x" * 1000}), 0.01),
        _flood,
    ],
    ids=["silence", "wrong length", "drip", "flood"],
)
@pytest.mark.parametrize("kind", ["plain", "no readers"])
def test_the_deadline_ends_an_answer(
    step: Step, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Be nothing, too little, or one byte after the other what comes."""

    async def main() -> None:
        channel = await channel_to(server)
        asked = asyncio.ensure_future(channel.exchange(REQUEST, soon(600)))
        await happens(lambda: server.received)
        passes(monkeypatch, 600)
        with pytest.raises(AnswerTimedOut):
            await asked
        assert not channel.is_open()
        assert len(server.received) == 1

    with Loopback(step) as server:
        loops.run(main, kind)


def test_each_piece_of_an_answer_is_bounded_too(run: Run) -> None:
    """The read timeout ends a silence long before the deadline."""

    async def main() -> None:
        for step in (say_nothing, say(answer()[:-1])):
            with Loopback(step) as server:
                channel = await channel_to(server, Timeouts(connect=30, read=0.05))
                with pytest.raises(AnswerTimedOut):  # else the server ends its silence
                    await channel.exchange(REQUEST, soon())

    run(main)


def test_a_piece_in_time_puts_the_end_off(run: Run) -> None:
    """An answer may take longer than the read timeout, as long as it goes on."""
    data = answer()

    async def main() -> None:
        channel = await channel_to(server)
        asked = asyncio.ensure_future(channel.exchange(REQUEST, soon()))
        await happens(lambda: server.received)
        for at in range(0, len(data) - 40, 40):
            due = channel.due
            server.open[0].sendall(data[at : at + 40])
            await happens(lambda due=due: channel.due > due)
        server.open[0].sendall(data[at + 40 :])
        assert (await asked).body == BODY
        channel.close()

    with Loopback(say_nothing) as server:
        run(main)


def test_a_timeout_is_none_of_the_callers(run: Run) -> None:
    """Whose own is told from it, whichever comes first."""

    async def main() -> None:
        channel = await channel_to(server, Timeouts(connect=30, read=0.05))
        async with asyncio.timeout(30) as limit:
            with pytest.raises(AnswerTimedOut):
                await channel.exchange(REQUEST, soon())
            task: Any = asyncio.current_task()
            assert task.cancelling() == 0
        assert not limit.expired()
        channel = await channel_to(server)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await channel.exchange(REQUEST, soon())
        assert not channel.is_open()

    with Loopback(say_nothing) as server:
        run(main)


def test_nothing_is_sent_when_the_time_is_up(run: Run) -> None:
    """Neither is a connection made."""

    async def main() -> None:
        past = time.monotonic() - 1
        channel = await channel_to(server)
        with pytest.raises(ConnectTimedOut):
            await channel.exchange(REQUEST, past)
        with pytest.raises(ConnectTimedOut):
            await open_channel(endpoint_of(server), until=past)

    with Loopback() as server:
        run(main)
    assert server.received == []


def test_a_server_that_does_not_read(run: Run) -> None:
    """A request that does not fit into the buffers ends in time, and was not sent as a whole."""

    async def main() -> None:
        channel = await open_channel(Endpoint("127.0.0.1", listener.getsockname()[1]))
        with pytest.raises(ConnectTimedOut):
            await channel.exchange(b"x" * 64_000_000, soon(0.2))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        run(main)


def test_a_request_that_does_not_go_out_at_once(run: Run) -> None:
    """It arrives whole, and may take longer than the read timeout as long as it goes on."""
    body = b"x" * 8_000_000
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)

    async def main() -> None:
        channel = await channel_to(server, Timeouts(connect=30, read=5))
        for _ in range(2):
            assert (await channel.exchange(head + body, soon())).body == body[-700_000:]
        channel.close()

    with Loopback(lambda to, it: to.sendall(answer(it.body[-700_000:]))) as server:
        run(main)
    assert [request.body == body for request in server.received] == [True, True]


def test_a_connection_that_ends_while_a_request_goes_out(run: Run) -> None:
    """Its end did not leave, so that it was not sent."""

    async def main() -> None:
        channel = await open_channel(Endpoint("127.0.0.1", listener.getsockname()[1]))
        near, _ = listener.accept()
        sending = asyncio.ensure_future(channel.exchange(b"x" * 64_000_000, soon()))
        await asyncio.sleep(0.01)
        reset(near)
        with pytest.raises(NotSent):
            await sending
        assert not channel.is_open()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        run(main)


@pytest.mark.parametrize(
    "step",
    [
        say_and_close(answer()),
        say_and_half_close(answer()),
        lambda connection, _: (connection.sendall(answer()), reset(connection)),
        lambda connection, _: (connection.sendall(answer()), connection.sendall(b"more")),
    ],
    ids=["closed", "half closed", "reset", "more than the answer"],
)
def test_a_connection_that_ended_is_not_open(run: Run, step: Step) -> None:
    """Nor is one with bytes between requests, which would be taken for the next answer."""

    async def main() -> None:
        channel = await channel_to(server)
        assert channel.is_open()
        message = await channel.exchange(REQUEST, soon())
        assert message.body == BODY
        await happens(lambda: not (message.keep_alive and channel.is_open()))
        channel.close()

    with Loopback(step) as server:
        run(main)


@pytest.mark.parametrize("kind", [kind for kind in loops.KINDS if kind != "no readers"])
def test_an_idle_connection_that_ended_is_closed_at_once(kind: str) -> None:
    """Nobody needs to look at it."""

    async def main() -> None:
        held = set[AsyncChannel]()
        channel = await open_channel(endpoint_of(server), held=held)
        await channel.exchange(REQUEST, soon())
        assert held == {channel}
        server.open[0].shutdown(socket.SHUT_RDWR)
        await happens(lambda: not held)

    with Loopback() as server:
        loops.run(main, kind)


def test_an_end_that_the_loop_had_no_time_to_tell_is_seen(run: Run) -> None:
    """A look at the connection is enough, though the loop was blocked since."""

    async def main() -> None:
        channel = await channel_to(server)
        await channel.exchange(REQUEST, soon())
        ended.wait(30)
        time.sleep(0.01)  # noqa: ASYNC251 - the loop is blocked
        assert not channel.is_open()

    ended = threading.Event()

    def answer_and_end(connection: socket.socket, _: Received) -> None:
        connection.sendall(answer())
        time.sleep(0.05)
        connection.close()
        ended.set()

    with Loopback(answer_and_end) as server:
        run(main)


def test_a_closed_port(run: Run) -> None:
    """There is no connection, so nothing was sent."""

    async def main() -> None:
        with refusing() as port, pytest.raises(NotConnected) as raised:
            await open_channel(Endpoint("127.0.0.1", port))
        assert isinstance(raised.value, NotSent)

    run(main)


def test_a_black_hole(run: Run) -> None:
    """A host that takes no connection costs the connect timeout, not more."""

    async def main() -> None:
        watch = Stopwatch()
        with pytest.raises(ConnectTimedOut):
            await open_channel(Endpoint("127.0.0.1", address[1]), Timeouts(0.1, 2), soon(600))
        assert watch.seconds < 60  # the kernel's own timeout is two minutes

    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # with its queue full, the kernel drops what comes
            filler.setblocking(False)
            filler.connect_ex(address)
        run(main)
        for filler in fillers:
            filler.close()


def _looked_up(monkeypatch: pytest.MonkeyPatch, look_up: Any) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: look_up())


def _raising(error: BaseException) -> Any:
    def function(*_: object, **__: object) -> Any:
        raise error

    return function


def test_a_look_up_that_hangs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's resolver has no time limit; a request has."""
    hang = threading.Event()
    _looked_up(monkeypatch, lambda: hang.wait(60) and [])

    async def main() -> None:
        with pytest.raises(ConnectTimedOut):  # an empty list would be no timeout
            await open_channel(Endpoint("dynamodb.example", 80), Timeouts(0.05, 2))
        hang.set()

    run(main)


@pytest.mark.parametrize("found", [_raising(socket.gaierror(socket.EAI_NONAME, "unknown")), list])
def test_a_name_without_addresses(monkeypatch: pytest.MonkeyPatch, found: Any) -> None:
    """It is no connection."""
    _looked_up(monkeypatch, found)
    with pytest.raises(NotConnected):
        loops.run(lambda: open_channel(Endpoint("nowhere.example", 80)))


def test_the_next_address_is_tried(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of several addresses is reached by any of them; each has its share of the time."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()[1]

    async def main() -> None:
        channel = await open_channel(Endpoint("two.example", 80))
        assert (await channel.exchange(REQUEST, soon())).status == 200
        channel.close()

    with Loopback() as server:
        addresses = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
            for port in (dead, server.port)
        ]
        _looked_up(monkeypatch, lambda: addresses)
        run(main)


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["IPv4", "IPv6"])
def test_an_address_needs_no_look_up(
    run: Run, monkeypatch: pytest.MonkeyPatch, family: socket.AddressFamily
) -> None:
    """An endpoint may be an IP address, and then no thread is started."""
    try:
        server = Loopback(family=family)
    except OSError:
        pytest.skip("no IPv6 loopback here")

    async def main() -> None:
        host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        channel = await open_channel(Endpoint(host, server.port))
        assert (await channel.exchange(REQUEST, soon())).status == 200
        channel.close()

    with server:
        monkeypatch.setattr(tasks, "threading", None)
        run(main)


NO_THREAD = _raising(RuntimeError("can't start new thread"))
NO_FILE = _raising(OSError(errno.EMFILE, "Too many open files"))


@pytest.mark.parametrize(
    ("host", "owner", "name", "replacement"),
    [
        ("127.0.0.1", "dynrepo.aio.channel", "new_socket", NO_FILE),
        ("localhost", "dynrepo.aws.tasks.threading", "Thread", NO_THREAD),
        ("local\0host", None, "", None),
        ("localhost" * 10, None, "", None),
        ("local\udc80host", None, "", None),
    ],
    ids=["no file descriptor", "no thread", "NUL", "long label", "surrogate"],
)
def test_what_never_left_is_never_in_doubt(
    monkeypatch: pytest.MonkeyPatch, host: str, owner: str | None, name: str, replacement: object
) -> None:
    """Whatever keeps a connection from being made, its failure is that nothing was sent."""

    async def main() -> None:
        if owner:
            monkeypatch.setattr(f"{owner}.{name}", replacement)
        with pytest.raises(NotSent):
            await open_channel(Endpoint(host, server.port))
        monkeypatch.undo()

    with Loopback() as server:
        loops.run(main)
    assert server.received == []


@pytest.mark.parametrize(
    "error",
    [ValueError("no name"), RuntimeError("no more"), ssl.SSLError("no trust"), MemoryError()],
    ids=repr,
)
def test_a_handshake_that_fails_is_never_in_doubt(error: Exception) -> None:
    """Whatever TLS raises; and the connection is closed."""
    held = set[AsyncChannel]()
    tls: Any = SimpleNamespace(wrap_bio=_raising(error))

    async def main() -> None:
        with pytest.raises(NotSent):
            await open_channel(Endpoint("127.0.0.1", server.port, tls), held=held)

    with Loopback() as server:
        loops.run(main)
    assert held == set()


def test_an_interrupted_handshake_closes_the_connection() -> None:
    """And the interrupt goes on."""
    tls: Any = SimpleNamespace(wrap_bio=_raising(KeyboardInterrupt()))
    held = set[AsyncChannel]()
    with Loopback() as server, pytest.raises(KeyboardInterrupt):
        loops.run(lambda: open_channel(Endpoint("127.0.0.1", server.port, tls), held=held))
    assert held == set()


@pytest.mark.parametrize(
    "error", [ValueError("closed"), ConnectionResetError(), MemoryError()], ids=repr
)
def test_a_send_that_fails_is_never_in_doubt(error: Exception) -> None:
    """DynamoDB applies no request of which the end is missing."""

    async def main() -> None:
        channel = await channel_to(server)
        monkeypatch.setattr(channel._socket, "send", _raising(error))
        with pytest.raises(NotSent):
            await channel.exchange(REQUEST, soon())
        assert not channel.is_open()

    with Loopback() as server, pytest.MonkeyPatch.context() as monkeypatch:
        loops.run(main)
    assert server.received == []


@pytest.mark.parametrize("error", [ValueError("closed"), MemoryError()], ids=repr)
def test_an_answer_that_cannot_be_read_is_in_doubt(run: Run, error: Exception) -> None:
    """Whatever the reason is, the request has left."""

    async def main() -> None:
        channel = await channel_to(server)
        channel._feed = _raising(error)
        with pytest.raises(AnswerLost) as raised:
            await channel.exchange(REQUEST, soon())
        assert raised.value.__cause__ is error
        assert not channel.is_open()

    with Loopback() as server:
        run(main)


@pytest.mark.parametrize("step", [say_nothing, say(answer()[:-1])], ids=["silence", "all but one"])
def test_a_cancelled_exchange_closes_the_connection(run: Run, step: Step) -> None:
    """And the cancellation goes on as it came."""

    async def main() -> None:
        channel = await channel_to(server)
        task = asyncio.ensure_future(channel.exchange(REQUEST, soon()))
        await happens(lambda: server.received)
        task.cancel("gone")
        with pytest.raises(asyncio.CancelledError, match="gone") as raised:
            await task
        assert not channel.is_open()
        assert not channel._timer._waits
        assert interrupted_of(raised.value) == (1, True)  # the request was sent

    with Loopback(step) as server:
        run(main)


def test_an_answer_that_comes_with_the_end_of_its_time_counts(run: Run) -> None:
    """And the next one has its own time."""

    async def main() -> None:
        channel = await channel_to(server)
        for _ in range(2):
            assert (await channel.exchange(REQUEST, soon())).status == 200
            channel.expire()  # as the timer does in the turn in which the answer came
        channel.close()

    with Loopback() as server:
        run(main)


def test_an_answer_that_comes_with_the_cancellation_is_nobodys(run: Run) -> None:
    """The connection is closed, though it is sound."""

    async def main() -> None:
        channel = await channel_to(server)
        task = asyncio.ensure_future(channel.exchange(REQUEST, soon()))
        await happens(lambda: channel._result is not None or task.done())
        if not task.done():
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert not channel.is_open()
        channel.close()

    with Loopback() as server:
        run(main)


def test_a_cancelled_connect_leaves_nothing(run: Run) -> None:
    """Neither while the server takes no connection, nor in the middle of a handshake."""

    async def main() -> None:
        trust = ssl.create_default_context()
        for tls in (None, trust):
            held = set[AsyncChannel]()
            port = (listener if tls else full).getsockname()[1]
            opening = open_channel(Endpoint("127.0.0.1", port, tls), held=held)
            task = asyncio.ensure_future(opening)
            await happens(lambda held=held: held)
            await asyncio.sleep(0.01)
            task.cancel("gone")
            with pytest.raises(asyncio.CancelledError, match="gone") as raised:
                await task
            assert held == set()
            assert interrupted_of(raised.value) is None  # nothing was

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_server(("127.0.0.1", 0), backlog=0) as full,
    ):
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        run(main)
        for filler in fillers:
            filler.close()


class Visitor:
    """What a context variable of the caller holds."""


def test_nothing_of_the_callers_context_stays(run: Run) -> None:
    """A connection outlives the call that made it, its variables do not."""
    variable: ContextVar[Visitor] = ContextVar("variable")

    async def visit() -> tuple[AsyncChannel, weakref.ref[Visitor]]:
        visitor = Visitor()
        variable.set(visitor)
        channel = await channel_to(server)
        await channel.exchange(REQUEST, soon())
        return channel, weakref.ref(visitor)

    async def main() -> None:
        channel, visitor = await asyncio.create_task(visit())
        await asyncio.sleep(0)
        gc.collect()
        assert visitor() is None
        channel.close()

    with Loopback() as server:
        run(main)


class TestTls:
    """The server's certificate must be trusted, and name the host."""

    def test_the_named_host(self, run: Run, tls: tuple[ssl.SSLContext, Path]) -> None:
        """It is spoken to."""
        trust = ssl.create_default_context(cafile=tls[1])

        async def main() -> None:
            channel = await open_channel(Endpoint("localhost", server.port, trust))
            for _ in range(3):
                assert (await channel.exchange(REQUEST, soon())).body == BODY
                assert channel.is_open()
            channel.close()

        with Loopback(tls=tls[0]) as server:
            run(main)

    def test_another_host(self, run: Run, tls: tuple[ssl.SSLContext, Path]) -> None:
        """Nothing is sent to it, and no other address is tried."""
        trust = ssl.create_default_context(cafile=tls[1])

        async def main() -> None:
            with pytest.raises(NotConnected):
                await open_channel(Endpoint("127.0.0.2", server.port, trust))

        with Loopback(tls=tls[0]) as server:
            run(main)
        assert server.received == []

    def test_what_follows_an_answer(self, tls: tuple[ssl.SSLContext, Path]) -> None:
        """Be it said or no TLS at all: the answer counts, and no other one may follow."""
        trust = ssl.create_default_context(cafile=tls[1])

        def babble(connection: Any, _: Received) -> None:
            connection.sendall(answer())
            socket.socket.sendall(connection, b"no TLS")

        async def main() -> None:
            for _ in range(2):
                channel = await open_channel(Endpoint("localhost", server.port, trust))
                message = await channel.exchange(REQUEST, soon())
                assert message.body == BODY
                await happens(lambda: not (message.keep_alive and channel.is_open()))  # noqa: B023
                channel.close()

        with Loopback(say(answer() + answer()), babble, tls=tls[0]) as server:
            loops.run(main)
