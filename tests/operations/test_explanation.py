"""What a query will send and cost is told before it is sent, and is what it then sends."""

from __future__ import annotations

import asyncio
from dataclasses import FrozenInstanceError
from itertools import product
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    AsyncRepository,
    Difference,
    PartitionKey,
    usage,
)
from dynrepo.testing import MemoryStore
from tests.events import NOW, Events, Short, cures, f, one_event, problems
from tests.facade import without_facade
from tests.shop import ADA, Orders

SECRET = "hush"


@pytest.fixture
def events() -> Events:
    """One event in memory."""
    return one_event()


def test_it_is_told_what_a_query_will_send(events: Events) -> None:
    """In names: neither the text nor a field has a value that is asked for."""
    told = events.query(
        (f.kind == SECRET) & (f.weight > 4711),
        index="by_kind",
        where=(f.text == SECRET) | f.text.startswith(SECRET) | f.ends.does_not_exist(),
        descending=True,
        limit=7,
    ).explain()
    assert (told.operation, told.table, told.index) == ("Query", "events", "by_kind")
    assert told.key_condition == "kind = ? AND weight > ?"
    assert told.filter == ("(text = ? OR begins_with(text, ?)) OR attribute_not_exists(ends)")
    assert (told.consistent, told.descending, told.limit) == (False, True, 7)
    assert SECRET not in repr(told) + str(told)
    assert "4711" not in repr(told) + str(told)


def test_nothing_is_sent_for_it(events: Events) -> None:
    """Whatever is explained."""
    str(events.query(f.stream == "s").explain())
    str(events.scan(segments=3).explain())
    assert events.sent == []


@pytest.mark.parametrize(
    ("descending", "consistent", "limit"), [*product([False, True], [False, True], [None, 3])]
)
def test_what_is_told_is_sent(
    events: Events, limit: int | None, *, descending: bool, consistent: bool
) -> None:
    """The first request is the one that was told."""
    query = events.query(
        f.stream == "s", descending=descending, consistent=consistent, limit=limit
    ).only(Short)
    told = query.explain()
    query.all()
    request = events.sent[0].request
    assert told.operation == events.sent[0].name
    assert told.table == request["TableName"]
    assert told.consistent == request["ConsistentRead"]
    assert told.descending is not request["ScanIndexForward"]
    assert told.page_limit == request.get("Limit") == limit
    assert told.attributes == ("number", "kind")


def test_a_scan_has_no_condition_and_costs_the_table(events: Events) -> None:
    """It is warned of, and of its segments, with what bounds them."""
    told = events.scan(segments=4).explain()
    assert (told.operation, told.key_condition, told.segments) == ("Scan", None, 4)
    assert "every row" in problems(told)
    assert "at the same time" in problems(told)
    assert cures(told).count("pace(units=...)") == 2
    assert "no order" in str(told)
    assert "4 at the same time" in str(told)


def test_a_consistent_read_costs_twice(events: Events) -> None:
    """And is refused where DynamoDB has none, when the query is made."""
    once = events.query(f.stream == "s").explain()
    twice = events.query(f.stream == "s", consistent=True).explain()
    assert (once.units(10_000), twice.units(10_000)) == (1.5, 3.0)
    assert "twice" in problems(twice)
    with pytest.raises(ValueError, match="no consistent reads of a global index"):
        events.query(f.kind == "a", index="by_kind", consistent=True)


@pytest.mark.parametrize(
    ("size", "units"),
    [(0, 0.5), (1, 0.5), (4096, 0.5), (4097, 1.0), (8192, 1.0), (1024 * 1024, 128.0)],
)
def test_units_are_counted_as_aws_counts_them(events: Events, size: int, units: float) -> None:
    """By 4 KB begun, of all rows of an answer together; one that finds nothing costs one step.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    """
    assert events.query(f.stream == "s").explain().units(size) == units
    assert events.query(f.stream == "s", consistent=True).explain().units(size) == 2 * units


