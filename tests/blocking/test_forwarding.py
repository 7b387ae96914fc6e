"""A store before another loses nothing of it; one that lacks something is refused."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    DynamoStore,
    ForwardingStore,
    ItemNotFound,
    Location,
    Operation,
    PartitionKey,
    Repository,
    Settings,
    SortKey,
)
from dynrepo.clock import deadline, ends_at
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import unprocessed

if TYPE_CHECKING:
    from dynrepo import Answer


class Note(BaseModel):
    """A note of a pad."""

    pad: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    reads: int = 0


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


class Noting(ForwardingStore):
    """Keeps what is sent to another store, and how long it is told to wait."""

    def __init__(self, below: Any) -> None:
        super().__init__(below)
        self.sent: list[str] = []

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Notes an operation."""
        self.sent.append(operation.name)
        return super().execute(operation)


@pytest.fixture
def memory() -> MemoryStore:
    """A store whose tables have a prefix."""
    return MemoryStore(Notes, table_prefix="test-", deadline=20.0)


@pytest.fixture
def noting(memory: MemoryStore) -> Noting:
    """A store before it."""
    return Noting(memory)


@pytest.fixture
def notes(noting: Noting) -> Notes:
    """Notes through both."""
    return Notes(noting, instruments=())


def test_a_forwarding_store_is_like_the_one_below(memory: MemoryStore, noting: Noting) -> None:
    """In all that a repository asks of it."""
    assert noting.below is memory
    assert noting.table_prefix == "test-"
    assert noting.location == memory.location
    assert noting.deadline == 20.0


def test_the_settings_are_those_of_the_store_below() -> None:
    """What a repository takes of them is the same, with or without the one before."""
    store = DynamoStore(settings=Settings(slow=2.0))
    assert Noting(store).settings is store.settings
    assert Notes(Noting(store)).instruments == Notes(store).instruments


def test_every_verb_passes(notes: Notes, noting: Noting) -> None:
    """And does through it what it does without."""
    f = notes.fields
    note = notes.create(Note(pad="a", number=1))
    assert notes.get(note) == notes.require(note) == note
    assert notes.set(note) == notes.save(note) == note
    assert notes.exists(note)
    assert notes.update(note, f.reads.add(1)).reads == 1
    assert notes.update(note, f.reads.add(1), exactly_once=True).reads == 2
    notes.set_many([Note(pad="b", number=number) for number in range(30)])
    assert len(notes.get_many([("b", 1), ("b", 99)])) == 2
    assert notes.query(f.pad == "b").count() == notes.scan(segments=2).count() - 1 == 30
    with notes.batch() as batch:
        batch.delete(("b", 0))
    with notes.transaction() as transaction:
        transaction.delete(notes, ("b", 1))
    assert notes.get_together(notes.lookup(("b", 1))) == (None,)
    notes.delete_many([("b", number) for number in range(30)])
    assert notes.delete(note) is not None
    with pytest.raises(ItemNotFound):
        notes.require(note)
    assert notes.connect() is notes
    assert notes.health_check().status == "UP"
    assert not notes.verify_table()
    assert not notes.ensure_table()
    notes.drop_table(confirm="test-notes")
    notes.create_table()
    assert {
        "PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem",
        "BatchWriteItem", "TransactGetItems", "TransactWriteItems", "DescribeTable",
        "CreateTable", "DeleteTable",
    } == set(noting.sent)  # fmt: skip


def test_the_store_below_says_how_to_wait(memory: MemoryStore, notes: Notes) -> None:
    """One that waits for nothing is not waited for, in six rounds of a batch."""
    waited: list[float] = []
    memory.sleep = waited.append  # type: ignore[method-assign]
    with memory.inject(unprocessed(1), on="BatchWriteItem", times=6):
        notes.set_many([Note(pad="a", number=number) for number in range(3)])
    assert len(waited) == 6
    assert notes.scan().count() == 3


def test_the_store_below_says_how_long_a_call_may_take(memory: MemoryStore) -> None:
    """The two requests of `exactly_once` have the time of one; a block around them is longer."""
    ends: list[float] = []

    class Timed(ForwardingStore):
        def execute(self, operation: Operation[Any], /) -> Answer:
            ends.append(ends_at(3600.0))
            return super().execute(operation)

    notes = Notes(Timed(memory), instruments=())
    notes.create(Note(pad="a", number=1))
    ends.clear()
    notes.update(("a", 1), notes.fields.reads.add(1), exactly_once=True)
    first, second = ends
    assert first == second < time.monotonic() + memory.deadline
    with deadline(1800):
        notes.update(("a", 1), notes.fields.reads.add(1), exactly_once=True)
    assert ends[2] == ends[3] > time.monotonic() + memory.deadline


def test_a_store_and_the_one_before_it_are_one_place(notes: Notes, memory: MemoryStore) -> None:
    """A transaction takes writes through both; of another store in memory it takes none."""
    direct, elsewhere = Notes(memory), Notes(MemoryStore(Notes))
    with notes.transaction() as transaction:
        transaction.set(notes, Note(pad="a", number=1))
        transaction.set(direct, Note(pad="a", number=2))
        with pytest.raises(ValueError, match="of one store"):
            transaction.set(elsewhere, Note(pad="a", number=3))
    assert notes.scan().count() == 2


class Printed:
    """The wrapper that the documentation of an older version shows."""

    def __init__(self, below: Any) -> None:
        self.below, self.table_prefix, self.sent = below, below.table_prefix, []

    @property
    def location(self) -> Location:
        """Where the store below sends."""
        return self.below.location  # type: ignore[no-any-return]

    def execute(self, operation: Any, /) -> Any:
        """Notes an operation."""
        self.sent.append(operation)
        return self.below.execute(operation)


def test_a_store_that_lacks_something_is_refused(memory: MemoryStore) -> None:
    """When a repository is made, with what it lacks and the cure."""
    wrong: Any = Printed(memory)
    lacks = (
        r"Printed has no deadline, sleep(_async)?:"
        r" let it inherit from dynrepo\.(Async)?ForwardingStore"
    )
    with pytest.raises(TypeError, match=lacks):
        Notes(wrong)


def test_a_store_may_hand_on_by_name(memory: MemoryStore) -> None:
    """What it has not, and finds when it is asked, it has."""

    class Proxy:
        def __getattr__(self, name: str) -> Any:
            return getattr(memory, name)

    proxy: Any = Proxy()
    assert Notes(proxy).scan().count() == 0


def test_to_make_a_repository_connects_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a store is, is not asked before something is to be sent."""

    def connect(_: Any) -> Location:
        raise AssertionError("connected")

    monkeypatch.setattr(DynamoStore, "location", property(connect))
    Notes(DynamoStore())
    Notes(Noting(DynamoStore()))
