"""What a store does before its first request: botocore is imported, and a client is made."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from dynrepo.aws.tasks import SharedCall
from dynrepo.sending.outcomes import DeadlineExceeded, NotPrepared

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C")

PATIENCE = 30.0
"""Seconds that preparing may take; a deadline around the call may leave less."""

PREPARING = "dynrepo-prepare"
"""The name of the threads that prepare."""

IMPORT = "the import of botocore"
CLIENT = "the making of botocore's client"


class Preparation(Generic[C]):
    """The making of a connection, by one thread for all callers, who wait for it in time.

    `make(step)` makes it, and calls `step` with what it is about to do. No lock is held meanwhile:
    a signal handler may wait as well, and a forked child prepares for itself.
    """

    def __init__(self, make: Callable[[Callable[[str], None]], C]) -> None:
        self.ready: C | None = None
        self._make = make
        self._step = IMPORT
        self._call = SharedCall(self._run, PREPARING)

    def made(self, ends: float, latest: float = math.inf) -> C:
        """The connection; what making it raised; a `NotSent` that names the step, if it is late.

        `ends` and `latest` are points of `time.monotonic`: when the caller must be answered, and
        when it has waited for as long as preparing may take, in all its attempts.
        """
        if self.ready is not None:
            return self.ready
        task = self._call.task()
        latest = min(latest, task.started + PATIENCE)
        if task.wait(min(ends, latest) - time.monotonic()):
            return task.outcome()
        if ends <= latest:
            raise DeadlineExceeded(remedy=f"preparing took the time, {self._step} did")
        raise NotPrepared(remedy=f"not prepared within {PATIENCE:.0f} s, {self._step} took them")

    def settle(self) -> None:
        """Waits for the thread that prepares: a child that is forked meanwhile inherits its locks.

        Python locks each module that is imported, for ever where the importing thread is gone.
        """
        self._call.settle(PATIENCE)

    def _run(self) -> C:
        self._step = IMPORT
        self.ready = made = self._make(self._tell)
        return made

    def _tell(self, step: str) -> None:
        self._step = step
