"""The writes of a transaction where values are unique: made with their guards, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import ConditionFailed, ItemExists, NotUnique, TransactionCanceled
from dynrepo.testing import MemoryStore
from tests.members import Badges, Member, Members, Rows, claimed, wanted

if TYPE_CHECKING:
    from collections.abc import Callable

ADA = Member(member_id="a", email="Ada@x.y", nick="ada")
BOB = Member(member_id="b", nick="bob")
f = Members.fields


@pytest.fixture
def store() -> MemoryStore:
    """A store with the members' table."""
    return MemoryStore(Members)


@pytest.fixture
def members(store: MemoryStore) -> Members:
    """The members, of whom one is there."""
    members = Members(store)
    members.create(ADA)
    return members


def test_guards_go_with_the_writes_of_a_transaction(store: MemoryStore, members: Members) -> None:
    """Where it is known what is stored: nothing, or what an instance has."""
    members.create(BOB)
    with members.transaction() as tx:
        tx.create(members, Member(member_id="c", nick="c"))
        tx.save(members, ADA.model_copy(update={"visits": 1}))
        tx.delete(members, BOB)
    assert claimed(store) == wanted(store)
    with members.transaction() as tx:
        tx.update(members, "a", f.visits.add(1))
        tx.check(members, "c", f.visits == 0)
    assert members.require("a").visits == 2


def reasons(members: Members, fill: Callable[[Any], object]) -> list[Any]:
    """What stood against the writes of a transaction."""
    with pytest.raises(TransactionCanceled) as caught, members.transaction() as tx:
        fill(tx)
    return [reason and type(reason) for reason in caught.value.reasons]


def test_the_reason_is_one_for_each_write(store: MemoryStore, members: Members) -> None:
    """Whether it or one of its guards was refused; those of the write itself go first."""

    def fill(tx: Any) -> None:
        tx.create(members, Member(member_id="c", email="free@x", nick="ada"))
        tx.create(members, Member(member_id="d", email="fine@x"))
        tx.create(members, Member(member_id="a", email="ada@x.y"))

    assert reasons(members, fill) == [NotUnique, None, ItemExists]
    assert claimed(store) == wanted(store)


def test_what_is_stale_is_refused(store: MemoryStore, members: Members) -> None:
    """A save of another value, and a delete of one that is not stored; each says what to do."""
    changed = ADA.model_copy(update={"nick": "new"})
    with pytest.raises(TransactionCanceled) as caught, members.transaction() as tx:
        tx.save(members, changed)
    (reason,) = caught.value.reasons
    assert isinstance(reason, ConditionFailed)
    assert "save the item alone" in str(reason)
    assert reason.item == ADA
    assert reasons(members, lambda tx: tx.delete(members, changed)) == [ConditionFailed]
    assert reasons(members, lambda tx: tx.delete(members, BOB)) == [ConditionFailed]
    assert reasons(members, lambda tx: tx.delete(members, ADA, condition=f.visits == 9)) == [
        ConditionFailed
    ]
    assert claimed(store) == wanted(store)


def test_a_guard_of_another_item_is_left_alone(store: MemoryStore, members: Members) -> None:
    """As others left it, who know of no guards: the transaction is refused, the verb is not."""
    Rows(store).set(Member(member_id="z", nick="ada"))
    z = members.require("z")
    with pytest.raises(TransactionCanceled) as caught, members.transaction() as tx:
        tx.delete(members, z)
    assert "the guard of the stored value is one of another item" in str(caught.value.reasons[0])
    assert members.delete("z") == z
    assert claimed(store) == wanted(store)


def test_what_cannot_be_known_is_refused_where_it_is_added(members: Members) -> None:
    """With the cure, before anything is sent."""
    with members.transaction() as tx:
        with pytest.raises(ValueError, match="a set replaces: create the item, or save it"):
            tx.set(members, ADA)
        with pytest.raises(ValueError, match="an update replaces: update the item alone"):
            tx.update(members, "a", f.nick.set("n"))
        with pytest.raises(ValueError, match="delete the instance that was read"):
            tx.delete(members, "a")


def test_an_upsert_that_may_make_an_item_is_refused_where_its_key_has_a_unique_value() -> None:
    """What is to be there already may be updated."""
    badges = Badges(MemoryStore(Badges))
    with pytest.raises(TransactionCanceled), badges.transaction() as tx:  # noqa: PT012 - a block
        with pytest.raises(ValueError, match="create the item, or update one that is there"):
            tx.update(badges, (2026, "x"), Badges.fields.notes.set("new"), upsert=True)
        tx.update(badges, (2026, "x"), Badges.fields.notes.set("new"))


def test_guards_count_as_writes(members: Members) -> None:
    """To the hundred that a transaction takes; and two writes of one value are refused."""
    with members.transaction() as tx:
        tx.create(members, Member(member_id="0", nick="n"))
        with pytest.raises(ValueError, match="one write of an item, and of a unique value"):
            tx.create(members, Member(member_id="1", nick="n"))
        for number in range(1, 50):
            tx.create(members, Member(member_id=str(number), nick=f"n{number}"))
        with pytest.raises(ValueError, match="a transaction takes 100 writes"):
            tx.create(members, Member(member_id="more"))
