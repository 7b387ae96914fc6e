"""A block has one end for all its calls, and what is left to chance is no one else's chance."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import math
import random
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.clock import (
    begin_call,
    deadline,
    deadline_ends,
    draw,
    ends_at,
    one_call,
    prepared_by,
    prolong_call,
    time_left,
)
from dynrepo.sending.failure import Failure
from dynrepo.sending.retry import pause
from tests.aio import loops

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from contextlib import AbstractContextManager


def left(seconds: float = 1000.0) -> float:
    """The seconds that a call has which begins now."""
    return ends_at(seconds) - time.monotonic()


def test_without_a_block_the_stores_time_counts() -> None:
    """A call may take what its store allows."""
    assert left(700.0) == pytest.approx(700.0, abs=50)


@pytest.mark.parametrize("seconds", [100.0, 6000.0])
def test_a_block_sets_the_end(seconds: float) -> None:
    """It may give less time than the store, or more."""
    with deadline(seconds):
        assert left() == pytest.approx(seconds, abs=50)
    assert left() == pytest.approx(1000.0, abs=50)


def test_all_calls_of_a_block_end_at_the_same_moment() -> None:
    """The second call has what the first left over."""
    with deadline(500.0):
        assert ends_at(1000.0) == ends_at(100.0)


def test_an_inner_block_can_only_shorten() -> None:
    """Whoever set the outer end relies on it."""
    with deadline(100.0):
        with deadline(6000.0):
            assert left() == pytest.approx(100.0, abs=50)
        with deadline(10.0):
            assert left() <= 10.0
        assert left() > 10.0


def test_several_requests_may_be_bound_as_one_call_is() -> None:
    """By what one call may take, or by the block that they stand in, be it sooner or later."""
    with one_call(500.0):
        assert left() == pytest.approx(500.0, abs=50)
    with deadline(6000.0), one_call(500.0):
        assert left() == pytest.approx(6000.0, abs=50)


def test_the_end_is_gone_after_an_error() -> None:
    """A block that raises leaves no end behind."""
    with pytest.raises(KeyError), deadline(100.0):
        raise KeyError
    assert left() == pytest.approx(1000.0, abs=50)


@pytest.mark.parametrize("seconds", [math.nan, "3", True, None])
def test_a_deadline_is_a_number_of_seconds(seconds: Any) -> None:
    """Told where the block begins; one that is past lets no call through, and is none the less."""
    with pytest.raises(ValueError, match="deadline takes a number of seconds"), deadline(seconds):
        raise AssertionError
    with deadline(-1.0):
        assert left() < 0


def test_threads_have_ends_of_their_own() -> None:
    """A block binds the thread that it stands in."""
    seen: list[float] = []
    with deadline(100.0):
        thread = threading.Thread(target=lambda: seen.append(left()))
        thread.start()
        thread.join()
    assert seen == [pytest.approx(1000.0, abs=50)]


@pytest.mark.parametrize("kind", loops.KINDS)
def test_tasks_have_ends_of_their_own(kind: str) -> None:
    """Two tasks of one event loop do not see each other's blocks."""

    async def block(seconds: float) -> float:
        with deadline(seconds):
            await asyncio.sleep(0)
            return left()

    async def both() -> list[float]:
        return await asyncio.gather(block(100.0), block(500.0))

    assert loops.run(both, kind) == [pytest.approx(100.0, abs=50), pytest.approx(500.0, abs=50)]


@pytest.mark.parametrize("kind", loops.KINDS)
@pytest.mark.parametrize("block", [deadline, one_call])
def test_a_task_that_outlives_the_block_has_the_time_of_its_store(
    block: Callable[[float], AbstractContextManager[None]], kind: str
) -> None:
    """While the block is open its tasks are bound as it is."""

    async def look(times: list[float], over: asyncio.Event) -> None:
        times.append(left())
        await over.wait()
        times.append(left())

    async def outlived() -> tuple[float, ...]:
        times: list[float] = []
        over = asyncio.Event()
        with block(0.0):
            task = asyncio.create_task(look(times, over))
            await asyncio.sleep(0)
        over.set()
        await task
        return tuple(times)

    during, after = loops.run(outlived, kind)
    assert during <= 0
    assert after == pytest.approx(1000.0, abs=50)


@pytest.mark.parametrize("kind", loops.KINDS)
def test_the_tasks_of_a_group_are_bound_by_the_block_around_it(kind: str) -> None:
    """They share one end, and an inner block of one is none of the others."""

    async def look(seconds: float) -> float:
        with deadline(seconds):
            await asyncio.sleep(0)
            return left()

    async def grouped() -> list[float]:
        with deadline(200.0):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(look(seconds)) for seconds in (100.0, 500.0)]
            return [task.result() for task in tasks]

    assert loops.run(grouped, kind) == [pytest.approx(100.0, abs=50), pytest.approx(200.0, abs=50)]


@pytest.mark.parametrize("kind", loops.KINDS)
def test_a_block_that_ends_in_another_context_is_over_in_both(kind: str) -> None:
    """As in an asynchronous fixture: each step of it runs in a task of its own."""

    async def fixture() -> AsyncGenerator[float]:
        with deadline(100.0):
            yield left()

    async def stepped() -> tuple[float, float]:
        steps = fixture()
        during = await asyncio.create_task(anext(steps))
        assert await asyncio.create_task(anext(steps, None)) is None
        return during, left()

    during, after = loops.run(stepped, kind)
    assert during == pytest.approx(100.0, abs=50)
    assert after == pytest.approx(1000.0, abs=50)


