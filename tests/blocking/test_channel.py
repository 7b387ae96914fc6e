"""A connection carries a request and its answer in the time given, or says what became of them."""

from __future__ import annotations

import errno
import signal
import socket
import ssl
import sys
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aws import tasks
from dynrepo.blocking import channel as channels
from dynrepo.blocking.channel import Channel
from dynrepo.protocol.endpoint import Endpoint, Timeouts
from dynrepo.sending.outcomes import (
    AnswerBroken,
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    InDoubt,
    NotConnected,
    NotSent,
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
    wait_until,
)
from tests.ports import refusing
from tests.stopwatch import Stopwatch, standing_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.loopback import Step

REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"
BODY = answer().partition(b"\r\n\r\n")[2]
TIMEOUTS = Timeouts(connect=30, read=30)


def channel_to(server: Loopback, timeouts: Timeouts = TIMEOUTS) -> Channel:
    """A connection to a server."""
    return Channel(Endpoint("127.0.0.1", server.port), timeouts, soon())


def is_closed(channel: Channel) -> bool:
    """Whether its socket is."""
    return channel._socket.fileno() == -1


@pytest.fixture
def served() -> Generator[tuple[Loopback, Channel]]:
    """A server that answers, and a connection to it."""
    with Loopback() as server:
        channel = channel_to(server)
        yield server, channel
        channel.close()


def test_one_answer_after_another() -> None:
    """Large and small, each whole, over one connection."""
    sizes = [1, 1000, 300_000, 10]
    with Loopback(*[say(answer(b"x" * size)) for size in sizes]) as server:
        channel = channel_to(server)
        for size in sizes:
            message = channel.exchange(REQUEST, soon())
            assert (message.status, message.body) == (200, b"x" * size)
        channel.close()
    assert (server.connections, len(server.received)) == (1, len(sizes))


def test_a_body_that_ends_with_the_connection() -> None:
    """Without a length, all that comes before the end is the body."""
    with Loopback(say_and_close(b"HTTP/1.1 200 OK\r\n\r\nall of it")) as server:
        channel = channel_to(server)
        message = channel.exchange(REQUEST, soon())
        channel.close()
    assert (message.body, message.keep_alive) == (b"all of it", False)


@pytest.mark.parametrize(
    ("step", "failure"),
    [
        (reset, AnswerLost),
        (say_and_close(), AnswerLost),
        (say_and_half_close(b""), AnswerLost),
        (say_and_close(answer({"Item": {}})[:-3]), AnswerLost),
        (say_and_close(b"HTTP/1.1 200 OK\r\nContent-"), AnswerLost),
        (say(b"It works!\r\n\r\n"), AnswerBroken),
        (say(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n"), AnswerBroken),
        (say(b"HTTP/1.1 100 Continue\r\n\r\n" * 100), AnswerBroken),
        (say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), AnswerBroken),
    ],
    ids=[
        "reset",
        "closed",
        "half closed",
        "cut body",
        "cut head",
        "no HTTP",
        "header flood",
        "endless 1xx",
        "bad chunk",
    ],
)
def test_a_request_that_was_sent_is_in_doubt(step: Step, failure: type[Exception]) -> None:
    """Whatever goes wrong after it left; and the connection is closed."""
    with Loopback(step) as server:
        channel = channel_to(server)
        with pytest.raises(failure) as raised:
            channel.exchange(REQUEST, soon())
        assert isinstance(raised.value, InDoubt)
        assert is_closed(channel)
        assert len(server.received) == 1


def _flood(connection: socket.socket, _: Received) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x")


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
def test_the_deadline_ends_an_answer(step: Step) -> None:
    """Be nothing, too little, or one byte after the other what comes."""
    with Loopback(step) as server:
        channel = channel_to(server)
        with standing_until(lambda: server.received), pytest.raises(AnswerTimedOut):
            channel.exchange(REQUEST, soon(0.2))
        assert is_closed(channel)
        wait_until(lambda: len(server.received) == 1)


def test_each_piece_of_an_answer_is_bounded_too() -> None:
    """The read timeout ends a silence long before the deadline."""
    with Loopback(say_nothing) as server:
        channel = channel_to(server, Timeouts(connect=30, read=0.1))
        with pytest.raises(AnswerTimedOut):  # else the server ends its silence
            channel.exchange(REQUEST, soon())


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such signals here")
@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(),
    reason="signals are the main thread's",
)
def test_signals_do_not_make_a_wait_longer() -> None:
    """A handler that runs again and again interrupts the wait, and does not start it anew."""
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    with Loopback(say_nothing) as server:
        channel = channel_to(server, Timeouts(connect=30, read=0.2))
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
        try:
            with pytest.raises(AnswerTimedOut):  # else the server ends its silence
                channel.exchange(REQUEST, soon())
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def test_nothing_is_sent_when_the_time_is_up(served: tuple[Loopback, Channel]) -> None:
    """Neither is a connection made."""
    server, channel = served
    past = time.monotonic() - 1
    with pytest.raises(ConnectTimedOut):
        channel.exchange(REQUEST, past)
    with pytest.raises(ConnectTimedOut):
        Channel(Endpoint("127.0.0.1", server.port), TIMEOUTS, past)
    assert server.received == []


