"""A shop in one table: customers, their orders, and the lines of these.

All of a customer lies in one partition, each kind of item under a beginning of its own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, PositiveInt

from dynrepo import AsyncRepository, Index, Key, Repository, SharedTable, Version, path
from models.order import Status

if TYPE_CHECKING:
    from datetime import date

    from pynamodb.expressions.condition import Condition


OrderNumber = Annotated[int, Field(ge=1, le=999_999)]
"""Six digits, as wide as they stand in the key."""


class Shop(SharedTable):
    """The table and its index, whose keys each model makes of its own fields."""

    table = "shop"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = "_et"


class Customer(BaseModel, frozen=True):
    """Somebody who buys."""

    customer_id: UUID
    email: str
    name: str


class Order(BaseModel, frozen=True):
    """What a customer bought at one time, numbered per customer."""

    customer_id: UUID
    number: OrderNumber
    placed: AwareDatetime
    status: Status = Status.OPEN
    total: Decimal
    version: Annotated[int, Version()] = 0


class Line(BaseModel, frozen=True):
    """One product in an order."""

    customer_id: UUID
    number: OrderNumber
    sku: str
    quantity: PositiveInt
    price: Decimal


class CustomerPlace:
    """What `Customers` and `AsyncCustomers` have in common: the place, and conditions by name."""

    place = Shop.place(
        "CUSTOMER#{customer_id}",
        "PROFILE",
        entity="CUSTOMER",
        by_email=Shop.gsi1("EMAIL#{email:lower}", "CUSTOMER"),
    )
    unique: ClassVar[tuple[str, ...]] = ("{email:lower}",)
    stored: Customer

    def has_email(self, email: str) -> Condition:
        """That of whoever has this address, in capitals or not."""
        return path(self.stored.email) == email


class OrderPlace:
    """What `Orders` and `AsyncOrders` have in common."""

    place = Shop.place(
        "CUSTOMER#{customer_id}",
        "ORDER#{number:06d}",
        entity="ORDER",
        by_day=Shop.gsi1("STATUS#{status}#{placed:.10}", "{placed}"),
    )
    stored: Order

    def is_of(self, customer_id: UUID) -> Condition:
        """Those of a customer."""
        return path(self.stored.customer_id) == customer_id

    def is_from(self, day: date, status: Status) -> Condition:
        """Those that were placed on a day of UTC, and stand so now."""
        o = self.stored
        return (path(o.status) == status) & path(o.placed).startswith(day.isoformat())


class LinePlace:
    """What `Lines` and `AsyncLines` have in common."""

    place = Shop.place("CUSTOMER#{customer_id}", "LINE#{number:06d}#{sku}", entity="LINE")
    stored: Line

    def is_in(self, order: Order) -> Condition:
        """Those of an order."""
        line = self.stored
        return (path(line.customer_id) == order.customer_id) & (path(line.number) == order.number)


class Customers(CustomerPlace, Repository[Customer]):
    """The customers, one at the head of each partition."""

    def by_email(self, email: str) -> Customer | None:
        """Whoever has this address; reads the index, which lags a moment behind the table."""
        return self.query(self.has_email(email), index="by_email").first()


class Orders(OrderPlace, Repository[Order]):
    """The orders of everybody, beside their customers."""

    def of(self, customer_id: UUID) -> list[Order]:
        """All orders of a customer, by number."""
        return self.query(self.is_of(customer_id)).all()

    def on(self, day: date, status: Status) -> list[Order]:
        """The orders of a day that stand so now, in the order of time."""
        return self.query(self.is_from(day, status), index="by_day").all()


class Lines(LinePlace, Repository[Line]):
    """The lines of all orders, beside these."""

    def of(self, order: Order) -> list[Line]:
        """The lines of an order, by article."""
        return self.query(self.is_in(order)).all()


class AsyncCustomers(CustomerPlace, AsyncRepository[Customer]):
    """The customers, for `async def`."""

    async def by_email(self, email: str) -> Customer | None:
        """Whoever has this address; reads the index, which lags a moment behind the table."""
        return await self.query(self.has_email(email), index="by_email").first()


class AsyncOrders(OrderPlace, AsyncRepository[Order]):
    """The orders of everybody, for `async def`."""

    async def of(self, customer_id: UUID) -> list[Order]:
        """All orders of a customer, by number."""
        return await self.query(self.is_of(customer_id)).all()

    async def on(self, day: date, status: Status) -> list[Order]:
        """The orders of a day that stand so now, in the order of time."""
        return await self.query(self.is_from(day, status), index="by_day").all()


class AsyncLines(LinePlace, AsyncRepository[Line]):
    """The lines of all orders, for `async def`."""

    async def of(self, order: Order) -> list[Line]:
        """The lines of an order, by article."""
        return await self.query(self.is_in(order)).all()
