"""What a query of several models asks, and which rows it leaves out by a filter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel

from dynrepo import Key, Repository, SharedTable, TimeToLive
from dynrepo.operations.collection_query import CollectionQuery
from dynrepo.testing import MemoryStore
from tests.places.test_queries import asked
from tests.shop import ADA, Customers, Orders

OF_ADA = Customers.fields.user_id == ADA
STORE = MemoryStore()
PARTITION = f"pk = USER#{ADA} | "


class Marked(SharedTable):
    """A table with a mark."""

    table = "marked"
    key = Key("pk", "sk")
    mark = "_et"


class Bare(SharedTable):
    """A table without one."""

    table = "bare"
    key = Key("pk", "sk")


class Keeper(BaseModel):
    """What stays."""

    id: str


class Guest(BaseModel):
    """What goes."""

    id: str
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Keepers(Repository[Keeper]):
    """With a mark."""

    place = Marked.place("K#{id}", "KEEPER", entity="KEEPER")


class Guests(Repository[Guest]):
    """Hidden when they are gone."""

    hide_expired = True
    place = Marked.place("K#{id}", "GUEST", entity="GUEST")


class BareKeepers(Repository[Keeper]):
    """Without a mark."""

    place = Bare.place("K#{id}", "KEEPER")


class BareGuests(Repository[Guest]):
    """Hidden when they are gone."""

    hide_expired = True
    place = Bare.place("K#{id}", "GUEST")


def placed(query: Any) -> CollectionQuery:
    """What a query asks of the shared table."""
    assert isinstance(query.placed, CollectionQuery)
    return query.placed


def test_the_whole_partition_is_asked_for_without_a_filter() -> None:
    """For unknown rows are to be seen."""
    query = Customers(STORE).query_with(Orders(STORE), condition=OF_ADA, limit=20)
    assert asked(query) == PARTITION
    assert query.first_size() == 20
    assert query.operation(None, None).entity == "USER | ORDER"
    assert not placed(query).drops_rows


def test_rows_to_be_skipped_are_left_out_by_their_mark() -> None:
    """As they are where rows are counted."""
    query = Customers(STORE).query_with(Orders(STORE), condition=OF_ADA, unknown="skip")
    assert asked(query) == f"{PARTITION}(_et = USER OR _et = ORDER)"
    plain = Customers(STORE).query_with(Orders(STORE), condition=OF_ADA)
    assert asked(plain.counted()) == asked(query)
    request = plain.counted().operation(None, None, counting=True).request
    assert request["Select"] == "COUNT"


def test_what_has_expired_is_left_out_by_the_clock_of_its_repository() -> None:
    """Beside its mark, so that nobody else's is."""
    guests = Guests(STORE, clock=lambda: datetime.fromtimestamp(77, UTC))
    condition = Keepers.fields.id == "1"
    query = Keepers(STORE).query_with(guests, condition=condition)
    assert asked(query) == "pk = K#1 | (NOT (_et = GUEST AND ends <= 77))"
    both = Keepers(STORE).query_with(guests, condition=condition, unknown="skip")
    assert "(_et = KEEPER OR _et = GUEST) AND (NOT" in asked(both)


def test_rows_without_a_mark_are_left_out_where_they_are_read() -> None:
    """No filter tells them."""
    condition = BareKeepers.fields.id == "1"
    query = BareKeepers(STORE).query_with(BareGuests(STORE), condition=condition, limit=3)
    assert asked(query) == "pk = K#1 | "
    assert placed(query).drops_rows
    assert query.first_size() is None
    assert "Select" not in query.operation(None, None, counting=True).request

    class Staying(BareGuests):
        """Never hidden."""

        hide_expired = False

    seen = BareKeepers(STORE).query_with(Staying(STORE), condition=condition)
    assert not placed(seen).drops_rows
    assert placed(seen.counted()).drops_rows
