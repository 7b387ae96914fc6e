"""A model with one field of every kind, and what its conditions become."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from dynrepo import Attribute, PartitionKey, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.trees import render

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ID = UUID("00000000-0000-4000-8000-000000000001")


class Mood(StrEnum):
    """An enumeration."""

    GOOD = "good"


class Line(BaseModel):
    """A nested model with a renamed field."""

    sku: str
    price: Annotated[Decimal, Attribute("p")] = Decimal(0)


class Thing(BaseModel):
    """One field of every kind."""

    thing_id: Annotated[UUID, PartitionKey()]
    name: str = ""
    status: Annotated[str, Attribute("st")] = ""
    count: int = 0
    total: Decimal = Decimal(0)
    mood: Mood = Mood.GOOD
    when: AwareDatetime | None = None
    note: str | None = None
    raw: bytes = b""
    tags: frozenset[str] = frozenset()
    days: set[int] = set()
    lines: list[Line] = []
    best: Line | None = None
    prices: dict[str, Decimal] = {}
    words: list[str | None] = []


class Loose(BaseModel, extra="allow"):
    """Any attribute besides the key."""

    name: Annotated[str, PartitionKey()]


f = FieldPaths(schema_of(Thing))


def rendered(condition: Any) -> tuple[str, dict[str, str], list[Any]]:
    """The text of a condition with its names and values."""
    request = render({"ConditionExpression": condition})
    values = list(request.get("ExpressionAttributeValues", {}).values())
    return request["ConditionExpression"], request["ExpressionAttributeNames"], values


def value_of(condition: Any) -> Any:
    """The one value in a condition, as it is sent."""
    (value,) = render({"ConditionExpression": condition})["ExpressionAttributeValues"].values()
    return value
