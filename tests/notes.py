"""Notes with a text or none, for tests of the verbs that save items and take several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel

from dynrepo import PartitionKey, Repository

if TYPE_CHECKING:
    from dynrepo import Store


class Note(BaseModel):
    """A note."""

    note_id: Annotated[str, PartitionKey()]
    text: str | None = None


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


def no_notes(store: Store) -> Notes:
    """An empty table."""
    repository = Notes(store)
    repository.create_table()
    return repository
