"""Repositories: what they are given, and how they reach their table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel, SecretStr

from dynrepo import (
    DynamoStore,
    ForwardingStore,
    InvalidCursor,
    ItemStore,
    ItemStoreProvider,
    PartitionKey,
    Repository,
    Settings,
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


class Configured(ForwardingStore):
    """A store whose settings say something of cursors."""

    settings = Settings(cursor_secret=SecretStr("s" * 32), cursor_lifetime=60)


def test_cursors_are_as_the_settings_of_the_store_say(memory: MemoryStore) -> None:
    """What a repository is given itself comes first."""
    moment = [datetime(2026, 11, 30, tzinfo=UTC)]
    store = Configured(memory)
    by_settings = Notes(store, instruments=(), clock=lambda: moment[0])
    by_arguments = Notes(
        store, clock=lambda: moment[0], cursor_secret="o" * 32, cursor_lifetime=300
    )
    by_settings.create_table()
    by_settings.set_many([Note(note_id="1"), Note(note_id="2")])
    first, second = [each.scan().page(1).cursor for each in (by_settings, by_arguments)]
    assert len(by_settings.scan().page(1, first)) == 1
    moment[0] += timedelta(seconds=61)
    assert len(by_arguments.scan().page(1, second)) == 1
    for repository in (by_settings, by_arguments):
        with pytest.raises(InvalidCursor):
            repository.scan().page(1, first)


def test_a_repository_has_the_instruments_it_is_given(memory: MemoryStore) -> None:
    """None at all where it is given none; without a word it has the defaults."""
    assert Notes(memory, instruments=()).instruments == ()
    assert Notes(memory).instruments
    assert isinstance(Notes().store, DynamoStore)
