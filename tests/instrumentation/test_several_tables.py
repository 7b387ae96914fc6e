"""A call over several tables is one series, however the tables are mixed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import AsyncRepository, PartitionKey, Repository
from dynrepo.instrumentation.otel import MeterInstrument, SpanInstrument
from dynrepo.instrumentation.statsd import (
    StatsdInstrument,
    TaggedStatsdInstrument,
)
from dynrepo.testing.memory import MemoryStore
from tests.instrumentation.metered import Counts, Metered

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Call


class Doc(BaseModel):
    """A key."""

    doc_id: Annotated[str, PartitionKey()]


class Docs(Repository[Doc]):
    """Of one table."""

    table = "a_docs"


class Texts(Repository[Doc]):
    """Of another."""

    table = "b_txts"


class AsyncDocs(AsyncRepository[Doc]):
    """Of one table, awaited."""

    table = "a_docs"


class AsyncTexts(AsyncRepository[Doc]):
    """Of another."""

    table = "b_txts"


def transact(instruments: list[Any]) -> None:
    """Two writes together, to one table each."""
    store = MemoryStore(Docs, Texts)
    docs, texts = Docs(store, instruments=instruments), Texts(store, instruments=instruments)
    with docs.transaction() as tx:
        tx.create(docs, Doc(doc_id="1"))
        tx.create(texts, Doc(doc_id="1"))


def transact_awaited(instruments: list[Any]) -> None:
    """The same, awaited."""

    async def main() -> None:
        store = MemoryStore(Docs, Texts)
        docs = AsyncDocs(store, instruments=instruments)
        texts = AsyncTexts(store, instruments=instruments)
        async with docs.transaction() as tx:
            tx.create(docs, Doc(doc_id="1"))
            tx.create(texts, Doc(doc_id="1"))

    asyncio.run(main())


BOTH = pytest.mark.parametrize("write", [transact, transact_awaited])
BATCH = {"a_docs": [{}], "b_txts": [{}]}


@BOTH
def test_a_transaction_over_several_tables_has_one_name_in_statsd(
    write: Callable[[list[Any]], None],
) -> None:
    """And not one for each mix of tables."""
    plain = Counts()
    write([StatsdInstrument(plain)])
    assert plain.told["dynrepo.several_tables.TransactWriteItems.success"] == 1
    assert set(plain.timed) == {"dynrepo.several_tables.TransactWriteItems.success"}


def test_a_batch_over_several_tables_has_the_same(ended: Callable[..., Call]) -> None:
    """With tags it is the tag `table`."""
    call = ended("BatchWriteItem", table="a_docs,b_txts", request={"RequestItems": BATCH})
    plain = Counts()
    StatsdInstrument(plain).finished(call, None)
    assert "dynrepo.several_tables.BatchWriteItem.success" in plain.told
    told: list[Any] = []

    class Tagged:
        def timing(self, *line: Any) -> None:
            told.append(line)

        increment = timing

    TaggedStatsdInstrument(Tagged()).finished(call, None)
    assert told[0][2][0] == "table:several_tables"


@BOTH
def test_its_span_lists_the_tables_and_has_no_collection(
    write: Callable[[list[Any]], None],
) -> None:
    """As the conventions want it: a collection is one, and tables are a list."""
    metered = Metered()
    write([SpanInstrument(metered.traces), MeterInstrument(metered.meters)])
    (span,) = metered.spans
    attributes = span.attributes or {}
    assert span.name == "TransactWriteItems"
    assert attributes["aws.dynamodb.table_names"] == ("a_docs", "b_txts")
    assert "db.collection.name" not in attributes
    (duration,) = metered.points("db.client.operation.duration")
    assert "db.collection.name" not in duration.attributes


def test_its_capacity_is_counted_by_table(ended: Callable[..., Call]) -> None:
    """Each table that was asked has its own; no other name becomes a series."""
    consumed = [
        {"TableName": "a_docs", "CapacityUnits": 2},
        {"TableName": "b_txts", "CapacityUnits": 2},
        {"TableName": "another", "CapacityUnits": 2},
    ]
    call = ended(
        "BatchWriteItem",
        table="a_docs,b_txts",
        request={"RequestItems": BATCH},
        body={"ConsumedCapacity": consumed},
    )
    metered = Metered()
    MeterInstrument(metered.meters).finished(call, None)
    points = metered.points("dynrepo.client.consumed_capacity")
    by_table = {point.attributes["db.collection.name"]: point.value for point in points}
    assert by_table == {"a_docs": 2, "b_txts": 2}


def test_a_transaction_on_one_table_is_told_by_its_table() -> None:
    """There is only so many of them."""
    metered, plain = Metered(), Counts()
    docs = Docs(
        MemoryStore(Docs), instruments=[SpanInstrument(metered.traces), StatsdInstrument(plain)]
    )
    with docs.transaction() as tx:
        tx.create(docs, Doc(doc_id="1"))
        tx.create(docs, Doc(doc_id="2"))
    (span,) = metered.spans
    attributes = span.attributes or {}
    assert (span.name, attributes["db.collection.name"]) == ("TransactWriteItems a_docs", "a_docs")
    assert "dynrepo.a_docs.TransactWriteItems.success" in plain.told
