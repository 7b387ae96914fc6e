"""Many items at once: chunks, order, what comes back unprocessed, what is left in the end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import (
    AwareDatetime,
    BaseModel,
)

from dynrepo import (
    AccessDenied,
    CodecError,
    DynamoStore,
    ForwardingStore,
    PartitionKey,
    Repository,
    SortKey,
    Unprocessed,
    UpdatedAt,
)
from dynrepo.operations import rounds
from dynrepo.operations.rounds import ROUNDS
from dynrepo.testing.faults import lost_reply, refusal, unprocessed
from dynrepo.testing.memory import MemoryStore
from tests.rows import Crossing, Row, Rows, ScriptedStore, sent, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _holds(number: str) -> Callable[[Any], bool]:
    """Whether a request has something to do with a row."""
    return lambda operation: f'"N": "{number}"' in json.dumps(operation.request)


def _strike() -> Any:
    raise KeyboardInterrupt


@pytest.fixture
def rows(moto: DynamoStore) -> Rows:
    """An empty table."""
    repository = Rows(moto)
    repository.create_table()
    return repository


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits."""
    monkeypatch.setattr(rounds, "_LONGEST_PAUSE", 0)


def test_items_come_in_the_order_of_their_keys(rows: Rows) -> None:
    """Any number of keys; duplicates are fine, missing ones are None."""
    rows.set_many(some(230))
    keys: list[Any] = [("g", number) for number in range(229, -1, -1)]
    found = rows.get_many([*keys, ("g", 999), *keys[:2]])
    assert [row and row.number for row in found] == [*range(229, -1, -1), None, 229, 228]


def test_nothing_is_asked_for_no_keys() -> None:
    """No request is sent."""
    rows = Rows(ScriptedStore(AssertionError()))
    assert rows.get_many([]) == []
    rows.set_many([])
    rows.delete_many([])
    with rows.batch():
        pass
    assert sent(rows) == []


def test_items_that_a_stamp_gives_one_key_are_one_write() -> None:
    """A key is what is written, not what the item held before."""

    class Event(BaseModel):
        source: Annotated[str, PartitionKey()]
        at: Annotated[AwareDatetime, SortKey(), UpdatedAt()]

    class Events(Repository[Event]):
        table = "rows"

    now = datetime(2026, 11, 29, tzinfo=UTC)
    events = Events(ScriptedStore({"UnprocessedItems": {}}), clock=lambda: now)
    events.set_many([Event(source="a", at=now - timedelta(days=days)) for days in (1, 2)])
    ((request,),) = sent(events)
    assert request["PutRequest"]["Item"]["at"] == {"S": "2026-11-29T00:00:00.000000Z"}


def test_keys_are_read_by_hundreds_each_once() -> None:
    """A key that is asked for twice is sent once."""
    answer = {"Responses": {"rows": []}, "UnprocessedKeys": {}}
    rows = Rows(ScriptedStore(answer))
    keys: list[Any] = [("g", number) for number in range(150)]
    rows.get_many(keys + keys, consistent=True)
    assert [len(request["Keys"]) for request in sent(rows)] == [100, 50]
    assert all(request["ConsistentRead"] for request in sent(rows))


def test_unprocessed_keys_are_read_again() -> None:
    """And the answers put together."""

    def item(number: int) -> dict[str, Any]:
        return Rows.schema.encode(Row(group="g", number=number))

    left = {"rows": {"Keys": [Rows.schema.key(("g", 1))]}}
    rows = Rows(
        ScriptedStore(
            {"Responses": {"rows": [item(0)]}, "UnprocessedKeys": left},
            {"Responses": {"rows": [item(1)]}, "UnprocessedKeys": {}},
        )
    )
    assert [row and row.number for row in rows.get_many([("g", 0), ("g", 1)])] == [0, 1]
    assert [len(request["Keys"]) for request in sent(rows)] == [2, 1]


def test_keys_that_stay_unprocessed_are_named() -> None:
    """After a bounded number of rounds, as they were given."""
    left = {"rows": {"Keys": [Rows.schema.key(("g", 1))]}}
    rows = Rows(ScriptedStore({"Responses": {"rows": []}, "UnprocessedKeys": left}))
    with pytest.raises(Unprocessed) as caught:
        rows.get_many([("g", 0), Row(group="g", number=1)])
    assert caught.value.keys == (Row(group="g", number=1),)
    assert len(sent(rows)) == ROUNDS


def test_of_several_writes_on_a_key_the_last_wins(rows: Rows) -> None:
    """Whatever the chunks."""
    again = [row.model_copy(update={"text": "again"}) for row in some(60)]
    rows.set_many([*some(60), *again])
    assert {row.text for row in rows.scan()} == {"again"}
    assert rows.scan().count() == 60


def test_a_batch_counts_versions(rows: Rows) -> None:
    """As `set` does."""
    rows.set_many(some(1))
    assert rows.require(("g", 0)).version == 1


def test_many_are_deleted(rows: Rows) -> None:
    """By key or by instance; missing ones are fine."""
    rows.set_many(some(40))
    rows.delete_many([*some(30), ("g", 999), ("g", 0)])
    assert sorted(row.number for row in rows.scan()) == [*range(30, 40)]


def test_unprocessed_writes_are_sent_again() -> None:
    """Only those."""

    def left(request: Any) -> Any:
        return {"UnprocessedItems": {"rows": request}}

    put = {"PutRequest": {"Item": Rows.schema.encode(Row(group="g", number=1, version=1))}}
    rows = Rows(ScriptedStore(left([put]), {"UnprocessedItems": {}}))
    rows.set_many(some(3))
    assert [len(request) for request in sent(rows)] == [3, 1]


