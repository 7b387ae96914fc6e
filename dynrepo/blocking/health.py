# Written by tests/faces.py from aio/health.py: change that one.
"""The health of a table, told in time whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.blocking.driver import run
from dynrepo.blocking.waits import SharedCall, sleep
from dynrepo.clock import current_end, steady, time_left
from dynrepo.errors import Unavailable
from dynrepo.instrumentation.service import service
from dynrepo.interruption import pass_interruption
from dynrepo.operations.health import (
    WITHIN,
    Health,
    down,
    read_health,
    with_place,
    with_sender,
)
from dynrepo.operations.operation import Location
from dynrepo.sending.outcomes import NoThread, SendingFailed

if TYPE_CHECKING:
    from dynrepo.blocking.waits import Task
    from dynrepo.instrumentation.fence import Execute
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.protocols import PlacedStore

PROBE = "dynrepo-health"
"""The name of the threads that look."""

_NO_THREAD = down(Unavailable())


def look_of(call: SharedCall[Health]) -> Task[Health] | None:
    """The look that is under way, or a new one; None where no thread can be started for it.

    Whoever asks while it is under way waits for the same look, so that one that hangs stays alone.
    """
    try:
        return call.task()
    except NoThread:
        return None


def outcome_within(seconds: float, look: Task[Health] | None) -> Health:
    """The health that a look tells, DOWN with the error's class where it tells none in time."""
    if look is None:
        return _NO_THREAD
    try:
        return look.outcome(time_left(seconds))
    except NoThread:  # for another one who asked
        return _NO_THREAD
    except Exception as error:  # noqa: BLE001 - a health check reports, it never raises
        pass_interruption(error)
        return down(error)


class HealthCheck:
    """The health of a table within `WITHIN` seconds."""

    def __init__(self, mapper: Mapper[Any], execute: Execute, store: PlacedStore) -> None:
        self._mapper = mapper
        self._execute = execute
        self._store = store
        self._location = Location()
        self._look = SharedCall(self._looked, PROBE)

    def health(self) -> Health:
        """UP, DEGRADED or DOWN, with where the table is, as far as it is known."""
        started = steady.perf_counter()
        found = outcome_within(WITHIN * 0.9, look_of(self._look))
        seconds = steady.perf_counter() - started
        return with_place(found, self._mapper.table, self._location, seconds, service())

    def _looked(self) -> Health:
        current_end.set(None)  # the look is for others as well, who have other deadlines
        self._location = self._store.location
        try:
            found = run(read_health(self._mapper), self._execute, sleep)
        finally:
            self._location = self._store.location  # the first request may have resolved it
        return with_sender(found, self._sender())

    def _sender(self) -> tuple[str, str] | None:
        """Who has sent the requests of the store, and why; None where nobody tells."""
        store: Any = self._store
        try:
            sender: tuple[str, str] = store.sender
        except (SendingFailed, AttributeError):
            return None
        return sender
