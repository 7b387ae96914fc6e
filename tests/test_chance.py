"""What dynrepo leaves to chance neither disturbs the application's chance nor follows from it."""

from __future__ import annotations

import random

from dynrepo.sending.failure import Failure
from dynrepo.sending.retry import pause

LOST = Failure.from_exception(ConnectionResetError())


def test_the_application_s_numbers_stay_what_it_seeded() -> None:
    """Retries in other threads do not make an experiment another one."""
    random.seed(1)
    before = random.getstate()
    pause(1, LOST)
    assert random.getstate() == before


def test_those_who_seed_alike_do_not_wait_alike() -> None:
    """Workers that all call `random.seed(1)` still come back one by one after an outage."""

    def waits() -> list[float]:
        random.seed(1)
        return [pause(1, LOST) for _ in range(5)]

    assert waits() != waits()
