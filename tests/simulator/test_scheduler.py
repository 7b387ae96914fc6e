"""Virtual time goes on from one action to the next."""

from __future__ import annotations

from random import Random

import pytest

from tests.simulator.scheduler import Scheduler

pytestmark = pytest.mark.once


def test_actions_come_in_the_order_of_their_times() -> None:
    """And the time is then that for which they were noted; an action may note others."""
    scheduler, seen = Scheduler(Random(1)), list[tuple[str, float]]()  # noqa: S311

    def note(name: str) -> None:
        seen.append((name, scheduler.now))

    def second() -> None:
        note("second")
        scheduler.at(2.5, lambda: note("third"))

    scheduler.at(3.0, lambda: note("last"))
    scheduler.at(2.0, second)
    scheduler.at(1.0, lambda: note("first"))
    scheduler.run()
    assert seen == [("first", 1.0), ("second", 2.0), ("third", 2.5), ("last", 3.0)]


def test_the_dice_choose_between_actions_of_one_time() -> None:
    """Each of the orders comes up with some seed, and the same with the same seed."""

    def order(seed: int) -> str:
        scheduler, seen = Scheduler(Random(seed)), list[str]()  # noqa: S311
        for name in "AB":
            scheduler.at(1.0, lambda name=name: seen.append(name))
        scheduler.run()
        return "".join(seen)

    assert {order(seed) for seed in range(20)} == {"AB", "BA"}
    assert [order(seed) for seed in range(20)] == [order(seed) for seed in range(20)]
