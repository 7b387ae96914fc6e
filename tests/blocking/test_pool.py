"""Connections are kept, noticed to be dead, replaced, and never shared."""

from __future__ import annotations

import gc
import threading
import time
from typing import TYPE_CHECKING

import pytest

from dynrepo.blocking import pool as pools
from dynrepo.blocking.channel import Channel
from dynrepo.blocking.pool import Pool
from dynrepo.protocol.endpoint import Endpoint, Timeouts
from dynrepo.sending.outcomes import (
    AnswerBroken,
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
)
from tests.loopback import (
    Loopback,
    Received,
    answer,
    reset,
    say,
    say_and_close,
    say_and_half_close,
    soon,
    wait_until,
)

if TYPE_CHECKING:
    import socket

    from tests.loopback import Step

REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"
BODY = answer().partition(b"\r\n\r\n")[2]
TIMEOUTS = Timeouts(connect=30, read=30)


def pool_to(server: Loopback, timeouts: Timeouts = TIMEOUTS, kept: int = 50) -> Pool:
    """A pool of connections to a server."""
    return Pool(Endpoint("127.0.0.1", server.port), timeouts, kept)


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
@pytest.mark.usefixtures("counts")
def test_a_dead_connection_is_noticed_before_use(end: Step) -> None:
    """The request goes once, over a new one: nothing is in doubt."""
    with Loopback(end, say()) as server:
        pool = pool_to(server)
        assert pool.exchange(REQUEST, soon()).status == 200
        wait_until(pool._idle[0].is_stale)
        assert pool.exchange(REQUEST, soon()).status == 200
        pool.close()
    assert (server.connections, len(server.received)) == (2, 2)


@pytest.mark.usefixtures("counts")
def test_a_sound_connection_is_kept() -> None:
    """Whatever it carried, and however often it is looked at."""
    sizes = [1, 1000, 300_000, 10]
    with Loopback(*[say(answer(b"x" * size)) for size in sizes]) as server:
        pool = pool_to(server)
        for size in sizes:
            assert len(pool.exchange(REQUEST, soon()).body) == size
            assert not pool._idle[0].is_stale()
        pool.close()
    assert server.connections == 1


@pytest.mark.usefixtures("counts")
def test_a_connection_with_bytes_between_requests_is_dropped() -> None:
    """Bytes that came between two requests answer none of them."""
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


def test_what_is_to_go_over_a_new_connection_leaves_those_that_are_idle() -> None:
    """Nothing is known of them: other requests may use them."""
    with Loopback() as server:
        pool = pool_to(server)
        pool.exchange(REQUEST, soon())
        pool.exchange(REQUEST, soon(), anew=True)
        assert (server.connections, len(pool._idle)) == (2, 2)
        pool.close()


@pytest.mark.parametrize(
    ("step", "failure"),
    [
        (reset, AnswerLost),
        (say_and_half_close(b""), AnswerLost),
        (say_and_close(answer({"Item": {}})[:-3]), AnswerLost),
        (say(b"It works!\r\n\r\n"), AnswerBroken),
        (say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}"), AnswerTimedOut),
    ],
    ids=["reset", "half closed", "cut", "no HTTP", "wrong length"],
)
def test_a_connection_that_failed_is_not_used_again(step: Step, failure: type[Exception]) -> None:
    """Nor does the request go again, for it may have been applied."""
    with Loopback(step, say()) as server:
        pool = pool_to(server)
        if failure is AnswerTimedOut:
            pool._timeouts = Timeouts(connect=30, read=0.2)
        with pytest.raises(failure):
            pool.exchange(REQUEST, soon())
        assert not pool._idle
        wait_until(lambda: len(server.received) == 1)
        pool._timeouts = TIMEOUTS
        assert pool.exchange(REQUEST, soon()).status == 200
        pool.close()
    assert server.connections == 2


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
                found = pool.exchange(head + body, soon()).body
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
        pool = pool_to(server, kept=1)
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


def test_a_pool_that_is_forgotten_closes_what_is_idle() -> None:
    """As in a forked process; the next request has a connection of its own."""
    with Loopback() as server:
        pool = pool_to(server)
        for _ in range(2):
            pool.exchange(REQUEST, soon())
        pool.forget()
        pool.exchange(REQUEST, soon())
        pool.close()
        assert server.connections == 2
