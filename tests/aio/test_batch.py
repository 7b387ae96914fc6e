"""A batch whose writes are awaited."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from dynrepo.testing import MemoryStore
from models.user import AsyncUsers, User

ADA = User(
    user_id=UUID(int=1),
    email="ada@example.org",
    name="Ada",
    joined=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize("verb", ["set", "delete"])
def test_a_write_that_nobody_awaits_is_not_silent(verb: str) -> None:
    """It is not made, and Python says so when the coroutine is dropped."""

    async def main() -> None:
        users = AsyncUsers(MemoryStore(AsyncUsers))
        async with users.batch() as batch:
            forgetful: Any = batch
            getattr(forgetful, verb)(ADA)
        assert await users.get(ADA) is None

    with pytest.warns(RuntimeWarning, match=rf"coroutine 'AsyncBatch\.{verb}' was never awaited"):
        asyncio.run(main())


def test_what_is_awaited_is_written_at_the_end_of_the_block() -> None:
    """Not before, for twenty-five go together."""

    async def main() -> None:
        users = AsyncUsers(MemoryStore(AsyncUsers))
        async with users.batch() as batch:
            await batch.set(ADA)
            assert await users.get(ADA) is None
        assert await users.get(ADA) == ADA

    asyncio.run(main())
