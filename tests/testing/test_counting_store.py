"""A store before another keeps what it was asked, in either face."""

from __future__ import annotations

import asyncio

from dynrepo.testing.counting_store import CountingStore
from dynrepo.testing.memory import MemoryStore
from models.user import AsyncUsers, Users
from tests.testing.people import ADA


def test_what_it_was_asked_is_kept_in_order() -> None:
    """And answered by the store below, between whose requests it waits as that one does."""
    store = CountingStore(MemoryStore(Users))
    Users(store).set(ADA)
    asyncio.run(store.sleep_async(60))
    assert asyncio.run(AsyncUsers(store).get(ADA)) == ADA
    assert store.names == ["PutItem", "GetItem"]
    assert store.deadline == 10.0
