"""Queries and scans: what they find, what they read for it, where a page ends."""

from __future__ import annotations

import threading
import weakref
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel
from pynamodb.expressions.operand import Path

from dynrepo import (
    CodecError,
    DynamoStore,
    InvalidCursor,
    PartitionKey,
    Query,
    Repository,
    SchemaError,
    SortKey,
    TimeToLive,
)
from tests.scripted import Scripted
from tests.wire import send

if TYPE_CHECKING:
    from dynrepo import Operation, Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Event(BaseModel):
    """An event of a stream, with a global and a local index."""

    stream: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    kind: Annotated[str, PartitionKey(index="by_kind")] = "a"
    weight: Annotated[int | None, SortKey(index="by_weight"), SortKey(index="by_kind")] = None
    text: str = ""
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Named(BaseModel):
    """Something with a text to sort by."""

    kind: Annotated[str, PartitionKey()]
    name: Annotated[str, SortKey()]


class Nameds(Repository[Named]):
    """Named things."""

    table = "nameds"


class Short(BaseModel):
    """Less of it."""

    number: int
    kind: str


class Events(Repository[Event]):
    """Events, with a count of the requests."""

    table = "events"
    sent: list[Operation[Any]]

    def _execute(self, wanted: Operation[Any]) -> Any:
        self.sent = [*getattr(self, "sent", []), wanted]
        return super()._execute(wanted)


class LiveEvents(Events):
    """Events whose time is not over."""

    hide_expired = True


f = Events.fields


@pytest.fixture
def events(moto: DynamoStore) -> Events:
    """Thirty events of one stream, five of another."""
    repository = Events(moto)
    repository.create_table()
    repository.set_many(event(number) for number in range(30))
    repository.set_many(event(number, stream="t") for number in range(5))
    repository.sent = []
    return repository


def event(number: int, **more: Any) -> Event:
    """An event; every third is of kind b."""
    kind = "b" if number % 3 == 0 else "a"
    return Event(**{"stream": "s", "number": number, "kind": kind, "weight": -number, **more})


def numbers(found: Any) -> list[int]:
    """The numbers of events."""
    return [one.number for one in found]


def test_a_query_reads_one_partition_in_order(events: Events) -> None:
    """Forwards, or backwards; a query can be iterated again."""
    query = events.query(f.stream == "s")
    assert numbers(query) == numbers(query.all()) == [*range(30)]
    assert numbers(events.query(f.stream == "s", descending=True)) == [*range(29, -1, -1)]
    assert numbers(events.query(f.stream == "nobody")) == []


SORTS = [
    (f.number == 3, [3]),
    (f.number < 3, [0, 1, 2]),
    (f.number <= 3, [0, 1, 2, 3]),
    (f.number > 27, [28, 29]),
    (f.number >= 27, [27, 28, 29]),
    (f.number.between(3, 5), [3, 4, 5]),
]


@pytest.mark.parametrize(("sort", "found"), SORTS, ids=range(len(SORTS)))
def test_a_query_takes_one_comparison_of_the_sort_key(
    events: Events, sort: Any, found: list[int]
) -> None:
    """On either side of the `&`."""
    assert numbers(events.query((f.stream == "s") & sort)) == found
    assert numbers(events.query(sort & (f.stream == "s"))) == found


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


def test_indexes_have_orders_of_their_own(events: Events) -> None:
    """A global one finds across partitions, a local one sorts within."""
    by_kind = events.query((f.kind == "b") & (f.weight > -4), index="by_kind")
    assert sorted(numbers(by_kind)) == [0, 0, 3, 3]
    local = events.query(f.stream == "s", index="by_weight", consistent=True)
    assert numbers(local) == [*range(29, -1, -1)]


WRONG: list[Any] = [
    lambda q: q(f.number == 1),
    lambda q: q(f.stream > "s"),
    lambda q: q(f.stream != "s"),
    lambda q: q((f.stream == "s") & (f.number != 1)),
    lambda q: q((f.stream == "s") & (f.kind == "a")),
    lambda q: q((f.stream == "s") | (f.number == 1)),
    lambda q: q((f.stream == "s") & (f.number > 1) & (f.number < 5)),
    lambda q: q((f.stream == "s") & f.number.is_in(1, 2)),
    lambda q: q((f.stream == "s") & (f.number == f.weight)),
    lambda q: q((f.stream == "s") & f.number.exists()),
    lambda q: q(~(f.stream == "s")),
    lambda q: q(f.stream == "s", index="by_kind"),
]


@pytest.mark.parametrize("make", WRONG, ids=range(len(WRONG)))
def test_a_query_needs_the_partition_key(events: Events, make: Any) -> None:
    """Told when the query is made, with what it takes."""
    with pytest.raises(ValueError, match=r"Event: a query takes `(stream|kind) == \.\.\.`"):
        make(events.query)
    assert events.sent == []


