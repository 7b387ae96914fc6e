"""One line of a process says that its cursors can be read and made by anybody."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from dynrepo import AsyncForwardingStore, AsyncRepository, DynamoStore, ForwardingStore, Location
from dynrepo.instrumentation import open_cursors
from dynrepo.testing import MemoryStore
from dynrepo.testing.mock import mock_of
from tests.events import Event, Events, event, f, filled


class AsyncEvents(AsyncRepository[Event]):
    """The same, awaited."""

    table = "events"


class Elsewhere(ForwardingStore):
    """A store of tables in memory that says that they are in AWS."""

    location = Location("eu-west-1", "https://dynamodb.eu-west-1.amazonaws.com")  # type: ignore[assignment]


class AsyncElsewhere(AsyncForwardingStore):
    """The same, awaited."""

    location = Elsewhere.location  # type: ignore[assignment]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """The warnings, as `records`, of a process that has handed out no cursor yet."""
    monkeypatch.setattr(open_cursors, "_line", open_cursors._Line())
    caplog.set_level(logging.WARNING, logger="dynrepo")
    return caplog


def test_the_first_open_cursor_of_a_process_is_told(heard: Any) -> None:
    """Once, with the table and what to do; neither the cursor nor the key stands in it."""
    store: Any = Elsewhere(filled(MemoryStore()).store)
    events, others = Events(store, instruments=()), Events(store, instruments=())
    assert events.query(f.stream == "s").page(50).cursor is None
    assert list(events.query(f.stream == "s").pages(10))
    assert heard.records == []
    cursor = events.query(f.stream == "s").page(2).cursor
    for repository in (events, others):
        repository.scan().page(2)
    (line,) = heard.records
    assert (line.name, line.levelname, line.table) == ("dynrepo", "WARNING", "events")
    assert "of events first" in line.getMessage()
    assert "DYNREPO_CURSOR_SECRET" in line.getMessage()
    assert str(cursor) not in line.getMessage()


def test_it_is_told_of_pages_that_are_awaited(heard: Any) -> None:
    """As of the others."""
    store: Any = AsyncElsewhere(filled(MemoryStore()).store)  # type: ignore[arg-type]

    async def read() -> None:
        events = AsyncEvents(store, instruments=())
        for _ in range(2):
            await events.query(f.stream == "s").page(2)

    asyncio.run(read())
    assert [line.table for line in heard.records] == ["events"]


def test_tables_in_memory_are_not_told_of(heard: Any) -> None:
    """Tests have no secret; nor is a cursor with one told of, which anybody holds in vain."""
    store: Any = filled(MemoryStore()).store
    for below in (store, ForwardingStore(store)):
        assert Events(below, instruments=()).query(f.stream == "s").page(2).cursor
    elsewhere: Any = Elsewhere(store)
    events = Events(elsewhere, instruments=(), cursor_secret="s" * 32)
    assert events.query(f.stream == "s").page(2).cursor
    mocked = mock_of(Events)
    mocked.expect.scan().returns([event(1), event(2)])
    assert mocked.scan().page(1).cursor
    assert heard.records == []


def test_a_handler_that_raises_costs_no_page(heard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is there before the line."""
    monkeypatch.setattr(open_cursors._logger, "warning", lambda *_, **__: 1 / 0)
    store: Any = Elsewhere(filled(MemoryStore()).store)
    assert Events(store, instruments=()).scan().page(2).cursor
    assert heard.records == []


def test_a_store_of_aws_is_none_in_memory() -> None:
    """Nor is one of which nothing is known."""
    assert not DynamoStore(region="eu-west-1").location.is_in_process
    assert not Location().is_in_process
    assert MemoryStore().location.is_in_process
