"""Repositories of either face are called as one that blocks."""

from __future__ import annotations

import asyncio
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import ItemExists, Location, Status
from dynrepo.aio import health
from dynrepo.blocking.health import PROBE
from dynrepo.operations.reads import get_item
from dynrepo.testing.blocking_calls import blocking_calls
from dynrepo.testing.memory import MemoryStore
from models.user import AsyncUsers, Users
from tests.aio.loops import nothing_left
from tests.testing.people import ADA, BOB

if TYPE_CHECKING:
    from collections.abc import Generator

    from dynrepo.testing.faults import Exchange


@pytest.mark.parametrize("kind", [Users, AsyncUsers])
def test_the_same_calls_do_the_same(kind: type[Any]) -> None:
    """Verbs, queries, pages, blocks, and what is no call."""
    with nothing_left(), blocking_calls(kind(MemoryStore(kind))) as users:
        assert users.set(ADA) == users.get(ADA) == users.by_email(ADA.email) == ADA
        with users.batch() as batch:
            batch.set(BOB)
        with users.transaction() as transaction:
            transaction.delete(users, ADA)
        assert (users.scan().all(), list(users.scan()), users.scan().count()) == ([BOB], [BOB], 1)
        assert [page.items for page in users.scan().pages(1)] == [[BOB], []]
        assert users.scan(limit=1).first() == BOB
        with pytest.raises(ItemExists):
            users.create(BOB)
        with pytest.raises(ZeroDivisionError), users.batch():
            _ = 1 / 0
        reading = get_item(users.mapper, BOB)
        assert reading.read(users.store.execute(reading)) == BOB
        assert users.mapper.table == "users"
        assert users.fields.email.name == "email"
        assert users.health_check().status is Status.UP


class Nowhere(MemoryStore):
    """A store that cannot tell where it is, as one that has not connected yet."""

    location = Location()


def test_a_repository_is_known_again_as_an_argument() -> None:
    """A transaction takes those of its own store, which alone is sure to hold the same tables."""
    with blocking_calls(AsyncUsers(Nowhere(AsyncUsers))) as users:
        with users.transaction() as transaction:
            transaction.set(users, ADA)
        assert users.get(ADA) == ADA


def test_a_loop_of_others_is_left_alone() -> None:
    """That which somebody set for this thread is set afterwards."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        with blocking_calls(AsyncUsers(MemoryStore(AsyncUsers))) as users:
            assert users.get(ADA) is None
        assert asyncio.get_event_loop_policy().get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_a_look_that_is_late_has_ended_with_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the request that it sends after all is seen: of a thread, and of a task."""
    probe = Thread(target=Event().wait, args=(0.05,), name=PROBE)
    with blocking_calls(Users(MemoryStore(Users))):
        probe.start()
    assert not probe.is_alive()
    store = MemoryStore(AsyncUsers)
    ended: list[str] = []
    leaving = Event()

    def late(exchange: Exchange) -> Generator[float, None, dict[str, Any]]:
        while not leaving.is_set():
            yield 0.02
        ended.append(exchange.operation.name)
        return exchange.answer()

    store.inject(late)
    monkeypatch.setattr(health, "WITHIN", 0.01)
    with blocking_calls(AsyncUsers(store)) as users:
        assert users.health_check().details["error"] == "Timeout"
        assert ended == []
        leaving.set()
    assert ended == ["DescribeTable"]
