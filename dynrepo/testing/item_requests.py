"""The requests for one item, answered from tables in memory.

Each handler takes the database and an operation, and returns the body of the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dynrepo.expressions.nodes import Update
from dynrepo.testing.conditions import holds
from dynrepo.testing.database import capacity, read_units, tree, write_units
from dynrepo.testing.projections import projected
from dynrepo.testing.refusals import invalid, refused
from dynrepo.testing.rules import admitted, copied
from dynrepo.testing.tables import Row
from dynrepo.testing.updates import created, updated, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec import Item
    from dynrepo.operations.operation import Operation
    from dynrepo.testing.database import Body, Database
    from dynrepo.testing.tables import MemoryTable, Position


class PlannedWrite(NamedTuple):
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
        """The write capacity that this costs, in the table and in its indexes."""
        return write_units(self.largest) + self.index_units

    @property
    def largest(self) -> int:
        """The bytes of the item before or after, whichever is larger."""
        return max(self.size, self.table.size(self.position))

    @property
    def index_units(self) -> float:
        """What of it the indexes cost."""
        new = None if self.new is None else Row(self.new, self.size)
        return sum(map(write_units, self.table.sizes_written(self.position, new)), 0.0)


def get_item(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html."""
    request = operation.request
    table = database.table(request["TableName"])
    position = table.position(request["Key"])
    item = table.get(position)
    paths = tree(operation, "ProjectionExpression")
    units = read_units(table.size(position), consistent=bool(request.get("ConsistentRead")))
    body: Body = {"ConsumedCapacity": capacity(table.name, units)}
    if item is not None:
        body["Item"] = projected(paths, item)
    return body


def write_item(database: Database, operation: Operation[Any]) -> Body:
    """PutItem, UpdateItem and DeleteItem.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    write = judged(planned(database, operation), operation)
    body: Body = {"ConsumedCapacity": capacity(write.table.name, write.units)}
    write.apply()
    attributes = _returned(write, operation)
    return {**body, "Attributes": attributes} if attributes else body


def _returned(write: PlannedWrite, operation: Operation[Any]) -> Item | None:
    old, new = write.old or {}, write.new or {}
    match operation.request.get("ReturnValues", "NONE"):
        case "ALL_OLD":
            return copied(old)  # type: ignore[no-any-return]
        case "ALL_NEW":
            return copied(new)  # type: ignore[no-any-return]
        case "UPDATED_OLD" | "UPDATED_NEW" as which:
            names = written(_update_of(operation))
            stored = old if which == "UPDATED_OLD" else new
            return {name: copied(stored[name]) for name in names if name in stored}
        case _:
            return None


def planned(database: Database, operation: Operation[Any]) -> PlannedWrite:
    """The write of an operation, its condition not yet looked at; refused when it is not valid."""
    return PLANS[operation.name](database.table(operation.request["TableName"]), operation)


def judged(write: PlannedWrite, operation: Operation[Any]) -> PlannedWrite:
    """The write as it will be made; refused when its condition, or what is stored, forbids it."""
    old = write.old or {}
    if not holds(tree(operation, "ConditionExpression"), old):
        more: Body = {}
        if old and operation.request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
            more["Item"] = copied(old)
        raise refused("ConditionalCheckFailedException", "The conditional request failed", **more)
    return write if operation.name != "UpdateItem" else _with_update(write, operation)


def _put(table: MemoryTable, operation: Operation[Any]) -> PlannedWrite:
    item, size = admitted(operation.request["Item"])
    position = table.keys.position(item)
    table.check(item)
    return PlannedWrite(table, position, table.get(position), item, size)


def _deletion(table: MemoryTable, operation: Operation[Any]) -> PlannedWrite:
    position = table.position(operation.request["Key"])
    return PlannedWrite(table, position, table.get(position), None, 0)


def _check(table: MemoryTable, operation: Operation[Any]) -> PlannedWrite:
    write = _deletion(table, operation)
    return write._replace(new=write.old)


def _update(table: MemoryTable, operation: Operation[Any]) -> PlannedWrite:
    changed = written(_update_of(operation))
    for name in table.keys.names:
        if name in changed:
            raise invalid(
                f"One or more parameter values were invalid: Cannot update attribute {name}."
                " This attribute is part of the key"
            )
    return _deletion(table, operation)


def _update_of(operation: Operation[Any]) -> Update:
    """What an update does: without an expression, nothing but to make an item that is missing."""
    update: Update | None = tree(operation, "UpdateExpression")
    return Update() if update is None else update


def _with_update(write: PlannedWrite, operation: Operation[Any]) -> PlannedWrite:
    """The write with the new item, which is computed only when the condition holds."""
    key, _ = admitted(operation.request["Key"])
    update = _update_of(operation)
    item = created(update, key) if write.old is None else updated(update, write.old)
    if item is None:
        return write
    new, size = admitted(item)
    write.table.check(new)
    return write._replace(new=new, size=size)


PLANS: Final[dict[str, Callable[[MemoryTable, Operation[Any]], PlannedWrite]]] = {
    "PutItem": _put,
    "DeleteItem": _deletion,
    "UpdateItem": _update,
    "ConditionCheck": _check,
}
"""What each kind of write would do, its condition not yet looked at."""
