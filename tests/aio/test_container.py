"""The container for tasks: repositories of both faces, one health, closed at the end."""

from __future__ import annotations

import asyncio
import inspect
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import (
    AsyncContainer,
    Container,
    Health,
    Settings,
    SettingsError,
    Status,
    Throttled,
    Unavailable,
    deadline,
    usage,
)
from dynrepo.aio import container
from dynrepo.aio.container import BLOCKING
from dynrepo.clock import time_left
from dynrepo.instrumentation.daemon import LateClient
from tests.aio import loops
from tests.aio.blocking_calls import none_allowed
from tests.loopback import CAPACITY, Loopback, answer, wait_until
from tests.wired import (
    AsyncDrafts,
    AsyncNotes,
    AsyncTableStore,
    Drafts,
    Note,
    Notes,
    States,
    TableStore,
    TableStoreOfBoth,
    described,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from dynrepo.aws.tasks import Task
    from tests.loopback import Received


class Opened(States):
    """A store that a container opened, and where it was closed."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.options = options
        self.closed_in: threading.Thread | None = None
        made.append(self)

    def close(self) -> None:
        """Remembers it."""
        super().close()
        self.closed_in = threading.current_thread()


class OpenedForTasks(Opened, AsyncTableStore):
    """One of them."""


class OpenedForThreads(Opened, TableStore):
    """The other."""


made: list[Opened] = []
"""Those that were opened in a test, in their order."""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Opened]]:
    """What stands for the stores of both faces that a container opens."""
    monkeypatch.setattr(container, "AsyncDynamoStore", OpenedForTasks)
    monkeypatch.setattr(Notes, "_default_store", OpenedForThreads)
    yield made
    made.clear()


def wired(*kinds: Any, store: Any = None, **options: Any) -> AsyncContainer:
    """A container without instruments."""
    return AsyncContainer(*kinds, store=store, instruments=(), **options)


def test_a_block_closes_what_the_container_opened(
    opened: list[Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store of its tasks in their loop; what may block in a thread, the StatsD client too."""
    clients: list[threading.Thread] = []
    close = LateClient.close

    def noted(self: LateClient) -> None:
        clients.append(threading.current_thread())
        close(self)

    monkeypatch.setattr(LateClient, "close", noted)

    async def main() -> None:
        settings = Settings(table_prefix="staging-", statsd="127.0.0.1:8125")
        async with AsyncContainer(AsyncNotes, Notes, settings=settings) as both:
            assert both.store is opened[0]
            assert both.repository(Notes).store is opened[1]
            assert not clients
            assert not any(store.closed for store in opened)
        here = threading.current_thread()
        assert opened[0].closed_in is here
        assert opened[1].closed_in not in (here, None)
        assert clients.pop() is not here

    loops.run_on_each(lambda: _anew(opened, main))


async def _anew(opened: list[Opened], main: Any) -> None:
    opened.clear()
    await main()


def test_both_stores_are_by_the_settings(opened: list[Opened]) -> None:
    """One of each face, for any number of repositories; none that nobody needs."""
    settings = Settings(table_prefix="staging-", region="eu-west-1")
    both = wired(AsyncNotes, settings=settings)
    assert len(opened) == 1
    assert both.repository(Notes).store is both.repository(type("More", (Notes,), {})).store
    assert [store.options["settings"] for store in opened] == [settings, settings]


def test_a_store_of_both_faces_serves_both(opened: list[Opened]) -> None:
    """As one in memory is; the container opens none beside it, and does not close it."""
    store = TableStoreOfBoth()

    async def main() -> None:
        async with wired(AsyncNotes, Notes, store=store) as both:
            assert both.repository(AsyncNotes).store is store
            assert both.repository(Notes).store is store

    loops.run(main)
    assert opened == []
    assert not store.closed


def test_a_store_of_one_face_is_not_put_below_the_other() -> None:
    """The settings may lead elsewhere: a repository on a store of its own is provided."""
    with pytest.raises(SettingsError, match="Notes is blocking, and the store given to the Async"):
        wired(AsyncNotes, Notes, store=AsyncTableStore())
    with pytest.raises(TypeError, match="AsyncNotes takes a store, such as AsyncDynamoStore"):
        wired(AsyncNotes, store=TableStore())
    both = wired(AsyncNotes, store=AsyncTableStore())
    both.provide(Notes, Notes(TableStore()))
    assert isinstance(both.repository(Notes).store, TableStore)


def test_a_repository_of_the_other_face_is_not_provided() -> None:
    """Whoever asks for the one that is awaited awaits it."""
    both = wired(store=TableStoreOfBoth())
    kinds: tuple[Any, Any] = (AsyncNotes, Notes)
    for kind, other in (kinds, kinds[::-1]):
        said = f"hands out an instance of {kind.__name__}, not an instance of {other.__name__}"
        with pytest.raises(TypeError, match=said):
            both.provide(kind, other(TableStoreOfBoth()))


def test_closing_is_quiet_and_goes_on(
    opened: list[Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be closed keeps nothing else from it."""
    monkeypatch.setattr(Opened, "close", _raise_after(Opened.close))

    async def main() -> None:
        await wired(AsyncNotes, Notes, settings=Settings()).close()

    loops.run(main)
    assert [store.closed for store in opened] == [True, True]


def _raise_after(close: Any) -> Any:
    def raising(self: Opened) -> None:
        close(self)
        raise OSError("gone already")

    return raising


def test_all_is_closed_also_where_the_caller_is_cancelled(opened: list[Opened]) -> None:
    """And whoever cancelled it is told so."""

    class Slow(OpenedForThreads):
        def close(self) -> None:
            closing.set()
            goes_on.wait(10)
            super().close()

    closing, goes_on = threading.Event(), threading.Event()

    async def main() -> None:
        both = wired(AsyncNotes, Notes, settings=Settings())
        both._opened.insert(0, Slow())
        task = asyncio.ensure_future(both.close())
        await asyncio.to_thread(closing.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [store.closed for store in opened] == [True, True, False]
        goes_on.set()

    loops.run(main)


def test_connecting_looks_at_every_table() -> None:
    """In its order, a blocking one in a thread; what that raises comes here."""
    store = TableStoreOfBoth()

    async def main() -> None:
        both = wired(AsyncNotes, Drafts, store=store)
        assert await both.connect() is both
        assert store.asked == ["notes", "drafts"]
        assert store.threads == [BLOCKING]
        store.states["drafts"] = Throttled("no")
        with pytest.raises(Throttled, match="no"):
            await both.connect()

    loops.run_on_each(lambda: _asked_anew(store, main))


async def _asked_anew(store: TableStoreOfBoth, main: Any) -> None:
    store.__init__()  # type: ignore[misc]
    await main()


def test_what_blocks_does_not_hold_up_the_loop() -> None:
    """Others go on while it connects; whoever waits may be cancelled, and leaves nothing behind."""
    stuck = threading.Event()

    async def main() -> None:
        stuck.clear()
        both = wired(Drafts, store=TableStoreOfBoth(drafts=stuck))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await both.connect()
        stuck.set()

    loops.run_on_each(main)


def test_a_blocking_repository_is_called_in_the_caller_s_context() -> None:
    """Its calls count where it is counted, and end where a block must be done."""
    left: list[float] = []

    class Late(Notes):
        def connect(self) -> Any:
            left.append(time_left(100.0))
            return super().connect()

    async def main() -> None:
        both = wired(Late, store=TableStoreOfBoth())
        with usage() as used, deadline(50.0):
            await both.connect()
        assert used.total.calls == 1

    loops.run(main)
    assert left[0] <= 50.0


def test_health_is_that_of_the_worst_of_both_faces() -> None:
    """With the details of each."""
    store = TableStoreOfBoth(drafts="UPDATING")

    async def main() -> None:
        health = await wired(AsyncNotes, Drafts, store=store).health_check()
        assert health.status == "DEGRADED"
        assert {name: part["status"] for name, part in health.details.items()} == {
            "AsyncNotes": "UP",
            "Drafts": "DEGRADED",
        }
        assert health.details["AsyncNotes"]["table"] == "notes"

    loops.run_on_each(main)


def test_a_storm_of_probes_costs_one_call_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """All get the same answer, from any loop, until it is old."""
    monkeypatch.setattr("dynrepo.aio.overall_health.FRESH", 60.0)
    store = TableStoreOfBoth()
    both = wired(AsyncNotes, Drafts, store=store)

    async def main() -> list[Health]:
        return await asyncio.gather(*[both.health_check() for _ in range(20)])

    answers = [*loops.run(main), *loops.run(main)]
    assert all(answer == answers[0] for answer in answers)  # down to the latency
    assert sorted(store.asked) == ["drafts", "notes"]


def test_what_does_not_answer_is_down_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of either face; the others are seen, and the loop is left without a trace of it."""
    monkeypatch.setattr("dynrepo.aio.overall_health.WITHIN", 1.0)
    stuck = threading.Event()

    class Stuck(Notes):
        def health_check(self) -> Health:
            stuck.wait(10)
            return Health(Status.UP)

    class AsyncStuck(AsyncNotes):
        async def health_check(self) -> Health:
            await asyncio.Event().wait()
            return Health(Status.UP)

    async def main() -> None:
        both = wired(Stuck, AsyncStuck, AsyncDrafts, Drafts, store=TableStoreOfBoth())
        health = await both._health.look()
        assert health.status == "DOWN"
        assert {name: part["status"] for name, part in health.details.items()} == {
            "Stuck": "DOWN",
            "AsyncStuck": "DOWN",
            "AsyncDrafts": "UP",
            "Drafts": "UP",
        }

    loops.run(main)
    stuck.set()


def test_where_no_thread_can_be_started_the_container_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Connecting raises what any call would; the health of what blocks is DOWN."""

    def no_thread(task: Task[Any]) -> None:
        raise task.abandon()

    monkeypatch.setattr("dynrepo.aws.tasks.Task.start", no_thread)

    async def main() -> None:
        both = wired(AsyncNotes, Drafts, store=TableStoreOfBoth())
        with pytest.raises(Unavailable, match="no thread can be started"):
            await both.connect()
        details = (await both.health_check()).details
        assert details["Drafts"] == {"status": "DOWN", "error": "Unavailable"}
        assert details["AsyncNotes"]["status"] == "UP"

    loops.run(main)


def describing(connection: socket.socket, request: Received) -> None:
    """Answers a request as an engine does that has the tables."""
    if "TransactItems" in request.json:
        connection.sendall(answer({"ConsumedCapacity": list(CAPACITY.values())}))
    else:
        connection.sendall(answer(described("ACTIVE").body))


def hung_up(server: Loopback) -> bool:
    """Whether every connection that was made is closed again."""
    return all(connection.fileno() < 0 for connection in server.open)


class TestOverSockets:
    """With the stores that it opens itself, to a server on loopback."""

    def test_nothing_holds_up_the_loop(self) -> None:
        """From its making to its end; what is over then is closed."""
        assert AsyncContainer(store=TableStoreOfBoth()).instruments  # imported once in a process

        async def main() -> None:
            with Loopback(describing) as server, none_allowed():
                settings = Settings(endpoint=server.url, region="eu-west-1")
                async with AsyncContainer(AsyncNotes, Drafts, settings=settings) as both:
                    await both.connect()
                    healths = await asyncio.gather(*(both.health_check() for _ in range(5)))
                assert [health.status for health in healths] == ["UP"] * 5
                assert {part["endpoint"] for part in healths[0].details.values()} == {server.url}
                await loops.until(lambda: hung_up(server))

        loops.run(main)

    def test_a_transaction_takes_repositories_of_both(self) -> None:
        """In the first call of all, too, and without a wait for where either is."""

        async def main() -> None:
            with Loopback(describing) as server, none_allowed():
                settings = Settings(endpoint=server.url, region="eu-west-1")
                async with wired(AsyncNotes, Drafts, settings=settings) as both:
                    drafts = both.repository(Drafts)
                    async with both.repository(AsyncNotes).transaction() as tx:
                        tx.set(both.repository(AsyncNotes), Note(note_id="1"))
                        tx.set(drafts, Note(note_id="1"))
                    assert len(server.received[0].json["TransactItems"]) == 2

        loops.run(main)

    def test_one_container_may_serve_many_loops(self) -> None:
        """One after the other, and what is opened in them is closed with them or by it."""
        with Loopback(describing) as server:
            both = wired(
                AsyncNotes, Drafts, settings=Settings(endpoint=server.url, region="eu-west-1")
            )

            async def main() -> None:
                await both.connect()

            for _ in range(3):
                loops.run(main)
            loops.run(both.close)
            wait_until(lambda: hung_up(server))


class TestItIsTheContainerAwaited:
    """Member by member; only what waits is called otherwise."""

    def test_there_is_no_more(self) -> None:
        """Nor less."""
        members = {name for name in dir(AsyncContainer) if not name.startswith("_")}
        assert members == {name for name in dir(Container) if not name.startswith("_")}

    def test_parameters_and_words_are_the_same(self) -> None:
        """Of what is awaited and of what is not, and of the making of either."""
        waits = {"connect", "health_check", "close"}
        for name in ["__init__", *(name for name in dir(Container) if not name.startswith("_"))]:
            awaited, blocking = getattr(AsyncContainer, name), getattr(Container, name)
            assert awaited.__doc__ == blocking.__doc__
            assert inspect.iscoroutinefunction(awaited) is (name in waits)
            if not isinstance(awaited, property):
                assert shape_of(awaited) == shape_of(blocking)


def shape_of(function: Any) -> list[tuple[str, Any, Any]]:
    """The names, kinds and defaults of what a function takes."""
    parameters = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default) for each in parameters]
