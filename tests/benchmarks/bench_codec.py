"""What the codec costs beside boto3's serializers with Pydantic, measured side by side.

Run it with `python -m tests.benchmarks.bench_codec`. Each round times all of them one after the
other on the same items of 15 attributes and about 1 KB, and the figures are medians over rounds: of
microseconds an item, and of the ratio within a round. The items differ in their values, as stored
ones do, and are few enough to stay in the processor's cache, as one just parsed does. Nothing here
is a test.

Between the wire and `TypeDeserializer` a user of boto3 has botocore's parser, which walks the
answer by the service model and decodes base64. `decode, as botocore parses` has it on their side;
`decode, from wire JSON` has `json.loads` in its place, which is the least anybody could do. On ours
both do what the transport does. `decode, from parsed JSON` is the plain codec, which reads what the
accelerator leaves to it.
"""

from __future__ import annotations

import json
import platform
import random
import statistics
import string
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from time import thread_time
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.parsers import create_parser
from botocore.session import get_session
from pydantic import AwareDatetime, BaseModel
from pydantic_core import from_json

from dynrepo.markers import PartitionKey, SortKey
from dynrepo.schema.entity import schema_of
from tests.benchmarks.canned import item
from tests.benchmarks.peers import User

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS, ITEMS, TURNS = 60, 20, 20


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


def order(seed: int) -> Order:
    """One order of many, of which each has texts and numbers of its own."""
    chance = random.Random(seed)  # noqa: S311  # nothing is secret here

    def text(length: int) -> str:
        return "".join(chance.choices(string.ascii_letters, k=length))

    def price() -> Decimal:
        return Decimal(chance.randrange(100, 10_000)) / 100

    placed = datetime(2024, 5, 6, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10**14))
    return Order(
        user_id=UUID(int=chance.getrandbits(128)),
        number=1000 + seed,
        status=chance.choice(list(Status)),
        placed=placed,
        changed=placed + timedelta(microseconds=chance.randrange(10**12)),
        name=text(38),
        street=text(20),
        city=text(6),
        country=text(14),
        note=text(208),
        total=price(),
        weight=chance.randrange(10_000) / 100,
        paid=chance.random() > 0.5,
        tags=frozenset({text(4), text(7), text(7)}),
        lines=[Line(sku=text(9), quantity=n, price=price()) for n in range(1, 4)],
    )


SCHEMA = schema_of(Order)
ORDERS = [order(seed) for seed in range(ITEMS)]
STORED = [SCHEMA.encode(one) for one in ORDERS]
BODIES = [json.dumps({"Item": one}, separators=(",", ":")).encode() for one in STORED]
USERS = schema_of(User)
_parse: Any = SCHEMA.parse("Item")
_parse_user: Any = USERS.parse("Item")
USER_BODIES = [
    json.dumps({"Item": item(number)}, separators=(",", ":")).encode() for number in range(ITEMS)
]

_DESERIALIZER, _SERIALIZER = TypeDeserializer(), TypeSerializer()
_PARSER = create_parser("json")
_ANSWER = get_session().get_service_model("dynamodb").operation_model("GetItem").output_shape


def boto_decode(item: dict[str, Any]) -> Order:
    """As one reads with boto3: its deserializer, then Pydantic."""
    deserialize = _DESERIALIZER.deserialize
    return Order.model_validate({name: deserialize(one) for name, one in item.items()})


def boto_decode_wire(body: bytes) -> Order:
    """The same from the body of an answer to GetItem, as JSON."""
    return boto_decode(json.loads(body)["Item"])


def boto_decode_body(body: bytes) -> Order:
    """The same, which botocore parses."""
    answer = _PARSER.parse({"status_code": 200, "headers": {}, "body": body}, _ANSWER)
    return boto_decode(answer["Item"])


def boto_encode(order: Order) -> dict[str, Any]:
    """As one writes with boto3, once what it refuses is made into what it takes."""
    serialize = _SERIALIZER.serialize
    values = order.model_dump()
    values["user_id"] = str(values["user_id"])
    values["placed"] = values["placed"].isoformat()
    values["changed"] = values["changed"].isoformat()
    values["weight"] = Decimal(str(values["weight"]))
    return {name: serialize(value) for name, value in values.items()}


def decode(body: bytes) -> Any:
    """As dynrepo reads the body of an answer to GetItem."""
    return _parse(body)[1][0]


def decode_user(body: bytes) -> Any:
    """The same of the item of the race, which has no models inside."""
    return _parse_user(body)[1][0]


def boto_decode_user(body: bytes) -> User:
    """The same, as one reads with boto3."""
    deserialize = _DESERIALIZER.deserialize
    stored = json.loads(body)["Item"]
    return User.model_validate({name: deserialize(one) for name, one in stored.items()})


PAIRS: list[tuple[str, Callable[[Any], Any], Callable[[Any], Any], list[Any]]] = [
    ("decode, as botocore parses", decode, boto_decode_body, BODIES),
    ("decode, from wire JSON", decode, boto_decode_wire, BODIES),
    ("the same, without models inside", decode_user, boto_decode_user, USER_BODIES),
    ("decode, from parsed JSON", SCHEMA.decode, boto_decode, STORED),
    ("encode", SCHEMA.encode, boto_encode, ORDERS),
]
VALUES = [SCHEMA._record.read(one) for one in STORED]
FLOOR: list[tuple[str, Callable[[Any], Any], list[Any]]] = [
    ("`from_json`", lambda body: from_json(body, cache_strings="keys"), BODIES),
    ("`model_validate`", Order.model_validate, VALUES),
]


def microseconds(function: Callable[[Any], Any], arguments: list[Any]) -> float:
    """The CPU time of one call, over some hundred."""
    started = thread_time()
    for _ in range(TURNS):
        for one in arguments:
            function(one)
    return (thread_time() - started) / (TURNS * len(arguments)) * 1e6


def main() -> None:
    """Prints a table in Markdown."""
    for _, ours, theirs, arguments in PAIRS[:-1]:  # else the race is none
        assert [*map(ours, arguments)] == [*map(theirs, arguments)]
    sys.stdout.write(
        f"CPython {platform.python_version()}, {len(STORED[0])} attributes,"
        f" {statistics.median(map(len, BODIES)):.0f} bytes\n\n"
        "| | dynrepo, µs | boto3 + Pydantic, µs | ratio |\n|---|---|---|---|\n"
    )
    for name, ours, theirs, arguments in PAIRS:
        rounds = [
            (microseconds(ours, arguments), microseconds(theirs, arguments)) for _ in range(ROUNDS)
        ]
        mine, other = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(one / two for one, two in rounds)
        sys.stdout.write(f"| {name} | {mine:.1f} | {other:.1f} | {ratio:.2f} |\n")
    for name, function, arguments in FLOOR:
        floor = statistics.median(microseconds(function, arguments) for _ in range(ROUNDS))
        sys.stdout.write(f"| of decoding, {name} alone | {floor:.1f} | | |\n")


if __name__ == "__main__":
    main()
