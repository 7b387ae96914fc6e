"""Transactions: all writes or none, and for each write a reason."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from uuid import uuid4

import pytest
from pydantic import BaseModel

from dynrepo import (
    Answer,
    ConditionFailed,
    DynamoStore,
    ItemExists,
    ItemNotFound,
    PartitionKey,
    Repository,
    StoreError,
    Throttled,
    TransactionCanceled,
    Version,
    VersionConflict,
)
from dynrepo.operations.operation import Effect
from tests.scripted import Scripted, refused

if TYPE_CHECKING:
    from dynrepo import Store, Transaction


class Account(BaseModel):
    """An account with a version."""

    name: Annotated[str, PartitionKey()]
    balance: Decimal = Decimal(0)
    version: Annotated[int, Version()] = 0


class Entry(BaseModel):
    """A line of a journal."""

    entry_id: Annotated[str, PartitionKey()]
    text: str = ""


class Accounts(Repository[Account]):
    """Accounts."""

    table = "accounts"


class Journal(Repository[Entry]):
    """The journal."""

    table = "journal"


@pytest.fixture
def accounts(stores: Store) -> Accounts:
    """An account with 10."""
    repository = Accounts(stores)
    repository.create_table()
    repository.create(Account(name="a", balance=Decimal(10)))
    return repository


@pytest.fixture
def journal(stores: Store) -> Journal:
    """An empty journal in the same store."""
    repository = Journal(stores)
    repository.create_table()
    return repository


f = Accounts.fields


def test_all_writes_are_made(accounts: Accounts, journal: Journal) -> None:
    """Of every kind, over several tables."""
    for name in "bcd":
        accounts.create(Account(name=name))
    with accounts.transaction() as tx:
        tx.update(accounts, "a", f.balance.add(Decimal(5)), condition=f.balance >= Decimal(10))
        tx.check(accounts, "b", f.balance == Decimal(0))
        tx.delete(accounts, "c")
        tx.save(accounts, accounts.require("d").model_copy(update={"balance": Decimal(4)}))
        tx.set(journal, Entry(entry_id="1", text="set"))
        created = tx.create(journal, Entry(entry_id="2", text="created"))
    assert accounts.require("a").balance == 15
    assert accounts.get("c") is None
    assert accounts.require("d") == Account(name="d", balance=Decimal(4), version=2)
    assert journal.require("1").text == "set"
    assert journal.require("2") == created


def test_nothing_is_sent_when_the_block_raises(accounts: Accounts) -> None:
    """Nor when nothing is in it."""

    def fail(tx: Transaction) -> NoReturn:
        tx.delete(accounts, "a")
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"), accounts.transaction() as tx:
        fail(tx)
    with accounts.transaction():
        pass
    assert accounts.get("a") is not None


def test_a_canceled_transaction_gives_a_reason_for_each_write(
    accounts: Accounts, journal: Journal
) -> None:
    """A typed error or None, in order; nothing is written."""
    stale = accounts.require("a")
    accounts.save(stale)
    tx = accounts.transaction()
    tx.create(journal, Entry(entry_id="1"))
    tx.save(accounts, stale)
    tx.update(accounts, "nobody", f.balance.add(Decimal(1)))
    tx.check(journal, "2", journal.fields.text == "x")
    with pytest.raises(TransactionCanceled) as caught, tx:
        pass
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


def test_a_transaction_with_the_same_token_is_made_once(ministack: DynamoStore) -> None:
    """Within ten minutes; moto knows no tokens and applies it twice."""
    accounts = Accounts(ministack)
    accounts.create_table()
    accounts.create(Account(name="a"))
    token = str(uuid4())
    for _ in range(2):
        with accounts.transaction(token=token) as tx:
            tx.update(accounts, "a", f.balance.add(Decimal(1)))
    assert accounts.require("a").balance == 1


def test_too_many_writes_are_refused_before_sending(accounts: Accounts) -> None:
    """At the one that is too many."""

    def fill() -> None:
        with accounts.transaction() as tx:
            for number in range(101):
                tx.set(accounts, Account(name=str(number)))

    with pytest.raises(ValueError, match="takes 100 writes"):
        fill()
    assert accounts.scan().count() == 1


def test_more_than_4_megabytes_are_refused_before_sending(journal: Journal) -> None:
    """At the write that is too many; whether items are set or saved."""
    long = "x" * 400_000
    tx = journal.transaction()
    for number in range(5):
        tx.set(journal, Entry(entry_id=f"{number}", text=long))
        tx.save(journal, Entry(entry_id=f"1{number}", text=long))
    with pytest.raises(ValueError, match="takes 4194304 bytes of items, with this 4400"):
        tx.set(journal, Entry(entry_id="5", text=long))
    with pytest.raises(ValueError, match="takes 4194304 bytes of items, with this 4400"):
        tx.update(journal, "5", journal.fields.text.set(long))
    tx.update(journal, "15", journal.fields.text.set("x"), upsert=True)
    with tx:
        pass
    assert journal.scan().count() == 11


def test_a_second_write_of_an_item_is_refused(accounts: Accounts) -> None:
    """Where it is added; a check counts, too."""
    tx = accounts.transaction()
    tx.check(accounts, "a", f.balance.exists())
    with pytest.raises(ValueError, match="one write of an item"):
        tx.delete(accounts, accounts.require("a"))


def test_a_transaction_is_one_block(accounts: Accounts) -> None:
    """What was sent, or given up, is not sent again by a second."""
    sent, given_up = accounts.transaction(), accounts.transaction()
    with sent:
        sent.update(accounts, "a", f.balance.add(Decimal(1)))
        with pytest.raises(ValueError, match="sent once"):
            sent.__enter__()
    with suppress(KeyError), given_up:
        given_up.update(accounts, "a", f.balance.add(Decimal(1)))
        raise KeyError
    for tx in (sent, given_up):
        with pytest.raises(ValueError, match=r"sent once: begin another by transaction\(\)"):
            tx.__enter__()
        with pytest.raises(ValueError, match="sent once"):
            tx.delete(accounts, "b")
    assert accounts.require("a", consistent=True).balance == 11


def test_a_repository_of_another_store_is_refused() -> None:
    """Unless it is the same place, which two default stores are."""

    def scripted() -> DynamoStore:
        return DynamoStore(connection=Scripted({}))

    class Elsewhere:
        table_prefix = ""
        location = None

        def execute(self, _: Any) -> Answer:
            return Answer({})

    one: Any = Elsewhere()
    with pytest.raises(ValueError, match="of one store"):
        Accounts(scripted()).transaction().delete(Accounts(one), "a")
    Accounts(scripted()).transaction().delete(Journal(scripted()), "a")


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
    tx.delete(accounts, "a")
    with pytest.raises(ValueError, match="1 to 36 characters"), tx:
        pass


def test_conflicts_and_throttling_are_reasons_that_pass() -> None:
    """Errors of the store, which say that the same call may succeed."""
    codes = ["TransactionConflict", "ThrottlingError", "ItemCollectionSizeLimitExceeded", "None"]
    reasons = [{"Code": code} for code in codes]
    error = refused("TransactionCanceledException", CancellationReasons=reasons)
    accounts = Accounts(DynamoStore(connection=Scripted(error)))
    tx = accounts.transaction()
    for name in "abcd":
        tx.delete(accounts, name)
    with pytest.raises(TransactionCanceled) as caught, tx:
        pass
    conflict, throttled, full, nothing = caught.value.reasons
    assert type(conflict) is type(throttled) is Throttled
    assert conflict.retryable
    assert type(full) is StoreError
    assert nothing is None
    assert caught.value.request_id == "R1"


@pytest.mark.parametrize("reasons", [[], [{"Code": "None"}]], ids=["none", "no reason"])
def test_a_cancellation_without_reason_is_raised_as_it_is(reasons: list[Any]) -> None:
    """By `exactly_once` too, which else raises what the single verb would."""
    error = refused("TransactionCanceledException", CancellationReasons=reasons)
    accounts = Accounts(DynamoStore(connection=Scripted(error)))
    with pytest.raises(TransactionCanceled):
        accounts.update("a", f.balance.add(Decimal(1)), exactly_once=True)


def test_an_item_that_is_deleted_right_after_its_update_is_not_found() -> None:
    """The message says that the update was made."""
    capacity: dict[str, Any] = {"ConsumedCapacity": []}
    accounts = Accounts(DynamoStore(connection=Scripted(capacity)))
    with pytest.raises(ItemNotFound, match="was updated, and deleted before it was read"):
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
        def _execute(self, wanted: Any) -> Any:
            sent.append(wanted)

    accounts = Recording(DynamoStore(connection=Scripted({})))
    with accounts.transaction() as tx:
        tx.delete(accounts, "a")
        tx.check(accounts, "b", f.balance == Decimal(1))
    (operation,) = sent
    assert [part.name for part in operation.parts] == ["DeleteItem", "ConditionCheck"]
    assert operation.effect is Effect.REPEATABLE
    assert operation.table == "accounts"
