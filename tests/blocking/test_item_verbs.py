"""The verbs of items: each passes the one door, and is refused before it where it is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    CodecError,
    ConditionFailed,
    DynamoStore,
    ItemNotFound,
    Operation,
    PartitionKey,
    Repository,
    path,
)
from tests.scripted import Scripted

if TYPE_CHECKING:
    from dynrepo.testing import MemoryStore
    from dynrepo.testing.faults import Exchange


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


def test_require_insists() -> None:
    """Where `get` gives None."""
    notes = Notes(DynamoStore(connection=Scripted({"ConsumedCapacity": {}})))
    assert notes.get("a") is None
    with pytest.raises(ItemNotFound, match="notes has no item under this key"):
        notes.require("a")


@pytest.mark.parametrize("verb", ["get", "get_many", "query"])
def test_the_first_call_makes_the_default_instruments(memory: MemoryStore, verb: str) -> None:
    """Before it sends anything: they see it."""
    notes = Notes(memory)
    made = notes._defaults.made
    notes.create_table()
    made.clear()
    calls: dict[str, Any] = {
        "get": lambda: notes.get("a"),
        "get_many": lambda: notes.get_many(["a"]),
        "query": lambda: notes.query(Notes.fields.note_id == "a").all(),
    }

    def seen(exchange: Exchange) -> Any:
        assert made
        return exchange.answer()

    with memory.inject(seen, times=None):
        calls[verb]()
    assert made


def test_exists_reads_the_key_only(notes: Notes) -> None:
    """Whatever the size of the item."""
    notes.set(Note(note_id="a"))
    assert notes.exists("a")
    assert not notes.exists("b")
    connection = Scripted({"ConsumedCapacity": {}})
    Notes(DynamoStore(connection=connection)).exists("a", consistent=True)
    ((_, request),) = connection.sent
    assert request["ProjectionExpression"] == "#0"
    assert request["ExpressionAttributeNames"] == {"#0": "note_id"}
    assert request["ConsistentRead"] is True


@pytest.mark.parametrize("key", [5, ("a", "b"), None, "", b"a"])
def test_a_wrong_key_is_refused_before_anything_is_sent(key: Any) -> None:
    """By every verb that takes one."""
    notes = Notes(DynamoStore(connection=Scripted(AssertionError())))
    for verb in (
        lambda: notes.get(key),
        lambda: notes.exists(key),
        lambda: notes.get_many(["a", key]),
        lambda: notes.update(key, notes.fields.text.set("a")),
        lambda: notes.delete(key),
        lambda: notes.delete_many(["a", key]),
        lambda: notes.lookup(key),
    ):
        with pytest.raises(CodecError, match="Note"):
            verb()


def test_everything_passes_the_one_door(moto: DynamoStore) -> None:
    """Each request, once."""
    seen: list[str] = []

    class Watched(Notes):
        def _execute(self, wanted: Operation[Any], verb: str = "") -> Any:
            seen.append(wanted.name)
            return super()._execute(wanted, verb)

    notes = Watched(moto)
    notes.create_table()
    note = notes.create(Note(note_id="a"))
    notes.connect()
    notes.get("a")
    notes.set(note)
    notes.save(note)
    notes.update("a", notes.fields.text.set("x"))
    notes.set_many([note])
    notes.get_many(["a"])
    list(notes.query(notes.fields.note_id == "a"))
    list(notes.scan(segments=2))
    notes.get_together(notes.lookup("a"))
    with notes.transaction() as tx:
        tx.set(notes, note)
    with notes.batch() as batch:
        batch.delete("a")
    notes.delete("a")
    notes.health_check()
    assert seen == [
        "CreateTable",
        "DescribeTable",
        "PutItem",
        "DescribeTable",
        "GetItem",
        "PutItem",
        "UpdateItem",
        "UpdateItem",
        "BatchWriteItem",
        "BatchGetItem",
        "Query",
        "Scan",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "BatchWriteItem",
        "DeleteItem",
        "DescribeTable",
    ]


def test_a_part_of_an_item_is_read_alone(memory: MemoryStore) -> None:
    """By `only`; an item that is not there has no part."""

    class Text(BaseModel):
        text: str

    notes = Notes(memory)
    notes.create_table()
    notes.set(Note(note_id="a", text="b"))
    assert notes.get("a", only=Text) == Text(text="b")
    assert notes.get("b", only=Text) is None


def test_exactly_once_sends_a_transaction_and_a_read(memory: MemoryStore) -> None:
    """What it returns is what a read finds after it."""
    sent: list[str] = []

    class Watched(Notes):
        def _execute(self, operation: Operation[Any], verb: str = "") -> Any:
            sent.append(operation.name)
            return super()._execute(operation, verb)

    notes = Watched(memory)
    notes.create_table()
    notes.set(Note(note_id="a"))
    sent.clear()
    changed = notes.update("a", notes.fields.text.set("b"), exactly_once=True)
    assert changed == Note(note_id="a", text="b")
    assert sent == ["TransactWriteItems", "GetItem"]
    notes.delete_many(["a"])
    assert notes.get_many(["a"]) == [None]


def test_every_verb_takes_what_path_makes(notes: Notes) -> None:
    """Conditions of keys and of rows, and actions, in verbs and in transactions."""
    n = notes.stored
    notes.create(Note(note_id="a", text="x"))
    assert notes.query(path(n.note_id) == "a", where=path(n.text).startswith("x")).count() == 1
    assert notes.scan(where=path(n.text) > "x").count() == 0
    changed = notes.update("a", path(n.text).set("y"), condition=path(n.text) == "x")
    assert changed.text == "y"
    with pytest.raises(ConditionFailed):
        notes.delete("a", condition=path(n.text) == "x")
    with notes.transaction() as tx:
        tx.update(notes, "a", path(n.text).remove(), condition=path(n.text).exists())
    assert notes.delete("a", condition=path(n.text).does_not_exist()) == Note(note_id="a")
