"""MemoryStore is a store: safe for threads, with a clock of its own, dumped and loaded."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from dynrepo import StoreError, Timeout, deadline
from dynrepo.operations.reads import get_item
from dynrepo.testing.faults import refusal, throttling
from dynrepo.testing.memory import MemoryStore
from models.order import Order, Orders
from models.user import AsyncUsers, Users
from tests.aio.loops import run_on_each
from tests.testing.people import ADA, BOB, AsyncCounts, Count
from tests.testing.rows import Rows, key, put, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Answer, Operation, Store
    from dynrepo.operations.protocols import AsyncStore
NOW = datetime(2026, 2, 3, tzinfo=UTC)


def test_it_has_all_that_a_repository_uses_of_a_store() -> None:
    """With the place, the prefix and the deadline that it was given."""
    store: Store = MemoryStore(table_prefix="test-", deadline=3.0)
    assert (store.table_prefix, MemoryStore(deadline=3.0).deadline) == ("test-", 3.0)
    assert str(store.location.endpoint).startswith("memory://dynrepo/")
    assert store.location != MemoryStore().location


def test_it_waits_for_nothing() -> None:
    """An hour is over at once."""
    store: AsyncStore = MemoryStore()
    MemoryStore().sleep(3600)
    run_on_each(lambda: store.sleep_async(3600))


def test_both_faces_see_the_same_tables() -> None:
    """Those of repositories of either, and what either wrote."""
    store = MemoryStore(AsyncUsers, Orders)
    assert store.tables == ("orders", "users")
    users, async_users = Users(store), AsyncUsers(store)

    async def shared() -> None:
        users.set(ADA)
        assert await async_users.get(ADA) == await async_users.by_email(ADA.email) == ADA
        await async_users.set(BOB)
        assert users.get(BOB) == BOB
        assert [user async for user in async_users.scan()] == users.scan().all()
        await async_users.delete_many([ADA, BOB])
        assert store.items("users") == []

    run_on_each(shared)


def test_tasks_that_are_unfair_to_each_other_are_found() -> None:
    """Each request gives others a turn before it is applied: who reads, and writes, may lose."""

    async def add(counts: AsyncCounts) -> None:
        stored = await counts.require("visits")
        await counts.set(Count(name="visits", number=stored.number + 1))

    async def lost() -> None:
        counts = AsyncCounts(MemoryStore(AsyncCounts))
        await counts.set(Count(name="visits"))
        await asyncio.gather(*[add(counts) for _ in range(3)])
        assert (await counts.require("visits")).number == 1

    run_on_each(lost)


def test_a_task_that_only_reads_can_be_stopped() -> None:
    """It does not keep the loop to itself."""

    async def read(users: AsyncUsers) -> None:
        for _ in range(5000):
            await users.get(ADA)

    async def stopped() -> None:
        reading = asyncio.create_task(read(AsyncUsers(MemoryStore(AsyncUsers))))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    run_on_each(stopped)


def blocking(store: MemoryStore, operation: Operation[Any]) -> Answer:
    """The answer in the blocking face."""
    return store.execute(operation)


def asynchronous(store: MemoryStore, operation: Operation[Any]) -> Answer:
    """The answer in the asynchronous face."""
    return asyncio.run(store.execute_async(operation))


in_each_face = pytest.mark.parametrize("execute", [blocking, asynchronous])


@in_each_face
def test_a_call_whose_time_is_up_is_not_made(
    execute: Callable[[MemoryStore, Operation[Any]], Answer],
) -> None:
    """Be it that of a block, of the store, or of the operation: no fault is met, nothing read."""
    store, late = MemoryStore(Users), MemoryStore(Users, deadline=1e-9)
    reading = get_item(Users(store).mapper, ADA)
    with store.inject(throttling(), times=None) as fault, late.inject(throttling(), times=None):
        with deadline(0), pytest.raises(Timeout, match="DeadlineExceeded") as caught:
            execute(store, reading)
        with pytest.raises(Timeout, match="DeadlineExceeded"):
            execute(late, reading)
        with deadline(60), pytest.raises(Timeout, match="DeadlineExceeded"):
            execute(store, reading._replace(deadline=0.0))
    assert (fault.hits, caught.value.attempts, caught.value.retryable) == (0, 1, True)
    assert "Item" not in execute(store, reading).body


def test_its_tables_are_made_in_no_time() -> None:
    """A test that tries what happens late makes its store where it likes."""
    with deadline(0):
        assert MemoryStore(Users, Orders, deadline=1e-9).tables == ("orders", "users")


@in_each_face
def test_faults_and_the_budget_of_retries_are_for_both_faces(
    execute: Callable[[MemoryStore, Operation[Any]], Answer],
) -> None:
    """A fault for so many requests meets so many; what one face took of the budget, it took."""
    store = MemoryStore(Users)
    reading = get_item(Users(store).mapper, ADA)
    store.inject(throttling(), times=2)
    assert execute(store, reading).attempts == 3
    store.inject(throttling(), times=None)
    for _ in range(40):  # 3 of 100 retries each
        with pytest.raises(StoreError):
            blocking(store, reading)
    with pytest.raises(StoreError) as caught:
        execute(store, reading)
    assert caught.value.attempts == 1


def test_without_a_loop_there_is_no_asyncio() -> None:
    """Nobody waits for it to be imported who does without it."""
    program = """
