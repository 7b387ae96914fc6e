"""One request as a value: what to send, what sending it twice would do, how to read the answer.

The builders here are pure. A verb of the repository builds an operation, the store sends it, the
operation reads the answer; sync, async and in-memory stores share all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from dynrepo.codec import Item
from dynrepo.errors import CodecError, ConditionFailed, DynrepoError, ItemExists
from dynrepo.schema import Schema
from dynrepo.value import canonical_item

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class Effect(Enum):
    """What an operation does to the table, and so what a lost answer leaves open."""

    NONE = "reads"
    """Changes nothing: may be sent again after any failure."""

    REPEATABLE = "writes, twice as once"
    """Leaves the same table when applied twice: may be sent again, too."""

    ONCE = "writes, once only"
    """Counts, appends or depends on what is stored: is sent again only if it surely was not applied."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine answered: the body in DynamoDB JSON, and how it came."""

    body: Mapping[str, Any]
    request_id: str | None = None
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """Where the items of a schema live: the table's full name, prefix included."""

    name: str
    schema: Schema[T]

    def restore(self, item: Item | None) -> T | None:
        """The instance that a stored item holds; None when there is none."""
        return None if not item else self.schema.decode(item)


@dataclass(frozen=True, slots=True)
class Settlement:
    """How to find out, by looking, whether a write was applied whose answer was lost.

    `look` reads what is stored under the key (its `read` returns the raw item or None), and `ours`
    judges it: True when it is what the write would have left, False when somebody else's item
    stands in its way, None when it does not tell.
    """

    look: Operation[Item | None]
    ours: Callable[[Item | None], bool | None]


@dataclass(frozen=True, slots=True)
class Operation(Generic[R]):
    """A request to DynamoDB and the function that reads its answer.

    `expressions` holds, by parameter name, PynamoDB's trees of the expressions whose text is in the
    request: `Condition` and `Update` objects, and a tuple of paths for a projection. `parts` holds
    the operations that a transaction is made of. `refusal` makes the error for a failed condition,
    or a canceled transaction, from the request id and the response. `deadline` is the time in seconds for the whole call, where it is not the store's: such a call
    is a probe, sent once and over connections of its own. `settlement` tells the store how to find
    out about a write whose answer was lost.
    """

    name: str
    table: str
    request: Mapping[str, Any]
    read: Callable[[Answer], R]
    effect: Effect = Effect.NONE
    deadline: float | None = None
    expressions: Mapping[str, Any] = field(default_factory=dict, repr=False)
    parts: tuple[Operation[Any], ...] = ()
    refusal: Callable[[str | None, Mapping[str, Any]], DynrepoError] | None = field(
        default=None, repr=False
    )
    settlement: Settlement | None = field(default=None, repr=False)


def get_item(table: Table[T], key: Any, *, consistent: bool = False) -> Operation[T | None]:
    """Reads the item under a key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
    """
    request = {"TableName": table.name, "Key": table.schema.key(key), "ConsistentRead": consistent}
    return Operation(
        "GetItem", table.name, request, lambda answer: table.restore(answer.body.get("Item"))
    )


def has_item(table: Table[T], key: Any, *, consistent: bool = False) -> Operation[bool]:
    """Reads the key attributes under a key, and no others."""
    fields = table.schema.key_schema.fields
    names = {f"#{number}": one.attribute for number, one in enumerate(fields)}
    request = {
        "TableName": table.name,
        "Key": table.schema.key(key),
        "ConsistentRead": consistent,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
    }
    return Operation("GetItem", table.name, request, lambda answer: bool(answer.body.get("Item")))


def put_item(table: Table[T], item: T) -> Operation[T]:
    """Writes an item in place of whatever is stored under its key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
    """
    request = {"TableName": table.name, "Item": table.schema.encode(item)}
    return Operation("PutItem", table.name, request, lambda _: item, Effect.REPEATABLE)


