"""What a transaction refuses, where it is added and not at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest
from pydantic import BaseModel

from dynrepo import Answer, DynamoStore, Location, PartitionKey, Repository
from dynrepo.operations.transaction_writes import TransactionWrites
from tests.accounts import Account, Accounts, Entry, Journal, empty_journal, f, opened
from tests.facade import without_facade
from tests.scripted import Scripted

if TYPE_CHECKING:
    from dynrepo import Store
    from dynrepo.testing import MemoryStore


@pytest.fixture
def accounts(stores: Store) -> Accounts:
    """An account with 10."""
    return opened(stores)


@pytest.fixture
def journal(stores: Store) -> Journal:
    """An empty journal in the same store."""
    return empty_journal(stores)


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
    with journal.transaction() as tx:
        for number in range(5):
            tx.set(journal, Entry(entry_id=f"{number}", text=long))
            tx.save(journal, Entry(entry_id=f"1{number}", text=long))
        with pytest.raises(ValueError, match="takes 4194304 bytes of items, with this 4400"):
            tx.set(journal, Entry(entry_id="5", text=long))
        with pytest.raises(ValueError, match="takes 4194304 bytes of items, with this 4400"):
            tx.update(journal, "5", journal.fields.text.set(long))
        tx.update(journal, "15", journal.fields.text.set("x"), upsert=True)
    assert journal.scan().count() == 11


class Tag(BaseModel):
    """A name, and nothing else."""

    name: Annotated[str, PartitionKey()]


class Label(BaseModel):
    """A name, and a text if it has one."""

    name: Annotated[str, PartitionKey()]
    text: str | None = None


class Labels(Repository[Label]):
    """The names and their texts."""

    table = "tags"


class Tags(Repository[Tag]):
    """The names."""

    table = "tags"


def test_what_is_nothing_but_its_key_is_not_saved_in_a_transaction(memory: MemoryStore) -> None:
    """DynamoDB takes no update without an expression there, and makes no item by a removal."""
    tags = Tags(memory)
    tags.create_table()
    tags.save(Tag(name="a"))
    with tags.transaction() as tx:
        with pytest.raises(ValueError, match="nothing but its key: create or set it"):
            tx.save(tags, Tag(name="b"))
        with pytest.raises(ValueError, match="nothing but its key: create or set it"):
            tx.save(Labels(memory), Label(name="b"))
        tx.set(tags, Tag(name="b"))
    assert tags.scan().count() == 2


def test_a_second_write_of_an_item_is_refused(accounts: Accounts) -> None:
    """Where it is added; a check counts, too."""
    with accounts.transaction() as tx:
        tx.check(accounts, "a", f.balance.exists())
        with pytest.raises(ValueError, match="one write of an item"):
            tx.delete(accounts, accounts.require("a"))


def scripted() -> DynamoStore:
    """A store that sends nothing."""
    return DynamoStore(connection=Scripted({}))


@without_facade("no call has told where a connection that was given leads")
def test_two_default_stores_are_one_place() -> None:
    """The same table may be reached through both."""
    tx = Accounts(scripted()).transaction()
    tx._begin()
    tx.delete(Journal(scripted()), "a")


def test_a_repository_of_another_store_is_refused() -> None:
    """Also one whose place nobody knows."""

    class Elsewhere:
        table_prefix = ""
        location = None
        deadline = 1.0

        def sleep(self, _: float) -> None:
            pass

        def execute(self, _: Any) -> Answer:
            return Answer({})

    class Nowhere(Elsewhere):
        location = Location()

    elsewhere, unknown, another = (cast("Any", kind()) for kind in (Elsewhere, Nowhere, Nowhere))
    for store, other in ((scripted(), elsewhere), (scripted(), unknown), (unknown, another)):
        with (
            pytest.raises(ValueError, match="of one store"),
            Accounts(store).transaction() as tx,
        ):
            tx.delete(Accounts(other), "a")


def test_writes_say_what_will_be_stored(memory: MemoryStore) -> None:
    """Where the item is given whole; the others are known when they are made."""
    accounts = Accounts(memory)
    writes = TransactionWrites(memory)
    writes._begin()
    assert writes.create(accounts, Account(name="a")).version == 1
    assert writes.set(accounts, Account(name="b", version=4)).version == 5
    writes.save(accounts, Account(name="c"))
    writes.update(accounts, "d", f.balance.set(f.balance | 0), upsert=True)
    writes.delete(accounts, "e")
    writes.check(accounts, "g", f.balance == 0)
    names = [part.name for part in writes._parts]
    assert names == [
        "PutItem",
        "PutItem",
        "UpdateItem",
        "UpdateItem",
        "DeleteItem",
        "ConditionCheck",
    ]


def test_a_write_before_the_block_is_refused(memory: MemoryStore) -> None:
    """With the block that it needs; of names that are not there the error says what there is."""
    writes = TransactionWrites(memory)
    with pytest.raises(ValueError, match=r"write `with orders\.transaction\(\) as transaction:`"):
        writes.delete(Accounts(memory), "a")
    assert writes._parts == []
    with pytest.raises(AttributeError, match="write set"):
        writes.put  # type: ignore[attr-defined]  # noqa: B018 - asked for
