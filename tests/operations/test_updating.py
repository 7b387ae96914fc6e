"""Tests of updates that take more than one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    ConditionFailed,
    ForwardingStore,
    ItemNotFound,
    PartitionKey,
    Repository,
    StoreError,
    Unavailable,
)
from dynrepo.operations.updating import TRIES
from dynrepo.testing import MemoryStore, faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Answer, Operation


class Member(BaseModel):
    """Sets of which some are read as something else where they are absent."""

    name: Annotated[str, PartitionKey()]
    roles: frozenset[str] = frozenset()
    codes: frozenset[int] = frozenset({1})
    maybe: set[str] | None = None
    rooms: dict[str, set[str]] = {}
    days: list[set[int]] = []
    visits: int = 0


class Members(Repository[Member]):
    """The members."""

    table = "members"


FIELDS = Members.fields
EMPTY = Member(name="ada", codes=frozenset(), maybe=set(), rooms={"a": set()}, days=[set()])


class Meddling(ForwardingStore):
    """A store in whose table somebody else writes before requests of a name are answered."""

    def __init__(self, name: str, *writes: Callable[[Members], object]) -> None:
        super().__init__(MemoryStore(Members))
        self._others = Members(self.below, instruments=())
        self._name, self._writes = name, list(writes)
        self.sent: list[str] = []

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Lets somebody else write first."""
        self.sent.append(operation.name)
        if operation.name == self._name and self._writes:
            self._writes.pop(0)(self._others)
        return super().execute(operation)


@pytest.fixture
def members() -> Members:
    """One member, whose sets are empty."""
    members = Members(MemoryStore(Members))
    members.set(EMPTY)
    return members


@pytest.mark.parametrize("exactly_once", [False, True])
def test_elements_are_added_to_a_set_that_was_emptied(
    members: Members, *, exactly_once: bool
) -> None:
    """Whatever its absence means, at every depth, with whatever else is changed."""
    changed = members.update(
        "ada",
        FIELDS.codes.add(5),
        FIELDS.maybe.add("x", "y"),
        FIELDS.rooms["a"].add("z"),
        FIELDS.days[0].add(3),
        FIELDS.roles.add("admin"),
        FIELDS.visits.add(1),
        exactly_once=exactly_once,
    )
    assert changed == members.require("ada")
    assert changed == Member(
        name="ada",
        roles=frozenset({"admin"}),
        codes=frozenset({5}),
        maybe={"x", "y"},
        rooms={"a": {"z"}},
        days=[{3}],
        visits=1,
    )


def test_elements_are_added_where_only_some_sets_are_empty(members: Members) -> None:
    """What another set holds stays."""
    members.update("ada", FIELDS.codes.set(frozenset({2})))
    changed = members.update("ada", FIELDS.codes.add(5), FIELDS.maybe.add("x"))
    assert (changed.codes, changed.maybe) == (frozenset({2, 5}), {"x"})


def test_an_emptied_set_is_filled_under_the_conditions_of_the_update(members: Members) -> None:
    """A condition that does not hold, and a missing item, are told as ever."""
    with pytest.raises(ConditionFailed):
        members.update("ada", FIELDS.codes.add(5), condition=FIELDS.visits == 9)
    with pytest.raises(ItemNotFound):
        members.update("grace", FIELDS.codes.add(5))
    assert members.update("ada", FIELDS.codes.add(5), condition=FIELDS.visits == 0).codes == {5}


def test_what_others_add_meanwhile_is_kept() -> None:
    """A set that somebody else fills between the two requests is added to."""
    seven = FIELDS.codes.set(frozenset({7}))
    # The set is filled after the look: the first UpdateItem is refused, the second finds it filled.
    store = Meddling("UpdateItem", lambda _: None, lambda others: others.update("ada", seven))
    members = Members(store)
    members.set(EMPTY)
    assert members.update("ada", FIELDS.codes.add(5), FIELDS.maybe.add("x")).codes == {5, 7}


def test_a_set_that_is_always_emptied_again_is_refused_in_the_end() -> None:
    """By the error of DynamoDB, after three rounds."""
    filled = FIELDS.maybe.set({"w"})
    store = Meddling(
        "UpdateItem",
        *[
            lambda others: others.set(EMPTY),
            lambda others: others.update("ada", filled),
        ]
        * TRIES,
    )
    members = Members(store)
    members.set(EMPTY)
    with pytest.raises(StoreError, match="ValidationException"):
        members.update("ada", FIELDS.maybe.add("x"))
    assert store.sent.count("GetItem") == TRIES


