"""The end of the life of items in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.testing.tables import MemoryTable

_FIVE_YEARS: Final = 5 * 366 * 86400


def purged(table: MemoryTable, now: float) -> int:
    """Removes the items of a table whose time is over at `now`, since 1970; how many there were.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
    """
    expired = [
        position
        for position, row in table.items.rows.items()
        if table.ttl in row.item and _passed(row.item[table.ttl], now)
    ]
    for position in expired:
        table.remove(position)
    return len(expired)


def _passed(value: Mapping[str, Any], now: float) -> bool:
    """Whether a time to live passed, and not so long ago that DynamoDB takes it for a mistake."""
    return "N" in value and now - _FIVE_YEARS < float(value["N"]) < now
