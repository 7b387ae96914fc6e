"""A transaction belongs to the thread of its loop; its other tests run over both faces."""

from __future__ import annotations

import asyncio

import pytest

from dynrepo.aio.repository import AsyncRepository
from dynrepo.testing import MemoryStore
from tests.accounts import Account


class AsyncAccounts(AsyncRepository[Account]):
    """Some."""

    table = "accounts"


def test_a_write_from_another_thread_is_refused() -> None:
    """With what to do instead; the block goes on without it."""

    async def main() -> list[str]:
        accounts = AsyncAccounts(MemoryStore(AsyncAccounts))
        async with accounts.transaction() as tx:
            with pytest.raises(RuntimeError, match=r"one thread.*begin a transaction\(\) in each"):
                await asyncio.to_thread(tx.set, accounts, Account(name="b"))
            tx.set(accounts, Account(name="c"))
        return [account.name async for account in accounts.scan()]

    assert asyncio.run(main()) == ["c"]
