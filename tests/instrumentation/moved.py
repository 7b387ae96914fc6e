"""A clock that moves when a call waits or is answered, and a store that does both by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo import Answer, Location
from dynrepo.clock import ends_at

if TYPE_CHECKING:
    import pytest

    from dynrepo import Operation


class MovedClock:
    """Stands in for the steady clock of deadlines and paces; `now` is in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("dynrepo.clock.steady", self)
        monkeypatch.setattr("dynrepo.instrumentation.pace.steady", self)

    def monotonic(self) -> float:
        """The time."""
        return self.now


class Stopped(BaseException):
    """What breaks a wait off."""


class MovedStore:
    """Answers by a body or an error, in turn; the last of them repeats. Sleeping moves the clock.

    `sent` are the operations with the seconds at which they were sent, `slept` the waits, `left`
    how long each call had when it was sent. Where `breaks_off` is set, a wait is broken off.
    """

    table_prefix = ""
    location = Location("eu-west-1", "http://127.0.0.1:8000")

    def __init__(self, clock: MovedClock, *answers: Any, deadline: float = 10.0) -> None:
        self.clock = clock
        self.answers = list(answers)
        self.deadline = deadline
        self.sent: list[tuple[float, Operation[Any]]] = []
        self.slept: list[float] = []
        self.left: list[float] = []
        self.breaks_off = False

    def sleep(self, seconds: float, /) -> None:
        """Lets the seconds pass at once."""
        if self.breaks_off:
            raise Stopped
        self.slept.append(seconds)
        self.clock.now += seconds

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Answers, or raises."""
        self.sent.append((self.clock.now, operation))
        self.left.append(ends_at(self.deadline) - self.clock.now)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return Answer(answer)


def consumed(units: float, **body: Any) -> dict[str, Any]:
    """An answer that tells so many units."""
    return {**body, "ConsumedCapacity": {"TableName": "notes", "CapacityUnits": units}}
