"""Health of a table: whether it can serve, and what stands in the way."""

from __future__ import annotations

import contextvars
import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dynrepo.errors import AccessDenied, Timeout
from dynrepo.operations.operation import Operation, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.operations.protocols import Location

WITHIN = 2.0
"""Seconds in which a health check answers, whatever happens."""


PROBE = "dynrepo-health"
"""The name of the threads that look."""


class Status(StrEnum):
    """How well a table can serve."""

    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a table: UP, DEGRADED (serves, but not fully) or DOWN.

    `details` holds `table`, `region`, `endpoint`, `latency_ms` and, as far as they are known,
    `table_status`, `indexes` (status by name), `error` (a class name) and `note` (a sentence on
    what is not as it should be). Never a secret.
    """

    status: Status
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


# All others are DOWN, ARCHIVED and INACCESSIBLE_ENCRYPTION_CREDENTIALS among them.
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
_SERVING = {"ACTIVE": Status.UP, "UPDATING": Status.DEGRADED}


def check(
    execute: Callable[[Operation[Any]], Any],
    describe: Operation[Mapping[str, Any]],
    table: Table[Any],
    locate: Callable[[], Location],
) -> Health:
    """The health of a table by its description; DOWN, with the error's class, without one.

    Who may not describe the table reads from it instead, and the health says so.
    """
    details: dict[str, Any] = {"table": table.name, "region": None, "endpoint": None}

    def look() -> Health:
        where = locate()
        details.update(region=where.region, endpoint=where.endpoint)
        try:
            return _judge(execute(describe), table)
        except AccessDenied:
            execute(_read_anything(table))
            return Health(Status.UP, {"note": "judged by a read: no permission for DescribeTable"})

    started = time.perf_counter()
    try:
        found = _bounded(look)
    except Exception as error:  # noqa: BLE001 - a health check reports, it never raises
        found = Health(Status.DOWN, {"error": type(error).__name__})
    latency = round((time.perf_counter() - started) * 1000, 3)
    details = {**details, **found.details, "latency_ms": latency}
    return Health(found.status, MappingProxyType(details))


def _judge(description: Mapping[str, Any], table: Table[Any]) -> Health:
    state = description["TableStatus"]
    found: dict[str, Any] = {"table_status": state}
    indexes = _indexes(description, table)
    if indexes:
        found["indexes"] = indexes
    status = _SERVING.get(state, Status.DOWN)
    fields = table.schema.key_schema.fields
    if _key(description) != [(one.attribute, one.codec.tag) for one in fields]:
        return Health(Status.DOWN, {**found, "note": "the table's key is not the model's"})
    if status is Status.UP and any(one != "ACTIVE" for one in indexes.values()):
        status = Status.DEGRADED
    return Health(status, found)


def _indexes(description: Mapping[str, Any], table: Table[Any]) -> dict[str, str]:
    """The status of every index that the table has, and of those that the model counts on."""
    present = {
        index["IndexName"]: index.get("IndexStatus", "ACTIVE")
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for index in description.get(kind, ())
    }
    return {**dict.fromkeys(table.schema.indexes, "MISSING"), **present}


def _key(description: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The key's attributes and their types, partition key first."""
    types = {
        one["AttributeName"]: one["AttributeType"] for one in description["AttributeDefinitions"]
    }
    keys = sorted(description["KeySchema"], key=lambda one: str(one["KeyType"]))  # HASH, RANGE
    return [(one["AttributeName"], types[one["AttributeName"]]) for one in keys]


_PROBE = {"S": "dynrepo-health", "N": "0", "B": "AA=="}
"""A key that is read to see whether the table answers; it need not exist."""


def _read_anything(table: Table[Any]) -> Operation[None]:
    """Half a read unit, for those who may read the table but not describe it."""
    fields = table.schema.key_schema.fields
    key = {one.attribute: {one.codec.tag: _PROBE[one.codec.tag]} for one in fields}
    request = {"TableName": table.name, "Key": key}
    return Operation("GetItem", table.name, request, lambda _: None, deadline=WITHIN)


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

    thread = threading.Thread(target=target, name=PROBE, daemon=True)
    thread.start()
    thread.join(WITHIN * 0.9)
    if not outcome:
        raise Timeout("no answer in time", code="Timeout", retryable=True)
    if isinstance(outcome[0], BaseException):
        raise outcome[0]
    return outcome[0]  # type: ignore[no-any-return]
