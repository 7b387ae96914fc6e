"""One door for any number of tasks and loops, which nothing that blocks holds up."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import pytest
from pydantic import BaseModel
from pynamodb.signals import post_dynamodb_send, pre_dynamodb_send

from dynrepo import (
    AsyncDynamoStore,
    AsyncRepository,
    DynamoStore,
    PartitionKey,
    Repository,
    Settings,
    errors,
)
from dynrepo.aio import store as stores
from dynrepo.aio.store import SENDING
from dynrepo.aws import connection as connections
from dynrepo.aws.sender_choice import SenderChooser
from dynrepo.clock import deadline
from dynrepo.operations.operation import Location, Operation
from dynrepo.sending.outcomes import Refused, SendingFailed
from tests.aio import loops
from tests.aio.blocking_calls import none_allowed
from tests.loopback import Loopback, Received, answer, say, wait_until
from tests.scripted import EMPTY, GET, Scripted, refused
from tests.stopwatch import passes
from tests.threads import together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo.operations.operation import Answer
    from tests.aio.conftest import Run


class Thing(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]


class Things(Repository[Thing]):
    """All things."""

    table = "things"


class AsyncThings(AsyncRepository[Thing]):
    """The same, awaited."""

    table = "things"


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What the threads of a test wait for; open at its end."""
    event = threading.Event()
    yield event
    event.set()


def direct(server: Loopback, **options: Any) -> AsyncDynamoStore:
    """A store that sends itself."""
    return AsyncDynamoStore(**{"region": "eu-west-1", "endpoint": server.url, **options})


def by_botocore(server: Loopback, **options: Any) -> AsyncDynamoStore:
    """A store whose requests botocore sends."""
    return direct(server, transport="botocore", **options)


def sending() -> int:
    """How many threads send by botocore's sender."""
    return sum(thread.name == SENDING for thread in threading.enumerate())


def slowed(monkeypatch: pytest.MonkeyPatch, wait: Callable[[], object]) -> None:
    """Has the making of a client wait first."""
    connect = connections.connect

    def slow(*arguments: Any, **options: Any) -> Any:
        wait()
        return connect(*arguments, **options)

    monkeypatch.setattr(connections, "connect", slow)


async def cancelled(store: AsyncDynamoStore, begun: Callable[[], object]) -> None:
    """Begins a call, and cancels it where it waits."""
    call = asyncio.ensure_future(store.execute_async(GET))
    await loops.until(begun)
    call.cancel("enough")
    with pytest.raises(asyncio.CancelledError, match="enough"):
        await call


def test_an_answer_is_that_of_the_blocking_store(run: Run) -> None:
    """With as many attempts, and one of a probe as well."""
    body = {**EMPTY, "ResponseMetadata": {"RequestId": "R1"}}

    def script() -> Scripted:
        return Scripted(refused("ThrottlingException"), dict(body))

    async def main() -> list[Answer]:
        store = AsyncDynamoStore(connection=script())
        return [
            await store.execute_async(GET),
            await store.execute_async(GET._replace(deadline=5.0)),
        ]

    store = DynamoStore(connection=script())
    assert run(main) == [store.execute(GET), store.execute(GET._replace(deadline=5.0))]


@pytest.mark.parametrize("failure", [RuntimeError("?"), KeyError("?"), refused("Whatever")])
def test_only_errors_of_this_library_leave(failure: Exception) -> None:
    """With what went wrong behind them; of an answer its code, for AWS's text quotes values."""
    with pytest.raises(errors.DynrepoError) as caught:
        loops.run(lambda: AsyncDynamoStore(connection=Scripted(failure)).execute_async(GET))
    cause = caught.value.__cause__
    assert cause is failure or (isinstance(cause, Refused) and str(cause) == "Whatever")


