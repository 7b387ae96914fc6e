"""An answer to another request, or with members of other types, is a typed error, never a value.

Every verb is given every mutation of its answer, by either sender, with a checksum that is right.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    Answer,
    CodecError,
    DynamoStore,
    DynrepoError,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    SortKey,
    TransactionCanceled,
    Unavailable,
    Unprocessed,
    Version,
)
from dynrepo.operations import rounds
from dynrepo.operations.accepting import AskedItems, of_count, of_writes
from dynrepo.operations.batches import delete
from dynrepo.operations.mapper import Mapper
from dynrepo.schema.entity import schema_of
from tests.loopback import Loopback, answer, say

if TYPE_CHECKING:
    from collections.abc import Iterator


class Row(BaseModel):
    """A row of a group."""

    group: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    by: Annotated[str, PartitionKey(index="by_by")] = "b"


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


class Counted(Row):
    """One with a version."""

    version: Annotated[int, Version()] = 0


class Counteds(Repository[Counted]):
    """Counted rows."""

    table = "rows"


class Text(BaseModel):
    """A part of a row."""

    text: str = ""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "_LONGEST_PAUSE", 0)


KEY = {"group": {"S": "g"}, "number": {"N": "1"}}
ITEM = {**KEY, "text": {"S": "t"}, "by": {"S": "b"}}
OTHER = {**ITEM, "number": {"N": "2"}}
CAPACITY = {"ConsumedCapacity": {"TableName": "rows", "CapacityUnits": 1.0}}
PAGE = {"Items": [ITEM], "Count": 1, "ScannedCount": 1, **CAPACITY}
ROW = Row(group="g", number=1, text="t")
fields = Rows.fields

Verb = Any
READS: dict[str, tuple[Verb, dict[str, Any]]] = {
    "get": (lambda rows: rows.get(("g", 1)), {"Item": ITEM, **CAPACITY}),
    "part": (lambda rows: rows.get(("g", 1), only=Text), {"Item": ITEM, **CAPACITY}),
    "exists": (lambda rows: rows.exists(("g", 1)), {"Item": KEY, **CAPACITY}),
    "query": (lambda rows: rows.query(fields.group == "g").all(), PAGE),
    "scan": (lambda rows: rows.scan().all(), PAGE),
    "count": (lambda rows: rows.scan().count(), {"Count": 1, "ScannedCount": 1, **CAPACITY}),
    "get_many": (
        lambda rows: rows.get_many([("g", 1)]),
        {"Responses": {"rows": [ITEM]}, "UnprocessedKeys": {}},
    ),
    "get_together": (
        lambda rows: rows.get_together(rows.lookup(("g", 1))),
        {"Responses": [{"Item": ITEM}]},
    ),
    "connect": (lambda rows: rows.connect(), {"Table": {"TableName": "rows", "TableStatus": "A"}}),
}
WRITES: dict[str, tuple[Verb, dict[str, Any]]] = {
    "update": (
        lambda rows: rows.update(("g", 1), fields.text.set("t")),
        {"Attributes": ITEM, **CAPACITY},
    ),
    "append": (
        lambda rows: rows.update(("g", 1), fields.text.set("t"), condition=fields.by == "b"),
        {"Attributes": ITEM, **CAPACITY},
    ),
    "save": (lambda rows: rows.save(ROW), {"Attributes": ITEM, **CAPACITY}),
    "delete": (lambda rows: rows.delete(("g", 1)), {"Attributes": ITEM, **CAPACITY}),
    "set": (lambda rows: rows.set(ROW), {"Attributes": ITEM, **CAPACITY}),
    "set_many": (lambda rows: rows.set_many([ROW]), {"UnprocessedItems": {}, **CAPACITY}),
    "delete_many": (
        lambda rows: rows.delete_many([("g", 1)]),
        {"UnprocessedItems": {}, **CAPACITY},
    ),
}
WRONG = (None, [], {}, 1, -1, "x", True, [1], [None], {"x": 1}, {"x": {"S": 1}}, [[]], {"rows": 1})


def places(body: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of the members that matter, down to the attributes of items."""
    inner = body.items() if isinstance(body, dict) else enumerate(body)
    for name, value in inner:
        if name == "ConsumedCapacity" or len(at) > 4:
            continue
        yield (*at, name)
        if isinstance(value, dict | list):
            yield from places(value, (*at, name))


