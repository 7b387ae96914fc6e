"""What holds of a connection holds over TLS, and nothing is sent to a host without proof."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aio.pool import AsyncPool
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
from tests import terminator
from tests.aio import loops
from tests.aio.served import BODY, REQUEST, TIMEOUTS, happens, open_channel
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
    tls_for,
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
from tests.stopwatch import passes

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from dynrepo.aio.channel import AsyncChannel
    from tests.aio.conftest import Run
    from tests.loopback import Step

KINDS = [kind for kind in loops.KINDS if kind != "debug"]


def endpoint_of(port: int, tls: TLS) -> Endpoint:
    """A server, as those reach it who trust its certificate."""
    return Endpoint("localhost", port, ssl.create_default_context(cafile=tls[1]))


@contextmanager
def served(tls: TLS, *script: Step) -> Generator[tuple[Loopback, AsyncPool]]:
    """A server over TLS, and a pool of connections to it."""
    with Loopback(*script, tls=tls[0]) as server:
        pool = AsyncPool(endpoint_of(server.port, tls), TIMEOUTS)
        yield server, pool
        pool.close()


def idle(pool: AsyncPool) -> list[AsyncChannel]:
    """The connections that wait for the next request."""
    return [channel for each in pool._pools.values() for channel in each._idle]


def test_one_connection_serves_many_requests(run: Run, tls: TLS) -> None:
    """Whatever the size of the answer is: a record of TLS more or less is no matter."""
    sizes = [1, 16_384, 16_385, 300_000, 10]

    async def main() -> None:
        for size in sizes:
            assert len((await pool.exchange(REQUEST, soon())).body) == size
            assert all(channel.is_open() for channel in idle(pool))

    with served(tls, *[say(answer(b"x" * size)) for size in sizes]) as (server, pool):
        run(main)
    assert (server.connections, len(server.received)) == (1, len(sizes))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_either_version_of_tls_is_spoken(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """Whatever the number of steps in its handshake is."""
    context, bundle = tls_for(tmp_path, "localhost")
    context.maximum_version = version

    async def main() -> None:
        for _ in range(2):
            assert (await pool.exchange(REQUEST, soon())).body == BODY

    with served((context, bundle)) as (server, pool):
        loops.run(main)
    assert server.connections == 1


def test_session_tickets_are_no_answer(run: Run, tls: TLS) -> None:
    """They come unasked, after the handshake, and do not end a connection."""

    async def main() -> None:
        channel = await open_channel(endpoint_of(server.port, tls))
        await asyncio.sleep(0.01)
        assert channel.is_open()
        assert (await channel.exchange(REQUEST, soon())).body == BODY
        assert channel.is_open()
        channel.close()

    with Loopback(tls=tls[0]) as server:
        run(main)
    assert server.connections == 1


ENDS: dict[str, Step] = {
    "closed": say_and_end(answer()),
    "half closed": say_and_half_end(answer()),
    "closed without a word": say_and_close(answer()),
    "reset": say_and_reset(answer()),
    "noise": say_raw(answer(), b"\x15\x03\x03\x00\x02\x02\x28"),
    "another's answer": lambda to, _: (to.sendall(answer()), to.sendall(answer({}))),
}


@pytest.mark.parametrize("step", ENDS.values(), ids=list(ENDS))
@pytest.mark.parametrize("kind", KINDS)
def test_a_dead_connection_is_noticed_before_use(tls: TLS, kind: str, step: Step) -> None:
    """The request goes once, over a new one: nothing is in doubt."""

    async def main() -> None:
        assert (await pool.exchange(REQUEST, soon())).body == BODY
        await happens(lambda: not any(channel.is_open() for channel in idle(pool)))
        assert (await pool.exchange(REQUEST, soon())).body == BODY

    with served(tls, step, say()) as (server, pool):
        loops.run(main, kind)
    assert (server.connections, len(server.received)) == (2, 2)


IN_DOUBT: dict[str, tuple[Step, type[Exception]]] = {
    "reset": (reset, AnswerLost),
    "closed without a word": (say_and_close(), AnswerLost),
    "closed": (say_and_end(), AnswerLost),
    "half closed": (say_and_half_end(), AnswerLost),
    "cut": (say_and_end(answer()[:-3]), AnswerLost),
    "cut without a word": (say_and_close(answer()[:-3]), AnswerLost),
    "a body without length, cut without a word": (say_and_close(UNBOUNDED[:-3]), AnswerLost),
    "a body without length, whole, without a word": (say_and_close(UNBOUNDED), AnswerLost),
    "a body without length, reset": (say_and_reset(UNBOUNDED), AnswerLost),
    "a forged record": (say_raw(UNBOUNDED, b"\x17\x03\x03\x00\x20" + b"x" * 32), AnswerLost),
    "no TLS": (say_raw(answer()[:-3], b"not TLS"), AnswerLost),
    "no HTTP": (say(b"It works!\r\n\r\n"), AnswerBroken),
}


@pytest.mark.parametrize(("step", "failure"), IN_DOUBT.values(), ids=list(IN_DOUBT))
def test_a_request_that_was_sent_is_in_doubt(
    tls: TLS, step: Step, failure: type[Exception]
) -> None:
    """Whatever goes wrong after it left: what TLS does not vouch for is no whole answer."""

    async def main() -> None:
        with pytest.raises(failure) as raised:
            await pool.exchange(REQUEST, soon())
        assert isinstance(raised.value, InDoubt)
        assert len(server.received) == 1
        assert (await pool.exchange(REQUEST, soon())).status == 200

    with served(tls, step, say()) as (server, pool):
        loops.run(main)
    assert server.connections == 2


SLOW: dict[str, Step] = {
    "silence": say_nothing,
    "all but a byte": say(answer()[:-1]),
    "half a record": say_raw(answer()[:-3], b"\x17\x03\x03\x00\x20half a record"),
    "drip": drip(answer({"Item": "x" * 1000}), 0.01),
}


@pytest.mark.parametrize("step", SLOW.values(), ids=list(SLOW))
def test_the_deadline_ends_an_answer(tls: TLS, step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it came, in the middle of it, and in the middle of a record."""

    async def main() -> None:
        channel = await open_channel(endpoint_of(server.port, tls))
        asked = asyncio.ensure_future(channel.exchange(REQUEST, soon(600)))
        await happens(lambda: server.received)
        passes(monkeypatch, 600)
        with pytest.raises(AnswerTimedOut):
            await asked
        assert len(server.received) == 1

    with Loopback(step, tls=tls[0]) as server:
        loops.run(main)


