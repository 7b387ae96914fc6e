"""Connections are kept, bounded, noticed to be dead, replaced, and never shared."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
import warnings
import weakref
from collections import deque
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aio import pool as pools
from dynrepo.aio.pool import AsyncPool
from dynrepo.protocol.endpoint import Endpoint, Timeouts
from dynrepo.sending.outcomes import (
    AnswerBroken,
    AnswerLost,
    AnswerTimedOut,
    ConnectTimedOut,
    DeadlineExceeded,
    NotSent,
)
from tests.aio import loops
from tests.aio.served import BODY, REQUEST, TIMEOUTS, happens, pool_to
from tests.loopback import (
    Loopback,
    Received,
    answer,
    reset,
    say,
    say_and_close,
    say_and_half_close,
    say_nothing,
    soon,
    wait_until,
)
from tests.ports import refusing

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from dynrepo.aio.channel import AsyncChannel
    from tests.aio.conftest import Run
    from tests.loopback import Step


def idle(pool: AsyncPool) -> list[AsyncChannel]:
    """The connections that wait for the next request, on any loop."""
    return [channel for each in pool._pools.values() for channel in each._idle]


def held(pool: AsyncPool) -> list[AsyncChannel]:
    """The connections that are open, in use or idle, on any loop."""
    return [channel for each in pool._pools.values() for channel in each._held]


class Gate:
    """A server's step that answers each request when it is opened, and counts those that wait."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self.waiting = 0

    def open(self) -> None:
        """Answers all."""
        self._opened.set()

    def __call__(self, connection: socket.socket, _: Received) -> None:
        """Waits for the gate, and answers."""
        self.waiting += 1
        self._opened.wait(30)
        self.waiting -= 1
        connection.sendall(answer())


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Closed until the end of the test, at the latest."""
    made = Gate()
    yield made
    made.open()


def test_one_connection_serves_many_requests(run: Run) -> None:
    """It is kept between them."""

    async def main() -> None:
        for _ in range(5):
            assert (await pool.exchange(REQUEST, soon())).body == BODY

    with Loopback() as server:
        pool = pool_to(server)
        run(main)
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

    async def main() -> None:
        for _ in range(3):
            assert (await pool.exchange(REQUEST, soon())).body == BODY
            assert held(pool) == []

    with Loopback(say(data)) as server:
        pool = pool_to(server)
        loops.run(main)
    assert server.connections == 3


@pytest.mark.parametrize(
    "end",
    [
        say_and_close(answer()),
        say_and_half_close(answer()),
        lambda connection, _: (connection.sendall(answer()), reset(connection)),
        lambda connection, _: (connection.sendall(answer()), connection.sendall(answer({}))),
    ],
    ids=["closed", "half closed", "reset", "another's answer"],
)
def test_a_dead_connection_is_noticed_before_use(run: Run, end: Step) -> None:
    """The request goes once, over a new one: nothing is in doubt."""

    async def main() -> None:
        assert (await pool.exchange(REQUEST, soon())).status == 200
        await happens(lambda: not any(channel.is_open() for channel in idle(pool)))
        assert (await pool.exchange(REQUEST, soon())).body == BODY

    with Loopback(end, say()) as server:
        pool = pool_to(server)
        run(main)
    assert (server.connections, len(server.received)) == (2, 2)


def test_what_a_new_connection_does_not_send_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is no reason why another one should do better."""
    tried: list[bytes] = []

    async def exchange(channel: AsyncChannel, request: bytes, _: float) -> None:
        channel.close()
        tried.append(request)
        raise NotSent

    monkeypatch.setattr("dynrepo.aio.channel.AsyncChannel.exchange", exchange)
    with Loopback() as server, pytest.raises(NotSent):
        asyncio.run(pool_to(server).exchange(REQUEST, soon()))
    assert tried == [REQUEST]


