"""The container: one store, one set of instruments, one health, closed at the end."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, SecretStr

from dynrepo import (
    Answer,
    Container,
    DynamoStore,
    Health,
    Location,
    Operation,
    PartitionKey,
    Repository,
    Settings,
    Status,
    Throttled,
)
from dynrepo.blocking import container
from dynrepo.instrumentation.statsd import StatsdInstrument
from tests.stopwatch import Stopwatch

if TYPE_CHECKING:
    from dynrepo import Call


class Note(BaseModel):
    """A key."""

    note_id: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    """Some."""

    table = "notes"


class Drafts(Repository[Note]):
    """Others."""

    table = "drafts"


STATES: dict[str, Any] = {"notes": "ACTIVE", "drafts": "ACTIVE"}


class TableStore:
    """A store that knows the state of each table, or the error that it answers with."""

    table_prefix = ""
    deadline = 10.0
    location = Location("eu-west-1", "http://127.0.0.1:8000")

    def __init__(self, **states: Any) -> None:
        self.states = {**STATES, **states}
        self.asked: list[str] = []
        self.closed = False

    def sleep(self, _seconds: float, /) -> None:
        """Does not wait."""

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Describes the table, or raises, or waits."""
        self.asked.append(operation.table)
        state = self.states[operation.table]
        if isinstance(state, threading.Event):
            state.wait(10)
        if isinstance(state, Exception):
            raise state
        description = {
            "TableStatus": state,
            "KeySchema": [{"AttributeName": "note_id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "note_id", "AttributeType": "S"}],
        }
        return Answer({"Table": description})

    def close(self) -> None:
        """Remembers it."""
        self.closed = True


class Counter:
    """An instrument that counts."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, _call: Call, /) -> None:
        """Counts."""
        self.count += 1

    def finished(self, _call: Call, _begun: Any, /) -> None:
        """Has counted."""


def test_a_repository_is_made_once() -> None:
    """On the container's store, with its instruments."""
    counter = Counter()
    store = TableStore()
    with Container(Notes, store=store, instruments=[counter]) as wired:
        notes = wired.repository(Notes)
        assert wired.repository(Notes) is notes
        assert notes.store is store
        assert notes.instruments == (counter,)
        assert wired.repository(Drafts).store is store


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """And make the store, and the instruments."""
    monkeypatch.setenv("DYNREPO_TABLE_PREFIX", "staging-")
    monkeypatch.setenv("DYNREPO_STATSD", "127.0.0.1:8125")
    monkeypatch.setenv("DYNREPO_SLOW", "0.5")
    with Container(Notes) as wired:
        assert isinstance(wired.store, DynamoStore)
        assert wired.store.table_prefix == "staging-"
        logs, _, _, statsd = wired.repository(Notes).instruments
        assert logs.slow == 0.5  # type: ignore[attr-defined]
        assert isinstance(statsd, StatsdInstrument)


def test_the_secret_of_the_settings_signs_cursors() -> None:
    """In every repository."""
    wired = Container(Notes, settings=Settings(cursor_secret=SecretStr("hush")), instruments=())
    assert wired.repository(Notes)._secret == b"hush"


def test_closing_closes_what_the_container_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store and the StatsD client that it made."""
    closed: list[str] = []
    monkeypatch.setattr(DynamoStore, "close", lambda _: closed.append("store"))
    with Container(settings=Settings(statsd="127.0.0.1:8125")) as wired:
        (statsd,) = (one for one in wired.instruments if isinstance(one, StatsdInstrument))
        statsd.client.incr("there")
    assert closed == ["store"]
    with pytest.raises(AttributeError):
        statsd.client.incr("gone")


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


def test_instruments_are_changed_everywhere() -> None:
    """For repositories that are there, and for those to come."""
    wired = Container(Notes, store=TableStore(), instruments=())
    notes = wired.repository(Notes)
    counter = Counter()
    wired.use_instruments(counter)
    assert (notes.instruments, wired.repository(Drafts).instruments) == ((counter,), (counter,))
    logger = logging.getLogger("mine")
    wired.use_logger(logger)
    for repository in (notes, wired.repository(Drafts), wired):
        assert repository.instruments[0] is counter
        assert repository.instruments[1].logger is logger  # type: ignore[attr-defined]


def test_an_instrument_of_one_repository_is_kept() -> None:
    """What the container changes is of another kind."""
    wired = Container(Notes, store=TableStore(), instruments=())
    counter = Counter()
    wired.repository(Notes).use_instruments(counter)
    wired.use_logger(logging.getLogger("mine"))
    assert wired.repository(Notes).instruments[0] is counter
    assert len(wired.repository(Drafts).instruments) == 1


def test_a_repository_can_be_provided() -> None:
    """A test puts its own in the place of the real one."""

    class Mine(Notes):
        pass

    wired = Container(Notes, store=TableStore(), instruments=())
    mine = Mine(TableStore())
    wired.provide(Notes, mine)
    assert wired.repository(Notes) is mine


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


def test_a_storm_of_probes_costs_one_call_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """All get the same answer, until it is old."""
    monkeypatch.setattr(container, "FRESH", 60.0)
    store = TableStore()
    wired = Container(Notes, store=store, instruments=())
    answers: list[Health] = []
    threads = [
        threading.Thread(target=lambda: answers.append(wired.health_check())) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert len(store.asked) == 1


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


def test_an_old_answer_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Health changes."""
    monkeypatch.setattr(container, "FRESH", 0.0)
    store = TableStore()
    wired = Container(Notes, store=store, instruments=())
    assert wired.health_check().status == "UP"
    store.states["notes"] = "DELETING"
    assert wired.health_check().status == "DOWN"


def test_one_deadline_bounds_all_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that does not answer is DOWN, and the others are seen."""
    monkeypatch.setattr(container, "WITHIN", 0.2)
    stuck = threading.Event()
    wired = Container(Notes, Drafts, store=TableStore(drafts=stuck), instruments=())
    watch = Stopwatch()
    health = wired.health_check()
    assert watch.seconds < 1.5
    stuck.set()
    assert health.status == "DOWN"
    assert health.details["Notes"]["status"] == "UP"
    assert health.details["Drafts"] == {"status": "DOWN", "error": "Timeout"}


def test_a_health_check_of_one_s_own_may_raise() -> None:
    """Its class is told, its text is not."""

    class Raising(Notes):
        def health_check(self) -> Health:
            raise RuntimeError("secret 4711")

    health = Container(Raising, store=TableStore(), instruments=()).health_check()
    assert health.details["Raising"] == {"status": "DOWN", "error": "RuntimeError"}
