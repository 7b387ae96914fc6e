"""The verbs of many items: by 100 and by 25, or refused where a batch cannot ask what it has to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository
from dynrepo.testing.counting_store import CountingStore
from tests.depot import BOX, Boxes, opened

if TYPE_CHECKING:
    from dynrepo.testing import MemoryStore


class Note(BaseModel):
    """A note."""

    note_id: Annotated[str, PartitionKey()]
    text: str = ""


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


NOTES = [Note(note_id=str(number)) for number in range(110)]


def test_many_items_are_written_read_and_deleted(memory: MemoryStore) -> None:
    """By as few requests as DynamoDB takes, and read in the order of the keys."""
    store = CountingStore(memory)
    notes = Notes(store)
    notes.create_table()
    notes.set_many(NOTES)
    assert notes.get_many([*NOTES, "x"]) == [*NOTES, None]
    notes.delete_many(NOTES[1:])
    with notes.batch() as batch:
        batch.set(NOTES[2])
        batch.delete("0")
    assert notes.scan().all() == [NOTES[2]]
    names = [name for name in store.names if "Batch" in name]
    assert names == ["BatchWriteItem"] * 5 + ["BatchGetItem"] * 2 + ["BatchWriteItem"] * 6


def test_a_batch_is_refused_where_a_write_asks_whose_a_row_is(memory: MemoryStore) -> None:
    """At the call, also of nothing; reads are as anywhere."""
    boxes, _ = opened(memory)
    assert isinstance(boxes, Boxes)
    for refused in (lambda: boxes.set_many([]), lambda: boxes.delete_many([BOX])):
        with pytest.raises(ValueError, match="set_many, delete_many and batch"):
            refused()  # type: ignore[no-untyped-call]
    boxes.set(BOX)
    assert boxes.get_many([BOX]) == [BOX]