def test_a_connection_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was idle for long is not trusted."""
    monkeypatch.setattr(pools, "IDLE", 0)

    async def main() -> None:
        for _ in range(2):
            await pool.exchange(REQUEST, soon())

    with Loopback() as server:
        pool = pool_to(server)
        loops.run(main)
    assert server.connections == 2


def test_a_send_that_fails_on_a_kept_connection_goes_over_a_new_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was closed between the look and the use: the whole request did not leave."""

    async def main() -> None:
        await pool.exchange(REQUEST, soon())
        (channel,) = idle(pool)
        monkeypatch.setattr(channel, "is_open", lambda: True)
        channel._socket.close()
        assert (await pool.exchange(REQUEST, soon())).status == 200

    with Loopback() as server:
        pool = pool_to(server)
        run(main)
    assert (server.connections, len(server.received)) == (2, 2)


@pytest.mark.parametrize(("size", "left"), [(1, 1), (2, 2)])
def test_what_is_to_go_over_a_new_connection_closes_one_where_there_is_no_room(
    run: Run, size: int, left: int
) -> None:
    """There are never more than there may be."""

    async def main() -> None:
        await pool.exchange(REQUEST, soon())
        (first,) = idle(pool)
        assert (await pool.exchange(REQUEST, soon(), anew=True)).status == 200
        assert len(held(pool)) == len(idle(pool)) == left
        assert first._socket.is_open == (left > 1)

    with Loopback() as server:
        pool = pool_to(server, size=size)
        run(main)
    assert server.connections == 2


def test_new_connections_at_the_same_time_are_no_more_than_there_may_be(run: Run) -> None:
    """While the name is looked up none of them is open yet, and each makes room for itself."""

    async def main() -> None:
        await asyncio.gather(*(pool.exchange(REQUEST, soon()) for _ in range(2)))
        for _ in range(3):
            await asyncio.gather(*(pool.exchange(REQUEST, soon(), anew=True) for _ in range(2)))
            assert len(idle(pool)) == len(held(pool)) == 2

    with Loopback() as server:
        pool = AsyncPool(Endpoint("localhost", server.port), TIMEOUTS, size=2)
        run(main)


def test_a_dead_connection_that_is_closed_makes_no_room(run: Run) -> None:
    """Where a network drops what is kept, those that are idle are dead, and nobody has looked."""

    async def main() -> None:
        await pool.exchange(REQUEST, soon())
        await happens(lambda: not any(channel.is_open() for channel in idle(pool)))
        for _ in range(2):
            await pool.exchange(REQUEST, soon(), anew=True)
            assert len(idle(pool)) == len(held(pool)) == 1

    with Loopback(say_and_close(answer()), say()) as server:
        pool = pool_to(server, size=1)
        run(main)


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

    async def main() -> None:
        with pytest.raises(failure):
            await pool.exchange(REQUEST, soon())
        assert held(pool) == []
        (inner,) = pool._pools.values()
        inner._timeouts = TIMEOUTS
        await happens(lambda: len(server.received) == 1)
        assert (await pool.exchange(REQUEST, soon())).status == 200

    with Loopback(step, say()) as server:
        pool = pool_to(server, Timeouts(30, 0.2) if failure is AnswerTimedOut else TIMEOUTS)
        loops.run(main)
    assert server.connections == 2


def test_nothing_is_sent_when_the_time_is_up(run: Run) -> None:
    """Neither over a new connection nor over a kept one."""

    async def main() -> None:
        with pytest.raises(ConnectTimedOut):
            await pool.exchange(REQUEST, time.monotonic() - 1)
        await pool.exchange(REQUEST, soon())
        with pytest.raises(ConnectTimedOut):
            await pool.exchange(REQUEST, time.monotonic() - 1)

    with Loopback() as server:
        pool = pool_to(server)
        run(main)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("kind", "calls"), [(kind, 100) for kind in loops.KINDS] + [("plain", 1000)]
)
def test_tasks_never_share_a_connection(kind: str, calls: int) -> None:
    """Of a thousand at once each gets the answer to its own request, over ten connections."""

    async def ask(number: int) -> None:
        body = str(number).encode()
        head = f"POST / HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        assert (await pool.exchange(head + body, soon())).body == body

    async def main() -> None:
        await asyncio.gather(*[ask(number) for number in range(calls)])
        assert len(idle(pool)) <= 10

    with Loopback(lambda connection, it: connection.sendall(answer(it.body))) as server:
        pool = pool_to(server, size=10)
        loops.run(main, kind)
    assert server.connections <= 10
    assert len(server.received) == calls