def test_wrong_options_are_told_when_the_query_is_made(events: Events) -> None:
    """Nothing is sent for them."""
    wrong: Any = "s"
    condition = f.stream == "s"
    with pytest.raises(TypeError, match=r"a condition such as fields\.stream == x, found str"):
        events.query(wrong)
    with pytest.raises(ValueError, match="no index 'by_text'; there are: by_kind, by_weight"):
        events.query(condition, index="by_text")
    with pytest.raises(ValueError, match="no consistent reads of a global index"):
        events.query(f.kind == "a", index="by_kind", consistent=True)
    with pytest.raises(ValueError, match="where= cannot ask for the key's number"):
        events.query(condition, where=f.number > 1)
    with pytest.raises(ValueError, match="at least 1, not 0"):
        events.query(condition, limit=0)
    with pytest.raises(ValueError, match="at least 1 item, not 0"):
        events.query(condition).page(0)
    for size in (0, -1):
        with pytest.raises(ValueError, match=f"at least 1 item, not {size}"):
            events.query(condition).pages(size)
    with pytest.raises(ValueError, match="without limit"):
        events.query(condition, limit=1).page(1)
    with pytest.raises(ValueError, match="without limit"):
        events.scan(segments=2).pages(1)
    with pytest.raises(ValueError, match="at least 1 segment"):
        events.scan(segments=0)
    with pytest.raises(ValueError, match="counted from 0"):
        events.scan(segment=(2, 2))
    with pytest.raises(ValueError, match="this machine's share"):
        events.scan(segment=(0, 2), segments=2)
    assert events.sent == []


def test_a_count_is_an_int(events: Events) -> None:
    """Told when it is given, not by an engine."""
    wrong: Any
    for wrong in (1.5, "3", True):
        for make in (
            lambda: events.query(f.stream == "s", limit=wrong),  # noqa: B023 - called at once
            lambda: events.query(f.stream == "s").page(wrong),  # noqa: B023
            lambda: events.query(f.stream == "s").pages(wrong),  # noqa: B023
            lambda: events.scan(segments=wrong),  # noqa: B023
            lambda: events.scan(segment=(0, wrong)),  # noqa: B023
        ):
            with pytest.raises(TypeError, match=f"an int, not {type(wrong).__name__}"):
                make()
    assert events.sent == []


def test_a_huge_count_is_capped_or_refused(events: Events) -> None:
    """DynamoDB takes a limit of 2**31 - 1 items, and a million segments."""
    assert len(events.query(f.stream == "s", limit=10**12).all()) == 30
    assert len(events.query(f.stream == "s").page(10**12)) == 30
    assert {one.request["Limit"] for one in events.sent} == {2**31 - 1}
    for options in ({"segments": 1_000_001}, {"segment": (0, 1_000_001)}):
        with pytest.raises(ValueError, match="1000000 segments at most, not 1000001"):
            events.scan(**options)


KEYS = [
    (lambda: f.stream == "", None),
    (lambda: f.stream == "x" * 2049, None),
    (lambda: f.kind == "", "by_kind"),
]


@pytest.mark.parametrize(("condition", "index"), KEYS, ids=range(len(KEYS)))
def test_a_key_that_can_be_no_key_is_refused(events: Events, condition: Any, index: Any) -> None:
    """When the query is made, of the table or of an index."""
    with pytest.raises(CodecError, match=r"Event\.(stream|kind): a key (cannot be empty|has 2048)"):
        events.query(condition(), index=index)
    assert events.sent == []


def test_every_value_of_a_sort_key_is_checked() -> None:
    """Both ends of a range and a prefix, too; a sort key is shorter."""
    sorted_ = Nameds.fields
    named = Nameds(DynamoStore(connection=Scripted(AssertionError())))
    long = "x" * 1025
    for condition in (
        sorted_.name == long,
        sorted_.name < long,
        sorted_.name.between("a", long),
        sorted_.name.between("", "a"),
        sorted_.name.startswith(long),
    ):
        with pytest.raises(CodecError, match=r"Named\.name: a key (cannot|has 1024)"):
            named.query((sorted_.kind == "a") & condition)


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


def test_size_counts_items_read(events: Events) -> None:
    """A filter leaves fewer in the page, and does not end it."""
    query = events.query(f.stream == "s", where=f.kind == "b")
    page = query.page(10)
    assert (numbers(page), page.read, len(page)) == ([0, 3, 6, 9], 10, 4)
    assert page.cursor is not None
    assert numbers(query.page(10, after=page.cursor)) == [12, 15, 18]


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


@pytest.mark.parametrize("secret", ["", "s3cret", b"bytes"])
def test_cursors_go_on_in_another_process(events: Events, secret: str | bytes) -> None:
    """That has the same secret."""
    one = Events(events.store, cursor_secret=secret)
    other = Events(events.store, cursor_secret=secret)
    cursor = one.query(f.stream == "s").page(5).cursor
    assert numbers(other.query(f.stream == "s").page(2, after=cursor)) == [5, 6]


