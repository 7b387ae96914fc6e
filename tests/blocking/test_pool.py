"""Connections are kept, noticed to be dead, replaced, and never shared."""

from __future__ import annotations

import gc
import signal
import socket
import ssl
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from dynrepo.blocking import channel as channels
from dynrepo.blocking import pool as pools
from dynrepo.blocking.channel import Channel
from dynrepo.blocking.pool import Pool
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
    certificate_for,
    drip,
    reset,
    say,
    say_and_close,
    say_and_half_close,
    say_nothing,
    soon,
    wait_until,
)

if TYPE_CHECKING:
    from tests.loopback import Step

REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"
BODY = answer().partition(b"\r\n\r\n")[2]
TIMEOUTS = Timeouts(connect=2, read=2)


def pool_to(server: Loopback, timeouts: Timeouts = TIMEOUTS, kept: int = 50) -> Pool:
    """A pool of connections to a server."""
    return Pool(Endpoint("127.0.0.1", server.port), timeouts, kept)


@pytest.fixture(params=["the kernel tells", "nobody tells"])
def told(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With and without Linux's count of the bytes that came."""
    if request.param == "nobody tells":
        monkeypatch.setattr(channels, "_received", lambda _: -1)
    return str(request.param)


def test_one_connection_serves_many_requests() -> None:
    """It is kept between them."""
    with Loopback() as server:
        pool = pool_to(server)
        for _ in range(5):
            assert pool.exchange(REQUEST, soon()).body == BODY
        pool.close()
    assert (server.connections, len(server.received)) == (1, 5)


@pytest.mark.parametrize(
    "data",
    [
        answer(headers=("Connection: close",)),
        answer() + b"left over",
        answer().replace(b"HTTP/1.1", b"HTTP/1.0"),
    ],
    ids=["close", "more than the answer", "HTTP/1.0"],
)
def test_a_connection_that_may_not_be_kept(data: bytes) -> None:
    """The next request takes another one."""
    with Loopback(say(data)) as server:
        pool = pool_to(server)
        for _ in range(3):
            assert pool.exchange(REQUEST, soon()).body == BODY
        pool.close()
    assert server.connections == 3


@pytest.mark.parametrize(
    "end",
    [
        say_and_close(answer()),
        say_and_half_close(answer()),
        lambda connection, _: (connection.sendall(answer()), reset(connection)),
    ],
    ids=["closed", "half closed", "reset"],
)
@pytest.mark.usefixtures("told")
def test_a_dead_connection_is_noticed_before_use(end: Step) -> None:
    """The request goes once, over a new one: nothing is in doubt."""
    with Loopback(end, say()) as server:
        pool = pool_to(server)
        assert pool.exchange(REQUEST, soon()).status == 200
        wait_until(lambda: all(one.is_stale() for one in pool._idle))
        assert pool.exchange(REQUEST, soon()).status == 200
        pool.close()
    assert (server.connections, len(server.received)) == (2, 2)


@pytest.mark.usefixtures("told")
def test_a_connection_that_is_well_is_kept() -> None:
    """Whatever it carried, and however often it is looked at."""
    sizes = [1, 1000, 300_000, 10]
    with Loopback(*[say(answer(b"x" * size)) for size in sizes]) as server:
        pool = pool_to(server)
        for size in sizes:
            assert len(pool.exchange(REQUEST, soon()).body) == size
            assert not pool._idle[0].is_stale()
        pool.close()
    assert server.connections == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_what_linux_tells() -> None:
    """How many bytes came, and when the other side closes, that it is not to be relied on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
        with near:
            assert channels._received(near) == 0
            far.sendall(b"x" * 1234)
            wait_until(lambda: channels._received(near) == 1234)
            far.close()
            wait_until(lambda: channels._received(near) == -1)
        assert channels._received(near) == -1


@pytest.mark.usefixtures("told")
def test_a_connection_that_speaks_unasked_is_dropped() -> None:
    """Bytes that came between two requests are nobody's answer."""
    with Loopback() as server:
        pool = pool_to(server)
        pool.exchange(REQUEST, soon())
        server.open[0].sendall(answer({"Item": "another's"}))
        wait_until(pool._idle[0].is_stale)
        assert pool.exchange(REQUEST, soon()).body == BODY
        pool.close()
    assert server.connections == 2


def test_a_connection_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was idle for long is not trusted."""
    monkeypatch.setattr(pools, "IDLE", 0)
    with Loopback() as server:
        pool = pool_to(server)
        pool.exchange(REQUEST, soon())
        pool.exchange(REQUEST, soon())
        pool.close()
    assert server.connections == 2


def test_a_send_that_fails_on_a_kept_connection_goes_over_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was closed between the look and the use: the whole request did not leave."""
    monkeypatch.setattr(Channel, "is_stale", lambda _: False)

    def answer_and_reset(connection: socket.socket, _: Received) -> None:
        connection.sendall(answer())
        reset(connection)

    with Loopback(answer_and_reset, say()) as server:
        pool = pool_to(server)
        pool.exchange(REQUEST, soon())
        wait_until(lambda: bool(pool._idle[0]._readable(0)))
        assert pool.exchange(REQUEST, soon()).status == 200
        pool.close()
    assert len(server.received) == 2


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
        (say_nothing, AnswerTimedOut),
        (say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}"), AnswerTimedOut),
        (drip(answer({"Item": "x" * 1000}), 0.01), AnswerTimedOut),
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
        "silence",
        "wrong length",
        "drip",
    ],
)
def test_a_request_that_was_sent_is_in_doubt(step: Step, failure: type[Exception]) -> None:
    """Whatever goes wrong after it left; and the connection is not used again."""
    with Loopback(step, say()) as server:
        pool = pool_to(server)
        start = time.monotonic()
        with pytest.raises(failure) as raised:
            pool.exchange(REQUEST, soon(0.3))
        assert isinstance(raised.value, InDoubt)
        assert time.monotonic() - start < 1.5
        assert len(server.received) == 1
        assert pool.exchange(REQUEST, soon()).status == 200
        pool.close()
    assert server.connections == 2


