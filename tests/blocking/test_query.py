"""Queries as they are iterated: what comes, how much is read for it, and when."""

from __future__ import annotations

import threading
import weakref
from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import Any

import pytest

from dynrepo import CodecError, DynamoStore, Query
from dynrepo.blocking import feeds
from tests.events import NOW, Event, Events, LiveEvents, Short, event, f, filled, numbers, spoil
from tests.facade import without_facade
from tests.scripted import Scripted


@pytest.fixture
def events(moto: DynamoStore) -> Events:
    """Thirty events of one stream, five of another."""
    return filled(moto)


def test_a_query_reads_one_partition_in_order(events: Events) -> None:
    """Forwards, or backwards; a query can be iterated again."""
    query = events.query(f.stream == "s")
    assert numbers(query) == numbers(query.all()) == [*range(30)]
    assert numbers(events.query(f.stream == "s", descending=True)) == [*range(29, -1, -1)]
    assert numbers(events.query(f.stream == "nobody")) == []


@pytest.mark.parametrize("verb", ["query", "scan"])
def test_one_page_is_held_at_a_time(verb: str) -> None:
    """What was read is let go before more is asked for: memory does not grow with the table."""
    pages, size = 6, 10
    read: list[weakref.ref[Event]] = []
    held: list[int] = []

    def page() -> dict[str, Any]:
        held.append(sum(one() is not None for one in read))
        numbers = range(len(read), len(read) + size)
        items = [{"stream": {"S": "s"}, "number": {"N": str(number)}} for number in numbers]
        last = {} if len(held) == pages else {"LastEvaluatedKey": items[-1]}
        return {"Items": items, "Count": size, "ScannedCount": size, **last}

    events = Events(DynamoStore(connection=Scripted(page)))
    found = events.query(f.stream == "s") if verb == "query" else events.scan()
    read.extend(weakref.ref(one) for one in found)
    assert (len(read), len(held)) == (pages * size, pages)
    assert max(held) <= size


def test_limit_counts_items_returned(events: Events) -> None:
    """With a filter too, which does not shorten the answer."""
    assert numbers(events.query(f.stream == "s", limit=3)) == [0, 1, 2]
    assert numbers(events.query(f.stream == "s", where=f.kind == "b", limit=3)) == [0, 3, 6]
    assert events.query(f.stream == "s", limit=7).count() == 7
    assert len(events.scan(limit=4).all()) == 4


def test_no_more_is_read_than_was_asked_for(events: Events) -> None:
    """One request for the first; no page after the last that is wanted."""
    assert events.query(f.stream == "s").first() == event(0)
    assert events.query(f.stream == "nobody").first() is None
    events.query(f.stream == "s", limit=5).all()
    assert [one.request.get("Limit") for one in events.sent] == [1, 1, 5]


def test_a_page_after_the_first_reads_what_is_left_of_the_limit() -> None:
    """Where a megabyte cut the first."""
    item = Events.schema.encode(event(1))
    last = {"LastEvaluatedKey": Events.schema.key(("s", 1))}
    three = {"Items": [item] * 3, "Count": 3, "ScannedCount": 3}
    connection = Scripted(three | last, three)
    events = Events(DynamoStore(connection=connection))
    assert len(events.query(f.stream == "s", limit=5).all()) == 5
    assert [request["Limit"] for _, request in connection.sent] == [5, 2]


@pytest.mark.parametrize("size", [1, 7, 10, 29, 30, 31, None])
def test_pages_give_every_item_once(events: Events, size: int | None) -> None:
    """The cursor is None at the end, and only there."""
    pages = list(events.query(f.stream == "s").pages(size))
    assert [number for page in pages for number in numbers(page)] == [*range(30)]
    assert [page.cursor is None for page in pages] == [False] * (len(pages) - 1) + [True]


def test_pages_are_read_when_they_are_asked_for(events: Events) -> None:
    """One request each."""
    pages = events.query(f.stream == "s").pages(10)
    assert events.sent == []
    next(pages)
    assert len(events.sent) == 1


def test_a_count_counts_without_reading_items(events: Events) -> None:
    """Over all pages and filters."""
    assert events.query(f.stream == "s").count() == 30
    assert events.query(f.stream == "s", where=f.kind == "b").count() == 10
    assert events.scan().count() == 35
    assert {one.request["Select"] for one in events.sent} == {"COUNT"}


def test_only_gives_a_smaller_model(events: Events) -> None:
    """Of a query, a scan or a get; its attributes alone are sent."""
    found = events.query(f.stream == "s", limit=2).only(Short).all()
    assert found == [Short(number=0, kind="b"), Short(number=1, kind="a")]
    assert events.get(("s", 3), only=Short) == Short(number=3, kind="b")
    assert events.get(("s", 99), only=Short) is None
    assert {one.request["ProjectionExpression"] for one in events.sent} == {"#0, #1"} | {"#1, #2"}


def test_keys_are_what_get_many_takes(events: Events) -> None:
    """So an index that holds no whole items is hydrated in two calls."""
    keys = events.query(f.kind == "b", index="by_kind").keys()
    found = events.get_many(keys)
    assert len(found) == 12
    assert {one.kind for one in found if one} == {"b"}


