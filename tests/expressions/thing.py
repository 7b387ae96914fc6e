"""A model with one field of every kind, and what its conditions become."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import Attribute, CodecError, PartitionKey, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.trees import render

if TYPE_CHECKING:
    from collections.abc import Callable

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


def assert_names_field(make: Callable[[], object]) -> None:
    """What does not fit is refused where it is made, by an error that names the field."""
    with pytest.raises((CodecError, AttributeError), match=r"Thing\.|Line"):
        make()


def assert_holds_no_secret(make: Callable[[], object]) -> None:
    """A refusal holds no value, in its own text nor in that of the errors behind it."""
    with pytest.raises(CodecError) as caught:
        make()
    error: BaseException | None = caught.value
    while error is not None:
        assert "secret" not in str(error)
        error = error.__cause__ or error.__context__
