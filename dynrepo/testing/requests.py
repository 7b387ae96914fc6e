"""The requests of DynamoDB, answered from tables in memory: items, batches, transactions.

Each handler takes the database and an operation, and returns the body of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from dynrepo.operations.operation import Operation
from dynrepo.testing.evaluate import (
    check,
    check_paths,
    check_update,
    holds,
    projected,
    touched,
    updated,
)
from dynrepo.testing.rules import Item, Refused, admitted, copied, invalid
from dynrepo.testing.tables import MemoryTable

if TYPE_CHECKING:
    from dynrepo.testing.tables import Position

BATCH_GETS: Final = 100
BATCH_WRITES: Final = 25
BATCH_BYTES: Final = 16 * 1024 * 1024
TRANSACTION_WRITES: Final = 100
TRANSACTION_BYTES: Final = 4 * 1024 * 1024
TOKEN_SECONDS: Final = 600.0

Request: TypeAlias = Mapping[str, Any]
Body: TypeAlias = dict[str, Any]


@dataclass
class Database:
    """All tables, and what is remembered of transactions: `tokens` maps to time and request."""

    clock: Callable[[], float]
    tables: dict[str, MemoryTable] = field(default_factory=dict[str, MemoryTable])
    tokens: dict[str, tuple[float, Any]] = field(default_factory=dict[str, tuple[float, Any]])

    def table(self, name: str) -> MemoryTable:
        """A table by name; refuses one that is not there, or not yet."""
        table = self.tables.get(name)
        if table is None or table.status in ("CREATING", "DELETING"):
            raise Refused(
                "ResourceNotFoundException", "Cannot do operations on a non-existent table"
            )
        return table


class Change(NamedTuple):
    """A write that was found to be allowed: what was stored, and what will be."""

    table: MemoryTable
    position: Position
    old: Item | None
    new: Item | None
    size: int

    def apply(self) -> None:
        """Makes the write."""
        if self.new is None:
            self.table.remove(self.position)
        elif self.new is not self.old:
            self.table.put(self.position, self.new, self.size)

    @property
    def units(self) -> float:
        """The write capacity that this costs, indexes not counted."""
        return write_units(max(self.size, size_of(self.table, self.position)))


def size_of(table: MemoryTable, position: Position) -> int:
    """The bytes of the item that stands there now."""
    row = table.items.rows.get(position)
    return 0 if row is None else row.size


def write_units(size: int) -> float:
    """Write capacity units, one per started KB."""
    return float(max(1, ceil(size / 1024)))


def read_units(size: int, *, consistent: bool) -> float:
    """Read capacity units: one per started 4 KB, half of that unless consistent."""
    return max(1, ceil(size / 4096)) * (1.0 if consistent else 0.5)


def consumed(table: MemoryTable, units: float) -> Body:
    """What DynamoDB says of the capacity that a request took."""
    return {"ConsumedCapacity": {"TableName": table.name, "CapacityUnits": units}}


def tree(operation: Operation[Any], parameter: str) -> Any:
    """The tree of an expression; TypeError when the request has only its text."""
    found = operation.expressions.get(parameter)
    if found is None and operation.request.get(parameter):
        raise TypeError(f"{operation.name} has the text of a {parameter}, and not its tree")
    return found


def get_item(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html."""
    request = operation.request
    table = database.table(request["TableName"])
    position = table.position(request["Key"])
    item = table.get(position)
    paths = tree(operation, "ProjectionExpression")
    check_paths(paths or ())
    consistent = bool(request.get("ConsistentRead"))
    body = consumed(table, read_units(size_of(table, position), consistent=consistent))
    if item is not None:
        body["Item"] = projected(paths, item)
    return body


def planned(database: Database, operation: Operation[Any]) -> Change:
    """The change that a write makes; refuses one that its condition or DynamoDB's rules forbid."""
    table = database.table(operation.request["TableName"])
    condition = tree(operation, "ConditionExpression")
    check(condition)
    change = _PLANS[operation.name](table, operation)
    old = change.old or {}
    if not holds(condition, old):
        more: Body = {}
        if old and operation.request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
            more["Item"] = copied(old)
        raise Refused("ConditionalCheckFailedException", "The conditional request failed", **more)
    return change if operation.name != "UpdateItem" else _as_updated(change, operation)


