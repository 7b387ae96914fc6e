"""What a block of code cost."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import Answer, Cost, Throttled, Usage, usage
from dynrepo.instrumentation.usage import UsageKey
from tests.aio import loops
from tests.facade import without_facade

if TYPE_CHECKING:
    from collections.abc import Generator

GOT = Answer({"ConsumedCapacity": {"CapacityUnits": 0.5}})
SLOW = Answer({"ConsumedCapacity": {"CapacityUnits": 0.5}}, attempts=3)
FAILED = Throttled("no", attempts=4)


def cost(used: Usage) -> tuple[Any, ...]:
    """What can be said of a cost without a clock."""
    total = used.total
    return total.calls, total.failures, total.retries, total.capacity


def test_a_block_knows_what_its_calls_cost(notes: Any) -> None:
    """Calls, failures, retries and capacity, with no instrument in use."""
    repository = notes(GOT, SLOW, FAILED)
    with usage() as used:
        repository.get("1")
        repository.delete("1")
        with pytest.raises(Throttled):
            repository.get("1")
    assert cost(used) == (3, 1, 5, 1.0)
    assert used.total.duration > 0
    assert list(used.parts) == [UsageKey("notes", "GetItem"), UsageKey("notes", "DeleteItem")]
    assert used.parts["notes", "GetItem"].failures == 1


def test_a_cost_may_be_added_by_hand() -> None:
    """To what calls cost, or to nothing; what was read before stays as it was."""
    used, key = Usage(), UsageKey("notes", "GetItem")
    used.add(key, Cost(1, 1, 3, 0.5, 0.25))
    before = used.parts
    used.add(key, Cost(2, capacity=1.0))
    assert before == {key: Cost(1, 1, 3, 0.5, 0.25)}
    assert used.parts == {key: Cost(3, 1, 3, 1.5, 0.25)}
    assert [type(each) for each in used.parts] == [UsageKey]


def test_a_cancelled_call_is_no_failure(notes: Any) -> None:
    """It is a call, and took its time."""
    with usage() as used, pytest.raises(KeyboardInterrupt):
        notes(KeyboardInterrupt()).get("1")
    assert cost(used) == (1, 0, 0, 0.0)


def test_nothing_is_collected_outside(notes: Any) -> None:
    """Neither before the block nor after it."""
    repository = notes(GOT)
    repository.get("1")
    with usage() as used:
        assert used.total == Cost()
    repository.get("1")
    assert used.total == Cost()


def test_blocks_can_be_nested(notes: Any) -> None:
    """The outer one includes the inner."""
    repository = notes(GOT)
    with usage() as outer:
        repository.get("1")
        with usage() as inner:
            repository.get("1")
    assert (outer.total.calls, inner.total.calls) == (2, 1)


def test_threads_count_where_the_context_goes(notes: Any) -> None:
    """However many there are."""
    repository = notes(GOT)
    with usage() as used:
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(repository.get, "1"))
            for _ in range(16)
        ]
        threads.append(threading.Thread(target=repository.get, args=("1",)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert cost(used) == (16, 0, 0, 8.0)


async def called(repository: Any) -> None:
    """Makes a call, a turn of the loop later."""
    await asyncio.sleep(0)
    repository.get("1")


@pytest.mark.parametrize("kind", loops.KINDS)
@without_facade("it is of the asynchronous face as it is")
def test_tasks_count_while_the_block_is_open(notes: Any, kind: str) -> None:
    """Those of `gather` and of a group, and none that runs beside it."""
    repository = notes(GOT)

    async def counted() -> Usage:
        with usage() as used:
            await asyncio.gather(called(repository), called(repository))
            async with asyncio.TaskGroup() as group:
                group.create_task(called(repository))
        return used

    async def both() -> list[Usage]:
        first, second, _ = await asyncio.gather(counted(), counted(), called(repository))
        return [first, second]

    assert [cost(used) for used in loops.run(both, kind)] == [(3, 0, 0, 1.5)] * 2


@pytest.mark.parametrize("kind", loops.KINDS)
@without_facade("it is of the asynchronous face as it is")
def test_a_task_that_outlives_the_block_counts_no_longer(notes: Any, kind: str) -> None:
    """Not for the block; for one around it, which is still open, it does."""
    repository = notes(GOT)

    async def outlived() -> tuple[Usage, Usage]:
        with usage() as outer:
            with usage() as inner:
                task = asyncio.create_task(called(repository))
            await task
        return outer, inner

    outer, inner = loops.run(outlived, kind)
    assert (outer.total.calls, inner.total.calls) == (1, 0)


def test_a_block_may_end_in_another_context(notes: Any) -> None:
    """As in a fixture, or a generator that another thread closes; nothing is counted after it."""
    repository = notes(GOT)
    blocks: list[Usage] = []

    def rows() -> Generator[None]:
        with usage() as used:
            blocks.append(used)
            repository.get("1")
            yield

    generator = rows()
    next(generator)
    thread = threading.Thread(target=generator.close)
    thread.start()
    thread.join()
    repository.get("1")
    assert blocks[0].total.calls == 1
    with usage() as after:
        repository.get("1")
    assert (blocks[0].total.calls, after.total.calls) == (1, 1)
