"""The writes of guards: which go with a change, under what conditions, and what a refusal says."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import Repository
from dynrepo.errors import ConditionFailed, NotUnique, TransactionCanceled
from dynrepo.operations.claims import (
    Guards,
    HeldByAnother,
    Outdated,
    edit_guarded,
    guarded,
    required,
    sent,
)
from dynrepo.operations.guard_rows import OWNER
from dynrepo.operations.operation import Refusal
from dynrepo.operations.unique_values import UniqueValues
from dynrepo.operations.writes import create_item, put_item
from dynrepo.testing import MemoryStore
from tests.members import Member, Members, Seats

STORE = MemoryStore(Members)
MAPPER: Any = Members(STORE).mapper
UNIQUE: Any = MAPPER.unique
KEY = {"member_id": {"S": "a"}}
OLD = {**KEY, "email": {"S": "A@x"}, "nick": {"S": "n"}}


def writes(old: Any, new: Any) -> list[tuple[str, str]]:
    """What is written of guards with a change, and of which."""
    return [
        (part.name, (part.request.get("Key") or part.request["Item"])["member_id"]["S"])
        for part in Guards(MAPPER, UNIQUE, KEY).between(old, new)
    ]


def test_a_change_writes_the_guards_of_what_is_new_or_gone() -> None:
    """None of what stays, another spelling included."""
    assert writes({}, OLD) == [("PutItem", "UNIQUE#email#a@x"), ("PutItem", "UNIQUE#nick#n")]
    assert writes(OLD, {**OLD, "email": {"S": "a@X"}}) == []
    assert writes(OLD, {**OLD, "nick": {"S": "m"}}) == [
        ("PutItem", "UNIQUE#nick#m"),
        ("DeleteItem", "UNIQUE#nick#n"),
    ]
    assert writes(OLD, {}) == [("DeleteItem", "UNIQUE#email#a@x"), ("DeleteItem", "UNIQUE#nick#n")]


def test_a_guard_has_the_key_of_its_item_and_its_end() -> None:
    """And may be written where there is none, where it is its own, or where its time is over."""
    mapper: Any = Seats(MemoryStore(Seats)).mapper
    key = {"hall": {"S": "h"}, "row": {"N": "1"}}
    item = {**key, "holder": {"S": "ada"}, "until": {"N": "9"}}
    (claim,) = Guards(mapper, mapper.unique, key).between({}, item)
    assert claim.request["Item"] == {
        "hall": {"S": "UNIQUE#hall,holder#h#ada"},
        "row": {"N": "0"},
        OWNER: {"M": key},
        "until": {"N": "9"},
    }
    assert "<=" in claim.request["ConditionExpression"]
    assert "ReturnValuesOnConditionCheckFailure" in claim.request
    moved = {**item, "until": {"N": "10"}}
    assert [part.name for part in Guards(mapper, mapper.unique, key).between(item, moved)] == [
        "PutItem"
    ]


def test_a_write_requires_what_guards_depend_on() -> None:
    """As it was read; where it is another, the refusal shows what is stored."""
    put = put_item(MAPPER, Member(member_id="a", email="A@x", nick="n"))
    write = guarded(MAPPER, UNIQUE, put, OLD, OLD)
    assert write.parts == ()
    assert write.text is None
    assert write.refusal is not None
    changed = write.refusal(Refusal("ConditionalCheckFailedException", "1", 1, {**KEY}))
    assert isinstance(changed, Outdated)
    assert (changed.stored, changed.request_id) == (KEY, "1")
    plain = changed.plain(MAPPER, "why")
    assert (type(plain), str(plain), plain.item) == (
        ConditionFailed,
        "members: why",
        Member(member_id="a"),
    )
    own = write.refusal(Refusal("ConditionalCheckFailedException", "1", 1, OLD))
    assert type(own) is ConditionFailed
    odd: Any = {**OLD, "nick": {"N": "?"}}
    assert isinstance(write.refusal(Refusal("C", "1", 1, odd)), Outdated)


def test_where_guards_depend_on_the_key_alone_the_item_has_to_be_there() -> None:
    """Else a write that takes it to be stored would make one without a guard."""

    class ByKey(Repository[Member]):
        table = "members"
        unique = ("member_id",)

    mapper: Any = ByKey(STORE).mapper
    put = put_item(mapper, Member(member_id="a"))
    asked = required(mapper, mapper.unique, put, OLD).request
    assert asked["ExpressionAttributeNames"] == {"#0": "member_id"}
    assert asked["ExpressionAttributeValues"] == {":0": OLD["member_id"]}
    absent = required(mapper, mapper.unique, put, {}).request
    assert absent["ConditionExpression"] == "attribute_not_exists (#0)"


def test_an_edit_that_leaves_values_alone_is_one_request() -> None:
    """It asks for them itself."""
    put = put_item(MAPPER, Member(member_id="a"))
    assert edit_guarded(MAPPER, UNIQUE, put, OLD, OLD) is put
    spelled = edit_guarded(MAPPER, UNIQUE, put, OLD, {**OLD, "email": {"S": "a@x"}})
    assert (spelled.parts, spelled.refusal) == ((), put.refusal)


def answered(program: Any, *answers: Any) -> Any:
    """What a program ends with, given what comes of its requests."""
    answer: Any = None
    try:
        for each in (None, *answers):
            answer = each
            _ = program.throw(answer) if isinstance(answer, Exception) else program.send(answer)
    except StopIteration as end:
        return end.value
    raise AssertionError("it goes on")


def created() -> Any:
    """A create with two guards."""
    create = create_item(MAPPER, Member(member_id="a", email="A@x", nick="n"))
    guards = Guards(MAPPER, UNIQUE, KEY)
    return create._replace(parts=tuple(guards.between({**KEY, "nick": {"S": "old"}}, OLD)))


def test_a_refused_transaction_is_the_error_of_its_write() -> None:
    """One without reasons stays what it is."""
    taken = NotUnique()
    with pytest.raises(NotUnique) as caught:
        answered(sent(created()), TransactionCanceled(reasons=[taken]))
    assert caught.value is taken
    with pytest.raises(TransactionCanceled):
        answered(sent(created()), TransactionCanceled())
    assert answered(sent(created()), None).member_id == "a"


def test_a_guard_of_another_is_left_and_watched() -> None:
    """In place of its removal the transaction makes sure that it is not the item's own."""
    write = created()
    removal = write.parts[-1]
    held = removal.refusal(Refusal("ConditionalCheckFailed", None, 1))
    assert isinstance(held, HeldByAnother)
    assert held.instead.name == "ConditionCheck"
    program = sent(write)
    assert next(program).parts[-1].name == "DeleteItem"
    again = program.throw(TransactionCanceled(reasons=[held]))
    assert again.parts[-1].name == "ConditionCheck"
    back = again.parts[-1].refusal(Refusal("ConditionalCheckFailed", None, 1))
    assert isinstance(back, HeldByAnother)
    assert program.throw(TransactionCanceled(reasons=[back])).parts[-1].name == "DeleteItem"


def test_a_guard_that_never_stays_ends_the_tries() -> None:
    """With the refusal of the last."""
    write = created()
    held = write.parts[-1].refusal(Refusal("ConditionalCheckFailed", None, 1))
    program = sent(write)
    next(program)
    refused = TransactionCanceled(reasons=[held])
    for _ in range(9):
        program.throw(refused)
    with pytest.raises(HeldByAnother):
        program.throw(refused)


def test_unique_values_are_known_to_the_mapper() -> None:
    """And to nobody else's."""
    assert isinstance(UNIQUE, UniqueValues)