import sys
import dynrepo.testing
from dynrepo.testing import MemoryStore, mock_of
MemoryStore().execute
assert "asyncio" not in sys.modules
assert "dynrepo.aio" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_threads_lose_no_update() -> None:
    """Eight of them count to a thousand together."""
    users = Users(MemoryStore(Users), instruments=())
    users.create(ADA)

    def add(_: int) -> None:
        users.update(ADA, Users.fields.visits.add(1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(1000)))
    assert users.require(ADA).visits == 1000


def test_expired_items_are_purged_on_demand() -> None:
    """Not before: DynamoDB takes days, and returns them meanwhile."""
    times = [NOW.timestamp()]
    orders = Orders(store := MemoryStore(Orders, clock=lambda: times[0]))
    for number, expires in enumerate([NOW, NOW.replace(year=2027), None, NOW.replace(year=1999)]):
        orders.set(Order(user_id=UUID(int=1), number=number, placed=NOW, total=1, expires=expires))
    times[0] += 60
    assert len(orders.scan().all()) == 4
    assert store.purge_expired() == 1
    assert sorted(order.number for order in orders.scan()) == [1, 2, 3]


def test_a_fault_is_for_some_requests() -> None:
    """Of a table and an operation, for a number of times; one that could meet none is refused."""
    store = MemoryStore(Rows, table_prefix="test-")
    assert store.tables == ("test-rows",)
    with store.inject(refusal("Fault"), on="Scan", table="rows", times=None) as fault:
        with pytest.raises(StoreError, match="Fault"):
            Rows(store).scan().all()
        assert Rows(store).get(("x", 1)) is None
    assert fault.hits == 1
    assert Rows(store).scan().all() == []
    for options in ({"on": "scan"}, {"times": -1}):
        with pytest.raises(ValueError, match=r"GetItem|0 requests"):
            store.inject(refusal("Fault"), **options)


def test_an_operation_that_it_does_not_have_is_refused() -> None:
    """As an error of dynrepo that has a code."""
    with pytest.raises(StoreError, match="ExecuteStatement") as caught:
        send(MemoryStore(Rows), "ExecuteStatement", Statement="SELECT")
    assert caught.value.code == "UnknownOperationException"


def test_answers_are_numbered() -> None:
    """Each has a request id, and says how many attempts it took."""
    store = MemoryStore(Rows)
    for _ in range(2):
        put(store)
    with pytest.raises(StoreError) as caught:
        send(store, "GetItem", TableName="nope", Key=key())
    assert (caught.value.request_id, caught.value.attempts) == ("memory", 1)


def test_it_is_quick() -> None:
    """It answers in a fraction of a millisecond of this process's time."""
    users = Users(MemoryStore(Users), instruments=())
    users.create(ADA)
    started = time.process_time()
    for _ in range(200):
        users.get(ADA.user_id)
    assert (time.process_time() - started) / 200 < 0.001