def mutations(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Answers with one member of another type, or without it."""
    for place in places(body):
        for wrong in WRONG:
            changed = deepcopy(body)
            *way, last = place
            holder: Any = changed
            for step in way:
                holder = holder[step]
            if holder[last] != wrong or type(holder[last]) is not type(wrong):
                holder[last] = wrong
                yield changed
    for name, wrong in (("LastEvaluatedKey", each) for each in WRONG):
        if "ScannedCount" in body:
            yield {**body, name: wrong}


def tried(transport: Any, cases: dict[str, tuple[Verb, dict[str, Any]]]) -> Iterator[Any]:
    """What each verb makes of each mutation: the verb, the answer, the value or the error."""
    with Loopback() as server:
        store = DynamoStore(
            endpoint=server.url, region="eu-west-1", transport=transport, attempts=1
        )
        rows = Rows(store, instruments=[])
        for name, (call, body) in cases.items():
            for odd in mutations(body):
                server.script = [say(answer(odd))]
                try:
                    yield name, odd, call(rows)
                except DynrepoError as error:
                    yield name, odd, error
                except Exception as error:  # noqa: BLE001 - judged by the test
                    pytest.fail(f"{name} raises {type(error).__name__} of {json.dumps(odd)}")
        store.close()


def test_a_read_never_raises_what_is_not_typed() -> None:
    """Nor is it ever in doubt."""
    for name, odd, found in tried("auto", READS):
        assert not isinstance(found, OutcomeUnknown), (name, odd)


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_a_write_never_raises_what_is_not_typed(transport: str) -> None:
    """What is not an answer leaves it in doubt, or in an item that is none."""
    # botocore takes its time; two verbs show that it is asked the same.
    names = WRITES if transport == "auto" else ("update", "delete")
    for name, odd, found in tried(transport, {name: WRITES[name] for name in names}):
        is_right = not isinstance(found, Exception) or isinstance(
            found, OutcomeUnknown | CodecError | Unprocessed
        )
        assert is_right, (name, odd, found)


ODD: dict[str, tuple[Verb, dict[str, Any], type[DynrepoError]]] = {
    "an item that is a list": (READS["get"][0], {"Item": [], **CAPACITY}, Unavailable),
    "no item and no null": (READS["get"][0], {"Item": None, **CAPACITY}, Unavailable),
    "another item": (READS["get"][0], {"Item": OTHER, **CAPACITY}, Unavailable),
    "an item without its key": (READS["get"][0], {"Item": {}, **CAPACITY}, Unavailable),
    "a part of another": (READS["part"][0], {"Item": OTHER, **CAPACITY}, Unavailable),
    "the key of another": (READS["exists"][0], {"Item": OTHER, **CAPACITY}, Unavailable),
    "an item not asked for": (
        READS["get_many"][0],
        {"Responses": {"rows": [OTHER]}},
        Unavailable,
    ),
    "an item twice": (READS["get_many"][0], {"Responses": {"rows": [ITEM, ITEM]}}, Unavailable),
    "an item and its key": (
        READS["get_many"][0],
        {"Responses": {"rows": [ITEM]}, "UnprocessedKeys": {"rows": {"Keys": [KEY]}}},
        Unavailable,
    ),
    "items of another table": (
        READS["get_many"][0],
        {"Responses": {"other": [ITEM]}},
        Unavailable,
    ),
    "nothing of the table": (READS["get_many"][0], {"Responses": {}}, Unavailable),
    "one of two keys, left": (
        lambda rows: rows.get_many([("g", 1), ("g", 2)]),
        {"Responses": {}, "UnprocessedKeys": {"rows": {"Keys": [KEY]}}},
        Unavailable,
    ),
    "keys of another table": (
        READS["get_many"][0],
        {"Responses": {}, "UnprocessedKeys": {"other": {"Keys": [KEY]}}},
        Unavailable,
    ),
    "a key not asked for": (
        READS["get_many"][0],
        {"Responses": {}, "UnprocessedKeys": {"rows": {"Keys": [{**KEY, "number": {"N": "2"}}]}}},
        Unavailable,
    ),
    "fewer answers": (READS["get_together"][0], {"Responses": []}, Unavailable),
    "more answers": (READS["get_together"][0], {"Responses": [{}, {}]}, Unavailable),
    "an answer of another": (
        READS["get_together"][0],
        {"Responses": [{"Item": OTHER}]},
        Unavailable,
    ),
    "no count": (READS["query"][0], {"Items": [], "ScannedCount": 0}, Unavailable),
    "a count in words": (READS["query"][0], {**PAGE, "Count": "1"}, Unavailable),
    "a count of more": (READS["query"][0], {**PAGE, "Count": 2}, Unavailable),
    "lost items": (READS["scan"][0], {"Count": 1, "ScannedCount": 1}, Unavailable),
    "a last key of none": (READS["scan"][0], {**PAGE, "LastEvaluatedKey": {}}, Unavailable),
    "a state of no table": (READS["connect"][0], {"Table": {"TableName": "rows"}}, Unavailable),
    "attributes of another": (
        WRITES["append"][0],
        {"Attributes": OTHER, **CAPACITY},
        OutcomeUnknown,
    ),
    "null attributes": (WRITES["delete"][0], {"Attributes": None, **CAPACITY}, OutcomeUnknown),
    "deleted another": (WRITES["delete"][0], {"Attributes": OTHER, **CAPACITY}, OutcomeUnknown),
    "saved another": (WRITES["save"][0], {"Attributes": OTHER, **CAPACITY}, OutcomeUnknown),
    "writes to another table": (
        WRITES["set_many"][0],
        {"UnprocessedItems": {"other": [{"PutRequest": {"Item": ITEM}}]}},
        Unprocessed,
    ),
    "a write not asked for": (
        WRITES["set_many"][0],
        {"UnprocessedItems": {"rows": [{"PutRequest": {"Item": OTHER}}]}},
        Unprocessed,
    ),
    "a write of nothing": (
        WRITES["delete_many"][0],
        {"UnprocessedItems": {"rows": [{}]}},
        Unprocessed,
    ),
}


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_an_odd_answer_is_a_typed_error(transport: Any) -> None:
    """With the verdict on a broken answer."""
    with Loopback() as server:
        store = DynamoStore(
            endpoint=server.url, region="eu-west-1", transport=transport, attempts=1
        )
        rows = Rows(store, instruments=[])
        for name, (call, body, kind) in ODD.items():
            server.script = [say(answer(body))]
            try:
                found: Any = call(rows)
            except DynrepoError as error:
                found = error
            assert type(found) is kind, (name, found)
        store.close()


def test_a_broken_answer_is_asked_for_again() -> None:
    """Where that is safe: the next one may be right."""
    with Loopback(say(answer({"Item": OTHER, **CAPACITY})), say(answer({"Item": ITEM}))) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1")
        assert Rows(store).get(("g", 1)) == ROW
        store.close()


@pytest.mark.parametrize(
    "reasons", [None, {}, [1], [], [{"Code": "None"}] * 2, [{"Code": ["x"]}], [{"Item": 1}]]
)
def test_odd_reasons_of_a_canceled_transaction(reasons: Any) -> None:
    """It is canceled all the same; reasons that are not one for each write are nobody's."""
    refusal = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "CancellationReasons": reasons,
    }
    with Loopback(say(answer(refusal, status=400))) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", attempts=1)
        rows = Rows(store)
        with pytest.raises(TransactionCanceled) as caught, rows.transaction() as tx:
            tx.set(rows, ROW)
        store.close()
    assert len(caught.value.reasons) in (0, 1)