def create_item(table: Table[T], item: T) -> Operation[T]:
    """Writes an item whose key is free; `ItemExists` when it is not."""
    request = {
        "TableName": table.name,
        "Item": table.schema.encode(item),
        "ConditionExpression": "attribute_not_exists(#0)",
        "ExpressionAttributeNames": {"#0": table.schema.key_schema.partition.attribute},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return Operation(
        "PutItem",
        table.name,
        request,
        lambda _: item,
        Effect.ONCE,
        refusal=_refusal(ItemExists, "the key is taken", table),
        settlement=Settlement(
            _stored(table, item),
            lambda stored: canonical_item(stored) == canonical_item(request["Item"]) if stored else None,
        ),
    )


def _stored(table: Table[T], key: Any) -> Operation[Item | None]:
    """Reads what is stored under a key now, as it is."""
    request = {"TableName": table.name, "Key": table.schema.key(key), "ConsistentRead": True}
    return Operation("GetItem", table.name, request, lambda answer: answer.body.get("Item"))


def delete_item(table: Table[T], key: Any) -> Operation[T | None]:
    """Deletes the item under a key and returns it.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
    """
    request = {"TableName": table.name, "Key": table.schema.key(key), "ReturnValues": "ALL_OLD"}
    return Operation(
        "DeleteItem",
        table.name,
        request,
        lambda answer: table.restore(answer.body.get("Attributes")),
        Effect.REPEATABLE,
    )


def describe_table(table: Table[T], *, deadline: float | None = None) -> Operation[Mapping[str, Any]]:
    """Reads the table's description.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
    """
    return Operation(
        "DescribeTable",
        table.name,
        {"TableName": table.name},
        lambda answer: answer.body["Table"],
        deadline=deadline,
    )


def create_table(table: Table[T]) -> Operation[None]:
    """Creates the table with the keys and indexes of the markers, billed on demand.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    """
    schema = table.schema
    keys = [schema.key_schema, *schema.indexes.values()]
    types = {one.attribute: one.codec.tag for key in keys for one in key.fields}
    request: dict[str, Any] = {
        "TableName": table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": tag} for name, tag in types.items()
        ],
        "KeySchema": _key_elements(schema.key_schema),
    }
    for parameter, local in (("GlobalSecondaryIndexes", False), ("LocalSecondaryIndexes", True)):
        indexes = [_index_element(one) for one in schema.indexes.values() if one.local is local]
        if indexes:
            request[parameter] = indexes
    return Operation("CreateTable", table.name, request, lambda _: None, Effect.ONCE)


def update_time_to_live(table: Table[T], attribute: str) -> Operation[None]:
    """Switches time to live on, by an attribute.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
    """
    specification = {"Enabled": True, "AttributeName": attribute}
    request = {"TableName": table.name, "TimeToLiveSpecification": specification}
    return Operation("UpdateTimeToLive", table.name, request, lambda _: None, Effect.ONCE)


def delete_table(table: Table[T]) -> Operation[None]:
    """Deletes the table and everything in it.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
    """
    request = {"TableName": table.name}
    return Operation("DeleteTable", table.name, request, lambda _: None, Effect.ONCE)


def _key_elements(key: Any) -> list[dict[str, str]]:
    return [
        {"AttributeName": one.attribute, "KeyType": kind}
        for one, kind in zip(key.fields, ("HASH", "RANGE"), strict=False)
    ]


def _index_element(index: Any) -> dict[str, Any]:
    projection = {"ProjectionType": "ALL"}
    return {"IndexName": index.name, "KeySchema": _key_elements(index), "Projection": projection}


def _refusal(
    kind: type[ConditionFailed], reason: str, table: Table[T]
) -> Callable[[str | None, Mapping[str, Any]], ConditionFailed]:
    def refuse(request_id: str | None, response: Mapping[str, Any]) -> ConditionFailed:
        try:
            stored = table.restore(response.get("Item"))
        except CodecError:
            stored = None
        return kind(f"{table.name}: {reason}", item=stored, request_id=request_id)

    return refuse
