"""What holds of a connection holds over TLS, and nothing is sent to a host without proof."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import DynamoStore, errors
from dynrepo.blocking.channel import Channel
from dynrepo.blocking.pool import Pool
from dynrepo.protocol.endpoint import Endpoint, Timeouts
from dynrepo.sending.outcomes import (
    AnswerBroken,
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    InDoubt,
    NotSent,
    SendingFailed,
    TlsRefused,
)
from dynrepo.testing.engine import Engine
from models.document import Document, Documents
from tests import terminator
from tests.loopback import (
    Loopback,
    Received,
    answer,
    drip,
    reset,
    say,
    say_and_close,
    say_nothing,
    soon,
    wait_until,
)
from tests.secured import (
    TLS,
    UNBOUNDED,
    UNFIT,
    Hasty,
    say_and_end,
    say_and_half_end,
    say_and_reset,
    say_raw,
)
from tests.stopwatch import standing_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.loopback import Step

REQUEST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"
BODY = answer().partition(b"\r\n\r\n")[2]
TIMEOUTS = Timeouts(connect=30, read=30)


def endpoint_of(port: int, tls: TLS) -> Endpoint:
    """A server, as those reach it who trust its certificate."""
    return Endpoint("localhost", port, ssl.create_default_context(cafile=tls[1]))


@contextmanager
def served(tls: TLS, *script: Step) -> Generator[tuple[Loopback, Pool]]:
    """A server over TLS, and a pool of connections to it."""
    with Loopback(*script, tls=tls[0]) as server:
        pool = Pool(endpoint_of(server.port, tls), TIMEOUTS)
        yield server, pool
        pool.close()


@pytest.mark.usefixtures("counts")
def test_one_connection_serves_many_requests(tls: TLS) -> None:
    """Whatever the size of the answer is: a record of TLS more or less is no matter."""
    sizes = [1, 16_384, 16_385, 300_000, 10]
    with served(tls, *[say(answer(b"x" * size)) for size in sizes]) as (server, pool):
        for size in sizes:
            assert len(pool.exchange(REQUEST, soon()).body) == size
            assert not pool._idle[0].is_stale()
    assert (server.connections, len(server.received)) == (1, len(sizes))


@pytest.mark.usefixtures("counts")
def test_session_tickets_are_no_answer(tls: TLS) -> None:
    """They come unasked, after the handshake, and make no connection stale."""
    with served(tls) as (server, pool):
        channel = Channel(pool._endpoint, TIMEOUTS, soon())
        wait_until(lambda: bool(channel._readable(0)))
        assert not channel.is_stale()
        assert channel.exchange(REQUEST, soon()).body == BODY
        assert not channel.is_stale()
        channel.close()
    assert server.connections == 1


@pytest.mark.parametrize(
    "step",
    [
        say_and_end(answer()),
        say_and_half_end(answer()),
        say_and_close(answer()),
        say_and_reset(answer()),
        say_raw(answer(), b"\x15\x03\x03\x00\x02\x02\x28"),
    ],
    ids=["closed", "half closed", "closed without a word", "reset", "noise"],
)
@pytest.mark.usefixtures("counts")
def test_a_dead_connection_is_noticed_before_use(tls: TLS, step: Step) -> None:
    """The request goes once, over a new one: nothing is in doubt."""
    with served(tls, step, say()) as (server, pool):
        assert pool.exchange(REQUEST, soon()).status == 200
        wait_until(lambda: bool(pool._idle[0]._readable(0)))
        assert pool.exchange(REQUEST, soon()).status == 200
    assert (server.connections, len(server.received)) == (2, 2)


@pytest.mark.usefixtures("counts")
def test_a_connection_with_bytes_between_requests_is_dropped(tls: TLS) -> None:
    """Bytes that came between two requests answer none of them."""

    def babble(connection: socket.socket, _: Received) -> None:
        connection.sendall(answer())
        connection.sendall(answer({"Item": "another's"}))

    with served(tls, babble, say()) as (server, pool):
        pool.exchange(REQUEST, soon())
        wait_until(lambda: bool(pool._idle[0]._readable(0)))
        assert pool.exchange(REQUEST, soon()).body == BODY
    assert server.connections == 2


@pytest.mark.parametrize(
    ("step", "failure"),
    [
        (reset, AnswerLost),
        (say_and_close(), AnswerLost),
        (say_and_end(), AnswerLost),
        (say_and_half_end(), AnswerLost),
        (say_and_end(answer()[:-3]), AnswerLost),
        (say_and_close(answer()[:-3]), AnswerLost),
        (say_and_close(UNBOUNDED[:-3]), AnswerLost),
        (say_and_close(UNBOUNDED), AnswerLost),
        (say_and_reset(UNBOUNDED), AnswerLost),
        (say_raw(UNBOUNDED, b"\x17\x03\x03\x00\x20" + b"x" * 32), AnswerLost),
        (say_raw(answer()[:-3], b"not TLS"), AnswerLost),
        (say(b"It works!\r\n\r\n"), AnswerBroken),
    ],
    ids=[
        "reset",
        "closed without a word",
        "closed",
        "half closed",
        "cut",
        "cut without a word",
        "a body without length, cut without a word",
        "a body without length, whole, without a word",
        "a body without length, reset",
        "a forged record",
        "no TLS",
        "no HTTP",
    ],
)
def test_a_request_that_was_sent_is_in_doubt(
    tls: TLS, step: Step, failure: type[Exception]
) -> None:
    """Whatever goes wrong after it left: what TLS does not vouch for is no whole answer."""
    with served(tls, step, say()) as (server, pool):
        with pytest.raises(failure) as raised:
            pool.exchange(REQUEST, soon())
        assert isinstance(raised.value, InDoubt)
        assert len(server.received) == 1
        assert pool.exchange(REQUEST, soon()).status == 200
    assert server.connections == 2


@pytest.mark.parametrize(
    "step",
    [
        say_nothing,
        say(answer()[:-1]),
        say_raw(answer()[:-3], b"\x17\x03\x03\x00\x20half a record"),
        drip(answer({"Item": "x" * 1000}), 0.01),
    ],
    ids=["silence", "all but a byte", "half a record", "drip"],
)
def test_the_deadline_ends_an_answer(tls: TLS, step: Step) -> None:
    """Before it came, in the middle of it, and in the middle of a record."""
    with served(tls, step) as (server, pool):
        channel = Channel(pool._endpoint, TIMEOUTS, soon())
        with standing_until(lambda: server.received), pytest.raises(AnswerTimedOut):
            channel.exchange(REQUEST, soon(0.2))
        wait_until(lambda: len(server.received) == 1)


@pytest.mark.parametrize("step", [say_nothing, say(answer()[:-1])], ids=["all", "the last byte"])
def test_each_piece_of_an_answer_is_bounded_too(tls: TLS, step: Step) -> None:
    """By the read timeout, long before the deadline."""
    with served(tls, step) as (_, pool):
        channel = Channel(pool._endpoint, Timeouts(connect=30, read=0.1), soon())
        with pytest.raises(AnswerTimedOut):  # else the server ends its silence
            channel.exchange(REQUEST, soon())


def test_a_body_without_length_ends_with_the_word_of_tls(tls: TLS) -> None:
    """Then it is whole."""
    with served(tls, say_and_end(UNBOUNDED)) as (_, pool):
        assert pool.exchange(REQUEST, soon()).body == b'{"Item": {}}'


def test_requests_and_answers_of_many_records(tls: TLS) -> None:
    """They arrive whole, though the buffers on their way do not hold them."""
    body = b"x" * 8_000_000
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    with served(tls, lambda to, it: to.sendall(answer(it.body[-700_000:]))) as (server, pool):
        for _ in range(2):
            assert pool.exchange(head + body, soon()).body == body[-700_000:]
        assert [request.body == body for request in server.received] == [True, True]
    assert server.connections == 1


def test_records_that_come_byte_by_byte(tls: TLS, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of one is waited upon, and read when the rest is there."""
    monkeypatch.setattr(terminator, "PIECE", 1)
    with socket.create_server(("127.0.0.1", 0)) as listener, Loopback(tls=tls[0]) as server:

        def relay() -> None:
            far = socket.create_connection(("127.0.0.1", server.port))
            with listener.accept()[0] as near, far:
                terminator.relay(near, far)

        relaying = threading.Thread(target=relay)
        relaying.start()
        channel = Channel(endpoint_of(listener.getsockname()[1], tls), TIMEOUTS, soon())
        for _ in range(3):
            assert channel.exchange(REQUEST, soon()).body == BODY
            assert not channel.is_stale()
        channel.close()
        relaying.join()