class TestWaitingForAConnection:
    """Those who come first are served first, and nobody waits for longer than it should."""

    def test_in_the_order_in_which_they_came(self, run: Run) -> None:
        """Over one connection, one after the other."""
        served: list[int] = []

        async def ask(number: int) -> None:
            await pool.exchange(REQUEST, soon())
            served.append(number)

        async def main() -> None:
            await asyncio.gather(*[ask(number) for number in range(20)])

        with Loopback() as server:
            pool = pool_to(server, size=1)
            run(main)
        assert served == list(range(20))
        assert server.connections == 1

    def test_no_longer_than_there_is_time(self, run: Run) -> None:
        """Then nothing was sent, and the next one has lost nothing by it."""
        gate = Gate()

        async def main() -> None:
            first = asyncio.ensure_future(pool.exchange(REQUEST, soon()))
            await happens(lambda: gate.waiting)
            late = asyncio.ensure_future(pool.exchange(REQUEST, soon(0.02)))
            last = asyncio.ensure_future(pool.exchange(REQUEST, soon()))
            with pytest.raises(DeadlineExceeded) as raised:
                await late
            assert isinstance(raised.value, NotSent)
            assert "pool_size" in raised.value.remedy
            (inner,) = pool._pools.values()
            assert len(inner._slots._waiting) == 1
            gate.open()
            assert [(await each).status for each in (first, last)] == [200, 200]

        with Loopback(gate) as server:
            pool = pool_to(server, size=1)
            run(main)
        assert (server.connections, len(server.received)) == (1, 2)

    def test_until_cancelled(self, run: Run) -> None:
        """Whoever is cancelled loses no slot, be it before or after it was given one."""
        gate = Gate()

        async def main() -> None:
            first = asyncio.ensure_future(pool.exchange(REQUEST, soon()))
            await happens(lambda: gate.waiting)
            waiting = [asyncio.ensure_future(pool.exchange(REQUEST, soon())) for _ in range(4)]
            await asyncio.sleep(0)
            waiting[0].cancel("gone")
            (inner,) = pool._pools.values()
            give = inner._slots.give

            def give_to_one_who_goes() -> None:
                inner._slots.give = give  # type: ignore[method-assign]
                give()
                waiting[1].cancel("gone")

            inner._slots.give = give_to_one_who_goes  # type: ignore[method-assign]
            gate.open()
            assert (await first).status == 200
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
            assert [isinstance(each, asyncio.CancelledError) for each in outcomes] == [
                True,
                True,
                False,
                False,
            ]
            assert inner._slots._free == 1

        with Loopback(gate) as server:
            pool = pool_to(server, size=1)
            run(main)

    def test_when_one_in_use_is_cancelled(self, run: Run) -> None:
        """Its connection is closed, and its slot is the next one's."""

        async def main() -> None:
            first = asyncio.ensure_future(pool.exchange(REQUEST, soon()))
            await happens(lambda: server.received)
            second = asyncio.ensure_future(pool.exchange(REQUEST, soon()))
            await asyncio.sleep(0)
            first.cancel("gone")
            assert (await second).status == 200
            with pytest.raises(asyncio.CancelledError, match="gone"):
                await first
            assert len(held(pool)) == 1

        with Loopback(say_nothing, say()) as server:
            pool = pool_to(server, size=1)
            run(main)
        assert server.connections == 2

    def test_when_connecting_fails(self, run: Run) -> None:
        """A slot is given back whatever becomes of the exchange."""

        async def main() -> None:
            with refusing() as port:
                pool = pools.AsyncPool(Endpoint("127.0.0.1", port), TIMEOUTS, 1)
                asked = [pool.exchange(REQUEST, soon()) for _ in range(5)]
                outcomes = await asyncio.gather(*asked, return_exceptions=True)
            assert all(isinstance(outcome, NotSent) for outcome in outcomes)
            assert held(pool) == []

        run(main)


