"""Connections, retries and senders are observed when metrics are collected, and never at a call."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from pydantic import BaseModel

from dynrepo import AsyncDynamoStore, AsyncRepository, Call, DynamoStore, PartitionKey, Repository
from dynrepo.instrumentation.otel import MeterInstrument
from dynrepo.instrumentation.resources import collectors
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.instrumentation.store_meter import observe_stores
from tests.facade import without_facade
from tests.instrumentation.metered import Counts, Metered
from tests.loopback import Loopback, answer, say, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from socket import socket

CONNECTION = "db.client.connection"


class User(BaseModel):
    """A key."""

    user_id: Annotated[str, PartitionKey()]


class Users(Repository[User]):
    """The users of the server."""

    table = "users"


class AsyncUsers(AsyncRepository[User]):
    """The same, awaited."""

    table = "users"


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A server that finds nothing."""
    with Loopback() as started:
        yield started


@pytest.fixture
def metered() -> Metered:
    """What the SDK records."""
    return Metered()


def asked(server: Loopback, instruments: list[Any], look: Callable[[], Any], **options: Any) -> Any:
    """What a look says after three gets by the blocking face, before the store is closed."""
    with DynamoStore(region="eu-west-1", endpoint=server.url, **options) as store:
        users = Users(store, instruments=instruments)
        for _ in range(3):
            users.get("1")
        return look()


def asked_awaited(
    server: Loopback, instruments: list[Any], look: Callable[[], Any], **options: Any
) -> Any:
    """The same by the asynchronous one."""

    async def main() -> Any:
        async with AsyncDynamoStore(region="eu-west-1", endpoint=server.url, **options) as store:
            users = AsyncUsers(store, instruments=instruments)
            for _ in range(3):
                await users.get("1")
            return look()

    return asyncio.run(main())


BOTH = pytest.mark.parametrize("ask", [asked, asked_awaited])


def by_pool(points: list[Any], server: Loopback) -> dict[str | None, float]:
    """Values by state, of the pool of a server."""
    name = server.url.partition("//")[2]
    return {
        point.attributes.get(f"{CONNECTION}.state"): point.value
        for point in points
        if point.attributes[f"{CONNECTION}.pool.name"] == name
    }


@BOTH
@without_facade("it asks both faces as they are: their pools have other limits")
def test_the_pool_is_observed(ask: Any, server: Loopback, metered: Metered) -> None:
    """By state, with its limit; nobody waits."""
    found = ask(server, [MeterInstrument(metered.meters)], metered.metrics)
    points = {name: metric.data.data_points for name, metric in found.items()}
    assert by_pool(points[f"{CONNECTION}.count"], server) == {"idle": 1, "used": 0}
    limit = "idle.max" if ask is asked else "max"
    assert by_pool(points[f"{CONNECTION}.{limit}"], server) == {None: 50}
    assert by_pool(points[f"{CONNECTION}.pending_requests"], server) == {None: 0}
    (create,) = points[f"{CONNECTION}.create_time"]
    assert create.count == 1
    (use,) = points[f"{CONNECTION}.use_time"]
    # Of the first call the instrument hears when it has ended: it begins to collect then.
    assert (use.count, f"{CONNECTION}.wait_time" in points) == (2, False)
    assert 0 < use.sum < 60