def test_a_block_that_is_entered_in_one_context_and_left_in_another_binds_neither() -> None:
    """Nor does it raise; what was copied from the first meanwhile is not bound either."""
    first, second = contextvars.copy_context(), contextvars.copy_context()
    block = deadline(100.0)
    first.run(block.__enter__)
    copied = first.copy()
    for context in (first, copied):
        assert context.run(left) == pytest.approx(100.0, abs=50)
    second.run(block.__exit__, None, None, None)
    for context in (first, second, copied):
        assert context.run(left) == pytest.approx(1000.0, abs=50)


def test_a_generator_left_early_leaves_no_end_behind() -> None:
    """Neither one that is dropped, nor one that another thread closes."""

    def rows() -> Generator[float]:
        with deadline(100.0):
            yield left()

    dropped, closed = rows(), rows()
    for each in (dropped, closed):
        assert next(each) == pytest.approx(100.0, abs=50)
    del dropped, each
    gc.collect()
    assert left() == pytest.approx(100.0, abs=50)
    thread = threading.Thread(target=closed.close)
    thread.start()
    thread.join()
    assert left() == pytest.approx(1000.0, abs=50)


@pytest.mark.parametrize("kind", loops.KINDS)
def test_an_asynchronous_generator_left_early_leaves_no_end_behind(kind: str) -> None:
    """The loop closes it in a task of its own, and nothing is complained of."""

    async def rows() -> AsyncGenerator[int]:
        with deadline(100.0):
            yield 1
            yield 2

    async def left_early() -> float:
        async for _ in rows():
            break
        gc.collect()
        for _ in range(3):
            await asyncio.sleep(0)
        return left()

    assert loops.run(left_early, kind) == pytest.approx(1000.0, abs=50)


def test_an_outer_block_that_has_ended_binds_no_longer() -> None:
    """The inner one goes on by its own time, with what is still open around it."""
    outermost, outer, inner = deadline(3000.0), deadline(0.0), deadline(2000.0)
    with outermost:
        outer.__enter__()
        with inner:
            assert left() <= 0
            outer.__exit__(None, None, None)
            assert left() == pytest.approx(2000.0, abs=50)
        assert left() == pytest.approx(3000.0, abs=50)
    assert left() == pytest.approx(1000.0, abs=50)


def test_a_call_of_several_requests_keeps_its_time_where_the_block_around_it_has_ended() -> None:
    """That of one call, which began when it was entered."""
    outer = deadline(6000.0)
    outer.__enter__()
    with one_call(500.0):
        assert left() == pytest.approx(6000.0, abs=50)
        outer.__exit__(None, None, None)
        assert left() == pytest.approx(500.0, abs=50)


@pytest.mark.parametrize("kind", loops.KINDS)
def test_threads_with_a_copy_of_the_context_are_bound_until_the_block_ends(kind: str) -> None:
    """As those of `asyncio.to_thread` are."""

    async def threaded() -> tuple[float, float]:
        with deadline(100.0):
            during = await asyncio.to_thread(left)
            copied = contextvars.copy_context()
        return during, await asyncio.to_thread(copied.run, left)

    during, after = loops.run(threaded, kind)
    assert during == pytest.approx(100.0, abs=50)
    assert after == pytest.approx(1000.0, abs=50)


LOST = Failure.from_exception(ConnectionResetError())


def pauses() -> float:
    """How long a request is waited with that is sent again."""
    return pause(1, LOST)


@pytest.mark.parametrize("chance", [draw, pauses])
def test_the_application_s_numbers_stay_what_it_seeded(chance: Callable[[], float]) -> None:
    """Retries in other threads do not make an experiment another one."""
    random.seed(1)
    before = random.getstate()
    chance()
    assert random.getstate() == before


@pytest.mark.parametrize("chance", [draw, pauses])
def test_those_who_seed_alike_do_not_wait_alike(chance: Callable[[], float]) -> None:
    """Workers that all call `random.seed(1)` still come back one by one after an outage."""

    def waits() -> list[float]:
        random.seed(1)
        return [chance() for _ in range(5)]

    assert waits() != waits()


def test_the_time_of_one_call_begins_when_it_is_prepared_for() -> None:
    """Unless there is a block around it, which has begun."""
    assert prepared_by(6000.0) - time.monotonic() == pytest.approx(6000.0, abs=50)
    begin_call()
    with one_call(0.0):
        with one_call(500.0):  # is part of the first
            assert prepared_by(6000.0) - time.monotonic() == pytest.approx(6000.0, abs=50)
            assert left() <= 0
        time.sleep(0.01)
        assert left() < 0
        before = ends_at(0.0)
        begin_call()
        assert ends_at(0.0) > before
    with deadline(2000.0), one_call(0.0):
        assert prepared_by(6000.0) - time.monotonic() == pytest.approx(2000.0, abs=50)
        before = ends_at(0.0)
        begin_call()
        assert ends_at(0.0) == before
    with one_call(0.0), deadline(2000.0):
        assert prepared_by(6000.0) - time.monotonic() <= 0


def test_what_a_call_waits_for_others_is_no_part_of_its_time() -> None:
    """Of a block around it, it is."""
    prolong_call(100.0)  # nothing to prolong
    with one_call(500.0):
        assert deadline_ends() == math.inf
        prolong_call(1000.0)
        assert left() == pytest.approx(1500.0, abs=50)
    assert deadline_ends() == math.inf
    with deadline(2000.0), one_call(500.0):
        prolong_call(1000.0)
        assert left() == pytest.approx(2000.0, abs=50)
        assert deadline_ends() == ends_at(math.inf)


def test_no_time_is_left_beyond_the_block() -> None:
    """Outside a `deadline` block as much is left as is asked for."""
    assert time_left(6000.0) == 6000.0
    with deadline(3000.0):
        assert 0 < time_left(6000.0) <= 3000
        assert time_left(100.0) == 100.0
    with deadline(-100.0):
        assert time_left(6000.0) == 0.0
