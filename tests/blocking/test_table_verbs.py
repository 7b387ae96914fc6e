"""The verbs of a table as a whole: made, compared with its model, repaired, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import Claims, Difference, Key, PartitionKey, Rekeyed, Repository, SharedTable

if TYPE_CHECKING:
    from dynrepo.testing import MemoryStore


class Note(BaseModel):
    """A note."""

    note_id: Annotated[str, PartitionKey()]
    text: str = ""


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


class OldTitled(Repository[Note]):
    """Notes of which nobody asked that their texts be different."""

    table = "titled"


class Titled(OldTitled):
    """Notes of different texts."""

    unique = ("text",)


class Papers(SharedTable):
    """A table for notes and others."""

    table = "papers"
    key = Key("pk")


class PaperNotes(Repository[Note]):
    """Notes among other papers."""

    place = Papers.place("NOTE#{note_id}")


def test_a_table_is_made_looked_at_and_dropped(memory: MemoryStore) -> None:
    """What differs from the markers is false where nothing does."""
    notes = Notes(memory, instruments=())
    assert notes.verify_table() == Difference("notes", missing=True)
    sentences: list[str] = []
    assert not notes.ensure_table(progress=sentences.append)
    assert sentences == ["notes is ACTIVE"]
    assert not notes.verify_table()
    assert notes.connect() is notes
    assert notes.health_check().status == "UP"
    notes.drop_table(confirm="notes")
    notes.create_table(tags={"team": "a"})
    assert memory.tables == ("notes",)


def test_rows_that_lack_nothing_are_left(memory: MemoryStore) -> None:
    """Where there are such keys at all: a table of one model has none."""
    notes = PaperNotes(memory)
    notes.create_table()
    notes.set(Note(note_id="a"))
    assert notes.rekey() == Rekeyed(rows=1)
    with pytest.raises(ValueError, match="Note has no place in a shared table"):
        Notes(memory).rekey()


def test_guards_are_claimed_where_there_are_unique_values(memory: MemoryStore) -> None:
    """And nowhere else."""
    titled = Titled(memory)
    titled.create_table()
    OldTitled(memory).set(Note(note_id="a", text="one"))  # without a guard
    assert titled.claim_unique() == Claims(rows=1, written=1)
    with pytest.raises(ValueError, match="Notes has no unique values to be claimed"):
        Notes(memory).claim_unique()