def test_a_row_that_is_no_item_is_raised_in_its_turn(events: Events) -> None:
    """What stands before it is given out; the error holds its key, and no value."""
    spoil(events, 2)
    rows = iter(events.query(f.stream == "s"))
    assert [next(rows).number, next(rows).number] == [0, 1]
    with pytest.raises(CodecError, match=r"Event\.text") as caught:
        next(rows)
    assert caught.value.key == events.schema.key(("s", 2))


def test_bad_rows_can_be_collected(events: Events) -> None:
    """Or skipped, and the rest read."""
    spoil(events, 2)
    errors: list[CodecError] = []
    query = events.query(f.stream == "s", bad_rows=errors.append)
    assert numbers(query) == [0, 1, *range(3, 30)]
    assert [one.key for one in errors] == [events.schema.key(("s", 2))]
    assert numbers(query.page(4)) == [0, 1, 3]


def test_a_scan_reads_everything(events: Events) -> None:
    """In one stream, in parallel ones, or by the shares of several machines."""
    whole = sorted((one.stream, one.number) for one in events.scan())
    assert len(whole) == 35
    parallel = sorted((one.stream, one.number) for one in events.scan(segments=4))
    shares = [one for number in range(3) for one in events.scan(segment=(number, 3))]
    assert parallel == sorted((one.stream, one.number) for one in shares) == whole
    assert len(events.scan(where=f.kind == "b", segments=3).all()) == 12
    assert events.scan(index="by_kind").count() == 35


@without_facade("its tasks are those of tests/aio/test_feeds.py")
def test_a_parallel_scan_that_is_left_stops(events: Events) -> None:
    """Its threads end."""
    scan = events.scan(segments=3)
    assert scan.first() is not None
    assert len(events.scan(segments=3, limit=2).all()) == 2
    for thread in threading.enumerate():
        if thread.name == feeds.SCANNING:
            thread.join(30)
            assert not thread.is_alive()


def test_expired_items_can_be_hidden(moto: DynamoStore) -> None:
    """From every read; DynamoDB may keep them for days."""
    live, every = LiveEvents(moto, clock=lambda: NOW), Events(moto)
    live.create_table()
    every.set_many(
        [event(0), event(1, ends=NOW - timedelta(hours=1)), event(2, ends=NOW + timedelta(hours=1))]
    )
    keys: list[Any] = [("s", 0), ("s", 1), ("s", 2)]
    assert numbers(live.query(f.stream == "s")) == numbers(live.scan()) == [0, 2]
    assert live.query(f.stream == "s", where=f.text == "").count() == 2
    assert [live.get(key) is None for key in keys] == [False, True, False]
    assert [live.exists(key) for key in keys] == [True, False, True]
    assert [live.get(key, only=Short) is None for key in keys] == [False, True, False]
    assert [one is None for one in live.get_many(keys)] == [False, True, False]
    assert live.get_together(live.lookup(keys[1])) == (None,)
    assert numbers(every.query(f.stream == "s")) == [0, 1, 2]


def test_a_page_goes_on_by_its_cursor_with_a_secret_and_without(events: Events) -> None:
    """And has none at the end, nor where nothing can be found."""
    for secret in ("", "s" * 32):
        query = Events(events.store, cursor_secret=secret).query(f.stream == "s")
        first = query.page(20)
        second = query.page(20, first.cursor)
        assert numbers(first) + numbers(second) == [*range(30)]
        assert (first.cursor is None, second.cursor) == (False, None)
    nothing = events.query((f.stream == "s") & f.number.between(9, 1)).page(2)
    assert (nothing.items, nothing.cursor) == ([], None)


def test_a_query_shows_no_values(events: Events) -> None:
    """Neither do its secret nor the conditions' values stand in an error of it."""
    secret = "hush" * 8
    query: Query[Event] = Events(events.store, cursor_secret=secret).query(f.stream == "s")
    assert "hush" not in repr(query)


def test_a_query_is_frozen(events: Events) -> None:
    """What it asks for stays what it is."""
    query: Any = events.query(f.stream == "s")
    with pytest.raises(FrozenInstanceError):
        query.item_limit = 1


def test_the_scope_of_a_query_ends_with_its_iteration(events: Events) -> None:
    """At its end, at its limit, or where the caller leaves it; a page by itself has none."""
    open_scopes: list[bool] = []

    class Scope:
        def enter(self) -> None: ...

        def leave(self, entered: Any, /) -> None: ...

        def end(self, error: BaseException | None, /) -> None:
            assert error is None
            open_scopes.pop()

    class Watching:
        def opened(self, _: Any) -> Scope:
            open_scopes.append(True)
            return Scope()

        def finished(self, call: Any, begun: Any, /) -> None: ...

    watched = Events(events.store, instruments=[Watching()])
    query = watched.query(f.stream == "s")
    for left in (iter(query), query.pages(7)):
        next(left)
        assert open_scopes
        left.close()  # type: ignore[attr-defined]
        assert not open_scopes
    assert query.first() is not None
    assert len(watched.scan(limit=3, segments=2).all()) == 3
    query.page(3)
    assert not open_scopes
    dropped = iter(query)
    next(dropped)
    del dropped
    assert not open_scopes
