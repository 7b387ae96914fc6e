"""What belongs to the blocking face, refused in the asynchronous one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dynrepo import AsyncContainer, AsyncRepository
from dynrepo.testing import MemoryStore
from tests.accounts import Account


class Accounts(AsyncRepository[Account]):
    """Accounts of the asynchronous face."""

    table = "accounts"


def test_a_query_is_not_iterated_by_for() -> None:
    """A TypeError says by what it is."""
    accounts = Accounts(MemoryStore(Accounts))
    with pytest.raises(TypeError, match="AsyncQuery is asynchronous: write `async for item"):
        list(accounts.scan())  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", ["transaction", "batch", "container"])
def test_a_block_is_not_entered_by_with(kind: str) -> None:
    """A TypeError says by what it is; then it may be entered so."""
    accounts = Accounts(MemoryStore(Accounts))
    made: dict[str, Any] = {
        "transaction": accounts.transaction,
        "batch": accounts.batch,
        "container": lambda: AsyncContainer(store=MemoryStore()),
    }
    block = made[kind]()
    with pytest.raises(TypeError, match=r"is asynchronous: write `async with`$"), block:
        pass

    async def entered() -> bool:
        async with block:
            return True

    assert asyncio.run(entered())
