"""The tables of a `MemoryStore` together, and what a request to them costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.testing.refusals import refused
from dynrepo.testing.tables import MemoryTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dynrepo.operations.operation import Operation

Body: TypeAlias = dict[str, Any]
"""The body of an answer."""


@dataclass
class Database:
    """All tables, and what is remembered of transactions by their tokens.

    `tokens` maps to the time, the request, and the answer to the same one again.
    """

    clock: Callable[[], float]
    tables: dict[str, MemoryTable] = field(default_factory=dict[str, MemoryTable])
    tokens: dict[str, tuple[float, Any, Body]] = field(
        default_factory=dict[str, tuple[float, Any, Body]]
    )

    def table(self, name: str) -> MemoryTable:
        """A table by name; refuses one that is not there, or not yet."""
        table = self.tables.get(name)
        if table is None or table.status in ("CREATING", "DELETING"):
            raise refused(
                "ResourceNotFoundException", "Cannot do operations on a non-existent table"
            )
        return table


def write_units(size: int) -> float:
    """Write capacity units, one per started KB."""
    return float(max(1, ceil(size / 1024)))


def read_units(size: int, *, consistent: bool) -> float:
    """Read capacity units: one per started 4 KB, half of that unless consistent."""
    return max(1, ceil(size / 4096)) * (1.0 if consistent else 0.5)


def capacity(table: str, units: float) -> Body:
    """What DynamoDB says of the capacity that a request took of a table."""
    return {"TableName": table, "CapacityUnits": units}


def capacities(units: Iterable[tuple[str, float]]) -> list[Body]:
    """What DynamoDB says of the units that a request took of several tables, by their names."""
    totals: dict[str, float] = {}
    for table, taken in units:
        totals[table] = totals.get(table, 0.0) + taken
    return [capacity(table, total) for table, total in totals.items()]


def tree(operation: Operation[Any], parameter: str) -> Any:
    """The tree of an expression; TypeError when the request has only its text."""
    expression = operation.expressions.get(parameter)
    if expression is None and operation.request.get(parameter):
        raise TypeError(f"{operation.name} has the text of a {parameter}, and not its tree")
    return expression