@pytest.mark.parametrize("item", [None, [], 1, {"x": 1}, {"group": 1}, {"group": {"S": 1}}])
def test_an_odd_item_of_a_failed_condition(item: Any) -> None:
    """The condition failed all the same; what is no item is not shown."""
    refusal = {"__type": "x#ConditionalCheckFailedException", "Item": item}
    with Loopback(say(answer(refusal, status=400))) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", attempts=1)
        with pytest.raises(DynrepoError) as caught:
            Counteds(store).save(Counted(group="g", number=1, version=1))
        store.close()
    assert caught.value.code == "ConditionalCheckFailedException"
    assert getattr(caught.value, "item", None) is None


MAPPER: Any = Mapper("rows", schema_of(Row))


def test_what_is_accepted() -> None:
    """Values alone: items or instances, in any order, and nothing where nothing has to be."""
    assert MAPPER.is_of_key(None, KEY)
    assert MAPPER.is_of_key({**ITEM, "number": {"N": "1.0"}}, KEY)
    assert not MAPPER.is_of_key(OTHER, KEY)
    assert MAPPER.is_of_key({"text": {"S": "x"}}, KEY, whole=False)
    assert AskedItems(MAPPER, {MAPPER.schema.identity(KEY)}).accepts(
        Answer({"Responses": {"rows": []}}, items=[ROW])
    )
    assert AskedItems(MAPPER, {MAPPER.schema.identity(KEY)}).accepts(
        Answer({"Responses": {}, "UnprocessedKeys": {"rows": {"Keys": [KEY]}}})
    )
    assert of_writes(MAPPER, [delete(MAPPER, ROW)])(
        Answer({"UnprocessedItems": {"rows": [{"DeleteRequest": {"Key": KEY}}]}})
    )
    assert of_count(Answer({"Count": 1}, items=[ROW]))
