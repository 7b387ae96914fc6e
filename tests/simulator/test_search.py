"""An order of events that explains what was seen is found where there is one, and only there."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING

import pytest

from tests.simulator.ledger import Row
from tests.simulator.search import Event, explained

if TYPE_CHECKING:
    from tests.simulator.search import State

pytestmark = pytest.mark.once


def register(value: int) -> State:
    """A register, or a counter, that holds a number."""
    return (Row(value, ""),)


def _read(value: int, state: State) -> State | None:
    return state if state == register(value) else None


def _written(value: int, _: State) -> State:
    return register(value)


def _added(shown: int | None, state: State) -> State | None:
    assert state[0] is not None
    after = state[0].amount + 1
    return register(after) if shown in (None, after) else None


def read(begun: float, ended: float, value: int) -> Event:
    """A read of a register that showed a value."""
    return Event(begun, ended, partial(_read, value))


def write(begun: float, ended: float, value: int, *, optional: bool = False) -> Event:
    """A write of a register; an optional one may never have come."""
    return Event(begun, ended, partial(_written, value), optional)


def add(begun: float, ended: float, shown: int | None, *, optional: bool = False) -> Event:
    """An addition of one, and the sum that it was answered with."""
    return Event(begun, ended, partial(_added, shown), optional)


@pytest.mark.parametrize(
    ("events", "last"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([write(1, 2, 1), read(3, 4, 1)], 1, id="one after the other"),
        pytest.param([write(1, 4, 1), read(2, 3, 0)], 1, id="read before it took effect"),
        pytest.param([write(1, 4, 1), read(2, 3, 1)], 1, id="read after it took effect"),
        pytest.param([write(1, 4, 1), write(2, 3, 2)], 1, id="the longer one came last"),
        pytest.param([read(1, 6, 1), write(2, 5, 1), write(3, 4, 2)], 2, id="back and forth"),
        pytest.param([write(1, inf, 1, optional=True), read(2, 3, 0)], 0, id="it never came"),
        pytest.param([write(1, inf, 1, optional=True), read(8, 9, 1)], 1, id="it came late"),
        pytest.param([write(1, inf, 1, optional=True), read(8, 9, 0)], 1, id="after all"),
        pytest.param([add(1, 5, 2), add(2, 6, 1), add(3, 4, 3)], 3, id="sums in another order"),
        pytest.param([add(1, inf, None, optional=True), add(2, 3, 2)], 2, id="a hidden addition"),
    ],
)
def test_an_order_is_found(events: list[Event], last: int) -> None:
    """From first to last, each event at some moment between its begin and its end."""
    assert explained(events, register(0), register(last))
    assert explained(events[::-1], register(0), register(last))


@pytest.mark.parametrize(
    ("events", "last"),
    [
        pytest.param([], 1, id="nobody wrote"),
        pytest.param([write(1, 2, 1), read(3, 4, 0)], 1, id="read what was no more"),
        pytest.param([read(1, 2, 1), write(3, 4, 1)], 1, id="read what was to come"),
        pytest.param([write(1, 2, 1), write(3, 4, 2)], 1, id="the later one is lost"),
        pytest.param([write(1, 6, 1), read(2, 3, 1), read(4, 5, 0)], 1, id="seen, and unseen"),
        pytest.param([write(1, 2, 1)], 0, id="done, and not there"),
        pytest.param([add(1, 2, 1), add(3, 4, 1)], 1, id="one of two is lost"),
        pytest.param([add(1, 2, 1)], 2, id="added twice"),
        pytest.param([add(1, 5, 2), add(2, 6, 2)], 2, id="one sum for two"),
        pytest.param([write(5, inf, 1, optional=True), read(2, 3, 1)], 1, id="before it began"),
    ],
)
def test_no_order_is_made_up(events: list[Event], last: int) -> None:
    """What ended before another began comes before it, and each shows what is there."""
    assert not explained(events, register(0), register(last))


def test_many_events_at_a_time_are_searched_quickly() -> None:
    """A state is not searched twice: twelve at a time have half a milliard orders."""
    events = [add(1, 2, None) for _ in range(12)]
    assert explained(events, register(0), register(12))
    assert not explained(events, register(0), register(13))
