"""What each verb does to a row and says of it: the promises of the docs, as pure functions.

Nothing here knows how the library keeps them. A law is given the row at a place, or None, and
returns what the caller is to be told and the row that is then there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from tests.simulator.ledger import UNREADABLE, Row

DONE = "done"


class Said(NamedTuple):
    """What a caller is told of one row: `done` or the error's name, and the row that it shows."""

    what: str
    row: Row | None = None


class Law(Protocol):
    """What a verb does at one place."""

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """What is said, and what is there afterwards."""
        ...


def shown(row: Row | None) -> Row | None:
    """What a caller sees of a row."""
    return row if row is None or row.readable else UNREADABLE


def refusal(what: str, row: Row | None) -> Said:
    """A refusal shows the row that stood in the way, where that is the model."""
    return Said(what, row if row is not None and row.readable else None)


@dataclass(frozen=True)
class Read:
    """get, get_many, query, scan, get_together."""

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Shows what is there."""
        return Said(DONE, shown(row)), row


@dataclass(frozen=True)
class Glance:
    """get, when it may be stale: it shows one of the rows that the place has had."""

    had: list[Row | None] = field(repr=False)

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Shows what is there; what was there is as good."""
        return Said(DONE, shown(row)), row


@dataclass(frozen=True)
class Require:
    """require."""

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Insists on a row."""
        return (Said(DONE, shown(row)) if row else Said("ItemNotFound")), row


@dataclass(frozen=True)
class Exists:
    """exists: what is there is an empty row, in place of the one that is not shown."""

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Shows whether there is a row."""
        return Said(DONE, Row(0, "") if row else None), row


@dataclass(frozen=True)
class Create:
    """create."""

    new: Row

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Writes where nothing is."""
        if row is not None:
            return refusal("ItemExists", row), row
        return Said(DONE, self.new), self.new


@dataclass(frozen=True)
class Put:
    """set, set_many, batch, and save without a version: all attributes are declared ones."""

    new: Row

    def __call__(self, _: Row | None, /) -> tuple[Said, Row | None]:
        """Writes whatever is there."""
        return Said(DONE, self.new), self.new


@dataclass(frozen=True)
class Save:
    """save of an instance of one version."""

    new: Row
    version: int

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Writes over that version, or where nothing is for version 0."""
        if (row.version if row else 0) != self.version:
            return refusal("VersionConflict", row), row
        return Said(DONE, self.new), self.new


@dataclass(frozen=True)
class Update:
    """update: an amount that is added, a tag that is set, an amount that is the condition."""

    add: int = 0
    tag: str | None = None
    required: int | None = None
    upsert: bool = False
    versioned: bool = False

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Changes a row; makes one only if told to."""
        if row is None and not self.upsert:
            return Said("ItemNotFound"), row
        if self.required is not None and (row is None or row.amount != self.required):
            return refusal("ConditionFailed", row), row
        new = self._applied(row or Row(0, ""))
        return Said(DONE, shown(new)), new

    def _applied(self, row: Row) -> Row:
        tag = row.tag if self.tag is None else self.tag
        return Row(row.amount + self.add, tag, row.version + self.versioned, row.readable)


@dataclass(frozen=True)
class Edit:
    """edit, by a function that adds to the amount: a row that it cannot read it leaves."""

    add: int = 1
    versioned: bool = False

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Changes a row as it is at that moment."""
        if row is None:
            return Said("ItemNotFound"), row
        if not row.readable:
            return Said("CodecError"), row
        new = row._replace(amount=row.amount + self.add, version=row.version + self.versioned)
        return Said(DONE, new), new


@dataclass(frozen=True)
class Refused:
    """A write that others were faster than: it shows the row that stood in the way."""

    what: str

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Leaves the row."""
        return refusal(self.what, row), row


@dataclass(frozen=True)
class Delete:
    """delete: of a version where an instance was given, and on an amount as the condition."""

    version: int | None = None
    required: int | None = None

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Removes a row and shows it."""
        if row is not None and self.version is not None and row.version != self.version:
            return refusal("VersionConflict", row), row
        if self.required is not None and (row is None or row.amount != self.required):
            return refusal("ConditionFailed", row), row
        return Said(DONE, shown(row)), None


@dataclass(frozen=True)
class Check:
    """check, in a transaction."""

    required: int

    def __call__(self, row: Row | None, /) -> tuple[Said, Row | None]:
        """Wants an amount, and leaves the row."""
        if row is None or row.amount != self.required:
            return refusal("ConditionFailed", row), row
        return Said(DONE), row
