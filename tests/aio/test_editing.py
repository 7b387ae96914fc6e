"""`edit`, awaited: its function may be one of coroutines, and nobody's write is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import AsyncRepository, ConditionFailed, PartitionKey, Version
from dynrepo.testing.memory import MemoryStore

if TYPE_CHECKING:
    from tests.aio.conftest import Run


class Purse(BaseModel):
    """A purse."""

    name: Annotated[str, PartitionKey()]
    coins: int = 0


class Counted(Purse):
    """One whose writes are counted."""

    version: Annotated[int, Version()] = 0


class Purses(AsyncRepository[Purse]):
    """Purses."""

    table = "purses"


class CountedPurses(AsyncRepository[Counted]):
    """Those that are counted."""

    table = "purses"


async def one_more(purse: Purse) -> Purse:
    """A purse with a coin more, after others had their turn."""
    await asyncio.sleep(0)
    return purse.model_copy(update={"coins": purse.coins + 1})


def test_the_function_may_be_awaited_or_not(run: Run) -> None:
    """On each kind of loop."""

    async def main() -> list[int]:
        purses = Purses(MemoryStore(Purses))
        await purses.create(Purse(name="a"))
        first = await purses.edit("a", one_more)
        second = await purses.edit("a", lambda purse: purse.model_copy(update={"coins": 7}))
        assert await purses.require("a") == second
        return [first.coins, second.coins]

    assert run(main) == [1, 7]


def test_a_function_that_is_cancelled_writes_nothing(run: Run) -> None:
    """The cancellation passes."""

    async def main() -> Purse:
        purses = Purses(MemoryStore(Purses))
        await purses.create(Purse(name="a"))
        waits = asyncio.Event()

        async def waiting(purse: Purse) -> Purse:
            waits.set()
            await asyncio.sleep(30)
            return await one_more(purse)

        edit = asyncio.ensure_future(purses.edit("a", waiting))
        await waits.wait()
        edit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await edit
        return await purses.require("a")

    assert run(main).coins == 0


@pytest.mark.parametrize("kind", [Purses, CountedPurses])
def test_what_tasks_edit_at_the_same_time_is_counted_exactly(
    run: Run, kind: type[Purses | CountedPurses]
) -> None:
    """Each that returned is there, and none that failed is."""

    async def main() -> tuple[int, int]:
        purses = kind(MemoryStore(kind))
        await purses.create(kind.schema.model(name="a"))
        done = 0

        async def worker() -> None:
            nonlocal done
            for _ in range(5):
                try:
                    await purses.edit("a", one_more)  # type: ignore[arg-type]
                except ConditionFailed:
                    continue
                done += 1

        await asyncio.gather(*[worker() for _ in range(20)])
        return done, (await purses.require("a")).coins

    done, coins = run(main)
    assert done == coins
    assert done > 0
