"""The shop of the example domain, several models in one table, on every store."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from dynrepo.testing.contract import RepositoryContract
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mock import mock_of
from models.order import Status
from models.shop import (
    AsyncCustomers,
    AsyncLines,
    AsyncOrders,
    Customer,
    Customers,
    Line,
    Lines,
    Order,
    Orders,
)

if TYPE_CHECKING:
    from dynrepo import Store

DAY = datetime(2026, 2, 3, tzinfo=UTC)
ADA, BOB = UUID(int=1), UUID(int=2)


def customer(number: int) -> Customer:
    """Somebody."""
    return Customer(
        customer_id=UUID(int=number),
        email=f"Customer{number}@example.org",
        name=f"Somebody {number}",
    )


def order(number: int, customer_id: UUID = ADA, status: Status = Status.OPEN) -> Order:
    """An order, an hour after the one before."""
    placed = DAY + timedelta(hours=number)
    return Order(
        customer_id=customer_id, number=number, placed=placed, status=status, total=Decimal(number)
    )


def line(number: int, sku: str = "ENGINE#1", customer_id: UUID = ADA) -> Line:
    """A line of an order."""
    return Line(customer_id=customer_id, number=number, sku=sku, quantity=2, price=Decimal("19.99"))


class EveryStore(RepositoryContract):
    """The contract over memory, moto and MiniStack."""

    @pytest.fixture
    def store(self, stores: Store) -> Store:
        """Each of them in turn."""
        return stores


class TestCustomers(EveryStore):
    """One of a partition, found by e-mail too."""

    repository = Customers

    def make_item(self, number: int) -> Customer:
        """Somebody."""
        return customer(number)


class TestOrders(EveryStore):
    """Many of a partition, with a version, found by status and day too."""

    repository = Orders

    def make_item(self, number: int) -> Order:
        """An order of one of three customers."""
        return order(number + 1, UUID(int=number % 3))


class TestLines(EveryStore):
    """Many of a partition, below a number."""

    repository = Lines

    def make_item(self, number: int) -> Line:
        """A line of one of three orders."""
        return line(number % 3 + 1, f"PART-{number}")


def test_all_of_a_customer_lies_in_one_partition(stores: Store) -> None:
    """And each kind is read without the others."""
    customers, orders, lines = Customers(stores), Orders(stores), Lines(stores)
    customers.create_table()
    placed = [order(7), order(8), order(40, status=Status.PAID), order(7, BOB)]
    with customers.transaction() as tx:
        tx.create(customers, customer(1))
        for each in placed:
            tx.create(orders, each)
        for each in (line(7, "b#"), line(7, "a"), line(8), line(7, "c", BOB)):
            tx.create(lines, each)

    assert customers.by_email("CUSTOMER1@example.org") == customers.get(ADA) == customer(1)
    assert customers.by_email("customer2@example.org") is None
    assert [each.number for each in orders.of(ADA)] == [7, 8, 40]
    assert [each.sku for each in lines.of(orders.require((ADA, 7)))] == ["a", "b#"]
    on_the_day = orders.on(date(2026, 2, 3), Status.OPEN)
    assert sorted((each.number, each.customer_id) for each in on_the_day) == [
        (7, ADA),
        (7, BOB),
        (8, ADA),
    ]

    open_order = orders.require((ADA, 8))
    paid = orders.update(open_order, orders.fields.status.set(Status.PAID))
    assert orders.on(date(2026, 2, 3), Status.PAID) == [paid]
    assert [each.number for each in orders.on(date(2026, 2, 4), Status.PAID)] == [40]


def test_the_same_is_awaited() -> None:
    """With the same place, so on the same items."""
    store = MemoryStore(Customers, Orders, Lines)
    Customers(store).create(customer(1))
    placed = Orders(store).create(order(7))
    bought = Lines(store).create(line(7))

    async def read() -> None:
        customers, orders, lines = AsyncCustomers(store), AsyncOrders(store), AsyncLines(store)
        assert await customers.by_email("Customer1@Example.org") == customer(1)
        assert await orders.of(ADA) == await orders.on(date(2026, 2, 3), Status.OPEN) == [placed]
        assert await lines.of(placed) == [bought]

    asyncio.run(read())


def test_a_mock_says_which_day_is_asked_for() -> None:
    """Domain words run for real above the mocked query."""
    orders = mock_of(Orders)
    fields = Orders.fields
    asked = (fields.status == Status.PAID) & fields.placed.startswith("2026-02-03")
    orders.expect.query(asked, index="by_day").returns([order(7)])
    assert orders.on(date(2026, 2, 3), Status.PAID) == [order(7)]
    orders.verify()
