"""Transactions: all writes or none, and for each write a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from dynrepo import (
    ConditionFailed,
    DynamoStore,
    ItemExists,
    ItemNotFound,
    StoreError,
    Throttled,
    TransactionCanceled,
    VersionConflict,
    WrittenUnreadable,
)
from dynrepo.operations.operation import Effect
from tests.accounts import Account, Accounts, Entry, Journal, empty_journal, f, opened
from tests.scripted import Scripted, refused

if TYPE_CHECKING:
    from dynrepo import Store


@pytest.fixture
def accounts(stores: Store) -> Accounts:
    """An account with 10."""
    return opened(stores)


@pytest.fixture
def journal(stores: Store) -> Journal:
    """An empty journal in the same store."""
    return empty_journal(stores)


def test_a_canceled_transaction_gives_a_reason_for_each_write(
    accounts: Accounts, journal: Journal
) -> None:
    """A typed error or None, in order; nothing is written."""
    stale = accounts.require("a")
    accounts.save(stale)
    with pytest.raises(TransactionCanceled) as caught, accounts.transaction() as tx:  # noqa: PT012 - a block
        tx.create(journal, Entry(entry_id="1"))
        tx.save(accounts, stale)
        tx.update(accounts, "nobody", f.balance.add(Decimal(1)))
        tx.check(journal, "2", journal.fields.text == "x")
    reasons = caught.value.reasons
    assert [type(one) for one in reasons] == [
        type(None),
        VersionConflict,
        ItemNotFound,
        ConditionFailed,
    ]
    assert isinstance(reasons[1], VersionConflict)
    assert reasons[1].item == accounts.get("a")
    assert journal.get("1") is None


def test_a_taken_key_is_a_reason(accounts: Accounts) -> None:
    """With the item that takes it."""
    tx = accounts.transaction()
    with pytest.raises(TransactionCanceled) as caught, tx:
        tx.create(accounts, Account(name="a"))
    (reason,) = caught.value.reasons
    assert isinstance(reason, ItemExists)
    assert reason.item == accounts.get("a")


def test_a_token_is_one_for_all_attempts() -> None:
    """So sending again is safe, and the operation says so."""
    connection = Scripted(refused("InternalServerError", 500), {"ConsumedCapacity": []})
    accounts = Accounts(DynamoStore(connection=connection))
    with accounts.transaction() as tx:
        tx.update(accounts, "a", f.balance.add(Decimal(1)))
    tokens = {request["ClientRequestToken"] for _, request in connection.sent}
    assert len(connection.sent) == 2
    assert len(tokens) == 1


@pytest.mark.parametrize("token", ["", "x" * 37])
def test_a_token_has_1_to_36_characters(token: str) -> None:
    """Told before sending."""
    accounts = Accounts(DynamoStore(connection=Scripted(AssertionError())))
    tx = accounts.transaction(token=token)
    with pytest.raises(ValueError, match="1 to 36 characters"), tx:
        tx.delete(accounts, "a")


def test_a_token_is_a_text() -> None:
    """A UUID, which most are made of, is none."""
    token: Any = uuid4()
    accounts = Accounts(DynamoStore(connection=Scripted(AssertionError())))
    with (
        pytest.raises(TypeError, match=r"^a token is a str, not UUID: write str\(token\)$"),
        accounts.transaction(token=token) as tx,
    ):
        tx.delete(accounts, "a")


def test_conflicts_and_throttling_are_reasons_that_pass() -> None:
    """Errors of the store, which say that the same call may succeed."""
    codes = ["TransactionConflict", "ThrottlingError", "ItemCollectionSizeLimitExceeded", "None"]
    reasons = [{"Code": code} for code in codes]
    error = refused("TransactionCanceledException", CancellationReasons=reasons)
    accounts = Accounts(DynamoStore(connection=Scripted(error)))
    with pytest.raises(TransactionCanceled) as caught, accounts.transaction() as tx:  # noqa: PT012 - a block
        for name in "abcd":
            tx.delete(accounts, name)
    conflict, throttled, full, nothing = caught.value.reasons
    assert type(conflict) is type(throttled) is Throttled
    assert conflict.retryable
    assert type(full) is StoreError
    assert nothing is None
    assert caught.value.request_id == "R1"
    assert not caught.value.retryable


def test_a_transaction_that_met_load_alone_may_be_done_again() -> None:
    """It was sent as often as a call may be, and says that the same call may succeed later."""
    reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
    error = refused("TransactionCanceledException", CancellationReasons=reasons)
    connection = Scripted(error, error, error, error)
    accounts = Accounts(DynamoStore(connection=connection))
    with pytest.raises(TransactionCanceled) as caught, accounts.transaction() as tx:  # noqa: PT012 - a block
        tx.delete(accounts, "a")
        tx.delete(accounts, "b")
    assert caught.value.retryable
    assert caught.value.attempts == len(connection.sent) == 4


@pytest.mark.parametrize("reasons", [[], [{"Code": "None"}]], ids=["none", "no reason"])
def test_a_cancellation_without_reason_is_raised_as_it_is(reasons: list[Any]) -> None:
    """By `exactly_once` too, which else raises what the single verb would."""
    error = refused("TransactionCanceledException", CancellationReasons=reasons)
    accounts = Accounts(DynamoStore(connection=Scripted(error)))
    with pytest.raises(TransactionCanceled):
        accounts.update("a", f.balance.add(Decimal(1)), exactly_once=True)


def test_an_item_that_is_deleted_right_after_its_update_was_updated() -> None:
    """It is not found, but the write was done: an `ItemNotFound` would say that it was refused."""
    capacity: dict[str, Any] = {"ConsumedCapacity": []}
    accounts = Accounts(DynamoStore(connection=Scripted(capacity)))
    with pytest.raises(WrittenUnreadable, match="was updated, and deleted before it was read"):
        accounts.update("a", f.balance.add(Decimal(1)), exactly_once=True)


def test_a_conflict_with_a_stored_item_of_another_model_holds_no_item() -> None:
    """The conflict is told all the same."""
    foreign = {"name": {"S": "a"}, "balance": {"S": "much"}}
    error = refused("ConditionalCheckFailedException", Item=foreign)
    accounts = Accounts(DynamoStore(connection=Scripted(error)))
    with pytest.raises(ItemExists) as caught:
        accounts.create(Account(name="a"))
    assert caught.value.item is None


def test_items_are_read_together(accounts: Accounts, journal: Journal) -> None:
    """As they were at one moment, each as its model."""
    journal.create(Entry(entry_id="1"))
    account, entry, nothing = accounts.get_together(
        accounts.lookup("a"), journal.lookup("1"), journal.lookup("2")
    )
    assert account is not None
    assert account.balance == 10
    assert entry == Entry(entry_id="1")
    assert nothing is None


def test_reading_together_takes_1_to_100() -> None:
    """Told before sending."""
    accounts = Accounts(DynamoStore(connection=Scripted(AssertionError())))
    with pytest.raises(ValueError, match="1 to 100 reads, not 0"):
        accounts.get_together()
    with pytest.raises(ValueError, match="1 to 100 reads, not 101"):
        accounts.get_together(*[accounts.lookup(str(number)) for number in range(101)])


def test_a_transaction_carries_its_parts() -> None:
    """For stores that run them one by one; and may be sent again."""
    sent: list[Any] = []

    class Recording(Accounts):
        def _execute(self, wanted: Any, verb: str = "") -> Any:  # noqa: ARG002
            sent.append(wanted)

    accounts = Recording(DynamoStore(connection=Scripted({})))
    with accounts.transaction() as tx:
        tx.delete(accounts, "a")
        tx.check(accounts, "b", f.balance == Decimal(1))
    (operation,) = sent
    assert [part.name for part in operation.parts] == ["DeleteItem", "ConditionCheck"]
    assert operation.effect is Effect.REPEATABLE
    assert operation.table == "accounts"


def test_what_is_no_lookup_is_refused() -> None:
    """An instance, or a `get` instead of a `lookup`, is named before anything is sent."""
    accounts = Accounts(DynamoStore(connection=Scripted(AssertionError())))
    with pytest.raises(
        TypeError, match=r"takes lookups, as users.lookup\(key\) gives them, not Account$"
    ):
        accounts.get_together(accounts.lookup("a"), Account(name="a"))  # type: ignore[arg-type]
