"""BatchGetItem and BatchWriteItem, answered from tables in memory."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from dynrepo.operations.operation import Operation, nothing
from dynrepo.testing.database import capacities, capacity, read_units, tree
from dynrepo.testing.item_requests import PLANS, PlannedWrite
from dynrepo.testing.projections import projected
from dynrepo.testing.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dynrepo.testing.database import Body, Database
    from dynrepo.testing.tables import MemoryTable

READS: Final = 100
WRITES: Final = 25
BYTES: Final = 16 * 1024 * 1024


def batch_get_item(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html."""
    wanted: Mapping[str, Any] = operation.request["RequestItems"]
    if not 1 <= sum(len(request["Keys"]) for request in wanted.values()) <= READS:
        raise invalid("Too many items requested for the BatchGetItem call, or none")
    paths: Any = tree(operation, "ProjectionExpression")
    room = BYTES
    body: Body = {"Responses": {}, "UnprocessedKeys": {}, "ConsumedCapacity": []}
    for name, request in wanted.items():
        table = database.table(name)
        positions = [table.position(key) for key in request["Keys"]]
        _check_distinct(positions)
        sizes = [table.size(position) for position in positions]
        fitting = _fitting(sizes, room)
        room -= sum(sizes[:fitting])
        items = [item for item in map(table.get, positions[:fitting]) if item is not None]
        body["Responses"][name] = [projected(paths, item) for item in items]
        body["ConsumedCapacity"].append(_cost(name, request, sizes[:fitting]))
        if fitting < len(positions):
            body["UnprocessedKeys"][name] = {**request, "Keys": request["Keys"][fitting:]}
    return body


def _fitting(sizes: list[int], room: int) -> int:
    """How many of the items, in their order, an answer has room for."""
    return sum(1 for total in accumulate(sizes) if total <= room)


def _cost(table: str, request: Mapping[str, Any], sizes: list[int]) -> Body:
    consistent = bool(request.get("ConsistentRead"))
    return capacity(table, sum(read_units(size, consistent=consistent) for size in sizes))


def batch_write_item(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html."""
    wanted: Mapping[str, list[Any]] = operation.request["RequestItems"]
    if not 1 <= sum(map(len, wanted.values())) <= WRITES:
        raise invalid("Too many items requested for the BatchWriteItem call, or none")
    # Every write is looked at before the first is made: one bad item fails them all.
    writes = [
        _planned(database.table(name), request)
        for name, requests in wanted.items()
        for request in requests
    ]
    _check_distinct((write.table.name, write.position) for write in writes)
    units = [(write.table.name, write.units) for write in writes]
    for write in writes:
        write.apply()
    return {"UnprocessedItems": {}, "ConsumedCapacity": capacities(units)}


def _planned(table: MemoryTable, request: Mapping[str, Any]) -> PlannedWrite:
    ((kind, parameters),) = request.items()
    name = {"PutRequest": "PutItem", "DeleteRequest": "DeleteItem"}[kind]
    return PLANS[name](table, Operation(name, table.name, parameters, nothing))


def _check_distinct(positions: Iterable[Any]) -> None:
    listed = list(positions)
    if len(set(listed)) < len(listed):
        raise invalid("Provided list of item keys contains duplicates")
