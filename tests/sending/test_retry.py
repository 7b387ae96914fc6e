"""What may be sent again, how long to wait before, and how many retries are left."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynrepo.operations.operation import Effect, Operation
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import AnswerTimedOut, ConnectTimedOut, Misconfigured, Refused
from dynrepo.sending.retry import ATTEMPTS, CAPACITY, RetryBudget, may_repeat, pause

LOST = Failure.from_exception(AnswerTimedOut())
UNREACHED = Failure.from_exception(ConnectTimedOut())
FINAL = Failure.from_exception(Misconfigured())
THROTTLED = Failure.from_exception(Refused({"Error": {"Code": "ThrottlingException"}}))


def operation(effect: Effect, **more: Any) -> Operation[Any]:
    """An operation of this effect."""
    return Operation("UpdateItem", "things", {}, lambda answer: answer, effect, **more)


@pytest.mark.parametrize(
    ("effect", "failure", "repeated"),
    [
        (Effect.NONE, LOST, True),
        (Effect.REPEATABLE, LOST, True),
        (Effect.ONCE, LOST, False),
        (Effect.ONCE, UNREACHED, True),
        (Effect.ONCE, THROTTLED, True),
        (Effect.NONE, FINAL, False),
    ],
)
def test_what_is_sent_again(effect: Effect, failure: Failure, repeated: bool) -> None:  # noqa: FBT001
    """What may help, and applies once whatever became of the first request."""
    assert may_repeat(operation(effect), failure) is repeated


def test_a_probe_is_not_sent_again() -> None:
    """A call with a time of its own is one look."""
    assert not may_repeat(operation(Effect.NONE, deadline=2.0), UNREACHED)


@given(attempt=st.integers(1, ATTEMPTS))
def test_pauses_are_short_and_random(attempt: int) -> None:
    """Up to 0.4 s, 4 s when throttled, and no two alike: callers do not march in step."""
    for failure, first in ((LOST, 0.025), (THROTTLED, 0.25)):
        waits = [pause(attempt, failure) for _ in range(20)]
        assert all(0 <= wait <= first * 2**attempt for wait in waits)
        assert len(set(waits)) > 1


def test_the_budget_comes_back_with_success() -> None:
    """Ten calls that succeed at once allow one retry."""
    budget = RetryBudget(capacity=1)
    assert budget.take()
    assert not budget.take()
    assert budget.is_touched
    for _ in range(11):
        budget.refill()
    assert not budget.is_touched
    assert budget.take()


def test_a_budget_is_shared_by_threads() -> None:
    """Eight threads take exactly what is there."""
    budget, taken = RetryBudget(), []
    start = threading.Barrier(8)

    def take() -> None:
        start.wait()
        taken.extend(True for _ in range(50) if budget.take())

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == CAPACITY


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
