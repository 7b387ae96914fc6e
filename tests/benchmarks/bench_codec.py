"""What the codec costs beside boto3's serializers with Pydantic, measured side by side.

Run it with `python -m tests.benchmarks.bench_codec`. Each round times all of them one after the
other on the same item of 15 attributes and about 1 KB, and the figures are medians over rounds: of
microseconds an item, and of the ratio within a round. Nothing here is a test.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from time import thread_time
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import AwareDatetime, BaseModel
from pydantic_core import from_json

from dynrepo.markers import PartitionKey, SortKey
from dynrepo.schema import schema_of

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS, CALLS = 60, 400


class Status(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    PAID = "paid"


class Line(BaseModel):
    """A line of an order."""

    sku: str
    quantity: int
    price: Decimal


class Order(BaseModel):
    """An item of 15 attributes, as domain code has them."""

    user_id: Annotated[UUID, PartitionKey()]
    number: Annotated[int, SortKey()]
    status: Status
    placed: AwareDatetime
    changed: AwareDatetime
    name: str
    street: str
    city: str
    country: str
    note: str | None = None
    total: Decimal
    weight: float
    paid: bool
    tags: frozenset[str]
    lines: list[Line]


ORDER = Order(
    user_id=UUID("123e4567-e89b-12d3-a456-426614174000"),
    number=1024,
    status=Status.OPEN,
    placed=datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC),
    changed=datetime(2024, 5, 7, 7, 8, 9, 654321, tzinfo=UTC),
    name="Augusta Ada King, Countess of Lovelace",
    street="12 St James's Square",
    city="London",
    country="United Kingdom",
    note="Leave it with the porter. " * 8,
    total=Decimal("1234.50"),
    weight=12.75,
    paid=True,
    tags=frozenset({"gift", "fragile", "express"}),
    lines=[Line(sku=f"SKU-{n:05}", quantity=n, price=Decimal("19.99")) for n in range(1, 4)],
)
SCHEMA = schema_of(Order)
ITEM = SCHEMA.encode(ORDER)
WIRE = json.dumps(ITEM).encode()


def boto_decode(wire: bytes) -> Order:
    """As one reads with boto3: its deserializer, then Pydantic."""
    deserialize = _DESERIALIZER.deserialize
    return Order.model_validate({name: deserialize(one) for name, one in json.loads(wire).items()})


def boto_encode(order: Order) -> dict[str, Any]:
    """As one writes with boto3, once what it refuses is made into what it takes."""
    serialize = _SERIALIZER.serialize
    values = order.model_dump()
    values["user_id"] = str(values["user_id"])
    values["placed"] = values["placed"].isoformat()
    values["changed"] = values["changed"].isoformat()
    values["weight"] = Decimal(str(values["weight"]))
    return {name: serialize(value) for name, value in values.items()}


def boto_decode_parsed(_wire: bytes) -> Order:
    """The same from JSON that is parsed already."""
    deserialize = _DESERIALIZER.deserialize
    return Order.model_validate({name: deserialize(one) for name, one in ITEM.items()})


_DESERIALIZER, _SERIALIZER = TypeDeserializer(), TypeSerializer()


def decode(wire: bytes) -> Order:
    """As dynrepo reads."""
    return SCHEMA.decode(from_json(wire))


def decode_parsed(_wire: bytes) -> Order:
    """The same from JSON that is parsed already."""
    return SCHEMA.decode(ITEM)


def validate(_wire: bytes) -> Order:
    """The floor of reading: Pydantic alone, on values."""
    return Order.model_validate(_VALUES)


_VALUES = {name: getattr(ORDER, name) for name in Order.model_fields}

PAIRS: list[tuple[str, Callable[[Any], Any], Callable[[Any], Any], Any]] = [
    ("decode, from wire JSON", decode, boto_decode, WIRE),
    ("decode, from parsed JSON", decode_parsed, boto_decode_parsed, WIRE),
    ("encode", SCHEMA.encode, boto_encode, ORDER),
]


def microseconds(function: Callable[[Any], Any], argument: Any) -> float:
    """The CPU time of one call, over some hundred."""
    started = thread_time()
    for _ in range(CALLS):
        function(argument)
    return (thread_time() - started) / CALLS * 1e6


def main() -> None:
    """Prints a table in Markdown."""
    assert decode(WIRE) == boto_decode(WIRE) == ORDER  # else the race is none
    sys.stdout.write(
        f"CPython {platform.python_version()}, {len(ITEM)} attributes, {len(WIRE)} bytes\n\n"
        "| | dynrepo, µs | boto3 + Pydantic, µs | ratio |\n|---|---|---|---|\n"
    )
    for name, ours, theirs, argument in PAIRS:
        rounds = [
            (microseconds(ours, argument), microseconds(theirs, argument)) for _ in range(ROUNDS)
        ]
        mine, other = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(one / two for one, two in rounds)
        sys.stdout.write(f"| {name} | {mine:.1f} | {other:.1f} | {ratio:.2f} |\n")
    floor = statistics.median(microseconds(validate, WIRE) for _ in range(ROUNDS))
    sys.stdout.write(f"| of which `model_validate` alone | {floor:.1f} | | |\n")


if __name__ == "__main__":
    main()
