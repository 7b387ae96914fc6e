"""What a store does before its first request: botocore is imported, and a client is made."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Generic, TypeVar

from dynrepo.aws.pending import PATIENCE, Pending
from dynrepo.aws.tasks import SharedCall

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C")

PREPARING = "dynrepo-prepare"
"""The name of the threads that prepare."""

IMPORT = "the import of botocore"
CLIENT = "the making of botocore's client"


class Preparation(Generic[C]):
    """The making of a connection, by one thread for all callers, who wait for it in time.

    `make(step)` makes it, and calls `step` with what it is about to do. No lock is held meanwhile:
    a signal handler may wait as well, and a forked child prepares for itself. The connection is
    `ready` once it is made.
    """

    def __init__(self, make: Callable[[Callable[[str], None]], C]) -> None:
        self.ready: C | None = None
        self._make = make
        self._step = IMPORT
        self._call = SharedCall(self._run, PREPARING)

    def pending(self, ends: float, latest: float = math.inf) -> Pending[C]:
        """The making, for a call that ends at a point of `time.monotonic`.

        `latest` is when it has waited for as long as preparing may take, in all its attempts.
        """
        return Pending(self._call.task(), ends, self._took, latest=latest)

    def settle(self) -> None:
        """Waits for the thread that prepares: a child that is forked meanwhile inherits its locks.

        Python locks each module that is imported, for ever where the importing thread is gone.
        """
        self._call.settle(PATIENCE)

    def _run(self) -> C:
        if self.ready is not None:  # made since the caller looked
            return self.ready
        self._step = IMPORT
        self.ready = made = self._make(self._note)
        return made

    def _note(self, step: str) -> None:
        self._step = step

    def _took(self) -> str:
        return f"preparing took the time, {self._step} did"