def test_a_size_is_not_negative(events: Events) -> None:
    """It is a mistake of the caller's."""
    with pytest.raises(ValueError, match="0 or more, not -1"):
        events.scan().explain().units(-1)


@pytest.mark.parametrize(("limit", "most"), [(None, 128), (1, 50), (2, 100), (3, 128), (500, 128)])
def test_a_request_costs_no_more_than_its_rows_may_have(
    events: Events, limit: int | None, most: float
) -> None:
    """A row has 400 KB at most, and a request reads 1 MB."""
    told = events.query(f.stream == "s", limit=limit).explain()
    assert (told.least_units, told.most_units) == (0.5, most)
    assert f"0.5 to {most} read units a page" in str(told)


def test_what_a_memory_store_charges_is_within_what_was_told(events: Events) -> None:
    """Told before, and consumed then."""
    query = events.query(f.stream == "s")
    told = query.explain()
    with usage() as used:
        query.all()
    assert told.least_units <= used.total.capacity <= told.most_units


def test_a_query_that_no_item_can_answer_sends_nothing(events: Events) -> None:
    """It is told, and costs nothing."""
    told = events.query((f.stream == "s") & f.number.between(5, 1)).explain()
    assert told.is_empty
    assert (told.least_units, told.most_units) == (0, 0)
    assert "nothing is sent" in str(told)


def test_a_part_of_the_attributes_has_the_price_of_all(events: Events) -> None:
    """Of `only` as of `keys`."""
    query = events.query(f.stream == "s")
    assert query.explain().attributes == ()
    assert query.only(Short).explain().attributes == ("number", "kind")
    assert query.keys().explain().attributes == ("stream", "number")
    assert "price of whole rows" in problems(query.keys().explain())


def test_keys_of_a_shared_table_are_told_by_their_attributes() -> None:
    """And the index by DynamoDB's name of it, as it stands in IAM and on a bill."""
    orders = Orders(MemoryStore(Orders))
    o = orders.fields
    told = orders.query(
        (o.status == "open") & o.placed.between(NOW, NOW), index="by_status"
    ).explain()
    assert told.index == "gsi1"
    assert told.key_condition == "gsi1pk = ? AND gsi1sk BETWEEN ? AND ?"
    assert orders.query(o.user_id == ADA).explain().key_condition == (
        "pk = ? AND begins_with(sk, ?)"
    )


def test_a_report_has_80_columns(events: Events) -> None:
    """Its first line says what is read; the others are indented."""
    told = events.query(
        f.kind == "a", index="by_kind", where=f.text == "x" * 100, limit=1_000_000
    ).explain(Difference("events", partial_indexes=("by_kind",)))
    first, *others = str(told).splitlines()
    assert first == "Query of events, index by_kind"
    assert all(len(line) <= 80 and line.startswith("  ") for line in others)
    assert "1,000,000" in str(told)


def test_what_is_told_is_a_value(events: Events) -> None:
    """Equal for equal queries, and it cannot be changed."""
    told = events.query(f.stream == "s").explain()
    assert told == events.query(f.stream == "t").explain()
    assert told != events.query(f.stream == "s", descending=True).explain()
    with pytest.raises(FrozenInstanceError):
        told.limit = 3  # type: ignore[misc]


class Note(BaseModel):
    """A key, and a text."""

    note_id: Annotated[str, PartitionKey()]
    text: str = ""


class AsyncNotes(AsyncRepository[Note]):
    """Notes, awaited."""

    table = "notes"


@without_facade("it is of the asynchronous face as it is")
def test_an_asynchronous_query_is_explained_without_waiting() -> None:
    """There is nothing to wait for; no loop runs."""
    notes = AsyncNotes(MemoryStore(AsyncNotes))
    query: Any = notes.query(notes.fields.note_id == "1")
    assert query.explain().key_condition == "note_id = ?"
    assert asyncio.run(query.all()) == []
