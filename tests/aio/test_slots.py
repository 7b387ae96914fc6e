"""So many at a time; those who wait are served in the order in which they came."""

from __future__ import annotations

import asyncio
import math
import time

import pytest

from dynrepo.aio.slots import AsyncSlots
from dynrepo.protocol.timer import Timer
from dynrepo.sending.outcomes import DeadlineExceeded
from tests.aio import loops

KINDS = pytest.mark.parametrize("kind", loops.TIMED)


def slots_of(number: int) -> AsyncSlots:
    """Slots of the running loop."""
    loop = asyncio.get_running_loop()
    return AsyncSlots(loop, Timer(loop.call_later), number)


@KINDS
def test_those_who_wait_are_served_in_their_order(kind: str) -> None:
    """And counted meanwhile."""

    async def main() -> None:
        slots, served = slots_of(1), list[int]()

        async def wait(number: int) -> None:
            await slots.wait(math.inf)
            served.append(number)
            slots.give()

        assert (slots.take(), slots.take()) == (True, False)
        tasks = [asyncio.ensure_future(wait(number)) for number in range(3)]
        await asyncio.sleep(0)
        assert slots.waiting == 3
        slots.give()
        await asyncio.gather(*tasks)
        assert (served, slots.waiting, slots.take()) == ([0, 1, 2], 0, True)

    loops.run(main, kind)


@KINDS
def test_who_waits_too_long_is_told_so(kind: str) -> None:
    """The slot that is given later is another's."""

    async def main() -> None:
        slots = slots_of(1)
        slots.take()
        with pytest.raises(DeadlineExceeded):
            await slots.wait(time.monotonic() + 0.01)
        assert slots.waiting == 0
        slots.give()
        assert slots.take()

    loops.run(main, kind)


@pytest.mark.parametrize("given", [False, True])
def test_who_is_cancelled_leaves_the_line(given: bool) -> None:  # noqa: FBT001 - a parameter
    """Also one that was given its slot in the same moment: it gives it on."""

    async def main() -> None:
        slots = slots_of(1)
        slots.take()
        waiting = asyncio.ensure_future(slots.wait(math.inf))
        await asyncio.sleep(0)
        if given:
            slots.give()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert slots.waiting == 0
        if not given:
            slots.give()
        assert slots.take()

    asyncio.run(main())


def test_a_slot_is_not_given_to_whose_time_is_up() -> None:
    """In the moment between."""

    async def main() -> None:
        slots = slots_of(1)
        slots.take()
        late = asyncio.ensure_future(slots.wait(math.inf))
        await asyncio.sleep(0)
        (waiter,) = slots._waiting
        waiter.expire()
        waiter.expire()  # is without effect
        slots.give()
        with pytest.raises(DeadlineExceeded):
            await late
        assert slots.take()

    asyncio.run(main())
