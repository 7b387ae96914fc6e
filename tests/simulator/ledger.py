"""The models that are written, and a row of theirs as the checker sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import AwareDatetime, BaseModel

from dynrepo import PartitionKey, Repository, SortKey, UpdatedAt, Version

if TYPE_CHECKING:
    from collections.abc import Mapping

SHELF = "s"
"""The one partition of each table."""

NUMBERS = (1, 2)
"""The sort keys that are written."""


class Plain(BaseModel, frozen=True):
    """An entry without a version."""

    shelf: Annotated[str, PartitionKey()] = SHELF
    number: Annotated[int, SortKey()]
    amount: int = 0
    tag: str = ""
    note: str = ""


class Locked(Plain, frozen=True):
    """An entry that is saved by its version."""

    version: Annotated[int, Version()] = 0


class Dated(Locked, frozen=True):
    """An entry that holds the time of its last write, too: a lost answer can be settled."""

    updated: Annotated[AwareDatetime | None, UpdatedAt()] = None


class PlainLedger(Repository[Plain]):
    """Entries without versions."""

    table = "plain"


class LockedLedger(Repository[Locked]):
    """Entries with versions."""

    table = "locked"


class DatedLedger(Repository[Dated]):
    """Entries with versions and times."""

    table = "dated"


Ledger = PlainLedger | LockedLedger | DatedLedger
LEDGERS: tuple[type[Any], ...] = (PlainLedger, LockedLedger, DatedLedger)


class Place(NamedTuple):
    """Where a row is: its table, and its sort key."""

    table: str
    number: int

    @property
    def key(self) -> tuple[str, int]:
        """The key as a repository takes it."""
        return SHELF, self.number


PLACES = tuple(Place(ledger.table, number) for ledger in LEDGERS for number in NUMBERS)


class Row(NamedTuple):
    """What is stored at a place, or was shown of it; version 0 stands for none, too."""

    amount: int
    tag: str
    version: int = 0
    readable: bool = True


UNREADABLE = Row(0, "?", 0, readable=False)
"""What is shown of a row that is not the model."""


def row_of(entry: Plain | None) -> Row | None:
    """What a caller sees of an instance."""
    if entry is None:
        return None
    return Row(entry.amount, entry.tag, getattr(entry, "version", 0))


def row_in(item: Mapping[str, Any] | None) -> Row | None:
    """What a stored item is, in DynamoDB JSON."""
    if not item:
        return None
    return Row(
        int(item.get("amount", {"N": "0"})["N"]),
        item.get("tag", {"S": ""})["S"],
        int(item.get("version", {"N": "0"})["N"]),
        "N" not in item.get("note", {}),
    )
