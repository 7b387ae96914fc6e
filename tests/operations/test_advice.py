"""What makes a query dear is told with a cure, the dearest first."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    Difference,
    PartitionKey,
    Repository,
    SortKey,
    TimeToLive,
)
from dynrepo.testing import MemoryStore
from tests.events import Events, LiveEvents, Short, cures, f, one_event, problems
from tests.shop import ADA, Customers, Handmade, HandmadeCustomers, HandmadeOrders, Orders


@pytest.fixture
def events() -> Events:
    """One event in memory."""
    return one_event()


def test_a_query_of_one_partition_has_nothing_to_be_warned_of(events: Events) -> None:
    """By a key, without a filter."""
    told = events.query(f.stream == "s").explain()
    assert told.advice == ()
    assert "warning" not in str(told)


def test_a_filter_is_warned_of_for_what_it_drops_is_paid_for(events: Events) -> None:
    """And with a limit more, which then bounds no request."""
    told = events.query(f.stream == "s", where=f.kind == "b").explain()
    assert "`where` drops was read and paid for" in problems(told)
    assert "sort key" in cures(told)
    assert "limit" not in problems(told)
    limited = events.query(f.stream == "s", where=f.kind == "b", limit=5).explain()
    assert "up to 1 MB" in problems(limited)
    assert "page(size)" in cures(limited)
    assert (limited.limit, limited.page_limit) == (5, None)
    assert events.query(f.stream == "s", limit=5).explain().page_limit == 5


def test_what_is_hidden_is_a_filter_too() -> None:
    """By DynamoDB, or here where the end of life is in the key."""
    live = LiveEvents(MemoryStore(LiveEvents))
    told = live.query(f.stream == "s", limit=2).explain()
    assert told.filter == "NOT ends <= ?"
    assert "limit" in problems(told)


def test_an_index_holds_what_is_read_as_far_as_is_known(events: Events) -> None:
    """By what `verify_table()` found; without that nobody knows, and none is asked."""
    query = events.query(f.kind == "a", index="by_kind")
    assert query.explain().index_holds_all is None
    assert "verified" not in problems(query.explain())
    assert query.explain(events.verify_table()).index_holds_all is True
    partial = Difference("events", partial_indexes=("by_kind", "by_weight"))
    told = query.explain(partial)
    assert told.index_holds_all is False
    assert "does not hold all attributes" in problems(told)
    assert "get_many()" in cures(told)
    assert "does not hold what is read" in str(told)
    assert query.only(Short).explain(partial).index_holds_all is None
    local = events.query(f.stream == "s", index="by_weight").explain(partial)
    assert "in the table as well" in problems(local)
    assert events.query(f.stream == "s").explain(partial).index_holds_all is None


@pytest.mark.parametrize(
    "found",
    [Difference("events", missing=True), Difference("events", missing_indexes=("by_kind",))],
)
def test_an_index_that_is_not_there_is_told(events: Events, found: Difference) -> None:
    """With the verb that makes it."""
    told = events.query(f.kind == "a", index="by_kind").explain(found)
    assert told.index_holds_all is None
    assert "no index by_kind" in problems(told)
    assert "ensure_table()" in cures(told)


def test_rows_of_other_models_are_warned_of() -> None:
    """Where a query reads them: by a filter, or dropped here where no mark tells them."""
    store = MemoryStore(Orders, Customers, HandmadeOrders, HandmadeCustomers)
    orders, customers = Orders(store), Customers(store)
    told = orders.query_with(
        customers, condition=orders.fields.user_id == ADA, unknown="skip"
    ).explain()
    assert told.filter == "_et = ? OR _et = ?"
    assert "rows of other models" in problems(told)
    handmade = HandmadeOrders(store)
    unmarked = handmade.query_with(
        HandmadeCustomers(store), condition=handmade.fields.user_id == ADA, unknown="skip"
    ).explain()
    assert unmarked.filter is None
    assert "mark in the shared table" in cures(unmarked)
    assert Handmade.table == unmarked.table


class Session(BaseModel):
    """A session, found by its end."""

    user: Annotated[str, PartitionKey(), PartitionKey(index="by_end")]
    ends: Annotated[AwareDatetime | None, TimeToLive(), SortKey(index="by_end")] = None


class Sessions(Repository[Session]):
    """Sessions whose time is not over."""

    table = "sessions"
    hide_expired = True


def test_items_that_are_hidden_here_are_warned_of() -> None:
    """DynamoDB takes no filter by a part of the key."""
    sessions = Sessions(MemoryStore(Sessions))
    told = sessions.query(sessions.fields.user == "a", index="by_end").explain()
    assert told.filter is None
    assert "dropped here" in problems(told)
