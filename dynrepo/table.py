"""The life of a table: created from the markers, waited for, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from dynrepo.errors import TableNotFound, Timeout
from dynrepo.operation import Table, create_table, delete_table, describe_table, update_time_to_live
from dynrepo.program import Pause, Program

T = TypeVar("T", bound=BaseModel)

POLL = 0.1
"""Seconds between two looks at a table that is not there yet."""

PATIENCE = 120.0
"""Seconds to wait for a table before `Timeout` is raised."""


def created(table: Table[T]) -> Program[None]:
    """Creates the table, waits until it and its indexes are active, switches time to live on."""
    yield create_table(table)
    yield from _active(table)
    if table.schema.ttl is not None:
        yield update_time_to_live(table, table.schema.ttl.attribute)


def dropped(table: Table[T], confirm: str) -> Program[None]:
    """Deletes the table and waits until it is gone; ValueError when `confirm` is not its name."""
    if confirm != table.name:
        raise ValueError(f"to drop the table {table.name}, pass confirm={table.name!r}")
    yield delete_table(table)
    try:
        for _ in range(int(PATIENCE / POLL)):
            yield describe_table(table)
            yield Pause(POLL)
    except TableNotFound:
        return
    raise Timeout(f"{table.name} is not gone after {PATIENCE:.0f} s", code="Timeout")


def _active(table: Table[T]) -> Program[None]:
    for _ in range(int(PATIENCE / POLL)):
        description = yield describe_table(table)
        indexes = description.get("GlobalSecondaryIndexes", ())
        if description["TableStatus"] == "ACTIVE" and all(
            index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in indexes
        ):
            return
        yield Pause(POLL)
    raise Timeout(f"{table.name} is not active after {PATIENCE:.0f} s", code="Timeout")