def test_each_piece_of_an_answer_is_bounded_too() -> None:
    """The read timeout ends a silence long before the deadline."""
    with Loopback(say_nothing) as server:
        pool = pool_to(server, Timeouts(connect=2, read=0.1))
        with pytest.raises(AnswerTimedOut):
            pool.exchange(REQUEST, soon(30))


def test_a_flood_ends_too() -> None:
    """Bytes that come without a pause are no reason to go past the deadline."""

    def flood(connection: socket.socket, _: Received) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x")

    with Loopback(flood) as server:
        start = time.monotonic()
        with pytest.raises(AnswerTimedOut):
            pool_to(server).exchange(REQUEST, soon(0.2))
        assert time.monotonic() - start < 1.5


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such signals here")
@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(),
    reason="signals are the main thread's",
)
def test_signals_do_not_make_a_wait_longer() -> None:
    """A handler that runs again and again interrupts the wait, and does not start it anew."""
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    try:
        with Loopback(say_nothing) as server:
            pool = pool_to(server, Timeouts(connect=2, read=0.2))
            start = time.monotonic()
            with pytest.raises(AnswerTimedOut):
                pool.exchange(REQUEST, soon())
        assert time.monotonic() - start < 2
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_nothing_is_sent_when_the_time_is_up() -> None:
    """Neither over a new connection nor over a kept one."""
    with Loopback() as server:
        pool = pool_to(server)
        with pytest.raises(ConnectTimedOut):
            pool.exchange(REQUEST, time.monotonic() - 1)
        pool.exchange(REQUEST, soon())
        with pytest.raises(ConnectTimedOut):
            pool.exchange(REQUEST, time.monotonic() - 1)
        pool.close()
    assert len(server.received) == 1


