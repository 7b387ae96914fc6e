"""The container: one store, one set of instruments, one health, closed at the end."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from dynrepo import Container, DynamoStore, Health, Settings, SettingsError, Status, Throttled
from dynrepo.instrumentation.daemon import LateClient
from tests.facade import without_facade
from tests.wired import AsyncNotes, Drafts, Notes, TableStore, TableStoreOfBoth


def test_the_store_is_by_the_settings() -> None:
    """Those of the environment, where none are given."""
    with Container(Notes, settings=Settings(table_prefix="staging-"), instruments=()) as wired:
        assert isinstance(wired.store, DynamoStore)
        assert wired.store.table_prefix == "staging-"
        assert wired.repository(Notes).store is wired.store


@without_facade("a container for tasks takes both")
def test_an_asynchronous_repository_is_refused() -> None:
    """By a sentence that names the container to take."""
    kind: Any = AsyncNotes
    wired = Container(store=TableStore(), instruments=())
    for wire in (
        lambda: Container(Notes, kind, store=TableStoreOfBoth(), instruments=()),
        lambda: wired.repository(kind),
        lambda: wired.provide(kind, Notes(TableStore())),
        lambda: wired.provide(Notes, kind(TableStoreOfBoth())),
    ):
        with pytest.raises(SettingsError) as refused:
            wire()
        assert str(refused.value) == (
            "AsyncNotes is no blocking repository: an AsyncContainer takes both kinds"
        )


def test_closing_closes_what_the_container_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store and the StatsD client that it made."""
    closed: list[str] = []
    monkeypatch.setattr(DynamoStore, "close", lambda _: closed.append("store"))
    close = LateClient.close
    monkeypatch.setattr(LateClient, "close", lambda self: closed.append("client") or close(self))
    with Container(settings=Settings(statsd="127.0.0.1:8125")) as wired:
        assert (len(wired.instruments), closed) == (4, [])
    assert closed == ["client", "store"]


def test_closing_leaves_what_the_container_was_given() -> None:
    """Whoever made it may still need it."""
    store = TableStore()
    with Container(store=store, instruments=()):
        pass
    assert not store.closed


def test_closing_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error on the way out would hide the one that led there."""

    def close(_: DynamoStore) -> None:
        raise OSError("gone already")

    monkeypatch.setattr(DynamoStore, "close", close)
    Container(settings=Settings()).close()


def test_connecting_looks_at_every_table() -> None:
    """And raises where one is not there."""
    store = TableStore(drafts=Throttled("no"))
    with pytest.raises(Throttled):
        Container(Notes, Drafts, store=store, instruments=()).connect()
    assert store.asked == ["notes", "drafts"]


@pytest.mark.parametrize(
    ("drafts", "status"),
    [("ACTIVE", "UP"), ("UPDATING", "DEGRADED"), ("DELETING", "DOWN"), (Throttled("x"), "DOWN")],
)
def test_health_is_that_of_the_worst(drafts: Any, status: str) -> None:
    """With the details of each."""
    wired = Container(Notes, Drafts, store=TableStore(drafts=drafts), instruments=())
    health = wired.health_check()
    assert health.status == status
    assert {name: part["status"] for name, part in health.details.items()} == {
        "Notes": "UP",
        "Drafts": status,
    }
    assert health.details["Notes"]["table"] == "notes"


def test_an_empty_container_is_up() -> None:
    """There is nothing that could be down."""
    assert Container(store=TableStore()).health_check() == Health(Status.UP, {})


@without_facade("it looks for the end of the thread of a check")
def test_a_check_that_ends_at_once_is_made_once() -> None:
    """Though it has ended before the others have begun."""

    class Ended(Notes):
        def health_check(self) -> Health:
            asked.append(threading.current_thread())
            begun.set()
            return Health(Status.UP)

    class Later(Drafts):
        def health_check(self) -> Health:
            begun.wait(10)
            asked[0].join(10)
            return Health(Status.UP)

    asked: list[threading.Thread] = []
    begun = threading.Event()
    wired = Container(Later, Ended, store=TableStore(), instruments=())
    assert wired.health_check().status == "UP"
    assert len(asked) == 1


def test_a_health_check_of_one_s_own_may_raise() -> None:
    """Its class is told, its text is not."""

    class Raising(Notes):
        def health_check(self) -> Health:
            raise RuntimeError("secret 4711")

    health = Container(Raising, store=TableStore(), instruments=()).health_check()
    assert health.details["Raising"] == {"status": "DOWN", "error": "RuntimeError"}