def test_a_server_that_does_not_read() -> None:
    """A request that does not fit into the buffers ends in time, and was not sent as a whole."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        channel = Channel(Endpoint("127.0.0.1", listener.getsockname()[1]), TIMEOUTS, soon())
        with pytest.raises(ConnectTimedOut):
            channel.exchange(b"x" * 64_000_000, soon(0.2))


@pytest.mark.parametrize(
    "step",
    [
        say_and_close(answer()),
        say_and_half_close(answer()),
        lambda connection, _: (connection.sendall(answer()), reset(connection)),
    ],
    ids=["closed", "half closed", "reset"],
)
@pytest.mark.usefixtures("counts")
def test_a_connection_is_stale(step: Step) -> None:
    """When the other side ended it."""
    with Loopback(step) as server:
        channel = channel_to(server)
        assert not channel.is_stale()
        assert channel.exchange(REQUEST, soon()).body == BODY
        wait_until(channel.is_stale)
        channel.close()


@pytest.mark.usefixtures("counts")
def test_a_connection_with_bytes_between_requests_is_stale(
    served: tuple[Loopback, Channel],
) -> None:
    """They would be taken for the answer to the next request."""
    server, channel = served
    channel.exchange(REQUEST, soon())
    server.open[0].sendall(answer({"Item": "another's"}))
    wait_until(channel.is_stale)


@pytest.mark.usefixtures("counts")
def test_a_sound_connection_is_not_stale() -> None:
    """Whatever it carried, and however often it is looked at."""
    sizes = [1, 1000, 300_000, 10]
    with Loopback(*[say(answer(b"x" * size)) for size in sizes]) as server:
        channel = channel_to(server)
        for _ in sizes:
            channel.exchange(REQUEST, soon())
            assert not channel.is_stale()
            assert not channel.is_stale()
        channel.close()


def test_a_connection_that_cannot_be_looked_at_is_stale(
    served: tuple[Loopback, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that Windows' `select` has no room for: another one may do."""
    monkeypatch.setattr(channels, "_bytes_received", lambda _: -1)
    served[1]._readable = _raising(ValueError("too many file descriptors in select()"))
    assert served[1].is_stale()


def test_a_closed_port() -> None:
    """There is no connection, so nothing was sent."""
    with refusing() as port, pytest.raises(NotConnected) as raised:
        Channel(Endpoint("127.0.0.1", port), TIMEOUTS, soon())
    assert isinstance(raised.value, NotSent)