def test_a_table_that_is_not_there_is_told_with_its_place(run: Run) -> None:
    """The region and the endpoint that were asked, and what makes it."""
    missing = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}
    with Loopback(say(answer(missing, status=400))) as server:
        with pytest.raises(errors.TableNotFound) as caught:
            run(lambda: AsyncThings(direct(server)).get("1"))
        assert str(caught.value).startswith(
            f"GetItem on things failed: no such table in eu-west-1 at {server.url}; ensure_table()"
        )


def test_elsewhere_than_on_asyncio_it_says_so() -> None:
    """The first call of a loop of another library, or of none."""
    with Loopback() as server:
        store = by_botocore(server)
        for _ in range(2):  # before its first call on asyncio, and after it
            with pytest.raises(errors.SettingsError, match="asyncio only"):
                store.execute_async(GET).send(None)
            loops.run(lambda: store.execute_async(GET))
        store.close()


def test_where_it_is_and_who_sends_is_told_by_what_is_known() -> None:
    """No client is made to answer a question."""

    async def main() -> None:
        with Loopback() as server:
            secret = server.url.replace("//", "//ada:secret@")
            store = by_botocore(
                server, endpoint=None, settings=Settings.model_construct(endpoint=secret)
            )
            assert store.location == Location("eu-west-1", server.url)
            with pytest.raises(SendingFailed) as raised:
                store.sender  # noqa: B018 - raises
            assert str(raised.value) == "nothing was sent yet: make a call first"
            assert store._main._call.running is None
            store = by_botocore(server, region="eu-north-1")
            await store.execute_async(GET)
            assert store.location == Location("eu-north-1", server.url)
            assert store.sender.name == "botocore"
            store.close()

    loops.run(main)


def test_who_sends_is_known_of_a_store_that_only_health_was_asked_of() -> None:
    """As of a service that waits for its first request: a health says it from the first look on."""

    async def main() -> None:
        with Loopback() as server:
            store = by_botocore(server)
            await store.execute_async(GET.replaced(deadline=2.0))
            assert store.sender.name == "botocore"
            store.close()

    loops.run(main)


def test_a_block_closes_it() -> None:
    """A later call opens new connections."""
    connection = Scripted(EMPTY)

    async def main() -> None:
        store = AsyncDynamoStore(connection=connection)
        async with store as entered:
            await entered.execute_async(GET)
        assert connection.closed == 1
        await store.execute_async(GET)

    loops.run(main)


