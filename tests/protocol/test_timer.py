"""Every wait ends when its time is up, and no timer is set for one that does not get there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynrepo.clock import steady
from dynrepo.protocol.timer import Timer

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """A clock that a test sets, and the calls that are to come by it."""

    def __init__(self) -> None:
        self.now = 100.0
        self.alarms: list[Alarm] = []
        self.made = 0

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Alarm:
        """Has a function called when it is time."""
        self.made += 1
        alarm = Alarm(self, self.now + seconds, callback)
        self.alarms.append(alarm)
        return alarm

    def set_to(self, now: float) -> None:
        """Goes on to a time, and makes the calls that come before it, in their order."""
        while due := [alarm for alarm in self.alarms if alarm.due <= now]:
            alarm = min(due, key=lambda alarm: alarm.due)
            self.now = max(self.now, alarm.due)
            self.alarms.remove(alarm)
            alarm.callback()
        self.now = now


class Alarm:
    """A call that is to come."""

    def __init__(self, clock: Clock, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback = callback
        self._clock = clock

    def cancel(self) -> None:
        """Has it not come."""
        self._clock.alarms.remove(self)


class Wait:
    """A wait, and when it expired."""

    def __init__(self, clock: Clock, due: float) -> None:
        self._clock = clock
        self.due = due
        self.expired: list[float] = []

    def expire(self) -> None:
        """Its time is up."""
        self.expired.append(self._clock.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that a test sets."""
    made = Clock()
    monkeypatch.setattr(steady, "monotonic", lambda: made.now)
    return made


def waits_on(clock: Clock, *due: float) -> tuple[Timer, list[Wait]]:
    """A timer that watches waits."""
    timer = Timer(clock.call_later)
    waits = [Wait(clock, point) for point in due]
    for wait in waits:
        timer.add(wait)
    return timer, waits


def test_each_wait_ends_in_its_time(clock: Clock) -> None:
    """Once, whichever was there first; one that was over before it began ends at once."""
    _, waits = waits_on(clock, 103, 101, 102, 102, 99)
    clock.set_to(110)
    assert [wait.expired for wait in waits] == [[103], [101], [102], [102], [100]]
    assert clock.alarms == []


def test_a_wait_may_be_put_off(clock: Clock) -> None:
    """It ends at the later time."""
    _, (wait,) = waits_on(clock, 101)
    wait.due = 105
    clock.set_to(104)
    assert wait.expired == []
    clock.set_to(110)
    assert wait.expired == [105]


def test_a_wait_that_is_over_does_not_end_again(clock: Clock) -> None:
    """It was dropped in time; to drop it twice does no harm."""
    timer, (first, second) = waits_on(clock, 101, 102)
    timer.drop(first)
    timer.drop(first)
    clock.set_to(110)
    assert (first.expired, second.expired) == ([], [102])


def test_one_timer_is_set_for_all(clock: Clock) -> None:
    """As long as none is due earlier than what is set already, no other one is."""
    timer, _ = waits_on(clock, *range(101, 200))
    assert (clock.made, len(clock.alarms)) == (1, 1)
    timer.add(Wait(clock, 100.5))
    timer.add(Wait(clock, 150))
    assert (clock.made, len(clock.alarms)) == (2, 1)
    clock.set_to(199)
    assert clock.alarms == []


def test_a_wait_may_begin_another(clock: Clock) -> None:
    """When it is told, as may one end others."""
    timer, (first, second) = waits_on(clock, 101, 101)
    later = Wait(clock, 103)

    def go_on() -> None:
        timer.add(later)
        timer.drop(second)
        timer.drop(first)

    first.expire = go_on  # type: ignore[method-assign]
    clock.set_to(110)
    assert later.expired == [103]


def test_a_wait_for_ever_needs_no_timer(clock: Clock) -> None:
    """There is no such point of time."""
    waits_on(clock, float("inf"))
    assert clock.made == 0