def test_a_pool_tells_of_its_connections(monkeypatch: pytest.MonkeyPatch, gate: Gate) -> None:
    """How many are idle, in use and waited for, on all loops; and for how long each was in use."""
    uses: deque[tuple[str, float]] = deque()
    monkeypatch.setattr("dynrepo.instrumentation.resources.collectors", [uses])
    monkeypatch.setattr(pools, "collectors", [uses])

    async def main() -> None:
        pool = pool_to(server, size=1)
        first, second = (asyncio.ensure_future(pool.exchange(REQUEST, soon())) for _ in range(2))
        await happens(lambda: gate.waiting)
        assert pool.state()[1:] == (0, 1, 1, 1, None)
        gate.open()
        await asyncio.gather(first, second)
        assert pool.state()[1:] == (1, 0, 0, 1, None)
        pool.close()
        assert pool.state()[1:3] == (0, 0)

    with Loopback(gate) as server:
        asyncio.run(main())
    assert [seconds > 0 for _, seconds in uses] == [True, True]


def test_a_storm_of_cancellations_costs_no_slot(run: Run) -> None:
    """Wherever they strike: in a queue, while connecting, sending, or waiting for an answer."""

    async def strike(number: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(number % 10 / 2000):
                await pool.exchange(REQUEST, soon())

    async def main() -> None:
        for _ in range(3):
            await asyncio.gather(*[strike(number) for number in range(60)])
        (inner,) = pool._pools.values()
        assert inner._slots._free == 4
        assert len(held(pool)) == len(idle(pool)) <= 4
        assert (await pool.exchange(REQUEST, soon())).status == 200

    def soon_after(connection: socket.socket, _: Received) -> None:
        time.sleep(0.001)
        connection.sendall(answer())

    with Loopback(soon_after) as server:
        pool = pool_to(server, size=4)
        run(main)


class TestLoops:
    """Each has connections of its own, and may end however it likes."""

    def test_in_two_threads(self, run: Run) -> None:
        """Nothing is shared, and nothing fails."""
        outcomes: list[int] = []

        async def main() -> None:
            for _ in range(20):
                message = await pool.exchange(REQUEST, soon())
                outcomes.append(message.status)

        with Loopback() as server:
            pool = pool_to(server)
            threads = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(4)]
            for thread in threads:
                thread.start()
            run(main)
            for thread in threads:
                thread.join(30)
        assert outcomes == [200] * 100
        assert server.connections == 5

    def test_many_in_turn(self) -> None:
        """They leave one pool at most, no open socket, and no warning."""

        async def main() -> None:
            assert (await pool.exchange(REQUEST, soon())).status == 200

        with Loopback() as server, loops.nothing_left():
            pool = pool_to(server)
            for _ in range(200):
                asyncio.run(main())
            assert len(pool._pools) == 1
            assert held(pool) == []

    @pytest.mark.parametrize("kind", loops.KINDS)
    def test_that_are_closed_without_a_word(self, kind: str) -> None:
        """The sockets are closed at the next use; the loop is not touched."""

        async def main() -> None:
            assert (await pool.exchange(REQUEST, soon())).status == 200

        with Loopback() as server, loops.nothing_left():
            pool = pool_to(server)
            loop = loops.KINDS[kind]()
            loop.run_until_complete(main())
            (channel,) = idle(pool)
            parked = pool._pools[loop]._parked
            loop.close()
            assert channel._socket._socket.fileno() != -1
            loops.run(main, kind)
            assert channel._socket._socket.fileno() == -1
            assert loop not in pool._pools
            assert parked.ag_frame is None

    @pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "open"])
    @pytest.mark.parametrize("kind", loops.KINDS)
    def test_that_outlive_the_pool(self, *, kind: str, is_closed: bool) -> None:
        """A pool that is dropped closes its connections, whatever became of the loop."""
        with Loopback() as server, loops.nothing_left():
            pool = pool_to(server)
            loop = loops.KINDS[kind]()
            loop.run_until_complete(pool.exchange(REQUEST, soon()))
            (channel,) = idle(pool)
            if is_closed:
                loop.close()
            del pool
            gc.collect()
            assert channel._socket._socket.fileno() == -1
            loop.close()

    @pytest.mark.parametrize("kind", loops.KINDS)
    def test_that_end_with_calls_under_way(self, kind: str) -> None:
        """A task that is dropped with its loop fails nowhere."""
        with Loopback(say_nothing) as server:
            pool = pool_to(server, size=1)
            loop = loops.KINDS[kind]()
            loop.set_exception_handler(lambda *_: None)  # of the tasks that never ended
            asked = [pool.exchange(REQUEST, soon()) for _ in range(3)]
            tasks = [loop.create_task(each) for each in asked]
            loop.run_until_complete(happens(lambda: server.received))
            with loops.nothing_left():
                loop.close()
                for each in asked:
                    each.close()
                assert held(pool) == []
                del asked, each, tasks
                gc.collect()
                del pool

    @pytest.mark.parametrize("was_used", [True, False])
    def test_whose_end_uses_the_pool(self, run: Run, *, was_used: bool) -> None:
        """What is asked for by a generator that the loop closes is answered, and not kept."""
        statuses: list[int] = []

        async def generator() -> Any:
            try:
                yield
            finally:
                await asyncio.sleep(0)
                statuses.append((await pool.exchange(REQUEST, soon())).status)

        async def main() -> None:
            if was_used:
                await pool.exchange(REQUEST, soon())
            asked = generator()
            await anext(asked)
            kept.append(asked)

        kept: list[Any] = []
        with Loopback() as server:
            pool = pool_to(server)
            run(main)
            assert held(pool) == []
        assert statuses == [200]

    def test_none_at_all(self) -> None:
        """Without a loop of asyncio it says that it needs one."""
        pool = pools.AsyncPool(Endpoint("127.0.0.1", 1), TIMEOUTS)
        with pytest.raises(RuntimeError, match="asyncio only"):
            pool.exchange(REQUEST, soon()).send(None)


