"""Orders: a composite key, money as Decimal, nested lines, a version, an end of life."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, PositiveInt

from dynrepo import PartitionKey, Repository, SortKey, TimeToLive, Version


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


class Orders(Repository[Order]):
    """The orders of everybody, one partition a person."""

    table = "orders"

    def of(self, user_id: UUID) -> list[Order]:
        """All orders of a person, by number."""
        return list(self.query(self.fields.user_id == user_id))

    def large(self, user_id: UUID, at_least: Decimal) -> list[Order]:
        """The orders of a person that are worth at least so much."""
        fields = self.fields
        return list(self.query(fields.user_id == user_id, where=fields.total >= at_least))
