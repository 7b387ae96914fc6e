"""Delete, and the check of a transaction: what goes, what stays, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, Field

from dynrepo import (
    ConditionFailed,
    PartitionKey,
    Repository,
    SortKey,
    TransactionCanceled,
    Version,
    VersionConflict,
)
from dynrepo.operations.deletes import check_item, delete_item
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.operation import Answer, Effect

if TYPE_CHECKING:
    from dynrepo import Store
    from dynrepo.testing.memory import MemoryStore


class Account(BaseModel, frozen=True):
    """An item with a version."""

    account_id: Annotated[UUID, PartitionKey()] = Field(default_factory=uuid4)
    number: Annotated[int, SortKey()] = 0
    owner: str = "ada"
    version: Annotated[int, Version()] = 0


class Plain(BaseModel):
    """An item without one."""

    name: Annotated[str, PartitionKey()]
    size: int = 0


class Accounts(Repository[Account]):
    """Accounts."""

    table = "accounts"


class Plains(Repository[Plain]):
    """Plain items."""

    table = "plains"


@pytest.fixture
def accounts(stores: Store) -> Accounts:
    """A table of accounts on each engine."""
    repository = Accounts(stores)
    repository.create_table()
    return repository


@pytest.fixture
def plains(stores: Store) -> Plains:
    """A table of plain items on each engine."""
    repository = Plains(stores)
    repository.create_table()
    return repository


def test_delete_returns_what_was_there(plains: Plains) -> None:
    """And nothing the second time."""
    plains.set(Plain(name="a", size=1))
    assert plains.delete("a") == Plain(name="a", size=1)
    assert plains.delete("a") is None


def test_delete_under_a_condition(plains: Plains) -> None:
    """The item stays where the condition does not hold."""
    plains.set(Plain(name="a", size=1))
    with pytest.raises(ConditionFailed) as caught:
        plains.delete("a", condition=plains.fields.size == 2)
    assert caught.value.item == plains.get("a") == Plain(name="a", size=1)
    assert plains.delete("a", condition=plains.fields.size == 1)


def test_delete_of_a_stale_instance_is_a_conflict(accounts: Accounts) -> None:
    """By key the item goes whatever its version; a missing one is fine."""
    first = accounts.create(Account())
    second = accounts.save(first)
    with pytest.raises(VersionConflict) as caught:
        accounts.delete(first)
    assert caught.value.item == second
    assert accounts.delete(second) == second
    assert accounts.delete(second) is None
    third = accounts.create(Account())
    assert accounts.delete((third.account_id, third.number)) == third


def test_a_condition_of_the_callers_on_a_fresh_instance_is_no_conflict(accounts: Accounts) -> None:
    """The error says which of the two it was."""
    item = accounts.create(Account())
    with pytest.raises(ConditionFailed) as caught:
        accounts.delete(item, condition=accounts.fields.owner == "bob")
    assert type(caught.value) is ConditionFailed


def test_a_condition_on_what_is_not_there_is_no_conflict(accounts: Accounts) -> None:
    """Nothing is stored of which it could be another version."""
    gone = accounts.create(Account())
    accounts.delete(gone)
    with pytest.raises(ConditionFailed) as caught:
        accounts.delete(gone, condition=accounts.fields.owner.exists())
    assert (type(caught.value), caught.value.item) == (ConditionFailed, None)


def test_a_check_that_does_not_hold_stops_the_transaction(memory: MemoryStore) -> None:
    """And shows the item that it was about."""
    plains = Plains(memory)
    plains.create_table()
    there = plains.set(Plain(name="a", size=1))
    with pytest.raises(TransactionCanceled) as caught, plains.transaction() as writes:  # noqa: PT012 - a block
        writes.check(plains, "a", plains.fields.size == 2)
        writes.set(plains, Plain(name="b"))
    assert [getattr(reason, "item", None) for reason in caught.value.reasons] == [there, None]
    assert not plains.exists("b")


PLAIN: Mapper[Plain] = Mapper("plains", Plains.schema)
ACCOUNT: Mapper[Account] = Mapper("accounts", Accounts.schema)
f = Plains.fields


def test_the_instance_that_a_sender_made_is_returned() -> None:
    """As it is, without being read again."""
    gone = Plain(name="a", size=1)
    assert delete_item(PLAIN, "a").read(Answer({}, items=(gone,))) is gone


EFFECTS = [
    (delete_item(PLAIN, "a"), Effect.REPEATABLE),
    (delete_item(PLAIN, Plain(name="a")), Effect.REPEATABLE),
    (delete_item(PLAIN, "a", condition=f.size == 1), Effect.ONCE),
    (delete_item(ACCOUNT, (uuid4(), 1)), Effect.REPEATABLE),
    (delete_item(ACCOUNT, Account()), Effect.ONCE),
    (delete_item(ACCOUNT, Account(version=3)), Effect.ONCE),
    (check_item(PLAIN, "a", f.size == 1), Effect.NONE),
]


@pytest.mark.parametrize(("operation", "effect"), EFFECTS, ids=range(len(EFFECTS)))
def test_an_operation_says_what_sending_it_twice_would_do(operation: Any, effect: Effect) -> None:
    """The store sends again by that."""
    assert operation.effect is effect
