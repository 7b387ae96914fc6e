"""A block whose writes are sent by 25, and the rest at its end."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    Answer,
    Batch,
    ForwardingStore,
    PartitionKey,
    Repository,
    SortKey,
    StoreError,
    Unprocessed,
    Version,
)
from dynrepo.operations.rounds import ROUNDS
from dynrepo.testing.faults import refusal, unprocessed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo import DynamoStore, Operation, Store
    from dynrepo.testing import MemoryStore
    from dynrepo.testing.faults import Exchange


class Row(BaseModel):
    """A row of a group."""

    group: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    version: Annotated[int, Version()] = 0


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


@pytest.fixture
def rows(moto: DynamoStore) -> Rows:
    """An empty table."""
    repository = Rows(moto)
    repository.create_table()
    return repository


def some(count: int) -> list[Row]:
    """Rows by number."""
    return [Row(group="g", number=number, text=str(number)) for number in range(count)]


def fill(block: Batch[Row]) -> None:
    """Sets 27 rows, and raises."""
    for row in some(27):
        block.set(row)
    raise RuntimeError("enough")


def test_a_batch_block_sends_by_25_and_the_rest_at_the_end(rows: Rows) -> None:
    """The last write on a key wins in it, too."""
    with rows.batch() as block:
        for row in some(27):
            block.set(row)
        assert rows.scan().count() == 25
        block.delete(("g", 0))
        block.delete(("g", 26))
    assert sorted(row.number for row in rows.scan()) == [*range(1, 26)]


def test_a_batch_block_that_raises_sends_nothing_more(rows: Rows) -> None:
    """What went before stays."""
    block = rows.batch()
    with pytest.raises(RuntimeError, match="enough"), block:
        fill(block)
    assert rows.scan().count() == 25


def test_a_batch_block_waits_as_its_store_does(memory: MemoryStore) -> None:
    """Between the rounds in which something is left; what is left in the end is named."""
    rows, waited = Rows(memory), list[float]()
    rows.create_table()
    memory.sleep = waited.append  # type: ignore[method-assign]
    memory.inject(unprocessed(1), on="BatchWriteItem", times=None)
    with pytest.raises(Unprocessed) as caught, rows.batch() as block:  # noqa: PT012 - a block
        for row in some(3):
            block.set(row)
    assert [row.number for row in caught.value.items] == [2]
    assert len(waited) == ROUNDS - 1


def test_a_batch_block_tells_that_its_rest_could_not_be_sent(memory: MemoryStore) -> None:
    """The error comes out of the block, and nothing is written."""
    rows = Rows(memory)
    rows.create_table()
    with (
        memory.inject(refusal("ValidationException"), on="BatchWriteItem"),
        pytest.raises(StoreError, match="ValidationException"),
        rows.batch() as block,
    ):
        block.set(some(1)[0])
    assert rows.scan().count() == 0


@contextmanager
def switching_often() -> Iterator[None]:
    """Threads take turns at every occasion that there is."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


class Sink(ForwardingStore):
    """Takes every batch at once, and keeps the keys that are in it."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.taken: list[int] = []

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Nothing is left."""
        requests = operation.request["RequestItems"]["rows"]
        self.taken += [int(each["DeleteRequest"]["Key"]["number"]["N"]) for each in requests]
        return Answer({"UnprocessedItems": {}})


def test_a_batch_that_threads_fill_together_loses_nothing(memory: MemoryStore) -> None:
    """Whenever one of them sends, what the others add at that moment is sent later."""
    sink = Sink(memory)
    threads, each = 8, 5000
    start = Barrier(threads, timeout=60)

    def fill_part(block: Batch[Row], part: int) -> None:
        start.wait()
        for number in range(part * each, (part + 1) * each):
            block.delete(("g", number))

    with (
        switching_often(),
        Rows(sink, instruments=[]).batch() as block,
        ThreadPoolExecutor(threads) as pool,
    ):
        list(pool.map(fill_part, [block] * threads, range(threads)))
    assert len(sink.taken) == threads * each
    assert set(sink.taken) == set(range(threads * each))


def hold(memory: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> tuple[Event, Event, list[Any]]:
    """Holds the first batch of a store: events for its begin and its release, and all requests."""
    begun, released, sent = Event(), Event(), list[Any]()
    execute = memory.execute

    def held(operation: Operation[Any]) -> Any:
        sent.append(operation)
        if len(sent) == 1:
            begun.set()
            assert released.wait(30)
        return execute(operation)

    monkeypatch.setattr(memory, "execute", held)
    return begun, released, sent


def test_a_later_write_on_a_key_is_not_overtaken(
    memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a request with a key is under way, another write on it waits, and the end waits too."""
    rows = Rows(memory)
    rows.create_table()
    with ThreadPoolExecutor(2) as pool:
        begun, released, sent = hold(memory, monkeypatch)
        with rows.batch() as block:
            sending = pool.submit(lambda: [block.set(row) for row in some(25)])
            assert begun.wait(30)
            for row in some(25):
                block.set(row.model_copy(update={"text": "later"}))
            assert len(sent) == 1
            released.set()
        sending.result()
    assert {row.text for row in rows.scan()} == {"later"}


def test_a_batch_block_that_is_over_takes_nothing(memory: MemoryStore) -> None:
    """What nobody would send is refused, and not kept."""
    rows = Rows(memory)
    rows.create_table()
    with rows.batch() as block:
        pass
    with pytest.raises(ValueError, match="a batch is one block"):
        block.set(some(1)[0])


def test_whoever_sends_is_told_what_could_not_be_sent(memory: MemoryStore) -> None:
    """The thread whose write was the 25th; the others go on, and so does the block."""
    rows = Rows(memory)
    rows.create_table()
    with rows.batch() as block, ThreadPoolExecutor(1) as pool:
        for row in some(24):
            block.set(row)
        with memory.inject(refusal("ValidationException"), on="BatchWriteItem"):
            told = pool.submit(block.set, Row(group="h", number=0)).exception()
        block.set(Row(group="i", number=0))
    assert isinstance(told, StoreError)
    assert [row.group for row in rows.scan()] == ["i"]


def test_what_was_not_sent_to_its_end_is_sent_again(memory: MemoryStore) -> None:
    """Where whoever sends is stopped, and the block goes on: nobody told those who added it."""
    rows = Rows(memory)
    rows.create_table()

    def stop(_: Exchange) -> Any:
        raise KeyboardInterrupt

    with rows.batch() as block, ThreadPoolExecutor(1) as pool:
        for row in some(24):
            block.set(row)
        with memory.inject(stop, on="BatchWriteItem"):
            told = pool.submit(block.set, Row(group="h", number=0)).exception()
        block.set(Row(group="i", number=0))
    assert isinstance(told, KeyboardInterrupt)
    assert rows.scan().count() == 26


def test_a_write_before_the_block_is_refused(memory: MemoryStore) -> None:
    """With the block that it needs; nothing is kept of it."""
    rows = Rows(memory)
    rows.create_table()
    block = rows.batch()
    with pytest.raises(ValueError, match=r"with orders.batch\(\) as batch:"):
        block.set(*some(1))
    with block:
        pass
    assert rows.scan().all() == []
