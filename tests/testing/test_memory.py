"""MemoryStore is a store: safe for threads, with a clock of its own, dumped and loaded."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from dynrepo import StoreError
from dynrepo.testing.faults import refusal
from dynrepo.testing.memory import MemoryStore
from models.order import Order, Orders
from models.user import User, Users
from tests.testing.rows import Rows, key, put, send

if TYPE_CHECKING:
    from dynrepo import Store

ADA = User(
    user_id=UUID(int=1),
    email="ada@example.org",
    name="Ada",
    joined=datetime(1843, 1, 1, tzinfo=UTC),
)
NOW = datetime(2026, 2, 3, tzinfo=UTC)


def test_it_has_all_that_a_repository_uses_of_a_store() -> None:
    """With the place, the prefix and the deadline that it was given."""
    store: Store = MemoryStore(table_prefix="test-", deadline=3.0)
    assert (store.table_prefix, MemoryStore(deadline=3.0).deadline) == ("test-", 3.0)
    assert str(store.location.endpoint).startswith("memory://dynrepo/")
    assert store.location != MemoryStore().location


def test_it_waits_for_nothing() -> None:
    """An hour is over at once."""
    MemoryStore().sleep(3600)


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


def test_a_dump_is_json_and_can_be_loaded() -> None:
    """Tables, indexes, expiry and items."""
    store = MemoryStore(Users, Orders)
    Users(store).create(ADA)
    dumped = json.loads(json.dumps(store.dump()))
    loaded = MemoryStore().load(dumped)
    assert Users(loaded).by_email(ADA.email) == ADA
    assert not Orders(loaded).verify_table()


def test_what_is_shown_is_a_copy() -> None:
    """Neither a dump nor a list of items leads to what is stored."""
    store = MemoryStore(Rows)
    put(store, a={"L": [{"S": "a"}]})
    store.items("rows")[0]["a"]["L"].clear()
    store.dump()["rows"]["items"][0]["a"]["L"].clear()
    assert store.items("rows")[0]["a"] == {"L": [{"S": "a"}]}


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
