"""What the contract does with items beside the verbs that it tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, SortKey
from dynrepo.testing import MemoryStore
from dynrepo.testing.contract_items import (
    UNDECLARED,
    add_attribute,
    changed_item,
    delete_all,
    key_of,
    set_all,
    stored_row,
    texts_of,
)
from tests.depot import BOX, Boxes, Labels
from tests.members import Member, Members

if TYPE_CHECKING:
    from collections.abc import Sequence


class Note(BaseModel):
    """An item with a key of two fields."""

    author: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


NOTES = [Note(author="a", number=number) for number in range(3)]


@pytest.mark.parametrize(
    ("repository", "items"),
    [
        (Notes(MemoryStore(Notes)), NOTES),
        (
            Boxes(MemoryStore(Boxes, Labels)),
            [BOX.model_copy(update={"number": number}) for number in range(3)],
        ),
        (
            Members(MemoryStore(Members)),
            [Member(member_id=str(number), nick=f"nick {number}") for number in range(3)],
        ),
    ],
)
def test_all_items_are_written_and_deleted(
    repository: Repository[Any], items: Sequence[BaseModel]
) -> None:
    """Whether the repository takes batches, or each write has a condition of its own."""
    set_all(repository, list(items))
    assert sorted(repository.scan(), key=repr) == items
    delete_all(repository, list(items[:2]))
    assert repository.scan().all() == items[2:]


def test_a_row_is_shown_and_changed_as_it_is_stored() -> None:
    """What no model declares included."""
    notes = Notes(MemoryStore(Notes))
    notes.set(NOTES[1])
    add_attribute(notes, NOTES[1])
    assert stored_row(notes, NOTES[1])[UNDECLARED] == {"S": "kept"}
    assert stored_row(notes, NOTES[2]) == {}
    assert key_of(notes, NOTES[1]) == ("a", 1)
    other = Note(author="b", number=9, text="t")
    assert changed_item(notes, other, NOTES[1]) == Note(author="a", number=1, text="t")


def test_the_texts_of_an_item_are_those_that_tell_it() -> None:
    """What a place writes into every item tells nothing."""
    note = NOTES[0].model_copy(update={"text": "b"})
    assert texts_of(Notes.schema, note) == ["a", "b"]
    of_box = texts_of(Boxes.schema, BOX)
    assert BOX.site in of_box
    assert "box" not in of_box