def test_a_black_hole() -> None:
    """A host that takes no connection costs the connect timeout, not more."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:  # with its queue full, the kernel drops what comes
            filler.setblocking(False)
            filler.connect_ex(address)
        watch = Stopwatch()
        with pytest.raises(ConnectTimedOut):
            Channel(Endpoint("127.0.0.1", address[1]), Timeouts(connect=0.2, read=2), soon(600))
        assert watch.seconds < 60  # the kernel's own timeout is two minutes
        for filler in fillers:
            filler.close()


def _looked_up(monkeypatch: pytest.MonkeyPatch, look_up: Any) -> None:
    """Has names, but not addresses, looked up by a function."""

    def getaddrinfo(*_: object, flags: int = 0, **__: object) -> Any:
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return look_up()

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def _raising(error: BaseException) -> Any:
    def function(*_: object, **__: object) -> Any:
        raise error

    return function


def test_a_look_up_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's resolver has no time limit; a request has."""
    hang = threading.Event()
    _looked_up(monkeypatch, lambda: hang.wait(60) and [])
    with pytest.raises(ConnectTimedOut):  # an empty list would be no timeout
        Channel(Endpoint("dynamodb.example", 80), Timeouts(connect=0.1, read=2), soon())
    hang.set()


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no connection."""
    _looked_up(monkeypatch, _raising(socket.gaierror(socket.EAI_NONAME, "unknown")))
    with pytest.raises(NotConnected):
        Channel(Endpoint("nowhere.example", 80), TIMEOUTS, soon())


def test_a_name_without_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no connection either."""
    _looked_up(monkeypatch, list)
    with pytest.raises(NotConnected):
        Channel(Endpoint("nowhere.example", 80), TIMEOUTS, soon())


def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of several addresses is reached by any of them."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()[1]
    with Loopback() as server:
        addresses = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
            for port in (dead, server.port)
        ]
        _looked_up(monkeypatch, lambda: addresses)
        channel = Channel(Endpoint("two.example", 80), TIMEOUTS, soon())
        assert channel.exchange(REQUEST, soon()).status == 200
        channel.close()


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["IPv4", "IPv6"])
def test_an_address_needs_no_look_up(
    monkeypatch: pytest.MonkeyPatch, family: socket.AddressFamily
) -> None:
    """An endpoint may be an IP address, and then no thread is started."""
    try:
        server = Loopback(family=family)
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with server:
        monkeypatch.setattr(tasks, "threading", None)
        host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        channel = Channel(Endpoint(host, server.port), TIMEOUTS, soon())
        assert channel.exchange(REQUEST, soon()).status == 200
        channel.close()


NO_THREAD = _raising(RuntimeError("can't start new thread"))


@pytest.mark.parametrize(
    ("host", "patched", "replacement"),
    [
        (
            "127.0.0.1",
            "aws.sockets.socket.socket",
            _raising(OSError(errno.EMFILE, "Too many open files")),
        ),
        ("localhost", "aws.tasks.threading.Thread", NO_THREAD),
        ("local\0host", None, None),
        ("localhost" * 10, None, None),
        ("local\udc80host", None, None),
    ],
    ids=["no file descriptor", "no thread", "NUL", "long label", "surrogate"],
)
def test_what_never_left_is_never_in_doubt(
    monkeypatch: pytest.MonkeyPatch, host: str, patched: str | None, replacement: object
) -> None:
    """Whatever keeps a connection from being made, its failure is that nothing was sent."""
    with Loopback() as server:
        if patched:
            monkeypatch.setattr(f"dynrepo.{patched}", replacement)
        with pytest.raises(NotSent):
            Channel(Endpoint(host, server.port), TIMEOUTS, soon())
        monkeypatch.undo()
    assert server.received == []


@pytest.mark.parametrize(
    "error",
    [ValueError("no name"), RuntimeError("no more"), ssl.SSLError("no trust"), MemoryError()],
    ids=repr,
)
def test_a_handshake_that_fails_is_never_in_doubt(error: Exception) -> None:
    """Whatever TLS raises; and the connection is closed."""
    tried: list[socket.socket] = []

    def wrap_socket(connection: socket.socket, **_: object) -> socket.socket:
        tried.append(connection)
        raise error

    tls: Any = SimpleNamespace(wrap_socket=wrap_socket)
    with Loopback() as server, pytest.raises(NotSent):
        Channel(Endpoint("127.0.0.1", server.port, tls), TIMEOUTS, soon())
    assert [connection.fileno() for connection in tried] == [-1]


