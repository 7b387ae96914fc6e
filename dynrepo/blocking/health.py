"""The health of a table, told in time whatever happens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dynrepo.blocking.driver import run
from dynrepo.blocking.waits import sleep, within
from dynrepo.operations.health import WITHIN, Health, down, read_health, with_place
from dynrepo.operations.operation import Location

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.instrumentation.fence import Execute
    from dynrepo.operations.mapper import Mapper

PROBE = "dynrepo-health"
"""The name of the threads that look."""


def health_of(mapper: Mapper[Any], execute: Execute, locate: Callable[[], Location]) -> Health:
    """The health of a table within `WITHIN` seconds; DOWN, with the error's class, without one."""
    location = Location()

    def look() -> Health:
        nonlocal location
        location = locate()
        return run(read_health(mapper), execute, sleep)

    started = time.perf_counter()
    try:
        found = within(WITHIN * 0.9, look, name=PROBE)
    except Exception as error:  # noqa: BLE001 - a health check reports, it never raises
        found = down(error)
    seconds = time.perf_counter() - started
    return with_place(found, mapper.table, location, seconds)