def _put(table: MemoryTable, operation: Operation[Any]) -> Change:
    item, size = admitted(operation.request["Item"])
    position = table.keys.position(item)
    table.check(item)
    return Change(table, position, table.get(position), item, size)


def _keyed(table: MemoryTable, operation: Operation[Any]) -> Change:
    position = table.position(operation.request["Key"])
    return Change(table, position, table.get(position), None, 0)


def _checked(table: MemoryTable, operation: Operation[Any]) -> Change:
    change = _keyed(table, operation)
    return change._replace(new=change.old)


def _to_update(table: MemoryTable, operation: Operation[Any]) -> Change:
    update = tree(operation, "UpdateExpression")
    check_update(update)
    written = touched(update)
    for name in table.keys.names:
        if name in written:
            raise invalid(
                f"One or more parameter values were invalid: Cannot update attribute {name}."
                " This attribute is part of the key"
            )
    return _keyed(table, operation)


def _as_updated(change: Change, operation: Operation[Any]) -> Change:
    """The change with the new item, which is computed only when the condition holds."""
    key, _ = admitted(operation.request["Key"])
    item = updated(tree(operation, "UpdateExpression"), key if change.old is None else change.old)
    new, size = admitted(item)
    change.table.check(new)
    return change._replace(new=new, size=size)


_PLANS: Final[dict[str, Callable[[MemoryTable, Operation[Any]], Change]]] = {
    "PutItem": _put,
    "DeleteItem": _keyed,
    "UpdateItem": _to_update,
    "ConditionCheck": _checked,
}


def write_item(database: Database, operation: Operation[Any]) -> Body:
    """PutItem, UpdateItem and DeleteItem.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    change = planned(database, operation)
    body = consumed(change.table, change.units)
    change.apply()
    attributes = _returned(change, operation)
    return {**body, "Attributes": attributes} if attributes else body


def _returned(change: Change, operation: Operation[Any]) -> Item | None:
    old, new = change.old or {}, change.new or {}
    match operation.request.get("ReturnValues", "NONE"):
        case "ALL_OLD":
            return copied(old)  # type: ignore[no-any-return]
        case "ALL_NEW":
            return copied(new)  # type: ignore[no-any-return]
        case "UPDATED_OLD" | "UPDATED_NEW" as which:
            names = touched(tree(operation, "UpdateExpression"))
            stored = old if which == "UPDATED_OLD" else new
            return {name: copied(stored[name]) for name in names if name in stored}
        case _:
            return None


def batch_get_item(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html."""
    wanted: Mapping[str, Any] = operation.request["RequestItems"]
    if not 1 <= sum(len(request["Keys"]) for request in wanted.values()) <= BATCH_GETS:
        raise invalid("Too many items requested for the BatchGetItem call, or none")
    paths: Any = tree(operation, "ProjectionExpression")
    room = BATCH_BYTES
    body: Body = {"Responses": {}, "UnprocessedKeys": {}, "ConsumedCapacity": []}
    for name, request in wanted.items():
        table = database.table(name)
        positions = [table.position(key) for key in request["Keys"]]
        _distinct(positions)
        fitting = _fitting([size_of(table, position) for position in positions], room)
        sizes = [size_of(table, position) for position in positions[:fitting]]
        room -= sum(sizes)
        items = [item for item in map(table.get, positions[:fitting]) if item is not None]
        consistent = bool(request.get("ConsistentRead"))
        units = sum(read_units(size, consistent=consistent) for size in sizes)
        body["Responses"][name] = [projected(paths, item) for item in items]
        body["ConsumedCapacity"].append(consumed(table, units)["ConsumedCapacity"])
        if fitting < len(positions):
            body["UnprocessedKeys"][name] = {**request, "Keys": request["Keys"][fitting:]}
    return body


def _fitting(sizes: list[int], room: int) -> int:
    """How many of the items, in their order, an answer has room for."""
    return sum(1 for total in accumulate(sizes) if total <= room)