class TestClosing:
    """What is idle is closed now, what is in use when its answer is there."""

    def test_in_the_loop(self, run: Run) -> None:
        """Later calls are answered, and nothing is kept."""
        gate = Gate()

        async def main() -> None:
            asked = [asyncio.ensure_future(pool.exchange(REQUEST, soon())) for _ in range(2)]
            await happens(lambda: len(server.received) == 2)
            server.script = [say()]
            await pool.exchange(REQUEST, soon())
            assert (len(idle(pool)), len(held(pool))) == (1, 3)
            pool.close()
            assert (len(idle(pool)), len(held(pool))) == (0, 2)
            gate.open()
            assert [(await each).status for each in asked] == [200, 200]
            assert (await pool.exchange(REQUEST, soon())).status == 200
            assert held(pool) == []

        with Loopback(gate) as server:
            pool = pool_to(server)
            run(main)
            run(lambda: pool.exchange(REQUEST, soon()))
            assert held(pool) == []

    def test_from_another_thread(self, run: Run) -> None:
        """The loop does it itself, as soon as it can."""

        async def main() -> None:
            await pool.exchange(REQUEST, soon())
            await asyncio.to_thread(pool.close)
            await happens(lambda: not any(channel.is_open() for channel in idle(pool)))

        with Loopback() as server:
            pool = pool_to(server)
            run(main)

    def test_between_two_runs_of_a_loop(self) -> None:
        """It is done at once."""
        with Loopback() as server:
            pool = pool_to(server)
            loop = asyncio.new_event_loop()
            loop.run_until_complete(pool.exchange(REQUEST, soon()))
            pool.close()
            assert held(pool) == []
            loop.close()
            pool.close()

    def test_a_loop_that_is_just_being_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its sockets are closed without it."""
        with Loopback() as server:
            pool = pool_to(server)
            loop = asyncio.new_event_loop()
            loop.run_until_complete(pool.exchange(REQUEST, soon()))
            loop.close()
            monkeypatch.setattr(loop, "is_closed", lambda: False)
            monkeypatch.setattr(loop, "is_running", lambda: True)
            monkeypatch.setattr(loop, "call_soon_threadsafe", _closed)
            pool.close()
            assert held(pool) == []


def _closed(*_: object, **__: object) -> None:
    raise RuntimeError("Event loop is closed")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_in_a_running_loop(run: Run) -> None:
    """The child closes its sockets alone; the parent hears the answer to what it had asked."""
    gate = Gate()

    async def main() -> None:
        await pool.exchange(REQUEST, soon())
        server.script = [gate]
        asked = [asyncio.ensure_future(pool.exchange(REQUEST, soon())) for _ in range(2)]
        await happens(lambda: gate.waiting == 2)
        server.script = [say()]
        await pool.exchange(REQUEST, soon())
        channels, (loop,) = held(pool), pool._pools
        with warnings.catch_warnings(action="ignore"):  # threads run: those of the server
            child = os.fork()
        if not child:
            _ask_and_exit(pool, loop, channels, asked)
        assert os.waitpid(child, 0)[1] == 0  # noqa: ASYNC222 - it is there for a moment
        gate.open()
        assert [(await each).status for each in asked] == [200, 200]
        for _ in range(3):
            assert (await pool.exchange(REQUEST, soon())).status == 200

    with Loopback() as server:
        pool = pool_to(server)
        run(main)
    assert server.connections == 4  # one of them the child's


def _ask_and_exit(pool: AsyncPool, loop: Any, channels: Any, asked: list[Any]) -> None:
    """Has forgotten all that is the parent's, drops it, and asks for something itself."""
    status = 1
    try:
        touched: list[Any] = []
        with suppress(AttributeError):  # uvloop's
            loop.call_soon_threadsafe = lambda *what: touched.append(what)
        assert pool._pools == {}
        assert {channel._socket._socket.fileno() for channel in channels} == {-1}
        for channel in channels:
            channel.close()
        asked.clear()
        channels.clear()
        gc.collect()
        assert touched == []
        assert asyncio.run(pool.exchange(REQUEST, soon())).status == 200
        status = 0
    finally:
        os._exit(status)