def test_a_reset_after_the_handshake(tls: TLS) -> None:
    """It is a failure, whether the request left or not."""
    hasty: Any = Hasty(tls[0])
    with Loopback(tls=hasty) as server, pytest.raises(SendingFailed):
        Pool(endpoint_of(server.port, tls), TIMEOUTS).exchange(REQUEST, soon())
    assert server.received == []


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x03\x40\x00" + b"x" * 200], ids=["no", "slow"])
def test_a_handshake_that_does_not_end(tls: TLS, said: bytes) -> None:
    """It costs the connect timeout, not more, and nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def dribble() -> None:
            with listener.accept()[0] as connection:
                drip(said, 0.05)(connection, Received(connection.recv(65536), b""))
                while connection.recv(65536):  # an end with bytes unread would be a reset
                    pass

        dribbling = threading.Thread(target=dribble)
        dribbling.start()
        with pytest.raises(ConnectTimedOut):  # the server would end it later, as no connection
            Channel(
                endpoint_of(listener.getsockname()[1], tls), Timeouts(connect=0.3, read=2), soon()
            )
        dribbling.join()


@pytest.fixture(params=UNFIT, ids=UNFIT.get)
def unfit(request: pytest.FixtureRequest, tmp_path: Path) -> TLS:
    """What a server speaks TLS with that no client should talk to."""
    made: TLS = request.param(tmp_path)
    return made


def test_no_connection_without_proof_of_the_host(unfit: TLS) -> None:
    """Nothing was sent."""
    with served(unfit) as (server, pool):
        with pytest.raises(TlsRefused) as raised:
            pool.exchange(REQUEST, soon())
        assert isinstance(raised.value, NotSent)
        assert server.received == []


@pytest.fixture(params=["auto", "botocore"])
def store(
    request: pytest.FixtureRequest, unfit: TLS, monkeypatch: pytest.MonkeyPatch
) -> Generator[tuple[Loopback, DynamoStore]]:
    """A server that no client should talk to, and a store that has its URL."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(unfit[1]))
    with Loopback(tls=unfit[0]) as server:
        made = DynamoStore(endpoint=server.url, region=Engine.region, transport=request.param)
        yield server, made
        made.close()


def test_a_store_says_that_it_is_unavailable(store: tuple[Loopback, DynamoStore]) -> None:
    """A write is not in doubt: it was never sent; and as no other try would help, none is made."""
    server, over = store
    with pytest.raises(errors.Unavailable, match="AWS_CA_BUNDLE") as raised:
        Documents(over).set(Document(name="d"))
    assert (raised.value.retryable, raised.value.attempts) == (False, 1)
    assert server.connections == 1
    assert server.received == []
