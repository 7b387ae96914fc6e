"""The verbs that find items: each makes a query of what it is asked for, and sends nothing."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import DynamoStore
from tests.events import Events, f
from tests.scripted import Scripted

EVENTS = Events(DynamoStore(connection=Scripted(AssertionError())))
NOTHING: Any = None


def test_a_query_is_what_it_is_asked_for() -> None:
    """Of one partition, in an order, with a limit."""
    bad_rows: list[Any] = []
    query = EVENTS.query(
        f.stream == "s",
        where=f.kind == "b",
        descending=True,
        consistent=True,
        limit=3,
        bad_rows=bad_rows.append,
    )
    (operation, request) = query.operation(None, None), query.operation(None, None).request
    assert (operation.name, operation.table) == ("Query", "events")
    assert request["ScanIndexForward"] is False
    assert request["ConsistentRead"] is True
    assert {"KeyConditionExpression", "FilterExpression"} <= set(request)
    assert (query.item_limit, query.bad_rows) == (3, bad_rows.append)


def test_a_scan_is_what_it_is_asked_for() -> None:
    """Of the whole table, or of one machine's share of it."""
    request = EVENTS.scan(where=f.kind == "b", segment=(1, 3)).operation(None, 5).request
    assert (request["Segment"], request["TotalSegments"], request["Limit"]) == (1, 3, 5)
    assert "KeyConditionExpression" not in request
    assert len(EVENTS.scan(segments=4).shares()) == 4


def test_a_query_without_a_condition_is_no_scan() -> None:
    """It would read, and charge for, everything."""
    with pytest.raises(TypeError, match="a query needs a condition; scan"):
        EVENTS.query(NOTHING)