class TestBotocoresSender:
    """It sends in threads, where it has to take over."""

    def test_holds_no_more_threads_than_connections(self, run: Run, gate: threading.Event) -> None:
        """Who finds them busy stands in line, and is answered; a probe has its own."""
        most: list[int] = []
        running: set[int] = set()

        def step() -> Any:
            running.add(threading.get_ident())
            most.append(len(running))
            gate.wait(30)
            running.discard(threading.get_ident())
            return dict(EMPTY)

        async def main() -> list[Answer]:
            store = AsyncDynamoStore(connection=Scripted(step), pool_size=2)
            calls = [asyncio.ensure_future(store.execute_async(GET)) for _ in range(8)]
            await loops.until(lambda: len(most) >= 2)
            probe = asyncio.ensure_future(store.execute_async(GET._replace(deadline=20.0)))
            await loops.until(lambda: len(most) >= 3)
            gate.set()
            return await asyncio.gather(*calls, probe)

        assert [found.body for found in run(main)] == [EMPTY] * 9
        assert max(most) <= 3
        wait_until(lambda: sending() == 0)

    def test_is_waited_for_until_the_end_of_the_call(
        self, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In line nothing was sent; in a thread, a write may have been applied."""
        put = GET._replace(name="PutItem")
        connection = Scripted(lambda: gate.wait(30) and dict(EMPTY))
        gate.set()

        async def main() -> None:
            store = AsyncDynamoStore(connection=connection, pool_size=1)
            await store.execute_async(GET._replace(deadline=20.0))
            gate.clear()
            with deadline(10.0):
                sent = asyncio.ensure_future(store.execute_async(put))
                await loops.until(lambda: len(connection.sent) == 2)
                waiting = asyncio.ensure_future(store.execute_async(put))
                await loops.turns()
                passes(monkeypatch, 10.0)
                with pytest.raises(errors.Timeout, match="pool_size"):
                    await waiting
                with pytest.raises(errors.Timeout) as raised:
                    await sent
            assert raised.value.code == "AnswerTimedOut"
            assert len(connection.sent) == 2
            gate.set()
            await loops.until(lambda: not sending())
            await store.execute_async(put)

        loops.run(main)

    def test_says_itself_what_became_of_a_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """At its end: what never left was not sent."""
        monkeypatch.setattr(stores, "_LEFT_TO_TELL", 30.0)

        async def main() -> None:
            connection = Scripted(lambda: time.sleep(1.1) or ConnectionRefusedError())
            store = AsyncDynamoStore(connection=connection, deadline=1.0)
            with pytest.raises(errors.Unavailable) as raised:
                await store.execute_async(GET._replace(name="PutItem"))
            assert raised.value.code == "ConnectionRefusedError"

        loops.run(main)

    def test_goes_on_for_a_caller_who_is_gone(self, run: Run, gate: threading.Event) -> None:
        """One that has begun to its end, which frees its thread; one in line never begins."""
        connection = Scripted(lambda: gate.wait(30) and dict(EMPTY))

        async def main() -> None:
            store = AsyncDynamoStore(connection=connection, pool_size=1)
            await cancelled(store, lambda: len(connection.sent) == 1)
            await cancelled(store, lambda: len(store._workers._line) == 1)
            assert not store._workers._line
            gate.set()
            await store.execute_async(GET)

        run(main)
        assert len(connection.sent) == 2

    def test_runs_in_the_context_of_the_caller(self) -> None:
        """Spans and log lines of botocore belong to the call."""
        mine: contextvars.ContextVar[str] = contextvars.ContextVar("mine", default="nobody's")
        seen: list[str] = []

        def step() -> Any:
            seen.append(mine.get())
            return dict(EMPTY)

        async def call(store: AsyncDynamoStore, name: str) -> None:
            mine.set(name)
            await store.execute_async(GET)

        async def main() -> None:
            store = AsyncDynamoStore(connection=Scripted(step))
            await asyncio.gather(call(store, "ada's"), call(store, "bob's"))

        loops.run(main)
        assert sorted(seen) == ["ada's", "bob's"]

    def test_does_not_hold_up_the_end_of_the_loop(self, gate: threading.Event) -> None:
        """A request that hangs is left to its thread."""
        begun: list[int] = []
        connection = Scripted(lambda: begun.append(1) or (gate.wait(30) and dict(EMPTY)))

        async def main() -> None:
            store = AsyncDynamoStore(connection=connection)
            call = asyncio.ensure_future(store.execute_async(GET))
            await loops.until(lambda: begun)
            del call

        loops.run(main)
        assert not gate.is_set()


class TestPreparing:
    """Botocore is imported and its client made by a thread, once for all who wait."""

    def test_is_shared_by_tasks_and_loops(
        self, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
    ) -> None:
        """However many come first at once."""
        made: list[int] = []
        slowed(monkeypatch, lambda: made.append(1) or gate.wait(30))

        async def main() -> None:
            calls = [asyncio.ensure_future(store.execute_async(GET)) for _ in range(8)]
            await loops.until(lambda: made)
            gate.set()
            await asyncio.gather(*calls)

        with Loopback() as server:
            store = by_botocore(server)
            others = [threading.Thread(target=asyncio.run, args=(main(),)) for _ in range(2)]
            for other in others:
                other.start()
            loops.run(main)
            for other in others:
                other.join(30)
            store.close()
            assert len(server.received) == 24
        assert made == [1]

    def test_costs_the_first_call_nothing(
        self, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
    ) -> None:
        """Its time begins afterwards; that of a block of `deadline` has begun."""
        given = connections.given
        waits: list[Callable[[], object]] = [
            lambda: passes(monkeypatch, 20.0),
            lambda: gate.wait(30),
        ]

        def slow(connection: Any) -> Any:
            waits.pop(0)()
            return given(connection)

        monkeypatch.setattr(connections, "given", slow)

        async def main() -> None:
            store = AsyncDynamoStore(connection=Scripted(EMPTY), deadline=15.0)
            await store.execute_async(GET)
            store = AsyncDynamoStore(connection=Scripted(EMPTY))
            with pytest.raises(errors.Timeout, match="preparing took the time"), deadline(0.2):
                await store.execute_async(GET)
            gate.set()
            await store.execute_async(GET)

        loops.run(main)

    def test_goes_on_when_a_caller_is_cancelled(
        self, run: Run, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
    ) -> None:
        """For those who wait with them, and for those who come later."""
        made: list[int] = []
        slowed(monkeypatch, lambda: made.append(1) or gate.wait(30))

        async def main() -> None:
            with Loopback() as server:
                async with by_botocore(server) as store:
                    other = asyncio.ensure_future(store.execute_async(GET))
                    await cancelled(store, lambda: made == [1])
                    gate.set()
                    await other
                    await store.execute_async(GET)

        run(main)
        assert made == [1]

    def test_that_fails_is_tried_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing was sent, of a write as well."""
        made: list[int] = []

        def fail() -> None:
            made.append(1)
            raise OSError("no file descriptor")

        slowed(monkeypatch, fail)

        async def main() -> None:
            store = AsyncDynamoStore(region="eu-west-1", attempts=2)
            with pytest.raises(errors.Unavailable) as raised:
                await store.execute_async(GET._replace(name="PutItem"))
            assert (raised.value.code, raised.value.attempts) == ("OSError", 2)

        loops.run(main)
        assert made == [1, 1]


class TestChoosing:
    """Who sends is decided by a thread, once for all who wait."""

    def test_is_waited_for_until_the_end_of_a_call(
        self, run_timed: Run, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
    ) -> None:
        """It goes on for others when a caller is cancelled, or late."""
        begun: list[int] = []
        make = SenderChooser._made

        def slow(chooser: SenderChooser, client: Any) -> Any:
            begun.append(1)
            gate.wait(30)
            return make(chooser, client)

        monkeypatch.setattr(SenderChooser, "_made", slow)

        async def main() -> None:
            with Loopback() as server, none_allowed():
                async with direct(server) as store:
                    other = asyncio.ensure_future(store.execute_async(GET))
                    await cancelled(store, lambda: begun)
                    with deadline(5.0):
                        late = asyncio.ensure_future(store.execute_async(GET))
                        await loops.turns()
                    passes(monkeypatch, 5.0)
                    with pytest.raises(errors.Timeout, match="choice of a sender took the time"):
                        await late
                    gate.set()
                    await other
                    assert store.sender.name == "direct"

        run_timed(main)
        assert begun == [1]

    def test_is_done_anew_where_moto_mocks(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """No request leaves the process while it does; they go out directly before and after."""
        from moto import mock_aws  # noqa: PLC0415 - takes a second to import

        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        tables: Operation[Any] = Operation("ListTables", "", {}, lambda answer: answer)

        async def main() -> None:
            with Loopback() as server, none_allowed():
                async with direct(server, endpoint=None, deadline=60.0) as store:
                    with mock_aws():
                        assert (await store.execute_async(tables)).body["TableNames"] == []
                async with direct(server) as store:
                    await store.execute_async(GET)
                    assert store.sender.name == "direct"
                    with mock_aws():
                        assert store.sender.name == "botocore"
                    assert store.sender.name == "direct"

        run(main)

    @pytest.mark.parametrize("signal", [pre_dynamodb_send, post_dynamodb_send])
    def test_leaves_signals_to_pynamodb(self, signal: Any) -> None:
        """Whoever receives them holds up a thread, and not the loop."""
        heard: list[str] = []

        def receive(*_: Any, **__: Any) -> None:
            heard.append(threading.current_thread().name)

        async def main() -> None:
            with Loopback() as server, none_allowed():
                async with direct(server) as store:
                    await store.execute_async(GET)
                    with signal.connected_to(receive):
                        await store.execute_async(GET)
                    await store.execute_async(GET)

        loops.run(main)
        assert heard == [SENDING]


class TestLoops:
    """One store serves any number of them."""

    def test_in_turn(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A thousand leave one pool at most, no socket, and no warning; one client is made."""
        made: list[int] = []
        slowed(monkeypatch, lambda: made.append(1))

        async def main() -> None:
            await store.execute_async(GET)

        with Loopback() as server, loops.nothing_left():
            store = direct(server)
            asyncio.run(main())
            open_files = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208
            for _ in range(1000):
                asyncio.run(main())
            if open_files:  # those of the server are closed by its threads
                wait_until(lambda: len(os.listdir("/proc/self/fd")) <= open_files + 4)  # noqa: PTH208
            chosen: Any = store._main.ready
            assert len(chosen.chooser._choice.direct._pool._pools) <= 1
            assert len(server.received) == 1001
        assert made == [1]

    def test_at_the_same_time(self) -> None:
        """In threads, and they share no connection."""
        together_there = threading.Barrier(3)

        async def main() -> None:
            await store.execute_async(GET)
            together_there.wait(30)
            for _ in range(20):
                await asyncio.gather(*(store.execute_async(GET) for _ in range(3)))

        with Loopback() as server:
            store = direct(server)
            assert together(lambda: loops.run(main), 3) == [None] * 3
            store.close()
            assert len(server.received) == 3 * 61


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("make", [direct, by_botocore])
def test_a_process_forked_in_a_running_loop(make: Callable[..., AsyncDynamoStore]) -> None:
    """It shares no connection with its parent, which is answered nonetheless."""
    answered = threading.Event()

    def serve(connection: Any, request: Received) -> None:
        if request.json.get("ConsistentRead"):
            answered.wait(30)
        connection.sendall(answer())

    waiting: Operation[Any] = GET._replace(request={**GET.request, "ConsistentRead": True})

    async def main(store: AsyncDynamoStore, server: Loopback) -> None:
        await store.execute_async(GET)
        late = asyncio.ensure_future(store.execute_async(waiting))
        await loops.until(lambda: len(server.received) == 2)
        connections = server.connections
        child = os.fork()
        if child == 0:
            _call_and_exit(store)
        await loops.until(lambda: len(server.received) == 3)
        assert await asyncio.to_thread(os.waitpid, child, 0) == (child, 0)
        answered.set()
        await late
        await store.execute_async(GET)
        assert server.connections == connections + 1

    with Loopback(serve) as server:
        store = make(server)
        asyncio.run(main(store, server))
        store.close()


def _call_and_exit(store: AsyncDynamoStore) -> NoReturn:
    status = 1
    try:
        asyncio.run(_called(store))
        status = 0
    finally:
        os._exit(status)


async def _called(store: AsyncDynamoStore) -> None:
    await store.execute_async(GET)


class TestNothingHoldsUpTheLoop:
    """What blocks is done by threads."""

    @pytest.mark.parametrize("make", [direct, by_botocore])
    def test_from_the_first_call_on(self, run: Run, make: Callable[..., AsyncDynamoStore]) -> None:
        """Many at once, a probe, and after the store was closed."""

        async def main() -> None:
            with Loopback() as server, none_allowed():
                store = make(server)
                await store.execute_async(GET)
                await store.execute_async(GET._replace(deadline=5.0))
                await asyncio.gather(*(store.execute_async(GET) for _ in range(20)))
                store.close()
                await store.execute_async(GET)
                store.close()

        run(main)

    @pytest.mark.parametrize("transport", ["auto", "botocore"])
    def test_not_by_the_import_of_botocore(self, transport: str) -> None:
        """In a process that has not heard of it before."""
        with Loopback() as server:
            program = FIRST_CALL.format(url=server.url, transport=transport)
            subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)


FIRST_CALL = """
import asyncio, sys
from dynrepo import AsyncDynamoStore
from dynrepo.operations.operation import Operation
from tests.aio.blocking_calls import none_allowed

async def main():
    assert not {{"botocore", "pynamodb"}} & set(sys.modules)
    get = Operation("GetItem", "things", {{"TableName": "things"}}, lambda answer: answer)
    store = AsyncDynamoStore(region="eu-west-1", endpoint="{url}", transport="{transport}")
    with none_allowed():
        async with store:
            await asyncio.gather(*(store.execute_async(get) for _ in range(3)))

asyncio.run(main())
"""


class TestItIsTheBlockingStoreAwaited:
    """Member by member; only what waits is named and called otherwise."""

    @pytest.mark.parametrize("name", ["__init__", "location", "sender", "close", "forget"])
    def test_what_sends_nothing_is_the_same(self, name: str) -> None:
        """In its words too."""
        awaited, blocking = getattr(AsyncDynamoStore, name), getattr(DynamoStore, name)
        assert awaited.__doc__ == blocking.__doc__
        if not isinstance(awaited, property):
            assert inspect.signature(awaited) == inspect.signature(blocking)
            assert not inspect.iscoroutinefunction(awaited)

    @pytest.mark.parametrize(
        ("name", "name_there"),
        [
            ("execute_async", "execute"),
            ("sleep_async", "sleep"),
            ("__aenter__", "__enter__"),
            ("__aexit__", "__exit__"),
        ],
    )
    def test_what_waits_is_awaited(self, name: str, name_there: str) -> None:
        """With the same parameters and words."""
        awaited, blocking = getattr(AsyncDynamoStore, name), getattr(DynamoStore, name_there)
        assert inspect.iscoroutinefunction(awaited)
        assert inspect.signature(awaited) == inspect.signature(blocking)
        assert awaited.__doc__ == blocking.__doc__

    def test_there_is_no_more(self) -> None:
        """Nor less."""
        members = {name for name in dir(AsyncDynamoStore) if not name.startswith("_")}
        there = {name for name in dir(DynamoStore) if not name.startswith("_")}
        assert {name.removesuffix("_async") for name in members} == there

    def test_neither_takes_the_repositories_of_the_other(self) -> None:
        """They say which store does."""
        with pytest.raises(TypeError, match=r"takes a store, such as DynamoStore\(\)"):
            Things(AsyncDynamoStore())  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"takes a store, such as AsyncDynamoStore\(\)"):
            AsyncThings(DynamoStore())  # type: ignore[arg-type]


def test_a_location_that_is_known_is_told_without_a_client() -> None:
    """PynamoDB makes a new client whenever it is asked for one and has no credentials."""
    asked: list[int] = []

    class Asked(Scripted):
        @property
        def client(self) -> Any:
            asked.append(1)
            return self.fake

    async def main() -> None:
        store = AsyncDynamoStore(connection=Asked(EMPTY))
        await store.execute_async(GET)
        asked.clear()
        assert store.location == Location("eu-west-1", "http://scripted")
        assert asked == []
        store.close()
        assert store.location == Location("eu-west-1", "http://scripted")

    loops.run(main)


def test_stores_of_one_place_hold_the_same_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first call of each, or of one of them; a connection may lead anywhere."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    given = AsyncDynamoStore(connection=Scripted(EMPTY))
    assert given.location == Location()

    async def main() -> None:
        with Loopback() as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
            used, unused = AsyncDynamoStore(), AsyncDynamoStore()
            assert used.location == unused.location == Location("eu-west-3")
            await used.execute_async(GET)
            assert used.location == unused.location == Location("eu-west-3", server.url)
            assert unused._main._call.running is None
            assert AsyncDynamoStore(region="eu-west-1").location == Location("eu-west-1")
            used.close()

    loops.run(main)
    transaction = AsyncThings().transaction()
    transaction._begin()
    with pytest.raises(ValueError, match="must be of one store"):
        transaction.delete(AsyncThings(given), "1")
    transaction.delete(AsyncThings(), "1")
