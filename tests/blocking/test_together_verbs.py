"""Several items, read at one moment or written all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynrepo import TransactionCanceled
from tests.notes import Note, Notes, no_notes

if TYPE_CHECKING:
    from dynrepo.testing import MemoryStore


@pytest.fixture
def notes(memory: MemoryStore) -> Notes:
    """An empty table."""
    return no_notes(memory)


def test_items_are_read_together(notes: Notes) -> None:
    """In the order of the lookups, None for what is not stored."""
    notes.set(Note(note_id="a"))
    assert notes.get_together(notes.lookup("b"), notes.lookup("a")) == (None, Note(note_id="a"))


def test_the_writes_of_a_transaction_are_made_all_or_none(notes: Notes) -> None:
    """At the end of the block."""
    with notes.transaction() as tx:
        tx.set(notes, Note(note_id="a"))
        tx.create(notes, Note(note_id="b"))
        assert notes.get("a") is None
    assert notes.get_many(["a", "b"]) == [Note(note_id="a"), Note(note_id="b")]

    def both() -> None:
        with notes.transaction() as tx:
            tx.delete(notes, "a")
            tx.create(notes, Note(note_id="b"))

    with pytest.raises(TransactionCanceled):
        both()
    assert notes.exists("a")


def test_a_transaction_of_one_token_is_made_once(notes: Notes) -> None:
    """However often it is sent, within ten minutes."""
    for _ in range(2):
        with notes.transaction(token="of-a") as tx:
            tx.create(notes, Note(note_id="a"))
    assert notes.exists("a")
