"""Batches in memory: what they hold, what they leave, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.operand import Path

from dynrepo import StoreError
from dynrepo.testing.memory import MemoryStore
from models.document import Document, Documents
from tests.testing.rows import Rows, key, put, send


def reads(*keys: Any, **options: Any) -> dict[str, Any]:
    """A BatchGetItem of rows."""
    return {"RequestItems": {"rows": {"Keys": list(keys), **options}}}


def writes(*requests: Any) -> dict[str, Any]:
    """A BatchWriteItem of rows."""
    return {"RequestItems": {"rows": list(requests)}}


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "101 keys": ("BatchGetItem", reads(*map(key, range(101)))),
    "no key": ("BatchGetItem", reads()),
    "one key twice": ("BatchGetItem", reads(key("1"), key("1.0"))),
    "26 writes": (
        "BatchWriteItem",
        writes(*({"DeleteRequest": {"Key": key(n)}} for n in range(26))),
    ),
    "no write": ("BatchWriteItem", writes()),
    "one item twice": (
        "BatchWriteItem",
        writes({"PutRequest": {"Item": key()}}, {"DeleteRequest": {"Key": key()}}),
    ),
}


@pytest.mark.parametrize(("name", "request_"), REFUSED.values(), ids=REFUSED)
def test_a_batch_that_is_not_valid_is_refused(name: str, request_: dict[str, Any]) -> None:
    """As a whole."""
    store = MemoryStore(Rows)
    with pytest.raises(StoreError, match="ValidationException"):
        send(store, name, **request_)
    assert store.items("rows") == []


def test_one_bad_write_fails_all() -> None:
    """None of the batch is made."""
    store = MemoryStore(Rows)
    good, bad = ({"PutRequest": {"Item": {**key(n), "a": {"N": str(n)}}}} for n in (1, 2))
    bad["PutRequest"]["Item"]["a"] = {"N": "one"}
    with pytest.raises(StoreError):
        send(store, "BatchWriteItem", **writes(good, bad))
    assert store.items("rows") == []


def test_a_batch_writes_and_deletes() -> None:
    """In one request, whose cost is the sum."""
    store = MemoryStore(Rows)
    put(store, a={"S": "x" * 2000})
    requests = [{"DeleteRequest": {"Key": key(1)}}, {"PutRequest": {"Item": key(2)}}]
    body = send(store, "BatchWriteItem", **writes(*requests))
    assert body["ConsumedCapacity"] == [{"TableName": "rows", "CapacityUnits": 3.0}]
    assert store.items("rows") == [key(2)]


def test_a_batch_reads_what_is_there() -> None:
    """In part, if that is asked for; a missing item is left out."""
    store = MemoryStore(Rows)
    put(store, a={"S": "x"}, b={"S": "y"})
    trees = {"ProjectionExpression": (Path("a"),)}
    body = send(store, "BatchGetItem", trees, **reads(key(1), key(2), ConsistentRead=True))
    assert body["Responses"] == {"rows": [{"a": {"S": "x"}}]}
    assert body["UnprocessedKeys"] == {}
    assert body["ConsumedCapacity"] == [{"TableName": "rows", "CapacityUnits": 2.0}]


def test_a_batch_read_ends_at_16_megabytes() -> None:
    """The keys that do not fit are read in the next request."""
    documents = Documents(MemoryStore(Documents))
    documents.set_many(Document(name=str(n), text="x" * 390_000) for n in range(50))
    assert None not in documents.get_many([str(n) for n in range(50)])
