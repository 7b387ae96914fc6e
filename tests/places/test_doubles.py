"""What tests are written with knows places: memory, mocks, contract, containers, of both faces."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from dynrepo import (
    AsyncContainer,
    ConditionFailed,
    Container,
    DynamoStore,
    ItemExists,
    Key,
    OutcomeUnknown,
    Repository,
    Settings,
    SharedTable,
    Status,
    TransactionCanceled,
)
from dynrepo.testing import MemoryStore, UnexpectedCall, mock_of
from dynrepo.testing.contract import RepositoryContract
from dynrepo.testing.faults import lost_reply
from tests.shop import (
    ADA,
    CUSTOMER,
    LINE,
    NOW,
    ORDER,
    AsyncCustomers,
    AsyncOrders,
    Customer,
    Customers,
    Line,
    Lines,
    Order,
    Orders,
)
from tests.shop import Settings as ShopSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

FIELDS = Orders.fields


class TestCustomers(RepositoryContract):
    """The contract where an index folds a field."""

    repository = Customers

    def make_item(self, number: int) -> Customer:
        """A customer."""
        return CUSTOMER.model_copy(update={"user_id": UUID(int=number), "score": number})


class TestLines(RepositoryContract):
    """The contract where items have a version, a stamped time in an index, and more attributes."""

    repository = Lines

    def make_item(self, number: int) -> Line:
        """A line."""
        return LINE.model_copy(update={"number": number})


class TestAsyncOrders(RepositoryContract):
    """The contract of the asynchronous face."""

    repository = AsyncOrders

    def make_item(self, number: int) -> BaseModel:
        """An order."""
        return ORDER.model_copy(update={"number": number})


def test_a_memory_store_has_one_table_for_all() -> None:
    """With the indexes of all of them, whoever is named, and under its prefix."""
    for given in ((Customers, Orders), (ShopSettings,), (AsyncOrders, Lines)):
        store = MemoryStore(*given, table_prefix="dev-")
        assert store.tables == ("dev-shop",)
        customers, orders = Customers(store), Orders(store)
        customers.create(CUSTOMER)
        orders.create(ORDER)
        assert customers.query(Customers.fields.email == CUSTOMER.email, index="by_mail").first()
        copied = MemoryStore(table_prefix="dev-").load(store.dump())
        assert Orders(copied).get(ORDER) == ORDER
        assert {item["_et"]["S"] for item in copied.items("dev-shop")} == {"USER", "ORDER"}
        asked = orders.query(FIELDS.user_id == ADA)
        assert asked.all() == [ORDER]


def test_a_mock_takes_the_fields_of_a_key() -> None:
    """As values or as an instance; keys and indexes are those of the place."""
    orders = mock_of(Orders)
    orders.expect.get((ADA, NOW, 7)).returns(ORDER)
    orders.expect.delete(ORDER).returns(None)
    asked = (FIELDS.status == "open") & (FIELDS.placed == NOW)
    orders.expect.query(asked, index="by_status").returns([ORDER])
    orders.expect.update(ORDER, FIELDS.status.set("paid")).returns(ORDER)
    assert orders.get(ORDER) == ORDER
    assert orders.delete((ADA, NOW, 7)) is None
    assert orders.query(asked, index="by_status").all() == [ORDER]
    assert orders.update((ADA, NOW, 7), FIELDS.status.set("paid")) == ORDER
    orders.verify()

    settings = mock_of(ShopSettings)
    settings.expect.get(()).returns(None)
    assert settings.get(()) is None
    with pytest.raises(UnexpectedCall):
        settings.get(())


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        (lambda orders: orders.expect.get((ADA, NOW)), "found 2 value"),
        (lambda orders: orders.expect.query(FIELDS.user_id == ADA, index="gsi1"), "by_status"),
        (lambda orders: orders.expect.query(FIELDS.number == 7), "`user_id == ...` is missing"),
        (lambda orders: orders.expect.update(ORDER, FIELDS.placed.set(NOW)), "change the key"),
    ],
)
def test_a_mock_expects_no_call_that_a_place_refuses(
    expect: Callable[[Any], Any], says: str
) -> None:
    """It fails where it is expected, as it would in production."""
    with pytest.raises(TypeError, match=says):
        expect(mock_of(Orders))


class Bazaar(SharedTable):
    """A table where the keys of two models are alike."""

    table = "bazaar"
    key = Key("pk", "sk")
    mark = "_et"


class Sales(Repository[Order]):
    """Their queries read what is sold, too."""

    place = Bazaar.place("USER#{user_id}", "SALE#{number:08d}", entity="SALE")


class Sold(Repository[Line]):
    """Their keys begin as those of sales do."""

    place = Bazaar.place("USER#{user_id}", "SALE#{number:08d}#{sku}", entity="SOLD")


@pytest.mark.parametrize("verb", ["set", "save"])
def test_a_mock_refuses_a_write_as_the_mark_does(verb: str) -> None:
    """Where keys are alike; where they are not, no such error can be expected."""
    sales = mock_of(Sales)
    getattr(sales.expect, verb)(ORDER).raises(ConditionFailed)
    with pytest.raises(ConditionFailed):
        getattr(sales, verb)(ORDER)
    with pytest.raises(TypeError, match="never raises ConditionFailed"):
        getattr(mock_of(Customers).expect, verb)(CUSTOMER).raises(ConditionFailed)
    assert Sold.schema.asked_mark == (("_et", "SOLD"),)


def test_an_awaited_mock_is_the_same() -> None:
    """Of an asynchronous repository in the same place."""
    orders = mock_of(AsyncOrders)
    orders.expect.get((ADA, NOW, 7)).returns(ORDER)
    assert asyncio.run(orders.get(ORDER)) == ORDER
    orders.verify()


def test_a_container_has_one_store_for_a_table() -> None:
    """It connects and is healthy where the table is there, and writes items of several together."""
    memory = MemoryStore(Customers)
    with Container(Customers, Orders, settings=Settings(), store=memory) as container:
        customers, orders = container.repository(Customers), container.repository(Orders)
        assert container.connect() is container
        with customers.transaction() as writes:
            writes.create(customers, CUSTOMER)
            writes.create(orders, ORDER)
        health = container.health_check()
        assert health.status is Status.UP
        assert {kind: details["table"] for kind, details in health.details.items()} == {
            "Customers": "shop",
            "Orders": "shop",
        }
        with pytest.raises(TransactionCanceled) as raised, orders.transaction() as refused:  # noqa: PT012 - a block
            refused.create(orders, ORDER.model_copy(update={"number": 8}))
            refused.create(customers, CUSTOMER)
        assert [type(reason) for reason in raised.value.reasons] == [type(None), ItemExists]
        assert orders.get((ADA, NOW, 8)) is None


def test_an_asynchronous_container_holds_both_kinds() -> None:
    """Over one table."""
    memory = MemoryStore(Orders)

    async def served() -> Status:
        kinds = (AsyncCustomers, AsyncOrders, Orders)
        async with AsyncContainer(*kinds, settings=Settings(), store=memory) as container:
            await container.connect()
            await container.repository(AsyncCustomers).create(CUSTOMER)
            await container.repository(AsyncOrders).create(ORDER)
            assert container.repository(Orders).get(ORDER) == ORDER
            health = await container.health_check()
            return health.status

    assert asyncio.run(served()) is Status.UP


def test_faults_meet_the_table_of_a_place(memory: MemoryStore) -> None:
    """By its name, with or without the prefix."""
    orders = Orders(memory)
    orders.ensure_table()
    memory.inject(lost_reply(), on="UpdateItem", table="shop")
    orders.create(ORDER)
    with pytest.raises(OutcomeUnknown):
        orders.update(ORDER, FIELDS.note.set("x"), condition=FIELDS.status == "open")
    assert orders.require(ORDER).note == "x"


def test_the_fixtures_of_the_plugin_take_places(
    dynrepo_store: MemoryStore | DynamoStore,
    mock_repository: Callable[..., Any],
    mock_container: Callable[..., Any],
) -> None:
    """As they take any repository."""
    orders = Orders(dynrepo_store)
    orders.ensure_table()
    assert orders.create(ORDER) == orders.require(ORDER)
    mocked = mock_repository(Orders)
    mocked.expect.require(ORDER).returns(ORDER)
    assert mocked.require((ADA, NOW, 7)) == ORDER
    with mock_container(Customers, Orders) as container:
        container.mock(Customers).expect.get(ADA).returns(CUSTOMER)
        assert container.repository(Customers).get(CUSTOMER) == CUSTOMER
        assert container.repository(Orders).set(ORDER) == ORDER
        assert container.memory.tables == ("shop",)
        assert container.metrics.counts["dynrepo.shop.PutItem.success"] == 1
