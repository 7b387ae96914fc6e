"""The tables of a `MemoryStore` as a value that JSON can hold, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.testing.rules import admitted, copied
from dynrepo.testing.tables import MemoryTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.testing.database import Database


def dump_of(database: Database) -> dict[str, Any]:
    """Copies of all tables, by their names."""
    return {name: _dumped(table) for name, table in database.tables.items()}


def tables_of(dumped: Mapping[str, Any]) -> dict[str, MemoryTable]:
    """The tables of a dump, by their names; each item is checked as one that is put."""
    return {name: _loaded(table) for name, table in dumped.items()}


def _dumped(table: MemoryTable) -> dict[str, Any]:
    rows = table.items
    return {
        "definition": copied(table.request),
        "time_to_live": table.ttl,
        "items": [copied(rows.rows[position].item) for position in rows.order],
    }


def _loaded(dump: Mapping[str, Any]) -> MemoryTable:
    table = MemoryTable(copied(dump["definition"]))
    table.ttl = dump["time_to_live"]
    for each in dump["items"]:
        item, size = admitted(each)
        table.put(table.keys.position(item), item, size)
    return table