def test_what_dynamodb_refuses_for_another_reason_stays_refused(members: Members) -> None:
    """Where no set is empty there is nothing to fill; other errors are not asked about."""
    members.update("ada", FIELDS.codes.set(frozenset({2})))
    store: Any = members.store
    for fault, kind in (
        (faults.refusal("ValidationException"), StoreError),
        (faults.refusal("AccessDeniedException"), StoreError),
        (faults.unreachable(), Unavailable),
    ):
        with (
            store.inject(fault, on="UpdateItem", times=None),
            pytest.raises(kind),
        ):
            members.update("ada", FIELDS.codes.add(5))
    assert members.require("ada").codes == {2}


def test_an_update_that_cannot_be_asked_for_is_refused_before_anything_is_sent(
    members: Members,
) -> None:
    """By the same error as any other."""
    with pytest.raises(ValueError, match="two actions"):
        members.update("ada", FIELDS.codes.add(5), FIELDS.codes.add(6))


FULL = Member(
    name="ada", codes=frozenset({100}), maybe={"x", "y"}, rooms={"a": {"z"}}, days=[{3}, {4}]
)


@pytest.mark.parametrize("exactly_once", [False, True])
def test_a_set_whose_last_element_is_taken_is_empty(
    members: Members, *, exactly_once: bool
) -> None:
    """Whatever its absence means, at every depth; what else is in a list or a map stays there."""
    members.set(FULL)
    changed = members.update(
        "ada",
        FIELDS.codes.delete(100, 7),
        FIELDS.maybe.delete("x", "y"),
        FIELDS.rooms["a"].delete("z"),
        FIELDS.days[0].delete(3),
        FIELDS.visits.add(1),
        exactly_once=exactly_once,
    )
    assert changed == members.require("ada")
    assert changed == EMPTY.model_copy(update={"days": [set(), {4}], "visits": 1})


def test_elements_are_taken_from_sets_that_keep_some_or_are_empty(members: Members) -> None:
    """What is not there is taken from nothing, and None stays None."""
    assert members.update("ada", FIELDS.codes.delete(5), FIELDS.maybe.add("a")).maybe == {"a"}
    members.set(FULL)
    assert members.update(
        "ada", FIELDS.maybe.delete("x"), FIELDS.codes.delete(7)
    ) == FULL.model_copy(update={"maybe": {"y"}})
    members.set(Member(name="ada"))
    assert members.update("ada", FIELDS.maybe.delete("x")).maybe is None


def test_the_last_element_is_taken_under_the_conditions_of_the_update(members: Members) -> None:
    """A condition, a bound and a missing item are told as ever; nothing is taken."""
    members.set(FULL)
    last = FIELDS.codes.delete(100)
    with pytest.raises(ConditionFailed) as caught:
        members.update("ada", last, condition=FIELDS.visits == 9)
    assert caught.value.field is None
    with pytest.raises(ItemNotFound):
        members.update("grace", last)
    assert members.require("ada") == FULL
    assert members.update("ada", last, condition=FIELDS.visits == 0).codes == frozenset()


def test_what_others_put_into_a_set_meanwhile_stays_when_the_last_is_taken() -> None:
    """A set that somebody else changes between the requests is looked at again."""
    seven = FIELDS.codes.add(7)
    # The first UpdateItem is refused, for it would leave nothing; the second finds another set.
    store = Meddling("UpdateItem", lambda _: None, lambda others: others.update("ada", seven))
    members = Members(store)
    members.set(FULL)
    assert members.update("ada", FIELDS.codes.delete(100)).codes == {7}


def test_a_set_that_is_always_changed_is_refused_in_the_end() -> None:
    """After three rounds, and nothing is taken."""
    two, three = FULL, FULL.model_copy(update={"codes": frozenset({3})})
    writes = [lambda others: others.set(two), lambda others: others.set(three)] * TRIES
    members = Members(Meddling("UpdateItem", *writes))
    members.set(two)
    with pytest.raises(ConditionFailed):
        members.update("ada", FIELDS.codes.delete(100))
    assert members.require("ada") == three
