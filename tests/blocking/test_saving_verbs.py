"""Saving and editing: what was changed is written, the rest of what is stored stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import ItemNotFound, NotUnique
from tests.facade import without_facade
from tests.notes import Note, Notes, no_notes

if TYPE_CHECKING:
    from dynrepo.testing import MemoryStore


@pytest.fixture
def notes(memory: MemoryStore) -> Notes:
    """An empty table."""
    return no_notes(memory)


def test_a_saved_item_has_its_fields(notes: Notes) -> None:
    """Also one that has none but its key, which is made by a second request."""
    for text in ("a", None):
        note = Note(note_id="a", text=text)
        assert notes.save(note) == notes.require("a") == note
    assert notes.save(Note(note_id="new")) == notes.require("new") == Note(note_id="new")


def test_a_saved_unique_value_is_taken(memory: MemoryStore) -> None:
    """And no other item gets it."""

    class Titled(Notes):
        """Notes of different texts."""

        table = "titled"  # a table with guards is one for all repositories of it
        unique = ("text",)

    titled = Titled(memory)
    titled.create_table()
    titled.save(Note(note_id="a", text="one"))
    with pytest.raises(NotUnique):
        titled.save(Note(note_id="b", text="one"))


def test_an_edit_reads_changes_and_writes(notes: Notes) -> None:
    """Two requests, and what is stored then."""
    notes.set(Note(note_id="a", text="old"))
    edited = notes.edit("a", lambda note: Note(note_id=note.note_id, text=f"{note.text} and new"))
    assert edited == notes.require("a") == Note(note_id="a", text="old and new")
    with pytest.raises(ItemNotFound, match="notes has no item under this key"):
        notes.edit("b", lambda note: note)


@without_facade("the other face awaits it")
def test_an_edit_takes_no_function_of_coroutines(memory: MemoryStore) -> None:
    """It is refused before anything is sent, by an error that names the cure."""

    async def change(note: Note) -> Note:
        return note

    wrong: Any = change
    with pytest.raises(TypeError, match=r"change is a function .* give it a plain def"):
        Notes(memory).edit("a", wrong)
