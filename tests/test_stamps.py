"""What a write adds of its own: versions and times."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel

from dynrepo import CreatedAt, PartitionKey, UpdatedAt, Version
from dynrepo.expressions import FieldPaths
from dynrepo.operation import Table
from dynrepo.schema import schema_of
from dynrepo.stamps import is_version, stamped, stamps_of, version_is

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOON_TEXT = {"S": "2026-05-01T12:00:00.000000Z"}


class Note(BaseModel):
    """It counts its writes and knows when they were."""

    name: Annotated[str, PartitionKey()]
    text: str = ""
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Plain(BaseModel):
    """It has none of that."""

    name: Annotated[str, PartitionKey()]


NOTES = Table("notes", schema_of(Note), clock=lambda: NOON)
PLAIN = Table("plain", schema_of(Plain))
FIELDS = FieldPaths(NOTES.schema)


def test_a_first_write_is_version_1_of_now() -> None:
    """0 was never stored."""
    item = stamped(NOTES, Note(name="a"))
    assert (item["version"], item["made"], item["changed"]) == ({"N": "1"}, NOON_TEXT, NOON_TEXT)


def test_a_later_write_keeps_when_it_was_made() -> None:
    """Only the version and the time of the change move on."""
    made = datetime(2025, 1, 1, tzinfo=UTC)
    item = stamped(NOTES, Note(name="a", version=4, made=made, changed=made))
    assert item["version"] == {"N": "5"}
    assert item["made"] == {"S": "2025-01-01T00:00:00.000000Z"}
    assert item["changed"] == NOON_TEXT


def test_a_model_without_marks_is_stored_as_it_is() -> None:
    """Nothing is added that nobody declared."""
    assert stamped(PLAIN, Plain(name="a")) == {"name": {"S": "a"}}
    assert version_is(PLAIN, Plain(name="a")) is None


def test_the_version_of_an_instance_is_told_from_others() -> None:
    """What was never stored is version 0."""
    assert is_version(NOTES, {"version": {"N": "4"}}, Note(name="a", version=4))
    assert not is_version(NOTES, {"version": {"N": "5"}}, Note(name="a", version=4))
    assert is_version(NOTES, {}, Note(name="a"))


def test_an_update_counts_and_dates_itself() -> None:
    """Unless its own actions do."""
    by_itself = stamps_of(NOTES, (FIELDS.text.set("x"),), upsert=False)
    assert [str(one.values[0]) for one in by_itself] == ["version", "changed"]
    by_hand = (FIELDS.version.set(7), FIELDS.changed.set(NOON))
    assert stamps_of(NOTES, by_hand, upsert=False) == []
