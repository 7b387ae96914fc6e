"""Items whose time is over are removed, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.testing.expiry import purged
from dynrepo.testing.tables import MemoryTable

NOW = 1_770_000_000.0
YEAR = 366 * 86400


def table_with(ends: dict[str, str] | None) -> MemoryTable:
    """A table of one item, which has or has not an end."""
    table = MemoryTable(
        {
            "TableName": "rows",
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        }
    )
    item: dict[str, Any] = {"p": {"S": "a"}, **({"ends": ends} if ends else {})}
    table.put(table.keys.position(item), item, 10)
    return table


@pytest.mark.parametrize(
    ("ends", "removed"),
    [
        ({"N": str(NOW - 1)}, 1),
        ({"N": str(NOW)}, 0),
        ({"N": str(NOW + 1)}, 0),
        ({"N": str(NOW - 5 * YEAR + 1)}, 1),
        ({"N": str(NOW - 5 * YEAR - 1)}, 0),
        ({"S": str(NOW - 1)}, 0),
        (None, 0),
    ],
)
def test_an_item_is_removed_after_its_end(ends: dict[str, str] | None, removed: int) -> None:
    """A number of seconds that has passed, and not so long ago that it is a mistake."""
    table = table_with(ends)
    table.ttl = "ends"
    assert purged(table, NOW) == removed
    assert len(table.items.rows) == 1 - removed


def test_without_a_time_to_live_all_items_stay() -> None:
    """Whatever they hold."""
    assert purged(table_with({"N": str(NOW - 1)}), NOW) == 0