def test_an_interrupted_handshake_closes_the_connection() -> None:
    """And the interrupt goes on."""
    tls: Any = SimpleNamespace(wrap_socket=_raising(KeyboardInterrupt()))
    with Loopback() as server, pytest.raises(KeyboardInterrupt):
        Channel(Endpoint("127.0.0.1", server.port, tls), TIMEOUTS, soon())


@pytest.mark.parametrize(
    "error", [ValueError("closed"), ConnectionResetError(), MemoryError()], ids=repr
)
def test_a_send_that_fails_is_never_in_doubt(
    served: tuple[Loopback, Channel], error: Exception
) -> None:
    """DynamoDB applies no request of which the end is missing."""
    server, channel = served
    actual = channel._socket
    close: Any = actual.close
    stub: Any = SimpleNamespace(send=_raising(error), close=close)
    channel._socket = stub
    with pytest.raises(NotSent):
        channel.exchange(REQUEST, soon())
    assert actual.fileno() == -1
    assert server.received == []


@pytest.mark.parametrize("error", [ValueError("closed"), MemoryError()], ids=repr)
def test_an_answer_that_cannot_be_read_is_in_doubt(
    served: tuple[Loopback, Channel], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whatever the reason is, the request has left."""
    _, channel = served
    monkeypatch.setattr(channel, "_readable", _raising(error))
    with pytest.raises(AnswerLost):
        channel.exchange(REQUEST, soon())
    assert is_closed(channel)


def test_without_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has `select` only."""
    monkeypatch.delattr(channels.select, "poll")
    head = b"POST / HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n"
    with Loopback(say_and_close(answer())) as server:
        channel = channel_to(server)
        assert not channel.is_stale()
        assert channel.exchange(head + b"x" * 8_000_000, soon()).body == BODY
        wait_until(channel.is_stale)
        channel.close()


class TestTls:
    """The server's certificate must be trusted, and name the host."""

    def test_the_named_host(self, tls: tuple[ssl.SSLContext, Path]) -> None:
        """It is spoken to."""
        with Loopback(tls=tls[0]) as server:
            trust = ssl.create_default_context(cafile=tls[1])
            channel = Channel(Endpoint("localhost", server.port, trust), TIMEOUTS, soon())
            for _ in range(3):
                assert channel.exchange(REQUEST, soon()).body == BODY
                assert not channel.is_stale()
            channel.close()

    def test_another_host(self, tls: tuple[ssl.SSLContext, Path]) -> None:
        """Nothing is sent to it."""
        trust = ssl.create_default_context(cafile=tls[1])
        with Loopback(tls=tls[0]) as server, pytest.raises(NotConnected):
            Channel(Endpoint("127.0.0.2", server.port, trust), TIMEOUTS, soon())
        assert server.received == []

    def test_a_handshake_that_hangs(self, tls: tuple[ssl.SSLContext, Path]) -> None:
        """It counts as connecting, and ends with its timeout."""
        trust = ssl.create_default_context(cafile=tls[1])
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = Endpoint("127.0.0.1", silent.getsockname()[1], trust)
            with pytest.raises(ConnectTimedOut):
                Channel(endpoint, Timeouts(connect=0.2, read=2), soon())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts")
def test_what_linux_counts() -> None:
    """How many bytes came, until the other side closes: then there is no count."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
        with near:
            assert channels._bytes_received(near) == 0
            far.sendall(b"x" * 1234)
            wait_until(lambda: channels._bytes_received(near) == 1234)
            far.close()
            wait_until(lambda: channels._bytes_received(near) == -1)
        assert channels._bytes_received(near) == -1


def test_no_count_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems are not asked for it."""
    monkeypatch.setattr(channels.sys, "platform", "darwin")
    with socket.socket() as unconnected:
        assert channels._bytes_received(unconnected) == -1
