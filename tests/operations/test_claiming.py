"""The repair of guards: of a table that had none, that others wrote to, that is written to."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import Claims, Repository
from dynrepo.operations.guard_rows import OWNER
from dynrepo.testing import MemoryStore
from tests.facade import without_facade
from tests.members import (
    NOW,
    AsyncMembers,
    Member,
    Members,
    Rows,
    Seat,
    Seats,
    claimed,
    guards,
    wanted,
)

if TYPE_CHECKING:
    from dynrepo.testing.faults import Exchange


@pytest.fixture
def store() -> MemoryStore:
    """A table of members that had no guards."""
    store = MemoryStore(Members)
    rows = Rows(store)
    rows.set_many([Member(member_id=str(number), email=f"{number}@x") for number in range(30)])
    rows.set(Member(member_id="none"))
    return store


def test_a_table_that_had_no_guards_gets_them(store: MemoryStore) -> None:
    """Once: another repair finds nothing to do."""
    members, told = Members(store), list[str]()
    claims = members.claim_unique(progress=told.append)
    assert claims == Claims(rows=31, written=30)
    assert not claims
    assert claimed(store) == wanted(store)
    assert told[-1] == "members: 31 items read, 30 guards written, 0 removed"
    assert members.claim_unique() == Claims(rows=31)
    assert str(claims).startswith("31 items read\n  30 guards written")


def test_guards_of_no_item_are_removed(store: MemoryStore) -> None:
    """And those of items with another value, so that others get them."""
    members, rows = Members(store), Rows(store)
    members.claim_unique()
    rows.delete("1")
    rows.update("2", Rows.fields.email.set("new@x"))
    rows.set(Member(member_id="3", email="1@X"))
    claims = members.claim_unique()
    assert claims == Claims(rows=30, written=2, removed=3)
    assert claimed(store) == wanted(store)


def test_values_of_two_items_are_told(store: MemoryStore) -> None:
    """By counts, that have no values in them; the items to whom asks for them."""
    rows = Rows(store)
    rows.set(Member(member_id="twin", email="7@x"))
    rows.set(Member(member_id="other", nick="n"))
    rows.set(Member(member_id="another", nick="n"))
    found: list[Member] = []
    claims = Members(store).claim_unique(not_unique=found.append)
    assert claims
    assert claims.not_unique == {"email": 1, "nick": 1}
    assert len(found) == 2
    assert "7@x" not in str(claims)
    assert "items with a value that another item has:" in str(claims)
    assert Members(store).claim_unique().not_unique == claims.not_unique


def test_what_is_no_item_is_left_alone(store: MemoryStore) -> None:
    """It is counted where its value is taken; nobody is told, who could not read it."""
    members = Members(store)
    members.claim_unique()
    database: Any = store.dump()
    database["members"]["items"] += [
        {"member_id": {"S": "bad"}, "email": {"S": "1@x"}, "visits": {"S": "no number"}},
        {"member_id": {"S": "odd"}, "email": {"N": "1"}},
    ]
    store.load(database)
    found: list[Member] = []
    claims = members.claim_unique(not_unique=found.append)
    assert (claims.rows, claims.not_unique, found) == (33, {"email": 1}, [])


def test_callers_may_write_meanwhile(store: MemoryStore) -> None:
    """An item that changed since it was read has its guards from whoever changed it."""
    members = Members(store)

    def changed(exchange: Exchange) -> Any:
        if not members.exists("9") or members.require("9").nick is None:
            members.update("9", Members.fields.nick.set("nine"))
        return exchange.answer()

    store.inject(changed, on="Scan", times=2)
    page = iter(range(99))

    def late(exchange: Exchange) -> Any:
        if next(page) == 3:
            key = exchange.operation.request["TransactItems"][0]["ConditionCheck"]["Key"]
            members.save(Member(member_id=key["member_id"]["S"], email="changed@x"))
        return exchange.answer()

    store.inject(late, on="TransactWriteItems", times=9)
    assert not members.claim_unique()
    assert claimed(store) == wanted(store)


def test_the_end_of_life_is_mended() -> None:
    """And an item whose life is over claims nothing any more."""
    store = MemoryStore(Seats)

    class SeatRows(Repository[Seat]):
        table = "seats"

    seats, rows = Seats(store, clock=lambda: NOW), SeatRows(store, clock=lambda: NOW)
    seats.create(Seat(hall="h", row=1, holder="ada", until=NOW + timedelta(hours=1)))
    rows.update(("h", 1), SeatRows.fields.until.set(NOW + timedelta(hours=5)))
    rows.set(Seat(hall="h", row=2, holder="bob", until=NOW - timedelta(hours=1)))
    assert seats.claim_unique() == Claims(rows=2, written=1)
    (guard,) = guards(store, "seats", "hall").values()
    assert guard["until"] == {"N": str(int((NOW + timedelta(hours=5)).timestamp()))}
    assert guard[OWNER]["M"]["row"] == {"N": "1"}


def test_there_has_to_be_something_to_claim(store: MemoryStore) -> None:
    """And what is told has to be a function."""
    with pytest.raises(ValueError, match="Rows has no unique values"):
        Rows(store).claim_unique()
    wrong: Any = 1
    with pytest.raises(TypeError, match="not_unique"):
        Members(store).claim_unique(not_unique=wrong)


@without_facade("it is of the asynchronous face as it is")
def test_awaited_it_is_the_same(store: MemoryStore) -> None:
    """The same program."""
    claims = asyncio.run(AsyncMembers(store).claim_unique())
    assert claims == Claims(rows=31, written=30)
    assert claimed(store) == wanted(store)