def test_a_body_without_length_ends_with_the_word_of_tls(run: Run, tls: TLS) -> None:
    """Then it is whole."""

    async def main() -> None:
        assert (await pool.exchange(REQUEST, soon())).body == b'{"Item": {}}'

    with served(tls, say_and_end(UNBOUNDED)) as (_, pool):
        run(main)


def test_requests_and_answers_of_many_records(run: Run, tls: TLS) -> None:
    """They arrive whole, though the buffers on their way do not hold them."""
    body = b"x" * 8_000_000
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)

    async def main() -> None:
        for _ in range(2):
            assert (await pool.exchange(head + body, soon())).body == body[-700_000:]

    with served(tls, lambda to, it: to.sendall(answer(it.body[-700_000:]))) as (server, pool):
        run(main)
    assert [request.body == body for request in server.received] == [True, True]
    assert server.connections == 1


def test_records_that_come_byte_by_byte(tls: TLS, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of one is waited upon, and read when the rest is there."""
    monkeypatch.setattr(terminator, "PIECE", 1)

    async def main() -> None:
        channel = await open_channel(endpoint_of(listener.getsockname()[1], tls))
        for _ in range(3):
            assert (await channel.exchange(REQUEST, soon())).body == BODY
            assert channel.is_open()
        channel.close()

    with socket.create_server(("127.0.0.1", 0)) as listener, Loopback(tls=tls[0]) as server:

        def relay() -> None:
            far = socket.create_connection(("127.0.0.1", server.port))
            with listener.accept()[0] as near, far:
                terminator.relay(near, far)

        relaying = threading.Thread(target=relay)
        relaying.start()
        loops.run(main)
        relaying.join()


def test_a_reset_after_the_handshake(run: Run, tls: TLS) -> None:
    """It is a failure, whether the request left or not."""
    hasty: Any = Hasty(tls[0])

    async def main() -> None:
        with pytest.raises(SendingFailed):
            await AsyncPool(endpoint_of(server.port, tls), TIMEOUTS).exchange(REQUEST, soon())

    with Loopback(tls=hasty) as server:
        run(main)
    assert server.received == []


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x03\x40\x00" + b"x" * 200], ids=["no", "slow"])
def test_a_handshake_that_does_not_end(run: Run, tls: TLS, said: bytes) -> None:
    """It costs the connect timeout, not more, and nothing was sent."""

    async def main() -> None:
        endpoint = endpoint_of(listener.getsockname()[1], tls)
        with pytest.raises(ConnectTimedOut):  # the server would end it later, as no connection
            await open_channel(endpoint, Timeouts(connect=0.2, read=2))

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def dribble() -> None:
            with listener.accept()[0] as connection:
                drip(said, 0.05)(connection, Received(connection.recv(65536), b""))
                while connection.recv(65536):  # an end with bytes unread would be a reset
                    pass

        dribbling = threading.Thread(target=dribble)
        dribbling.start()
        run(main)
        dribbling.join()


@pytest.mark.parametrize("made", UNFIT, ids=UNFIT.get)
def test_no_connection_without_proof_of_the_host(made: Any, tmp_path: Path) -> None:
    """Nothing was sent."""

    async def main() -> None:
        with pytest.raises(TlsRefused) as raised:
            await pool.exchange(REQUEST, soon())
        assert isinstance(raised.value, NotSent)

    with served(made(tmp_path)) as (server, pool):
        loops.run(main)
    assert server.received == []


def test_a_cancelled_exchange_closes_the_connection(run: Run, tls: TLS) -> None:
    """Without a word to the other side that would have to be waited for."""

    async def main() -> None:
        asked = asyncio.ensure_future(pool.exchange(REQUEST, soon()))
        await happens(lambda: server.received)
        asked.cancel("gone")
        with pytest.raises(asyncio.CancelledError, match="gone"):
            await asked
        assert (await pool.exchange(REQUEST, soon())).status == 200

    with served(tls, say_nothing, say()) as (server, pool):
        run(main)
    assert server.connections == 2