@BOTH
def test_no_measure_of_the_pool_is_taken_at_a_get(
    ask: Any, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warm get records what it is itself: its duration, its rows, its capacity."""
    from opentelemetry.sdk.metrics._internal import measurement_consumer  # noqa: PLC0415

    metered, recorded = Metered(), list[str]()
    consumer: Any = measurement_consumer.SynchronousMeasurementConsumer
    consume = consumer.consume_measurement

    def noted(self: Any, measurement: Any) -> None:
        recorded.append(measurement.instrument.name)
        consume(self, measurement)

    monkeypatch.setattr(consumer, "consume_measurement", noted)
    instrument = MeterInstrument(metered.meters)
    ask(server, [instrument], recorded.clear)  # what comes once
    recorded.clear()
    store = DynamoStore(region="eu-west-1", endpoint=server.url)
    users = Users(store, instruments=[instrument])
    users.get("1")
    recorded.clear()
    for _ in range(5):
        users.get("1")
    assert sorted(recorded) == sorted(
        [
            *(["db.client.operation.duration"] * 5),
            *(["db.client.response.returned_rows"] * 5),
            *(["dynrepo.client.consumed_capacity"] * 5),
        ]
    )
    store.close()


@BOTH
def test_the_retry_budget_is_observed(ask: Any, server: Loopback, metered: Metered) -> None:
    """What is left of it, where the store sends."""
    unavailable = answer({"__type": "x#InternalServerError"}, status=500)
    server.script = [say(unavailable), say(unavailable), say()]
    ask_at = {"server.address": "127.0.0.1", "server.port": server.port}
    found = ask(server, [MeterInstrument(metered.meters)], metered.metrics)
    (left,) = [
        point.value
        for point in found["dynrepo.client.retry_budget"].data.data_points
        if ask_at.items() <= dict(point.attributes).items()
    ]
    assert left == pytest.approx(98.2)  # two were taken, and two calls gave a tenth back


@BOTH
@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_the_sender_is_observed(
    ask: Any, server: Loopback, metered: Metered, transport: str
) -> None:
    """And why; in StatsD it is counted when it is chosen."""
    counts = Counts()
    instruments = [MeterInstrument(metered.meters), StatsdInstrument(counts)]
    found = ask(server, instruments, metered.metrics, transport=transport)
    (sender,) = [
        point
        for point in found["dynrepo.client.senders"].data.data_points
        if point.attributes.get("server.port") == server.port
    ]
    name = {"auto": "direct"}.get(transport, transport)
    assert (sender.value, sender.attributes["dynrepo.sender"]) == (1, name)
    assert isinstance(sender.attributes["dynrepo.sender.reason"], str)
    assert counts.told[f"dynrepo.users.GetItem.sender_{name}"] == 1
    if name == "direct":
        assert counts.timed.count("dynrepo.users.GetItem.connection_create") == 1


def test_who_waits_for_a_connection_is_observed(metered: Metered) -> None:
    """While it waits, for how long it did, and that it waited in vain."""
    go_on = threading.Event()

    def when_told(connection: socket, _: Any) -> None:
        go_on.wait(30)
        connection.sendall(answer())

    with Loopback(say(), when_told, say()) as server:
        found = asyncio.run(_crowd(server, metered, go_on))
    pending, waits, timeouts = found
    assert by_pool(pending, server) == {None: 1}
    assert [point.count for point in waits] == [1]
    assert [point.value for point in timeouts] == [1]


async def _crowd(server: Loopback, metered: Metered, go_on: threading.Event) -> Any:
    """One uses the only connection, one waits in vain, and one until there is one."""
    instruments = [MeterInstrument(metered.meters)]
    async with AsyncDynamoStore(
        region="eu-west-1", endpoint=server.url, pool_size=1, read_timeout=30
    ) as store:
        users = AsyncUsers(store, instruments=instruments)
        await users.get("1")
        first = asyncio.ensure_future(users.get("1"))
        await asyncio.to_thread(wait_until, lambda: len(server.received) == 2)
        hasty = AsyncDynamoStore(region="eu-west-1", endpoint=server.url, deadline=0.05)
        hasty._main = store._main  # the same pool
        with pytest.raises(Exception, match="every connection was in use"):
            await AsyncUsers(hasty, instruments=instruments).get("1")
        second = asyncio.ensure_future(users.get("1"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        pending = metered.points(f"{CONNECTION}.pending_requests")
        go_on.set()
        await asyncio.gather(first, second)
        return (
            pending,
            metered.points(f"{CONNECTION}.wait_time"),
            metered.points(f"{CONNECTION}.timeouts"),
        )


@BOTH
def test_a_failed_use_is_a_use(ask: Any, server: Loopback, metered: Metered) -> None:
    """A connection that is lost was in use until then."""
    server.script = [say(), lambda connection, _: connection.close(), say()]
    found = ask(server, [MeterInstrument(metered.meters)], metered.metrics)
    (use,) = found[f"{CONNECTION}.use_time"].data.data_points
    (create,) = found[f"{CONNECTION}.create_time"].data.data_points
    assert (use.count, create.count) == (3, 2)


@BOTH
def test_a_connection_that_is_kept_holds_no_call(ask: Any, server: Loopback) -> None:
    """Nothing of a caller's stays with it."""
    others = {id(kept) for kept in gc.get_objects() if type(kept) is Call}
    held = ask(server, [], lambda: [k for k in gc.get_objects() if type(k) is Call])
    assert {id(call) for call in held} <= others


def test_a_provider_observes_once_and_only_as_long_as_it_is_there() -> None:
    """However many instruments there are for it."""
    before = len(collectors)
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    for _ in range(3):
        observe_stores(provider)
    assert len(collectors) == before + 1
    provider.shutdown()
    del provider, reader
    gc.collect()
    assert len(collectors) == before
