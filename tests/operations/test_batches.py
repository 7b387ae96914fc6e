"""Many items at once: chunks, order, what comes back unprocessed, what is left in the end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from types import new_class
from typing import TYPE_CHECKING, Annotated, Any, Self

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    StringConstraints,
    model_validator,
)

from dynrepo import (
    AccessDenied,
    CodecError,
    DynamoStore,
    PartitionKey,
    Repository,
    SortKey,
    Unavailable,
    Unprocessed,
    UpdatedAt,
    Version,
)
from dynrepo.operations import batches as batch
from dynrepo.testing.faults import lost_reply, refusal, unprocessed
from dynrepo.testing.memory import MemoryStore
from tests.loopback import Loopback, answer, say
from tests.scripted import Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator


class Row(BaseModel):
    """A row of a group."""

    group: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    version: Annotated[int, Version()] = 0


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


def _lower_only(text: str) -> str:
    """Text without capitals."""
    if text != text.lower():
        raise ValueError
    return text


@pytest.fixture
def rows(moto: DynamoStore) -> Rows:
    """An empty table."""
    repository = Rows(moto)
    repository.create_table()
    return repository


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits."""
    monkeypatch.setattr(batch, "_LONGEST_PAUSE", 0)


def some(count: int) -> list[Row]:
    """Rows by number."""
    return [Row(group="g", number=number, text=str(number)) for number in range(count)]


def sent(repository: Repository[Any]) -> list[Any]:
    """The requests that a scripted connection got, table by table taken off."""
    connection: Any = repository.store
    return [request["RequestItems"]["rows"] for _, request in connection.script.sent]


class ScriptedStore(DynamoStore):
    """A store over a script."""

    def __init__(self, *script: Any) -> None:
        self.script = Scripted(*script)
        super().__init__(connection=self.script)


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
    assert len(sent(rows)) == batch.ROUNDS


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
    assert len(sent(rows)) == batch.ROUNDS
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


def test_the_json_of_a_batch_is_its_request() -> None:
    """What a sender that has the text sends, and what one that has not."""
    target = Rows(DynamoStore()).mapper
    puts = [batch.put(target, row) for row in some(3)]
    operation = batch.batch_write(target, [*puts, batch.delete(target, ("☃", 1))])
    assert operation.text is not None
    assert json.loads(operation.text) == operation.request
    ((*_, last),) = operation.request["RequestItems"].values()
    assert last == {"DeleteRequest": {"Key": {"group": {"S": "☃"}, "number": {"N": "1"}}}}


class Page(BaseModel):
    """Nothing is added to it when it is written."""

    id: Annotated[str, PartitionKey()]
    text: str


class Pages(Repository[Page]):
    """Pages."""

    table = "rows"


def test_an_item_is_judged_by_what_dynamodb_counts() -> None:
    """Its escapes and braces count for nothing, and 400 KB are the limit."""
    pages = Pages(ScriptedStore({"UnprocessedItems": {}}))
    pages.set_many([Page(id="a", text="\n" * 300_000), Page(id="b", text="")])
    with pytest.raises(CodecError, match="Page: an item has 409600 bytes at most"):
        pages.set_many([Page(id="a", text=""), Page(id="b", text="s" * 409_600)])
    assert [len(request) for request in sent(pages)] == [2]


def test_an_item_that_is_too_large_is_refused_where_it_is_set() -> None:
    """And the rest of the block is as it would be without it."""
    pages = Pages(ScriptedStore({"UnprocessedItems": {}}))
    with pages.batch() as block:
        block.set(Page(id="a", text=""))
        with pytest.raises(CodecError, match="an item has 409600 bytes at most"):
            block.set(Page(id="b", text="s" * 409_600))
    assert [len(request) for request in sent(pages)] == [1]


def test_numbers_are_one_key_however_they_are_written() -> None:
    """An engine writes `1.0` as `1`."""
    item = Rows.schema.encode(Row(group="g", number=100)) | {"number": {"N": "1E+2"}}
    rows = Rows(ScriptedStore({"Responses": {"rows": [item]}}))
    assert rows.get_many([("g", 100)])[0] is not None


class Part(BaseModel):
    """A part of an item, with a constraint."""

    left: Annotated[int, Field(ge=0)] = 0