def test_a_closed_port() -> None:
    """There is no connection, so nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotConnected) as raised:
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
        start = time.monotonic()
        with pytest.raises(ConnectTimedOut):
            Channel(Endpoint("127.0.0.1", address[1]), Timeouts(connect=0.2, read=2), soon())
        assert time.monotonic() - start < 1
        for filler in fillers:
            filler.close()


def test_a_server_that_does_not_read() -> None:
    """A request that does not fit into the buffers ends in time, and was not sent as a whole."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        channel = Channel(Endpoint("127.0.0.1", listener.getsockname()[1]), TIMEOUTS, soon())
        with pytest.raises(ConnectTimedOut):
            channel.exchange(b"x" * 64_000_000, soon(0.2))


def test_a_look_up_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's resolver has no time limit; a request has."""
    hang = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hang.wait(20))
    start = time.monotonic()
    with pytest.raises(ConnectTimedOut):
        Channel(Endpoint("dynamodb.example", 80), Timeouts(connect=0.1, read=2), soon())
    hang.set()
    assert time.monotonic() - start < 1


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no connection."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
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
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
        channel = Channel(Endpoint("two.example", 80), TIMEOUTS, soon())
        assert channel.exchange(REQUEST, soon()).status == 200
        channel.close()


def test_threads_never_share_a_connection() -> None:
    """Each gets the answer to its own request, and idle connections are bounded."""

    def echo(connection: socket.socket, request: Received) -> None:
        connection.sendall(answer(request.body))

    wrong: list[bytes] = []
    with Loopback(echo) as server:
        pool = pool_to(server)

        def work(number: int) -> None:
            for turn in range(30):
                body = f"{number}-{turn}".encode()
                head = f"POST / HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                found = pool.exchange(head + body, soon(20)).body
                if bytes(found) != body:
                    wrong.append(bytes(found))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert server.connections <= 16
        assert len(server.received) == 16 * 30
        pool.close()


def test_no_more_than_so_many_are_kept() -> None:
    """The rest are closed when they come back."""
    with Loopback() as server:
        pool = pool_to(server, Timeouts(connect=2, read=2), kept=1)
        first, second = (Channel(pool._endpoint, TIMEOUTS, soon()) for _ in range(2))
        message = first.exchange(REQUEST, soon())
        pool._keep(first, message)
        pool._keep(second, message)
        assert list(pool._idle) == [first]
        assert second._socket.fileno() == -1
        pool.close()


def test_close_closes_what_is_idle_and_what_comes_back() -> None:
    """And waits for nothing."""
    with Loopback() as server:
        pool = pool_to(server)
        busy = Channel(pool._endpoint, TIMEOUTS, soon())
        message = busy.exchange(REQUEST, soon())
        pool.exchange(REQUEST, soon())
        idle = pool._idle[0]
        pool.close()
        pool._keep(busy, message)
        assert (idle._socket.fileno(), busy._socket.fileno()) == (-1, -1)


def test_a_dropped_pool_closes_its_connections() -> None:
    """No warning about sockets left open, which pytest would turn into a failure."""
    with Loopback() as server:
        pool = pool_to(server)
        pool.exchange(REQUEST, soon())
        channel = pool._idle[0]
        del pool
        gc.collect()
        assert channel._socket.fileno() == -1


