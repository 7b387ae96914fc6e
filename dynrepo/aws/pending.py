"""What a call waits for: a task in a thread, until its own end or for as long as that may take."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Generic, TypeVar

from dynrepo.clock import steady
from dynrepo.sending.outcomes import DeadlineExceeded, NotPrepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.aws.tasks import Task

R = TypeVar("R")

PATIENCE = 30.0
"""Seconds that a task which prepares for requests may take; a call may have less."""


class Pending(Generic[R]):
    """What one call waits for: a task that others may wait for as well.

    The caller waits for the end of `task` as its face does, `seconds` at most, and then asks for
    the `result`::

        await ended(pending.task, pending.seconds)
        return pending.result()

    `ends` and `latest` are points of `time.monotonic`: when the call must be answered, and when it
    has waited for as long as the task may take, which is `PATIENCE` from its start or sooner.
    `remedy` says what took the time, where it is up.
    """

    def __init__(
        self, task: Task[R], ends: float, remedy: Callable[[], str], *, latest: float = math.inf
    ) -> None:
        self.task = task
        self._ends = ends
        self._latest = min(latest, task.started + PATIENCE)
        self._remedy = remedy

    @property
    def seconds(self) -> float:
        """How long the call may wait from now on; below 0 where its time is up."""
        return min(self._ends, self._latest) - steady.monotonic()

    def result(self) -> R:
        """What the task returned or raised; a `NotSent` that names what takes it so long."""
        if self.task.is_done:
            return self.task.outcome()
        late = DeadlineExceeded if self._ends <= self._latest else NotPrepared
        raise late(remedy=self._remedy())