class Visitor:
    """What a context variable of the caller holds."""


def test_nothing_of_the_callers_context_stays(run: Run) -> None:
    """Connections and timers outlive the call that made them, its variables do not."""
    variable: ContextVar[Visitor] = ContextVar("variable")

    async def visit() -> weakref.ref[Visitor]:
        visitor = Visitor()
        variable.set(visitor)
        await pool.exchange(REQUEST, soon())
        return weakref.ref(visitor)

    async def main() -> None:
        visitor = await asyncio.create_task(visit())
        await asyncio.sleep(0)
        gc.collect()
        assert visitor() is None
        assert len(idle(pool)) == 1

    with Loopback() as server:
        pool = pool_to(server)
        run(main)


AT_EXIT = """
import asyncio, sys
from dynrepo.aio.pool import AsyncPool
from dynrepo.protocol.endpoint import Endpoint, Timeouts
pool = AsyncPool(Endpoint("127.0.0.1", {port}), Timeouts(30, 30))
request = b"POST / HTTP/1.1\\r\\nContent-Length: 2\\r\\n\\r\\n{{}}"
loop = asyncio.new_event_loop()
print(loop.run_until_complete(pool.exchange(request, float("inf"))).status)
loop.close()
"""


def test_at_the_end_of_the_interpreter_nothing_is_said() -> None:
    """Though nobody closed the pool, and the loop without a word."""
    with Loopback() as server:
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-X", "dev", "-c", AT_EXIT.format(port=server.port)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ended.stdout, ended.stderr, ended.returncode) == ("200\n", "", 0)


def test_a_read_timeout_is_that_of_one_timer(run: Run) -> None:
    """However many wait: each of them times out."""

    async def main() -> list[Any]:
        asked = [pool.exchange(REQUEST, soon()) for _ in range(20)]
        return await asyncio.gather(*asked, return_exceptions=True)

    with Loopback(say_nothing) as server:
        pool = pool_to(server, Timeouts(connect=30, read=0.05))
        assert {type(outcome) for outcome in run(main)} == {AnswerTimedOut}
        assert held(pool) == []


def test_an_interrupt_closes_the_connection() -> None:
    """The answer to an abandoned request is never taken for the next one's."""
    with Loopback(say_nothing) as server:
        pool = pool_to(server)
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)

        def interrupt() -> None:
            raise KeyboardInterrupt

        async def main() -> None:
            asked = asyncio.ensure_future(pool.exchange(REQUEST, soon()))
            await happens(lambda: server.received)
            loop.call_soon(interrupt)
            await asked

        main_task = loop.create_task(main())
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(main_task)
        main_task.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(main_task)
        assert held(pool) == []
        loop.close()
    wait_until(lambda: server.connections == 1)