def test_an_interrupt_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer to an abandoned request is never taken for the next one's."""
    with Loopback() as server:
        pool = pool_to(server)
        pool.exchange(REQUEST, soon())
        channel = pool._idle[0]
        with monkeypatch.context() as patch:
            patch.setattr(Channel, "_receive", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                pool.exchange(REQUEST, soon())
        assert channel._socket.fileno() == -1
        assert not pool._idle


def _interrupted(*_: object) -> bytes:
    raise KeyboardInterrupt


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_ipv6() -> None:
    """An endpoint may be an IPv6 address."""
    try:
        server = Loopback(family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with server:
        channel = Channel(Endpoint("::1", server.port), TIMEOUTS, soon())
        assert channel.exchange(REQUEST, soon()).status == 200
        channel.close()


def test_without_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows has `select` only."""
    monkeypatch.delattr(channels.select, "poll")
    with Loopback(say_and_close(answer()), say()) as server:
        pool = pool_to(server)
        pool.exchange(REQUEST, soon())
        wait_until(pool._idle[0].is_stale)
        pool.exchange(REQUEST, soon())
        pool.close()
    assert server.connections == 2


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Files with a certificate for localhost and its key."""
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "certificate.pem", folder / "key.pem"
    for path, content in zip(paths, certificate_for("localhost"), strict=True):
        path.write_bytes(content)
    return str(paths[0]), str(paths[1])


@pytest.fixture
def trust(bundle: tuple[str, str]) -> ssl.SSLContext:
    """A client that trusts the certificate."""
    return ssl.create_default_context(cafile=bundle[0])


@pytest.fixture
def serves(bundle: tuple[str, str]) -> ssl.SSLContext:
    """A server that shows the certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*bundle)
    return context


class TestTls:
    """The same, encrypted, by a certificate of our own."""

    def test_a_trusted_server(self, trust: ssl.SSLContext, serves: ssl.SSLContext) -> None:
        """Connections are kept; session tickets that come late are no reason to drop one."""
        with Loopback(tls=serves) as server:
            pool = Pool(Endpoint("localhost", server.port, trust), TIMEOUTS)
            for _ in range(3):
                assert pool.exchange(REQUEST, soon()).body == BODY
                assert not pool._idle[0].is_stale()
            pool.close()
        assert server.connections == 1

    def test_large_ones(self, trust: ssl.SSLContext, serves: ssl.SSLContext) -> None:
        """Requests and answers of many records arrive whole, also where the other side dawdles."""
        head = b"POST / HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n"

        def echo_length(connection: socket.socket, request: Received) -> None:
            connection.sendall(answer(str(len(request.body)).encode() * 100_000))

        with Loopback(echo_length, tls=serves) as server:
            pool = Pool(Endpoint("localhost", server.port, trust), TIMEOUTS)
            for _ in range(2):
                message = pool.exchange(head + b"x" * 8_000_000, soon(20))
                assert message.body == b"8000000" * 100_000
            pool.close()
        assert server.connections == 1

    def test_silence(self, trust: ssl.SSLContext, serves: ssl.SSLContext) -> None:
        """It ends in time, before the answer and in the middle of it."""
        for step in (say_nothing, say(answer()[:-1])):
            with Loopback(step, tls=serves) as server:
                endpoint = Endpoint("localhost", server.port, trust)
                with pytest.raises(AnswerTimedOut):
                    Pool(endpoint, Timeouts(connect=2, read=0.1)).exchange(REQUEST, soon())

    def test_a_dead_connection(self, trust: ssl.SSLContext, serves: ssl.SSLContext) -> None:
        """It is noticed before use here too."""
        with Loopback(say_and_close(answer()), say(), tls=serves) as server:
            pool = Pool(Endpoint("localhost", server.port, trust), TIMEOUTS)
            pool.exchange(REQUEST, soon())
            wait_until(pool._idle[0].is_stale)
            pool.exchange(REQUEST, soon())
            pool.close()
        assert server.connections == 2

    def test_a_stranger(self, serves: ssl.SSLContext) -> None:
        """A certificate that nobody vouches for ends it, before anything is sent."""
        with Loopback(tls=serves) as server:
            endpoint = Endpoint("localhost", server.port, ssl.create_default_context())
            with pytest.raises(NotConnected):
                Channel(endpoint, TIMEOUTS, soon())
        assert server.received == []

    def test_another_host(self, trust: ssl.SSLContext, serves: ssl.SSLContext) -> None:
        """So does one for another name."""
        with Loopback(tls=serves) as server, pytest.raises(NotConnected):
            Channel(Endpoint("127.0.0.2", server.port, trust), TIMEOUTS, soon())
        assert server.received == []

    def test_a_handshake_that_hangs(self, trust: ssl.SSLContext) -> None:
        """It counts as connecting, and ends with its timeout."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            endpoint = Endpoint("localhost", silent.getsockname()[1], trust)
            with pytest.raises(ConnectTimedOut):
                Channel(endpoint, Timeouts(connect=0.2, read=2), soon())