def batch_write_item(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html."""
    wanted: Mapping[str, list[Any]] = operation.request["RequestItems"]
    if not 1 <= sum(map(len, wanted.values())) <= BATCH_WRITES:
        raise invalid("Too many items requested for the BatchWriteItem call, or none")
    # Every write is looked at before the first is made: one bad item fails them all.
    changes = [
        _batched(database.table(name), request)
        for name, requests in wanted.items()
        for request in requests
    ]
    _distinct((change.table.name, change.position) for change in changes)
    units: dict[str, float] = {}
    for change in changes:
        units[change.table.name] = units.get(change.table.name, 0.0) + change.units
        change.apply()
    return {
        "UnprocessedItems": {},
        "ConsumedCapacity": [
            {"TableName": name, "CapacityUnits": sum_} for name, sum_ in units.items()
        ],
    }


def _batched(table: MemoryTable, request: Request) -> Change:
    ((kind, part),) = request.items()
    name = {"PutRequest": "PutItem", "DeleteRequest": "DeleteItem"}[kind]
    return _PLANS[name](table, Operation(name, table.name, part, lambda _: None))


def _distinct(places: Iterable[Any]) -> None:
    seen = list(places)
    if len(set(seen)) < len(seen):
        raise invalid("Provided list of item keys contains duplicates")


def transact_get_items(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html."""
    bodies = [get_item(database, part) for part in operation.parts]
    return {"Responses": [{"Item": one["Item"]} if "Item" in one else {} for one in bodies]}


def transact_write_items(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html."""
    if not 1 <= len(operation.parts) <= TRANSACTION_WRITES:
        raise invalid("Member must have length less than or equal to 100, and at least one")
    if _replayed(database, operation):
        return {}
    changes, reasons = _attempted(database, operation.parts)
    if any(reasons):
        raise _canceled(reasons)
    for change in changes:
        change.apply()
    token = operation.request.get("ClientRequestToken")
    if token is not None:
        database.tokens[token] = (database.clock(), _parameters(operation))
    return {}


def _attempted(
    database: Database, parts: Iterable[Operation[Any]]
) -> tuple[list[Change], list[Refused | None]]:
    """The changes of a transaction, and for each write why it cannot be made, or None."""
    places = [_place(database, part) for part in parts]
    if len(set(places)) < len(places):
        raise invalid("Transaction request cannot include multiple operations on one item")
    changes: list[Change] = []
    reasons: list[Refused | None] = []
    for part in parts:
        try:
            changes.append(planned(database, part))
        except Refused as refused:
            if refused.response["Error"]["Code"] == "ResourceNotFoundException":
                raise
            reasons.append(refused)
        else:
            reasons.append(None)
    if sum(change.size for change in changes) > TRANSACTION_BYTES:
        raise invalid("Aggregated size of all items in a transaction is over 4 MB")
    return changes, reasons


def _place(database: Database, part: Operation[Any]) -> tuple[str, Any]:
    """Which item a write is about."""
    table = database.table(part.request["TableName"])
    key = part.request.get("Key")
    if key is None:
        item = part.request["Item"]
        return table.name, table.keys.position(item)
    return table.name, table.position(key)


_REASONS: Final = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "ValidationException": "ValidationError",
}


def _canceled(reasons: Iterable[Refused | None]) -> Refused:
    told = [{"Code": "None"} if reason is None else _reason(reason) for reason in reasons]
    codes = ", ".join(one["Code"] for one in told)
    return Refused(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=told,
    )


def _reason(refused: Refused) -> Body:
    error = refused.response["Error"]
    more = {"Item": refused.response["Item"]} if "Item" in refused.response else {}
    code = _REASONS.get(error["Code"], error["Code"])
    return {"Code": code, "Message": error["Message"], **more}


def _replayed(database: Database, operation: Operation[Any]) -> bool:
    """Whether this very transaction was done a moment ago."""
    token = operation.request.get("ClientRequestToken")
    if token not in database.tokens:
        return False
    made, parameters = database.tokens[token]
    if database.clock() - made > TOKEN_SECONDS:
        del database.tokens[token]
        return False
    if parameters != _parameters(operation):
        raise Refused(
            "IdempotentParameterMismatchException",
            "Request uses the same client token as a previous, but non-identical request",
        )
    return True


def _parameters(operation: Operation[Any]) -> Any:
    return copied(operation.request["TransactItems"])
