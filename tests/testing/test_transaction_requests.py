"""Transactions in memory: made whole or not at all, once for each token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pynamodb.expressions.operand import Path

from dynrepo import (
    ConditionFailed,
    ItemExists,
    StoreError,
    TableNotFound,
    TransactionCanceled,
    usage,
)
from dynrepo.testing.memory import MemoryStore
from models.document import Document, Documents
from models.user import User, Users
from tests.testing.rows import Row, Rows, key, operation, put, send

SELF = Path("n") == Path("n")
ADA = User(
    user_id=UUID(int=1),
    email="ada@example.org",
    name="Ada",
    joined=datetime(1843, 1, 1, tzinfo=UTC),
)


def transaction(store: MemoryStore, *parts: Any, name: str = "TransactWriteItems") -> Any:
    """The body of the answer to a transaction of parts."""
    items = [{part.name: dict(part.request)} for part in parts]
    return store.execute(operation(name, parts=parts, TransactItems=items)).body


def written(sort: int, **attributes: Any) -> Any:
    """A write of a row."""
    return operation("PutItem", TableName="rows", Item={**key(sort), **attributes})


def test_a_token_is_remembered_for_ten_minutes() -> None:
    """The same transaction is made once; another one with its token is refused."""
    times = [0.0]
    store = MemoryStore(Users, clock=lambda: times[0])
    users = Users(store)
    users.create(ADA)

    def add(amount: int) -> int:
        with users.transaction(token="once") as changes:
            changes.update(users, ADA, Users.fields.visits.add(amount))
        return users.require(ADA).visits

    assert [add(1), add(1)] == [1, 1]
    with pytest.raises(StoreError, match="IdempotentParameterMismatch"):
        add(2)
    times[0] += 601
    assert add(1) == 2


def test_each_refused_write_has_a_reason() -> None:
    """And the others none; nothing is written."""
    store = MemoryStore(Rows)
    rows = Rows(store)
    taken = rows.create(Row(p="x", s=1))
    with pytest.raises(TransactionCanceled) as caught, rows.transaction() as changes:  # noqa: PT012 - a block
        changes.create(rows, Row(p="x", s=2))
        changes.create(rows, taken)
        changes.check(rows, ("x", 3), Rows.fields.n == 7)
    fine, exists, failed = caught.value.reasons
    assert fine is None
    assert isinstance(exists, ItemExists)
    assert exists.item == taken
    assert isinstance(failed, ConditionFailed)
    assert len(store.items("rows")) == 1


def test_a_write_that_is_not_valid_is_a_reason() -> None:
    """By the code that DynamoDB has for it in a transaction."""
    with pytest.raises(StoreError, match="TransactionCanceledException"):
        transaction(MemoryStore(Rows), written(1, a={"N": "one"}))


def test_a_write_that_is_not_valid_is_found_before_any_condition() -> None:
    """It alone has a reason, the first of several: the others were not looked at."""
    store = MemoryStore(Rows)
    put(store)
    wrong = operation("PutItem", TableName="rows", Item={"p": {"N": "7"}, "s": {"N": "2"}})
    taken = operation(
        "PutItem", {"ConditionExpression": Path("p").does_not_exist()}, **written(1).request
    )
    with pytest.raises(StoreError) as caught:
        transaction(store, taken, wrong, wrong)
    cause: Any = caught.value.__cause__
    codes = [reason["Code"] for reason in cause.response["CancellationReasons"]]
    assert codes == ["None", "ValidationError", "None"]


def test_a_missing_table_is_no_reason() -> None:
    """The whole request is refused for it."""
    with pytest.raises(TableNotFound):
        transaction(MemoryStore(), written(1))


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [written(n) for n in range(101)],
        [written(1), operation("DeleteItem", TableName="rows", Key=key("1.0"))],
        [written(n, a={"S": "x" * 400_000}) for n in range(11)],
        [operation("ConditionCheck", TableName="rows", Key=key())],
        [operation("UpdateItem", TableName="rows", Key=key())],
        [operation("DeleteItem", {"ConditionExpression": SELF}, TableName="rows", Key=key())],
    ],
    ids=["none", "101", "one item twice", "over 4 MB", "no condition", "no action", "self"],
)
def test_a_transaction_that_is_not_valid_is_refused(parts: list[Any]) -> None:
    """As a whole."""
    store = MemoryStore(Rows)
    with pytest.raises(StoreError, match="ValidationException"):
        transaction(store, *parts)
    assert store.items("rows") == []


def test_what_is_stored_does_not_count_as_sent() -> None:
    """Of 4 MB and more, items can be deleted together."""
    store = MemoryStore(Rows)
    for n in range(11):
        send(store, "PutItem", **written(n, a={"S": "x" * 400_000}).request)
    transaction(store, *[operation("DeleteItem", TableName="rows", Key=key(n)) for n in range(11)])
    assert store.items("rows") == []


@pytest.mark.parametrize("token", ["", "x" * 37], ids=len)
def test_a_token_has_its_length(token: str) -> None:
    """From 1 to 36 characters."""
    with pytest.raises(StoreError, match="ValidationException"):
        MemoryStore(Rows).execute(
            operation("TransactWriteItems", parts=[written(1)], ClientRequestToken=token)
        )


def read(*sorts: int | str) -> Any:
    """Reads of rows."""
    return [operation("GetItem", TableName="rows", Key=key(sort)) for sort in sorts]


@pytest.mark.parametrize(
    "parts", [[], read(*range(101)), read(1, "1.0")], ids=["none", "101", "one item twice"]
)
def test_reads_that_are_not_valid_together_are_refused(parts: list[Any]) -> None:
    """As a whole."""
    with pytest.raises(StoreError, match="ValidationException"):
        transaction(MemoryStore(Rows), *parts, name="TransactGetItems")


def test_one_key_is_not_read_twice_together() -> None:
    """By a repository as by any other client."""
    rows = Rows(MemoryStore(Rows))
    row = rows.create(Row(p="x", s=1))
    assert rows.get_together(rows.lookup(row), rows.lookup(("x", 2))) == (row, None)
    with pytest.raises(StoreError, match="ValidationException"):
        rows.get_together(rows.lookup(row), rows.lookup(("x", 1)))


def test_a_key_that_is_none_cancels_the_reads() -> None:
    """It is found where the part is looked at."""
    parts = [*read(1), operation("GetItem", TableName="rows", Key={"p": {"S": "x"}})]
    with pytest.raises(StoreError, match="TransactionCanceledException"):
        transaction(MemoryStore(Rows), *parts, name="TransactGetItems")


def test_no_more_than_four_megabytes_are_read_together() -> None:
    """Whatever their number."""
    store = MemoryStore(Rows)
    for n in range(11):
        send(store, "PutItem", **written(n, a={"S": "x" * 400_000}).request)
    assert len(transaction(store, *read(*range(10)), name="TransactGetItems")["Responses"]) == 10
    with pytest.raises(StoreError, match="ValidationException"):
        transaction(store, *read(*range(11)), name="TransactGetItems")


def test_items_are_read_together() -> None:
    """In the order asked for, with nothing for a missing one."""
    store = MemoryStore(Rows)
    put(store, a={"S": "x"})
    parts = [operation("GetItem", TableName="rows", Key=key(n)) for n in (2, 1)]
    missing, there = transaction(store, *parts, name="TransactGetItems")["Responses"]
    assert (missing, there["Item"]["a"]) == ({}, {"S": "x"})


def test_items_of_several_tables_are_written_together() -> None:
    """All of them."""
    store = MemoryStore(Rows, Documents)
    rows, documents = Rows(store), Documents(store)
    with rows.transaction() as changes:
        changes.create(rows, Row(p="x", s=1))
        changes.create(documents, Document(name="a"))
    assert (len(store.items("rows")), len(store.items("documents"))) == (1, 1)


def test_a_transaction_costs_twice_what_its_parts_cost_alone() -> None:
    """What is only asked of included; but not in indexes. The same token again costs the reads."""
    store = MemoryStore(Users, Documents)
    users, documents = Users(store), Documents(store)
    documents.create(Document(name="old" + "d" * 1500))

    def units() -> float | None:
        with usage() as used, users.transaction(token="once") as changes:
            changes.create(users, ADA)
            changes.create(documents, Document(name="new" + "d" * 1500))
            changes.check(documents, "old" + "d" * 1500, Documents.fields.name.exists())
        return used.total.capacity

    assert [units(), units()] == [2 + 1 + 4 + 4, 2 + 2 + 2]  # users have an index
    with usage() as used:
        users.get_together(users.lookup(ADA.user_id), documents.lookup("nobody"))
    assert used.total.capacity == 2 + 2
    body = transaction(store, written_in("users", "user_id"), written_in("documents", "name"))
    assert body["ConsumedCapacity"] == [
        {"TableName": "users", "CapacityUnits": 2.0},
        {"TableName": "documents", "CapacityUnits": 2.0},
    ]


def written_in(table: str, key: str) -> Any:
    """A write of an item with nothing but its key."""
    return operation("PutItem", TableName=table, Item={key: {"S": "x"}})