class Kept(BaseModel):
    """What could be changed into something that no read takes."""

    id: Annotated[str, PartitionKey()]
    left: Annotated[int, Field(ge=0)] = 0
    slug: Annotated[str, AfterValidator(_lower_only)] = ""
    parts: list[Part] = []

    @model_validator(mode="after")
    def agree(self) -> Self:
        """No slug of an item with 7."""
        if self.left == 7 and self.slug:
            raise ValueError
        return self


class Keeps(Repository[Kept]):
    """Items with rules."""

    table = "rows"


def _in_batch(keeps: Keeps, item: Kept) -> None:
    with keeps.batch() as block:
        block.set(item)


def _in_transaction(verb: str, keeps: Keeps, item: Kept) -> None:
    with keeps.transaction() as block:
        getattr(block, verb)(keeps, item)


WRITES: dict[str, Any] = {
    "create": lambda keeps, item: keeps.create(item),
    "save": lambda keeps, item: keeps.save(item),
    "set_many": lambda keeps, item: keeps.set_many([item]),
    "batch": _in_batch,
    **{
        f"{verb} in a transaction": partial(_in_transaction, verb)
        for verb in ("create", "set", "save")
    },
}

BROKEN: list[dict[str, Any]] = [
    {"left": -5},
    {"slug": "BIG"},
    {"left": 7, "slug": "x"},
    {"parts": [Part.model_construct(left=-1)]},
    {"left": "1"},
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("wrong", BROKEN, ids=range(len(BROKEN)))
def test_what_set_refuses_no_write_sends(write: str, wrong: dict[str, Any]) -> None:
    """With the same error: what is stored can be read again."""
    keeps, item = (
        Keeps(ScriptedStore({"UnprocessedItems": {}})),
        Kept(id="a").model_copy(update=wrong),
    )
    with pytest.raises(CodecError) as expected:
        keeps.set(item)
    with pytest.raises(CodecError) as found:
        WRITES[write](keeps, item)
    assert str(found.value) == str(expected.value)
    assert keeps.store.script.sent == []  # type: ignore[attr-defined]


class Lower(BaseModel, str_to_lower=True):
    """A model that changes its texts."""

    group: Annotated[str, PartitionKey()]


class Trimmed(BaseModel):
    """A key that changes what it is made from."""

    group: Annotated[str, PartitionKey(), StringConstraints(to_lower=True)]


class Validated(BaseModel):
    """A key with a validator that changes it."""

    group: Annotated[str, PartitionKey(), AfterValidator(str.lower)]


class Settled(BaseModel):
    """A model that changes its key when all else is there."""

    group: Annotated[str, PartitionKey()]

    @model_validator(mode="after")
    def lower(self) -> Self:
        """Makes it small."""
        self.group = self.group.lower()
        return self


class Begun(BaseModel):
    """The same, by Pydantic's other hook."""

    group: Annotated[str, PartitionKey()]

    def model_post_init(self, _context: Any, /) -> None:
        """Makes it small."""
        self.group = self.group.lower()


def get_as(model: type[BaseModel], key: Any) -> Any:
    """The item "ABC", read by `get_many` as a model."""
    asked: dict[str, Any] = {"group": {"S": "ABC"}, "number": {"N": "1"}}
    body = answer({"Responses": {"rows": [asked]}, "UnprocessedKeys": {}})
    repository: Any = new_class(
        "Anything",
        (Repository[model],),  # type: ignore[valid-type]
        exec_body=lambda body: body.update(table="rows"),
    )
    with Loopback(say(body)) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1")
        try:
            return repository(store).get_many([key])[0]
        finally:
            store.close()


def test_an_item_is_found_by_the_key_that_was_asked_for() -> None:
    """Whatever its order in the answer."""
    assert get_as(Row, ("ABC", 1)).group == "ABC"


@pytest.mark.parametrize("model", [Lower, Trimmed, Validated, Settled, Begun])
def test_an_item_whose_model_makes_another_key_of_it_is_none(model: type[BaseModel]) -> None:
    """It would be saved as, and deleted for, another item."""
    with pytest.raises(CodecError, match="another key than the stored one"):
        get_as(model, "ABC")


def test_an_item_without_its_key_is_told() -> None:
    """An engine that leaves it out has answered another question."""
    body = answer({"Responses": {"rows": [{"text": {"S": "x"}}]}, "UnprocessedKeys": {}})
    with Loopback(say(body)) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1")
        with pytest.raises(Unavailable, match="AnswerBroken"):
            Rows(store).get_many([("g", 1)])
        store.close()
