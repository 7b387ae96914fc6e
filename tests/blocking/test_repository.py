"""Repositories: the verbs of a table as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import (
    Difference,
    DynamoStore,
    ItemStore,
    ItemStoreProvider,
    PartitionKey,
    Repository,
    TableNotFound,
)

if TYPE_CHECKING:
    from dynrepo.testing import MemoryStore


class Note(BaseModel):
    """A note."""

    note_id: Annotated[str, PartitionKey()]
    text: str = ""


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


@pytest.fixture
def notes(moto: DynamoStore) -> Notes:
    """An empty table."""
    repository = Notes(moto)
    repository.create_table()
    return repository


def test_connect_tells_what_is_missing(moto: DynamoStore) -> None:
    """At once, instead of at the first call."""
    with pytest.raises(TableNotFound):
        Notes(moto).connect()


def test_a_repository_is_what_the_contract_asks_for() -> None:
    """Type checkers compare the signatures; this compares the names."""
    store: ItemStore[Note] = Notes()
    provider: ItemStoreProvider[Note] = Notes()
    for protocol in (ItemStore, ItemStoreProvider):
        for name in vars(protocol):
            if not name.startswith("_"):
                assert callable(getattr(provider, name))
    assert callable(store.get)


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


def test_a_repository_has_the_instruments_it_is_given(memory: MemoryStore) -> None:
    """None at all where it is given none; without a word it has the defaults."""
    assert Notes(memory, instruments=()).instruments == ()
    assert Notes(memory).instruments
    assert isinstance(Notes().store, DynamoStore)
