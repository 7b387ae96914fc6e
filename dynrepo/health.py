"""Health of a table: whether it can serve, and what stands in the way."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dynrepo.errors import Timeout

if TYPE_CHECKING:
    from dynrepo.store import Location

WITHIN = 2.0
"""Seconds in which a health check answers, whatever happens."""


class Status(StrEnum):
    """How well a table can serve."""

    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a table: UP, DEGRADED (serves, but not fully) or DOWN.

    `details` holds `table`, `region`, `endpoint`, `latency_ms` and, as far as they are known,
    `table_status`, `indexes` (status by name) and `error` (a class name). Never a secret.
    """

    status: Status
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
_SERVING = {"ACTIVE": Status.UP, "UPDATING": Status.DEGRADED}


def check(
    describe: Callable[[], Mapping[str, Any]], table: str, locate: Callable[[], Location]
) -> Health:
    """The health that a table's description shows; DOWN, with the error's class, without one."""
    details: dict[str, Any] = {"table": table, "region": None, "endpoint": None}

    def look() -> Health:
        where = locate()
        details.update(region=where.region, endpoint=where.endpoint)
        return _judge(describe())

    started = time.perf_counter()
    try:
        found = _bounded(look)
    except Exception as error:  # noqa: BLE001 - a health check reports, it never raises
        found = Health(Status.DOWN, {"error": type(error).__name__})
    latency = round((time.perf_counter() - started) * 1000, 3)
    return Health(found.status, MappingProxyType({**details, **found.details, "latency_ms": latency}))


def _judge(description: Mapping[str, Any]) -> Health:
    state = description["TableStatus"]
    indexes = {
        index["IndexName"]: index.get("IndexStatus", "ACTIVE")
        for index in description.get("GlobalSecondaryIndexes", ())
    }
    status = _SERVING.get(state, Status.DOWN)
    if status is Status.UP and any(one != "ACTIVE" for one in indexes.values()):
        status = Status.DEGRADED
    return Health(status, {"table_status": state, **({"indexes": indexes} if indexes else {})})


def _bounded(call: Callable[[], Health]) -> Health:
    """Runs a call in a thread of its own and waits no longer than `WITHIN`.

    Socket timeouts do not bound a name look-up or a body that drips; leaving the thread does.
    """
    outcome: list[Any] = []
    context = contextvars.copy_context()

    def target() -> None:
        try:
            outcome.append(context.run(call))
        except BaseException as error:  # noqa: BLE001 - carried to the waiting thread
            outcome.append(error)

    thread = threading.Thread(target=target, name="dynrepo-health", daemon=True)
    thread.start()
    thread.join(WITHIN * 0.9)
    if not outcome:
        raise Timeout("no answer in time", code="Timeout", retryable=True)
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]  # type: ignore[no-any-return]
