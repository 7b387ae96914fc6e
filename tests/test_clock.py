"""A block has one end for all its calls, and what is left to chance is no one else's chance."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest

from dynrepo.clock import begin_call, deadline, draw, ends_at, one_call, prepared_by
from dynrepo.sending.failure import Failure
from dynrepo.sending.retry import pause

if TYPE_CHECKING:
    from collections.abc import Callable


def left(seconds: float = 10.0) -> float:
    """The seconds that a call has which begins now."""
    return ends_at(seconds) - time.monotonic()


def test_without_a_block_the_stores_time_counts() -> None:
    """A call may take what its store allows."""
    assert left(7.0) == pytest.approx(7.0, abs=0.5)


@pytest.mark.parametrize("seconds", [1.0, 60.0])
def test_a_block_sets_the_end(seconds: float) -> None:
    """It may give less time than the store, or more."""
    with deadline(seconds):
        assert left() == pytest.approx(seconds, abs=0.5)
    assert left() == pytest.approx(10.0, abs=0.5)


def test_all_calls_of_a_block_end_at_the_same_moment() -> None:
    """The second call has what the first left over."""
    with deadline(5.0):
        assert ends_at(10.0) == ends_at(1.0)


def test_an_inner_block_can_only_shorten() -> None:
    """Whoever set the outer end relies on it."""
    with deadline(1.0):
        with deadline(60.0):
            assert left() == pytest.approx(1.0, abs=0.5)
        with deadline(0.1):
            assert left() <= 0.1
        assert left() > 0.1


def test_several_requests_may_be_bound_as_one_call_is() -> None:
    """By what one call may take, or by the block that they stand in, be it sooner or later."""
    with one_call(5.0):
        assert left() == pytest.approx(5.0, abs=0.5)
    with deadline(60.0), one_call(5.0):
        assert left() == pytest.approx(60.0, abs=0.5)


def test_the_end_is_gone_after_an_error() -> None:
    """A block that raises leaves no end behind."""
    with pytest.raises(KeyError), deadline(1.0):
        raise KeyError
    assert left() == pytest.approx(10.0, abs=0.5)


def test_threads_have_ends_of_their_own() -> None:
    """A block binds the thread that it stands in."""
    seen: list[float] = []
    with deadline(1.0):
        thread = threading.Thread(target=lambda: seen.append(left()))
        thread.start()
        thread.join()
    assert seen == [pytest.approx(10.0, abs=0.5)]


def test_tasks_have_ends_of_their_own() -> None:
    """Two tasks of one event loop do not see each other's blocks."""

    async def block(seconds: float) -> float:
        with deadline(seconds):
            await asyncio.sleep(0)
            return left()

    async def both() -> list[float]:
        return await asyncio.gather(block(1.0), block(5.0))

    assert asyncio.run(both()) == [pytest.approx(1.0, abs=0.5), pytest.approx(5.0, abs=0.5)]


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
    assert prepared_by(60.0) - time.monotonic() == pytest.approx(60.0, abs=0.5)
    begin_call()
    with one_call(0.0):
        with one_call(5.0):  # is part of the first
            assert prepared_by(60.0) - time.monotonic() == pytest.approx(60.0, abs=0.5)
            assert left() <= 0
        time.sleep(0.01)
        assert left() < 0
        before = ends_at(0.0)
        begin_call()
        assert ends_at(0.0) > before
    with deadline(20.0), one_call(0.0):
        assert prepared_by(60.0) - time.monotonic() == pytest.approx(20.0, abs=0.5)
        before = ends_at(0.0)
        begin_call()
        assert ends_at(0.0) == before
    with one_call(0.0), deadline(20.0):
        assert prepared_by(60.0) - time.monotonic() <= 0