def test_writes_that_stay_unprocessed_are_named() -> None:
    """With everything that was not tried after them, in order."""
    number = {"N": "1"}
    put = {"PutRequest": {"Item": {"group": {"S": "g"}, "number": number}}}
    delete = {"DeleteRequest": {"Key": {"group": {"S": "g"}, "number": number}}}
    rows = Rows(ScriptedStore({"UnprocessedItems": {"rows": [put]}}))
    with pytest.raises(Unprocessed) as caught:
        rows.set_many(iter(some(30)))
    assert [row.number for row in caught.value.items] == [1, 25, 26, 27, 28, 29]
    assert len(sent(rows)) == ROUNDS
    rows = Rows(ScriptedStore({"UnprocessedItems": {"rows": [delete]}}))
    with pytest.raises(Unprocessed) as caught:
        rows.delete_many([("g", 0), ("g", 1)])
    assert caught.value.keys == (("g", 1),)


def test_a_batch_that_was_answered_once_is_not_called_undone() -> None:
    """All came back unprocessed, to a repeat: the request before it has written them."""
    store = MemoryStore(Rows)
    for fault in (refusal("AccessDeniedException"), unprocessed(100), lost_reply()):
        store.inject(fault, on="BatchWriteItem")  # the latest goes first
    with pytest.raises(Unprocessed) as caught:
        Rows(store).set_many(some(3))
    assert [row.number for row in caught.value.items] == [0, 1, 2]
    assert isinstance(caught.value.__cause__, AccessDenied)
    assert len(store.items("rows")) == 3


def test_a_batch_whose_first_request_is_refused_is_undone() -> None:
    """Then nothing of it is written, and the error is the plain one."""
    store = MemoryStore(Rows)
    store.inject(refusal("AccessDeniedException"), on="BatchWriteItem")
    with pytest.raises(AccessDenied):
        Rows(store).set_many(some(3))
    assert store.items("rows") == []


def test_nothing_of_a_chunk_is_sent_when_reading_it_raises(rows: Rows) -> None:
    """The chunks before it are."""

    def failing() -> Iterator[Row]:
        yield from some(30)
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError):
        rows.set_many(failing())
    assert rows.scan().count() == 25


def test_nothing_of_a_chunk_is_sent_when_an_item_cannot_be_stored(rows: Rows) -> None:
    """One bad item does not leave half a chunk."""
    bad: Any = Row.model_construct(group="g", number="no number")
    with pytest.raises(CodecError):
        rows.set_many([*some(3), bad])
    assert rows.scan().count() == 0


def test_a_chunk_stays_under_16_megabytes() -> None:
    """Where its items are large on the wire."""
    rows = Rows(ScriptedStore({"UnprocessedItems": {}}))
    large = "\x00" * 350_000  # six characters each in JSON
    rows.set_many(Row(group="g", number=number, text=large) for number in range(10))
    assert [len(request) for request in sent(rows)] == [7, 3]


def test_as_many_requests_as_were_asked_for_are_under_way() -> None:
    """In the order of their chunks, and never more."""
    store = Crossing(2)
    pages = Rows(store)
    pages.set_many(some(100), concurrency=2)
    assert store.most == 2
    keys: list[Any] = [("g", number) for number in range(400)]
    assert [row is not None for row in pages.get_many(keys, concurrency=2)] == [True] * 100 + [
        False
    ] * 300
    pages.delete_many(keys[:50], concurrency=2)
    assert pages.scan().count() == 50


def test_two_writes_on_a_key_are_never_under_way_together() -> None:
    """The later one wins, however many requests are sent at the same time."""
    store = Crossing(1)
    pages = Rows(store)
    writes = [Row(group="g", number=number % 25, text=str(number)) for number in range(75)]
    pages.set_many(writes, concurrency=3)
    assert store.most == 1
    assert {row.text for row in pages.scan()} == {str(number) for number in range(50, 75)}


@pytest.mark.parametrize("concurrency", [0, -1, True, 1.5, "3", None])
def test_a_concurrency_is_a_number_of_requests(concurrency: Any) -> None:
    """At least one."""
    rows = Rows(MemoryStore(Rows))
    with pytest.raises(ValueError, match="concurrency counts requests"):
        rows.get_many([("g", 1)], concurrency=concurrency)
    with pytest.raises(ValueError, match="concurrency counts requests"):
        rows.set_many(some(1), concurrency=concurrency)


def test_what_one_of_several_requests_leaves_is_named() -> None:
    """The others are sent to their ends."""
    store = MemoryStore(Rows)
    store.inject(refusal("AccessDeniedException"), on="BatchWriteItem", when=_holds("30"))
    with pytest.raises(Unprocessed) as raised:
        Rows(store).set_many(some(100), concurrency=4)
    assert [row.number for row in raised.value.items] == [*range(25, 50)]
    assert Rows(store).scan().count() == 75


def test_whoever_breaks_off_is_told_what_was_written() -> None:
    """By a note; the error is the one that struck."""
    store = ForwardingStore(MemoryStore(Rows))
    batches = iter(range(2))
    answered = store.execute
    store.execute = lambda op: answered(op) if next(batches, None) is not None else _strike()
    with pytest.raises(KeyboardInterrupt) as raised:
        Rows(store, instruments=[]).set_many(some(100))
    assert raised.value.__notes__ == ["rows: 50 writes were made before this, others may be"]