def test_a_cursor_of_another_query_is_refused(events: Events) -> None:
    """Another partition, filter, order, index, kind of read, table or secret; not another size."""
    cursor = events.query(f.stream == "s").page(2).cursor
    others = [
        events.query(f.stream == "t"),
        events.query((f.stream == "s") & (f.number > 0)),
        events.query(f.stream == "s", where=f.kind == "a"),
        events.query(f.stream == "s", descending=True),
        events.query(f.stream == "s", index="by_weight"),
        events.scan(),
        Events(events.store, cursor_secret="x").query(f.stream == "s"),
    ]
    for query in others:
        with pytest.raises(InvalidCursor):
            query.page(2, after=cursor)
    assert numbers(events.query(f.stream == "s", consistent=True).page(1, after=cursor)) == [2]


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


def test_only_refuses_what_is_no_part(events: Events) -> None:
    """A field that the model has not, or has with another type."""

    class Nope(BaseModel):
        nope: int

    class Other(BaseModel):
        number: str

    for model in (Nope, Other):
        with pytest.raises(SchemaError, match=f"{model.__name__}.n"):
            events.get(("s", 3), only=model)


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


def test_an_index_that_lacks_attributes_says_how_to_read_whole_items(events: Events) -> None:
    """By the keys it has."""
    item = events.schema.key(("s", 1)) | {"kind": {"S": "a"}, "text": {"N": "1"}}
    answer = {"Items": [item], "Count": 1, "ScannedCount": 1}
    events = Events(DynamoStore(connection=Scripted(answer)))
    with pytest.raises(CodecError, match=r"get_many\(query\.keys\(\)\)"):
        events.query(f.kind == "a", index="by_kind").all()
    assert events.query(f.kind == "a", index="by_kind").keys().all() == [("s", 1)]


def spoil(events: Events, number: int) -> None:
    """Stores a row that is no event."""
    store: Any = events.store
    item = events.schema.encode(event(number)) | {"text": {"N": "5"}}
    send(store._connected(), "PutItem", {"TableName": "events", "Item": item})


def test_a_scan_reads_everything(events: Events) -> None:
    """In one stream, in parallel ones, or by the shares of several machines."""
    whole = sorted((one.stream, one.number) for one in events.scan())
    assert len(whole) == 35
    parallel = sorted((one.stream, one.number) for one in events.scan(segments=4))
    shares = [one for number in range(3) for one in events.scan(segment=(number, 3))]
    assert parallel == sorted((one.stream, one.number) for one in shares) == whole
    assert len(events.scan(where=f.kind == "b", segments=3).all()) == 12
    assert events.scan(index="by_kind").count() == 35


def test_a_parallel_scan_that_is_left_stops(events: Events) -> None:
    """Its threads end."""
    scan = events.scan(segments=3)
    assert scan.first() is not None
    assert len(events.scan(segments=3, limit=2).all()) == 2
    for thread in threading.enumerate():
        if thread.name == "dynrepo-scan":
            thread.join(5)
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


class Ticket(BaseModel):
    """A ticket, listed by the end of its life."""

    number: Annotated[int, PartitionKey()]
    train: Annotated[str, PartitionKey(index="by_end")] = "RJ 1"
    ends: Annotated[AwareDatetime | None, TimeToLive(), SortKey(index="by_end")] = None
    seat: str = ""


class Seat(BaseModel):
    """Less of it."""

    seat: str


class Tickets(Repository[Ticket]):
    """Tickets whose time is not over."""

    table = "tickets"
    hide_expired = True


def test_expired_items_are_hidden_from_an_index_that_is_sorted_by_their_end(stores: Store) -> None:
    """DynamoDB refuses a filter on a key there, so they are dropped as they come."""
    tickets = Tickets(stores, clock=lambda: NOW)
    tickets.create_table()
    for number in range(6):
        tickets.set(Ticket(number=number, ends=NOW + timedelta(hours=number - 3), seat=str(number)))
    ends = Tickets.fields.ends
    query = tickets.query(Tickets.fields.train == "RJ 1", index="by_end")
    assert numbers(query) == [4, 5]
    assert numbers(replace(query, condition=query.condition & (ends < NOW))) == []
    assert (query.count(), replace(query, limit=1).count()) == (2, 1)
    assert numbers(replace(query, limit=1)) == [4]
    assert [one.seat for one in query.only(Seat)] == ["4", "5"]
    assert query.keys().all() == [4, 5]
    assert [numbers(page) for page in query.pages(4)][:2] == [[], [4, 5]]
    assert numbers(replace(query, where=Tickets.fields.seat == "5")) == [5]
    assert sorted(numbers(tickets.scan(index="by_end"))) == [4, 5]
    assert tickets.scan().count() == 2


def test_a_query_shows_no_values(events: Events) -> None:
    """Neither do its secret nor the conditions' values stand in an error of it."""
    query: Query[Event] = Events(events.store, cursor_secret="hush").query(f.stream == "s")
    assert "hush" not in repr(query)


def test_conditions_of_pynamodb_itself_are_fine(events: Events) -> None:
    """For attributes that the model does not declare."""
    assert numbers(events.query(f.stream == "s", where=Path("kind") == "b", limit=1)) == [0]
