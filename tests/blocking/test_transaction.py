"""A block whose writes are all made at its end, once, or none is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

import pytest

from tests.accounts import Account, Accounts, Entry, Journal, empty_journal, f, opened
from tests.facade import without_facade

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import DynamoStore, Store, Transaction


@pytest.fixture
def accounts(stores: Store) -> Accounts:
    """An account with 10."""
    return opened(stores)


@pytest.fixture
def journal(stores: Store) -> Journal:
    """An empty journal in the same store."""
    return empty_journal(stores)


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


def in_another_thread(call: Callable[[], object]) -> BaseException | None:
    """What a call raises in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).exception()


@without_facade("every write is made in the thread of the loop; tests/aio has its own")
def test_a_second_thread_is_refused(accounts: Accounts) -> None:
    """With what to do instead; the block goes on without its write."""
    with accounts.transaction() as tx:
        error = in_another_thread(lambda: tx.set(accounts, Account(name="b")))
        assert isinstance(error, RuntimeError)
        assert "one thread" in str(error)
        assert r"begin a transaction() in each" in str(error)
        tx.set(accounts, Account(name="c"))
    assert sorted(account.name for account in accounts.scan()) == ["a", "c"]


@without_facade("every write is made in the thread of the loop; tests/aio has its own")
def test_a_write_before_the_block_is_refused(accounts: Accounts) -> None:
    """With the block that it needs; the block may begin in another thread."""
    tx = accounts.transaction()
    error = in_another_thread(lambda: tx.set(accounts, Account(name="b")))
    assert isinstance(error, ValueError)
    assert "write `with orders.transaction() as transaction:`" in str(error)
    with tx:
        tx.set(accounts, Account(name="c"))
    assert not accounts.exists("b")
    assert accounts.exists("c")
