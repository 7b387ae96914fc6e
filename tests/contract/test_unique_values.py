"""Unique values over memory, moto and MiniStack: in tables of one model, and in a shared one."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import (
    ItemExists,
    Key,
    NotUnique,
    Repository,
    SharedTable,
    TransactionCanceled,
    VersionConflict,
)
from dynrepo.errors import DynrepoError
from dynrepo.operations.guard_rows import OWNER
from dynrepo.operations.operation import Operation
from tests.members import (
    NOW,
    Badge,
    Badges,
    Counter,
    Counters,
    Member,
    Members,
    Names,
    Rows,
    Seat,
    Seats,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Store
    from dynrepo.testing import MemoryStore


class Club(SharedTable):
    """A table for several models."""

    table = "clubs"
    key = Key("pk", "sk")
    mark = "_et"


class Placed(Repository[Member]):
    """Members among others."""

    place = Club.place("MEMBER#{member_id}", "PROFILE", entity="MEMBER")
    unique = ("{email:lower}", "nick")


class Notes(Repository[Member]):
    """Others, in the table of the guards of counters."""

    place = Names.place("NOTE#{member_id}", "NOTE", entity="NOTE")


def rows_of(store: Store, table: str) -> list[dict[str, Any]]:
    """All rows of a table, as they are stored."""
    request = {"TableName": store.table_prefix + table, "ConsistentRead": True}
    scan = Operation("Scan", table, request, lambda answer: answer.body["Items"])
    return scan.read(store.execute(scan))


def owners(rows: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """The keys of the items of the guards, by the texts of these."""
    return {row[key]["S"]: row[OWNER]["M"] for row in rows if OWNER in row}


@pytest.fixture(params=[Members, Placed], ids=["alone", "placed"])
def members(stores: Store, request: pytest.FixtureRequest) -> Any:
    """Members in a table of their own, or among others."""
    members = request.param(stores)
    members.create_table()
    return members


def check_guards(members: Any) -> None:
    """Each value has a guard of its item, and there are no others."""
    mapper = members.mapper
    rows = rows_of(members.store, members.table)
    expected: dict[str, Any] = {}
    for row in rows:
        if OWNER not in row:
            for value in mapper.unique.values:
                text = value.of(row)
                if text is not None:
                    assert text not in expected
                    expected[text] = mapper.schema.key_of(row)
    assert owners(rows, mapper.unique.guards.types[0][0]) == expected


def test_a_random_program_keeps_the_guards(members: Any) -> None:
    """Of each verb, whether it is refused or not."""
    dice, f = Random(7), members.fields  # noqa: S311 - of a test
    told = set[type]()
    for _ in range(60):
        key, email, nick = dice.choice("abc"), dice.choice(("x@y", "X@y", None)), dice.choice("nm")
        item = Member(member_id=key, email=email, nick=nick)
        edited = item.model_copy
        calls: list[Callable[[], object]] = [
            lambda item=item: members.create(item),
            lambda item=item: members.set(item),
            lambda item=item: members.save(item),
            lambda key=key, nick=nick: members.update(key, f.nick.set(nick), upsert=True),
            lambda key=key: members.update(key, f.email.remove(), exactly_once=True),
            lambda key=key, edited=edited: members.edit(key, lambda _: edited()),
            lambda key=key: members.delete(key),
        ]
        try:
            dice.choice(calls)()
        except DynrepoError as error:
            told.add(type(error))
    check_guards(members)
    assert {NotUnique, ItemExists} <= told
    assert members.scan().count() == len(list(members.scan()))


def test_the_verbs_return_what_is_stored(members: Any) -> None:
    """Where a transaction answers nothing, too."""
    f, ada = members.fields, Member(member_id="a", email="Ada@x", nick="ada")
    assert members.create(ada) == ada
    saved = members.save(ada.model_copy(update={"nick": "al", "visits": 3}))
    assert saved == members.get("a", consistent=True)
    assert members.update("a", f.nick.set("am"), f.visits.add(1)).visits == 4
    assert members.edit("a", lambda it: it.model_copy(update={"nick": None})).nick is None
    with pytest.raises(NotUnique) as caught:
        members.set(Member(member_id="b", email="ADA@X"))
    assert caught.value.field == "email"
    left = members.require("a", consistent=True)
    assert members.delete("a") == left
    assert rows_of(members.store, members.table) == []


def test_a_key_alone_may_have_a_unique_value(stores: Store) -> None:
    """Which each verb that makes an item claims, whatever else the item has."""
    badges, names = Badges(stores), Notes(stores)
    names.create_table()
    badges.create_table()
    badges.create(Badge(year=2025, code="x"))
    f, twin = badges.fields, Badge(year=2026, code="x")
    makes: list[Callable[[], object]] = [
        lambda: badges.create(twin),
        lambda: badges.set(twin),
        lambda: badges.save(twin),
        lambda: badges.update((2026, "x"), f.holder.set("a"), upsert=True),
        lambda: badges.update((2026, "x"), f.notes.set("new"), upsert=True),
    ]
    for make in makes:
        with pytest.raises(NotUnique) as caught:
            make()
        assert caught.value.field == "code"
    assert badges.scan().all() == [Badge(year=2025, code="x")]
    badges.set(Badge(year=2025, code="x", holder="a"))
    badges.save(Badge(year=2025, code="x", holder="b"))
    badges.delete((2025, "x"))
    assert badges.save(twin) == badges.get((2026, "x"), consistent=True)
    assert set(owners(rows_of(stores, "names"), "pk")) == {"UNIQUE#code#x"}


def test_a_transaction_takes_guards(members: Any) -> None:
    """With a reason for each write."""
    ada, bob = Member(member_id="a", nick="ada"), Member(member_id="b", nick="bob")
    with members.transaction() as tx:
        tx.create(members, ada)
        tx.create(members, bob)
    with pytest.raises(TransactionCanceled) as caught, members.transaction() as tx:  # noqa: PT012 - a block
        tx.delete(members, ada)
        tx.create(members, Member(member_id="c", nick="bob"))
    assert [type(reason) for reason in caught.value.reasons] == [type(None), NotUnique]
    check_guards(members)


def test_of_several_at_once_one_is_first(memory: MemoryStore) -> None:
    """Each thread creates an item of its own with the same value; moto applies no transaction so.

    What lies between the requests of other verbs, tests/operations/test_unique_schedules.py plays.
    """
    members = Members(memory)
    members.create_table()
    start, told = Barrier(4), list[Any]()

    def create(name: str) -> None:
        start.wait()
        try:
            told.append(members.create(Member(member_id=name, nick="n")).member_id)
        except NotUnique as error:
            told.append(error.field)

    threads = [Thread(target=create, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("nick") == 3
    check_guards(members)


def test_claiming_gives_what_is_lacking(stores: Store) -> None:
    """And removes what is of no item."""
    rows, members = Rows(stores), Members(stores)
    rows.create_table()
    rows.set_many([Member(member_id=str(number), nick=f"n{number}") for number in range(5)])
    rows.set(Member(member_id="twin", nick="n1"))
    claims = members.claim_unique()
    assert (claims.rows, claims.written, claims.not_unique) == (6, 5, {"nick": 1})
    rows.delete_many(["1", "twin", "2"])
    assert members.claim_unique().removed == 2
    check_guards(members)


def test_a_guard_ends_with_its_item(stores: Store) -> None:
    """And is taken over at its end."""
    seats = Seats(stores, clock=lambda: NOW)
    seats.create_table()
    made = seats.create(Seat(hall="h", row=1, holder="ada", until=NOW + timedelta(hours=1)))
    longer = seats.save(made.model_copy(update={"until": NOW + timedelta(hours=2)}))
    with pytest.raises(VersionConflict):
        seats.save(made.model_copy(update={"until": NOW + timedelta(hours=3)}))
    other = Seat(hall="h", row=2, holder="ada")
    with pytest.raises(NotUnique):
        Seats(stores, clock=lambda: NOW + timedelta(hours=1)).create(other)
    late = Seats(stores, clock=lambda: NOW + timedelta(hours=2))
    late.create(other)
    assert late.delete(("h", 1)) == longer
    assert owners(rows_of(stores, "seats"), "hall") == {
        "UNIQUE#hall,holder#h#ada": {"hall": {"S": "h"}, "row": {"N": "2"}}
    }


def test_guards_of_a_table_of_numbers_are_in_another(stores: Store) -> None:
    """And are moved and removed from there."""
    counters, notes = Counters(stores), Notes(stores)
    counters.create_table()
    notes.create_table()
    counters.create(Counter(number=1, name="a"))
    with pytest.raises(NotUnique):
        counters.save(Counter(number=2, name="a"))
    counters.save(Counter(number=1, name="b"))
    counters.save(Counter(number=2, name="a"))
    assert owners(rows_of(stores, "names"), "pk") == {
        "UNIQUE#name#a": {"number": {"N": "2"}},
        "UNIQUE#name#b": {"number": {"N": "1"}},
    }
    assert list(notes.scan()) == []
    assert counters.claim_unique().rows == 2
    counters.delete(1)
    assert len(owners(rows_of(stores, "names"), "pk")) == 1
