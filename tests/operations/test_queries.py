"""Queries and scans as values: what they send, how answers are read, what cursors are bound to."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    Answer,
    CodecError,
    DynamoStore,
    InvalidCursor,
    PartitionKey,
    Repository,
    SchemaError,
    SortKey,
    TimeToLive,
)
from dynrepo.operations.queries import QueryPlan
from dynrepo.testing import MemoryStore
from tests.events import NOW, Events, event, f, filled, numbers
from tests.scripted import Scripted

if TYPE_CHECKING:
    from dynrepo import Store


@pytest.fixture
def events(moto: DynamoStore) -> Events:
    """Thirty events of one stream, five of another."""
    return filled(moto)


def test_indexes_have_orders_of_their_own(events: Events) -> None:
    """A global one finds across partitions, a local one sorts within."""
    by_kind = events.query((f.kind == "b") & (f.weight > -4), index="by_kind")
    assert sorted(numbers(by_kind)) == [0, 0, 3, 3]
    local = events.query(f.stream == "s", index="by_weight", consistent=True)
    assert numbers(local) == [*range(29, -1, -1)]


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


def test_size_counts_items_read(events: Events) -> None:
    """A filter leaves fewer in the page, and does not end it."""
    query = events.query(f.stream == "s", where=f.kind == "b")
    page = query.page(10)
    assert (numbers(page), page.read, len(page)) == ([0, 3, 6, 9], 10, 4)
    assert page.cursor is not None
    assert numbers(query.page(10, after=page.cursor)) == [12, 15, 18]


@pytest.mark.parametrize("secret", ["", "s3cret" * 6, b"bytes" * 7])
def test_cursors_go_on_in_another_process(events: Events, secret: str | bytes) -> None:
    """That has the same secret."""
    one = Events(events.store, cursor_secret=secret, cursor_lifetime=60 if secret else None)
    other = Events(events.store, cursor_secret=secret)
    cursor = one.query(f.stream == "s").page(5).cursor
    assert numbers(other.query(f.stream == "s").page(2, after=cursor)) == [5, 6]


def test_a_cursor_with_a_secret_shows_no_item(events: Events) -> None:
    """Least of all that which a filter dropped, on whose key it stands."""
    query = Events(events.store, cursor_secret="s" * 32).query(f.stream == "s", where=f.kind == "b")
    page = query.page(3)
    assert page.cursor is not None
    assert numbers(page) == [0]
    raw = urlsafe_b64decode(page.cursor + "=" * (-len(page.cursor) % 4))
    assert not any(word in raw for word in (b"stream", b"number"))
    assert numbers(query.page(3, after=page.cursor)) == [3]


@pytest.mark.parametrize("secret", ["", "s" * 32], ids=["open", "encrypted"])
def test_a_cursor_of_another_query_is_refused(events: Events, secret: str) -> None:
    """Another partition, filter, order, index, kind of read, table or secret; not another size."""
    events = Events(events.store, cursor_secret=secret)
    cursor = events.query(f.stream == "s").page(2).cursor
    others = [
        events.query(f.stream == "t"),
        events.query((f.stream == "s") & (f.number > 0)),
        events.query(f.stream == "s", where=f.kind == "a"),
        events.query(f.stream == "s", descending=True),
        events.query(f.stream == "s", index="by_weight"),
        events.scan(),
        Events(events.store, cursor_secret="x" * 32).query(f.stream == "s"),
    ]
    for query in others:
        with pytest.raises(InvalidCursor):
            query.page(2, after=cursor)
    assert numbers(events.query(f.stream == "s", consistent=True).page(1, after=cursor)) == [2]


def test_only_refuses_what_is_no_part(events: Events) -> None:
    """A field that the model has not, or has with another type."""

    class Nope(BaseModel):
        nope: int

    class Other(BaseModel):
        number: str

    for model in (Nope, Other):
        with pytest.raises(SchemaError, match=f"{model.__name__}.n"):
            events.get(("s", 3), only=model)


def test_an_index_that_lacks_attributes_says_how_to_read_whole_items(events: Events) -> None:
    """By the keys it has."""
    item = events.schema.key(("s", 1)) | {"kind": {"S": "a"}, "text": {"N": "1"}}
    answer = {"Items": [item], "Count": 1, "ScannedCount": 1}
    events = Events(DynamoStore(connection=Scripted(answer)))
    with pytest.raises(CodecError, match=r"get_many\(query\.keys\(\)\)"):
        events.query(f.kind == "a", index="by_kind").all()
    assert events.query(f.kind == "a", index="by_kind").keys().all() == [("s", 1)]


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
    assert (query.count(), replace(query, item_limit=1).count()) == (2, 1)
    assert numbers(replace(query, item_limit=1)) == [4]
    assert [one.seat for one in query.only(Seat)] == ["4", "5"]
    assert query.keys().all() == [4, 5]
    assert [numbers(page) for page in query.pages(4)][:2] == [[], [4, 5]]
    assert numbers(replace(query, where=Tickets.fields.seat == "5")) == [5]
    assert sorted(numbers(tickets.scan(index="by_end"))) == [4, 5]
    assert tickets.scan().count() == 2


class Stay(BaseModel):
    """What may end."""

    number: Annotated[int, PartitionKey()]
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Stays(Repository[Stay]):
    """Stays whose time is not over."""

    table = "stays"
    hide_expired = True


def test_what_has_no_end_is_not_hidden() -> None:
    """NULL, as other programs write it, is none: DynamoDB does not remove such an item."""
    store = MemoryStore(Stays)
    dump: Any = store.dump()
    ends: list[Any] = [{"N": "1"}, {"NULL": True}, {"N": "9999999999"}]
    rows = [{"number": {"N": str(number)}, "ends": end} for number, end in enumerate(ends)]
    dump["stays"]["items"] = [*rows, {"number": {"N": "3"}}]
    stays = Stays(store.load(dump))
    assert sorted(stay.number for stay in stays.scan()) == [1, 2, 3]
    assert [stay.number for stay in stays.query(Stays.fields.number == 1)] == [1]
    assert stays.get(1) == Stay(number=1)


MAPPER: Any = Events(MemoryStore()).mapper


def test_a_plan_is_read_in_shares() -> None:
    """Itself, or as many segments as it has."""
    whole: QueryPlan[Any] = QueryPlan(MAPPER)
    assert whole.shares() == [whole]
    segments = [share.segment for share in QueryPlan(MAPPER, segments=3).shares()]
    assert segments == [(0, 3), (1, 3), (2, 3)]


def test_a_request_says_where_it_goes_on() -> None:
    """After a key, up to a size, in a segment; a count asks for no items."""
    key = Events.schema.key(("s", 1))
    share: QueryPlan[Any] = QueryPlan(MAPPER, segment=(1, 2), where=f.kind == "a")
    request = share.operation(key, 5).request
    assert (request["ExclusiveStartKey"], request["Limit"]) == (key, 5)
    assert (request["Segment"], request["TotalSegments"]) == (1, 2)
    assert "Select" not in request
    counting = share.operation(None, None, counting=True)
    assert counting.request["Select"] == "COUNT"
    assert counting.request.keys().isdisjoint({"ExclusiveStartKey", "Limit"})


def test_as_many_rows_are_read_as_are_left_of_the_limit() -> None:
    """Where all that are read are given out; a filter makes their number unknown."""
    plan: QueryPlan[Any] = QueryPlan(MAPPER, item_limit=5)
    answer = plan.operation(None, 5).read(Answer({"Items": [], "Count": 3, "ScannedCount": 3}))
    assert plan.first_size() == 5
    assert plan.next_size(5, answer) == 2
    assert plan.next_size(2, answer) == 5
    filtered = replace(plan, where=f.kind == "a")
    assert filtered.first_size() is None
    assert filtered.next_size(None, answer) is None


def test_rows_that_are_no_items_are_reported_in_their_turn() -> None:
    """Or the first of them is raised, after what stands before it."""
    good, bad = Events.schema.encode(event(1)), {"stream": {"S": "s"}}
    answer = Answer({"Items": [good, bad, good], "Count": 3, "ScannedCount": 3})
    errors: list[CodecError] = []
    plan: QueryPlan[Any] = QueryPlan(MAPPER, bad_rows=errors.append)
    rows = plan.operation(None, None).read(answer)
    assert numbers(plan.items_of(rows)) == [1, 1]
    assert len(errors) == 1
    raising = iter(replace(plan, bad_rows=None).items_of(rows))
    assert next(raising) == event(1)
    with pytest.raises(CodecError, match="lacks this part of the key"):
        next(raising)


def test_an_error_among_instances_is_that_of_its_row() -> None:
    """As if the row had been read here: with a word about an index that lacks attributes."""
    bad = CodecError("no event", key={"stream": {"S": "s"}})
    answer = Answer({"Count": 3, "ScannedCount": 3}, items=[event(1), bad, event(2)])
    errors: list[CodecError] = []
    plan: QueryPlan[Any] = QueryPlan(MAPPER, bad_rows=errors.append)
    indexed = replace(plan, index="by_kind")
    for each in (plan, indexed):
        rows = each.operation(None, None).read(answer)
        assert list(each.items_of(rows)) == [event(1), event(2)]
    assert errors[0] is bad
    assert "the index by_kind does not hold whole items" in str(errors[1])
    assert errors[1].key == bad.key


def test_a_large_answer_is_read_by_hundreds(events: Events) -> None:
    """With a moment for others after each; what comes out is what is read at once."""
    plan = events.query(f.stream == "s")
    rows = [{"stream": {"S": "s"}, "number": {"N": str(number)}} for number in range(250)]
    rows[120] = {"stream": {"S": "s"}, "number": {"S": "no number"}}
    answer = Answer({"Items": rows, "Count": 250, "ScannedCount": 250})
    operation = plan.operation(None, None)
    assert operation.steps is not None
    steps = operation.steps(answer)
    assert [next(steps), next(steps)] == [None, None]
    with pytest.raises(StopIteration) as end:
        next(steps)
    read = operation.read(answer)
    assert len(end.value.value.rows) == len(read.rows) == 250
    assert end.value.value.has_errors
    assert [isinstance(row, CodecError) for row in read.rows].index(True) == 120
