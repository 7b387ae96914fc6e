"""Query and Scan, answered from tables in memory, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dynrepo.expressions.trees import attribute_of, paths_of
from dynrepo.testing.conditions import check_condition, holds
from dynrepo.testing.database import capacity, read_units, tree
from dynrepo.testing.key_conditions import Range, range_of
from dynrepo.testing.projections import projected
from dynrepo.testing.rules import invalid
from dynrepo.testing.tables import HASHES, Index, MemoryTable, Position, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dynrepo.codec import Item
    from dynrepo.operations.operation import Operation
    from dynrepo.testing.database import Body, Database
    from dynrepo.testing.operands import Node

PAGE_BYTES: Final = 1024 * 1024


class _ReadPage(NamedTuple):
    """What was read: the items, how many before the filter, their bytes, the last if cut off."""

    items: list[Item]
    scanned: int
    size: int
    last: Item | None


def query(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html."""
    request = operation.request
    table, view = _view(database, request)
    condition = tree(operation, "KeyConditionExpression")
    if condition is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be given")
    stretch = range_of(view.keys, condition)
    where = tree(operation, "FilterExpression")
    _check_filter(where, view)
    after = table.start(view, request.get("ExclusiveStartKey"))
    if after is not None and stretch.low[:2] != after[:2]:
        raise invalid("The provided starting key is outside query boundaries")
    forward = request.get("ScanIndexForward", True)
    return _read(table, view, stretch.positions(view, after, forward=forward), operation)


def scan(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html."""
    request = operation.request
    table, view = _view(database, request)
    check_condition(tree(operation, "FilterExpression"))
    number, total = request.get("Segment", 0), request.get("TotalSegments", 1)
    if not 0 <= number < total:
        raise invalid("The Segment parameter is zero-based and must be less than TotalSegments")
    stretch = Range((-(-HASHES * number // total),), (-(-HASHES * (number + 1) // total),))
    after = table.start(view, request.get("ExclusiveStartKey"))
    return _read(table, view, stretch.positions(view, after, forward=True), operation)


def _view(database: Database, request: Mapping[str, Any]) -> tuple[MemoryTable, View]:
    table = database.table(request["TableName"])
    view = table.view(request.get("IndexName"))
    if isinstance(view, Index) and not view.local and request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    if request.get("Limit", 1) < 1:
        raise invalid("Limit must be greater than or equal to 1")
    return table, view


def _check_filter(where: Node, view: View) -> None:
    check_condition(where)
    if where is None:
        return
    keys = {attribute_of(path) for path in paths_of(where)} & set(view.keys.names)
    if keys:
        raise invalid(
            "Filter Expression can only contain non-primary key attributes:"
            f" Primary key attribute: {min(keys)}"
        )


def _read(
    table: MemoryTable, view: View, positions: Iterable[Position], operation: Operation[Any]
) -> Body:
    request = operation.request
    where = tree(operation, "FilterExpression")
    page = _rows(view, positions, where, request.get("Limit"))
    consistent = bool(request.get("ConsistentRead"))
    body: Body = {
        "Count": len(page.items),
        "ScannedCount": page.scanned,
        "ConsumedCapacity": capacity(table.name, read_units(page.size, consistent=consistent)),
    }
    if page.last is not None:
        body["LastEvaluatedKey"] = table.last(view, page.last)
    if request.get("Select") != "COUNT":
        paths = _paths(view, operation)
        body["Items"] = [projected(paths, item) for item in page.items]
    return body


def _rows(view: View, positions: Iterable[Position], where: Node, limit: int | None) -> _ReadPage:
    items: list[Item] = []
    scanned = size = 0
    for position in positions:
        row = view.rows[position]
        scanned += 1
        size += row.size
        item = _as_indexed(view, row.item)
        if holds(where, item):
            items.append(item)
        if scanned == limit or size >= PAGE_BYTES:
            return _ReadPage(items, scanned, size, row.item)
    return _ReadPage(items, scanned, size, None)


def _as_indexed(view: View, item: Item) -> Item:
    """What an index has of an item."""
    if not isinstance(view, Index) or view.projection is None:
        return item
    return {name: value for name, value in item.items() if name in view.projection}


def _paths(view: View, operation: Operation[Any]) -> Any:
    """The projection asked for; a global index can give only what it has."""
    paths = tree(operation, "ProjectionExpression")
    partial = isinstance(view, Index) and view.projection is not None
    if operation.request.get("Select") == "ALL_ATTRIBUTES" and partial:
        raise invalid("Select type ALL_ATTRIBUTES is not supported for this index")
    return paths
