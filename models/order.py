"""Orders: a composite key, money as Decimal, nested lines, a version, an end of life."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, PositiveInt

from dynrepo import AsyncRepository, PartitionKey, Repository, SortKey, TimeToLive, Version, path

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition


class Status(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    PAID = "paid"
    SHIPPED = "shipped"


class Line(BaseModel):
    """One product in an order."""

    sku: str
    quantity: PositiveInt
    price: Decimal


class Order(BaseModel):
    """What somebody bought, numbered per person."""

    user_id: Annotated[UUID, PartitionKey()]
    number: Annotated[int, SortKey()]
    status: Annotated[Status, PartitionKey(index="by_status")] = Status.OPEN
    placed: Annotated[AwareDatetime, SortKey(index="by_status")]
    lines: list[Line] = []
    total: Decimal
    version: Annotated[int, Version()] = 0
    expires: Annotated[AwareDatetime | None, TimeToLive()] = None


class OrderTable:
    """What `Orders` and `AsyncOrders` have in common: the table, and conditions by name."""

    table = "orders"
    stored: Order

    def is_of(self, user_id: UUID) -> Condition:
        """Those of a person, which is one partition."""
        return path(self.stored.user_id) == user_id

    def is_worth(self, at_least: Decimal) -> Condition:
        """Those that cost at least so much."""
        return path(self.stored.total) >= at_least


class Orders(OrderTable, Repository[Order]):
    """The orders of everybody, one partition a person."""

    def of(self, user_id: UUID) -> list[Order]:
        """All orders of a person, by number."""
        return self.query(self.is_of(user_id)).all()

    def large(self, user_id: UUID, at_least: Decimal) -> list[Order]:
        """The orders of a person that are worth at least so much."""
        return self.query(self.is_of(user_id), where=self.is_worth(at_least)).all()


class AsyncOrders(OrderTable, AsyncRepository[Order]):
    """The orders of everybody, for `async def`."""

    async def of(self, user_id: UUID) -> list[Order]:
        """All orders of a person, by number."""
        return await self.query(self.is_of(user_id)).all()

    async def large(self, user_id: UUID, at_least: Decimal) -> list[Order]:
        """The orders of a person that are worth at least so much."""
        return await self.query(self.is_of(user_id), where=self.is_worth(at_least)).all()
