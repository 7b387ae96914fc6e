"""Requests for one item: what they write, what they give back, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import DeleteAction, RemoveAction, SetAction, Update

from dynrepo import ConditionFailed, StoreError
from dynrepo.testing.memory import MemoryStore
from tests.testing.rows import Row, Rows, key, operation, put, send

SET_A = Update(SetAction(Path("a"), Value({"S": "new"})), SetAction(Path("b"), Value({"N": "2"})))
DELETE_A = DeleteAction(Path("a"), Value({"SS": ["x"]}))
SET_S = Update(SetAction(Path("s"), Path("a")))


@pytest.fixture
def store() -> MemoryStore:
    """A store with one row."""
    made = MemoryStore(Rows)
    put(made, a={"S": "old"}, c={"L": [{"S": "c"}]})
    return made


def get(store: MemoryStore, **options: Any) -> Any:
    """The answer to a GetItem."""
    return send(store, "GetItem", TableName="rows", Key=key(), **options)


def test_an_item_is_read_whole_or_in_part(store: MemoryStore) -> None:
    """A missing one is no item."""
    assert get(store)["Item"]["a"] == {"S": "old"}
    trees = {"ProjectionExpression": (Path("a"),)}
    assert send(store, "GetItem", trees, TableName="rows", Key=key())["Item"] == {"a": {"S": "old"}}
    assert "Item" not in send(store, "GetItem", TableName="rows", Key=key(7))


def test_answers_are_copies(store: MemoryStore) -> None:
    """Whoever changes one changes nothing that is stored."""
    sent = {"L": [{"S": "a"}]}
    put(store, a=sent)
    sent["L"].clear()
    get(store)["Item"]["a"]["L"].clear()
    assert store.items("rows")[0]["a"] == {"L": [{"S": "a"}]}


@pytest.mark.parametrize(
    ("wanted", "attributes"),
    [
        ("NONE", None),
        ("ALL_OLD", {**key(), "a": {"S": "old"}, "c": {"L": [{"S": "c"}]}}),
        ("ALL_NEW", {**key(), "a": {"S": "new"}, "b": {"N": "2"}, "c": {"L": [{"S": "c"}]}}),
        ("UPDATED_OLD", {"a": {"S": "old"}}),
        ("UPDATED_NEW", {"a": {"S": "new"}, "b": {"N": "2"}}),
    ],
)
def test_an_update_gives_back_what_is_wanted(
    store: MemoryStore, wanted: str, attributes: Any
) -> None:
    """All or what it wrote, before or after."""
    trees = {"UpdateExpression": SET_A}
    body = send(store, "UpdateItem", trees, TableName="rows", Key=key(), ReturnValues=wanted)
    assert body.get("Attributes") == attributes
    assert get(store)["Item"]["a"] == {"S": "new"}


def test_an_update_makes_an_item_of_its_key(store: MemoryStore) -> None:
    """Where there is none."""
    send(store, "UpdateItem", {"UpdateExpression": SET_A}, TableName="rows", Key=key("7.0"))
    assert store.items("rows")[1] == {**key(7), "a": {"S": "new"}, "b": {"N": "2"}}


@pytest.mark.parametrize("action", [RemoveAction(Path("a")), DELETE_A, RemoveAction(Path("b.c"))])
def test_an_update_that_only_removes_makes_no_item(store: MemoryStore, action: Any) -> None:
    """Whatever answer is wanted, it has no attributes; one that is there is changed as ever."""
    request = {"TableName": "rows", "Key": key(7)}
    for wanted in ("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"):
        trees = {"UpdateExpression": Update(action)}
        assert "Attributes" not in send(store, "UpdateItem", trees, ReturnValues=wanted, **request)
    assert len(store.items("rows")) == 1


def test_a_condition_is_asked_of_what_only_removes(store: MemoryStore) -> None:
    """Also where there is nothing to remove from."""
    trees = {"UpdateExpression": Update(DELETE_A), "ConditionExpression": Path("a").exists()}
    with pytest.raises(StoreError, match="ConditionalCheckFailed"):
        send(store, "UpdateItem", trees, TableName="rows", Key=key(7))


def test_a_delete_gives_back_what_was_there(store: MemoryStore) -> None:
    """Nothing the second time."""
    request = {"TableName": "rows", "Key": key(), "ReturnValues": "ALL_OLD"}
    assert send(store, "DeleteItem", **request)["Attributes"]["a"] == {"S": "old"}
    assert "Attributes" not in send(store, "DeleteItem", **request)
    assert store.items("rows") == []


@pytest.mark.parametrize("name", ["PutItem", "UpdateItem", "DeleteItem"])
def test_a_failed_condition_leaves_the_item(store: MemoryStore, name: str) -> None:
    """The refusal holds the stored item if that is asked for."""
    trees = {"ConditionExpression": Path("a").does_not_exist(), "UpdateExpression": SET_A}
    request: dict[str, Any] = {"TableName": "rows", "Key": key(), "Item": key()}
    if name != "UpdateItem":
        del trees["UpdateExpression"]
    before = store.items("rows")
    for wanted, item in (("NONE", None), ("ALL_OLD", before[0])):
        sent = operation(name, trees, **request, ReturnValuesOnConditionCheckFailure=wanted)
        refusals: list[Any] = []

        def refused(refusal: Any, seen: list[Any] = refusals) -> ConditionFailed:
            seen.append(refusal.item)
            return ConditionFailed("refused")

        sent = sent._replace(refusal=refused)
        with pytest.raises(ConditionFailed):
            store.execute(sent)
        assert refusals == [item]
    assert store.items("rows") == before


@pytest.mark.parametrize(
    ("name", "trees", "request_"),
    [
        ("GetItem", {}, {"Key": {"p": {"S": "x"}}}),
        ("GetItem", {"ProjectionExpression": (Path("a"), Path("a")["b"])}, {"Key": key()}),
        (
            "UpdateItem",
            {"UpdateExpression": Update(SetAction(Path("s"), Path("a")))},
            {"Key": key()},
        ),
        ("PutItem", {"ConditionExpression": Path("a") < Value({"NULL": True})}, {"Item": key()}),
    ],
    ids=["half a key", "overlapping paths", "a key to update", "a condition of no item"],
)
def test_a_request_that_is_not_valid_is_refused(
    store: MemoryStore, name: str, trees: dict[str, Any], request_: dict[str, Any]
) -> None:
    """With the code of DynamoDB."""
    with pytest.raises(StoreError) as caught:
        send(store, name, trees, TableName="rows", **request_)
    assert caught.value.code == "ValidationException"


def test_an_update_may_not_outgrow_an_item(store: MemoryStore) -> None:
    """What it would make is held to the rules of what is put."""
    value = Value({"S": "x" * 300_000})
    for name in ("a", "b"):
        update = Update(SetAction(Path(name), value))
        sent = operation("UpdateItem", {"UpdateExpression": update}, TableName="rows", Key=key())
        if name == "a":
            store.execute(sent)
        else:
            with pytest.raises(StoreError, match="ValidationException"):
                store.execute(sent)


def test_a_read_costs_by_the_size_and_twice_when_consistent(store: MemoryStore) -> None:
    """Half a unit for each started 4 KB."""
    put(store, a={"S": "x" * 5000})
    assert get(store)["ConsumedCapacity"]["CapacityUnits"] == 1.0
    assert get(store, ConsistentRead=True)["ConsumedCapacity"]["CapacityUnits"] == 2.0


def test_a_write_costs_by_the_larger_of_before_and_after(store: MemoryStore) -> None:
    """A unit for each started KB."""
    assert put(store, a={"S": "x" * 2500})["ConsumedCapacity"]["CapacityUnits"] == 3.0
    assert put(store, a={"S": "x"})["ConsumedCapacity"]["CapacityUnits"] == 3.0
    assert put(store, a={"S": "x"})["ConsumedCapacity"]["CapacityUnits"] == 1.0


def test_a_condition_check_changes_nothing(store: MemoryStore) -> None:
    """As a part of a transaction it only asks."""
    rows = Rows(store)
    with rows.transaction() as transaction:
        transaction.check(rows, ("x", 1), Rows.fields["a"].exists())
        transaction.create(rows, Row(p="x", s=2))
    assert [item["s"] for item in store.items("rows")] == [{"N": "1"}, {"N": "2"}]


def test_an_update_without_actions_makes_an_item() -> None:
    """That has its key and nothing else; one that is there stays as it is."""
    store = MemoryStore(Rows)
    answer = send(store, "UpdateItem", TableName="rows", Key=key(), ReturnValues="ALL_NEW")
    assert answer["Attributes"] == key()
    put(store, a={"S": "x"})
    answer = send(store, "UpdateItem", TableName="rows", Key=key(), ReturnValues="UPDATED_NEW")
    assert "Attributes" not in answer
    assert store.items("rows") == [{**key(), "a": {"S": "x"}}]
