"""Query and Scan, answered from tables in memory, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dynrepo.expressions.trees import attribute_of, paths_of
from dynrepo.testing.conditions import holds
from dynrepo.testing.database import capacity, read_units, tree
from dynrepo.testing.key_conditions import Range, range_of
from dynrepo.testing.projections import projected
from dynrepo.testing.refusals import invalid
from dynrepo.testing.tables import HASHES, IndexView, MemoryTable, Position, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Path
    from dynrepo.operations.operation import Operation
    from dynrepo.testing.database import Body, Database
    from dynrepo.testing.operands import Node

PAGE_BYTES: Final = 1024 * 1024
SEGMENTS: Final = 1_000_000


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
    _check_filter(tree(operation, "FilterExpression"), view)
    after = table.start(view, request.get("ExclusiveStartKey"))
    if after is not None and stretch.low[:2] != after[:2]:
        raise invalid("The provided starting key is outside query boundaries")
    forward = request.get("ScanIndexForward", True)
    return _read(table, view, stretch.positions(view, after, forward=forward), operation)


def scan(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html."""
    request = operation.request
    table, view = _view(database, request)
    number, total = request.get("Segment", 0), request.get("TotalSegments", 1)
    if ("Segment" in request) is not ("TotalSegments" in request):
        raise invalid("Segment and TotalSegments are required together")
    if not 0 <= number < total <= SEGMENTS:
        raise invalid("The Segment parameter is zero-based and must be less than TotalSegments")
    stretch = Range((-(-HASHES * number // total),), (-(-HASHES * (number + 1) // total),))
    after = table.start(view, request.get("ExclusiveStartKey"))
    return _read(table, view, stretch.positions(view, after, forward=True), operation)


def _view(database: Database, request: Mapping[str, Any]) -> tuple[MemoryTable, View]:
    table = database.table(request["TableName"])
    view = table.view(request.get("IndexName"))
    if isinstance(view, IndexView) and not view.local and request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    if request.get("Limit", 1) < 1:
        raise invalid("Limit must be greater than or equal to 1")
    return table, view


def _check_filter(where: Node, view: View) -> None:
    """Refuses a filter of a query by a key attribute, or by what an index does not have.

    The filter of a scan may do both, and finds nothing of what an index does not have.
    """
    if where is None:
        return
    names = _attributes(paths_of(where))
    keys = names & set(view.keys.names)
    if keys:
        raise invalid(
            "Filter Expression can only contain non-primary key attributes:"
            f" Primary key attribute: {min(keys)}"
        )
    missing = view.lacking(names)
    if missing:
        raise invalid(
            f"One or more parameter values were invalid: Secondary index {view.name} does not"
            f" project one or more filter attributes: [{', '.join(missing)}]"
        )


def _attributes(paths: Iterable[Path]) -> set[str]:
    return {attribute_of(path) for path in paths}


def _read(
    table: MemoryTable, view: View, positions: Iterable[Position], operation: Operation[Any]
) -> Body:
    request = operation.request
    select = _selection(view, operation)
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
        body["Items"] = [select(item) for item in page.items]
    return body


def _rows(view: View, positions: Iterable[Position], where: Node, limit: int | None) -> _ReadPage:
    items: list[Item] = []
    scanned = size = 0
    for position in positions:
        row = view.rows[position]
        scanned += 1
        size += row.size
        if holds(where, view.part_of(row.item)):
            items.append(row.item)
        if scanned == limit or size >= PAGE_BYTES:
            return _ReadPage(items, scanned, size, row.item)
    return _ReadPage(items, scanned, size, None)


def _selection(view: View, operation: Operation[Any]) -> Callable[[Item], Item]:
    """What an answer has of an item; a local index gives the rest from its table, when asked."""
    select = operation.request.get("Select")
    paths = tree(operation, "ProjectionExpression")
    _check_select(view, select, paths)
    if view.local and (paths is not None or select == "ALL_ATTRIBUTES"):
        return lambda item: projected(paths, item)
    return lambda item: projected(paths, view.part_of(item))


def _check_select(view: View, select: str | None, paths: Iterable[Path] | None) -> None:
    """Refuses what cannot be selected; https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html#DDB-Query-request-Select."""
    if paths is not None and select not in (None, "SPECIFIC_ATTRIBUTES"):
        raise invalid(f"Cannot specify the ProjectionExpression when choosing to get {select}")
    if paths is None and select == "SPECIFIC_ATTRIBUTES":
        raise invalid("Must specify the AttributesToGet or ProjectionExpression")
    if select == "ALL_PROJECTED_ATTRIBUTES" and not isinstance(view, IndexView):
        raise invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    if view.local:
        return
    if select == "ALL_ATTRIBUTES" and view.projection is not None:
        raise invalid(
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported"
            f" for global secondary index {view.name} because its projection type is not ALL"
        )
    missing = view.lacking(_attributes(paths or ()))
    if missing:
        raise invalid(
            "One or more parameter values were invalid: Global secondary index"
            f" {view.name} does not project [{', '.join(missing)}]"
        )
