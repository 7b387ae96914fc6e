"""Health of a table: whether it can serve, and what stands in the way."""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.errors import AccessDenied
from dynrepo.operations.descriptions import key_of, stored_key
from dynrepo.operations.operation import Operation, nothing
from dynrepo.operations.tables import describe_table
from dynrepo.plain_text import LONGEST_INDEX, told_name
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Location
    from dynrepo.operations.program import Program

WITHIN = 2.0
"""Seconds in which a health check answers, whatever happens."""

FRESH = 1.0
"""Seconds for which the health of a container answers for those that ask after it."""


@public
class Status(StrEnum):
    """How well a table can serve; each is the text of its name."""

    UP = "UP"
    """The table and the indexes are active, or could be read where nobody may describe them."""
    DEGRADED = "DEGRADED"
    """It serves while it is updated, or while an index is not active, or missing."""
    DOWN = "DOWN"
    """It does not serve, does not answer in time, or has another key than the model."""


def _no_names() -> dict[str, str]:
    return {}  # to call `dict[str, str]` takes ten times as long


@public
@dataclass(frozen=True, slots=True)
class Health:
    """How well a table, or all of a container, can serve. Never a secret is in it.

    Attributes:
        status: UP, DEGRADED (serves, but not fully) or DOWN.
        details: `table`, `region`, `endpoint`, `latency_ms` (milliseconds) and, as far as they are
            known, `table_status`, `indexes` (status by name, `MISSING` for one that the model names
            and the table lacks), `unknown_indexes` (names of those that no model names, which cost
            with each write), `sender` and `sender_reason` (who sends the requests and why), `error`
            (a class name) and `note` (a sentence on what is not as it should be). Plain values, of
            whoever asked, which JSON can hold.
        service: `name` and `version` of this process as far as OpenTelemetry is told them.
    """

    status: Status
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    service: Mapping[str, str] = field(default_factory=_no_names)


# All others are DOWN, ARCHIVED and INACCESSIBLE_ENCRYPTION_CREDENTIALS among them.
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
_SERVING = {"ACTIVE": Status.UP, "UPDATING": Status.DEGRADED}


Judged: TypeAlias = tuple[Status, dict[str, Any]]
"""The status of a table, and the details that say why."""


def read_health(mapper: Mapper[Any]) -> Program[Judged]:
    """The health of a table by its description; by a read, where describing is not allowed."""
    try:
        description = yield describe_table(mapper, deadline=WITHIN)
    except AccessDenied:
        yield read_anything(mapper)
        return Status.UP, {"note": "judged by a read: no permission for DescribeTable"}
    return judged(description, mapper)


def down(error: Exception) -> Health:
    """The health of a table that could not be looked at; the error's text could hold anything."""
    return Health(Status.DOWN, {"error": type(error).__name__})


def with_sender(judged: Judged, sender: tuple[str, str] | None) -> Health:
    """A health that says besides who sends the requests, and why, as far as that is known."""
    status, details = judged
    if sender is not None:
        details["sender"], details["sender_reason"] = sender
    return Health(status, details)


def with_place(
    health: Health, table: str, location: Location, seconds: float, service: Mapping[str, str]
) -> Health:
    """A health that says besides which table it is of, where that is and how long it took.

    What was found is of all who asked for the same look; what is returned is of one.
    """
    details = {
        "table": table,
        "region": location.region,
        "endpoint": location.endpoint,
        **{
            name: told if isinstance(told, str) else copy(told)
            for name, told in health.details.items()
        },
        "latency_ms": round(seconds * 1000, 3),
    }
    return Health(health.status, details, service)


_BADNESS = [Status.UP, Status.DEGRADED, Status.DOWN]


def worst_of(found: Mapping[type[Any], Health], service: Mapping[str, str]) -> Health:
    """The health of several repositories: as well as the worst, with the details of each."""
    statuses = (health.status for health in found.values())
    details = {
        name: {"status": health.status, **health.details}
        for name, health in zip(_names(list(found)), found.values(), strict=True)
    }
    return Health(max(statuses, key=_BADNESS.index, default=Status.UP), details, service)


def _names(kinds: list[type[Any]]) -> Iterator[str]:
    """The name of each class, with its module where others have the same."""
    count = Counter(kind.__name__ for kind in kinds)
    for kind in kinds:
        name = kind.__name__
        yield name if count[name] == 1 else f"{kind.__module__}.{kind.__qualname__}"


def judged(description: Mapping[str, Any], mapper: Mapper[Any]) -> Judged:
    """The health that the description of a table tells."""
    state = told_name(description["TableStatus"])
    found: dict[str, Any] = {"table_status": state}
    indexes = _indexes(description, mapper)
    if indexes:
        found["indexes"] = indexes
        unknown = sorted(indexes.keys() - mapper.schema.table_indexes.keys())
        if unknown:
            found["unknown_indexes"] = unknown
    status = _SERVING.get(state, Status.DOWN)
    if stored_key(description, description) != key_of(mapper.schema.key_schema):
        return Status.DOWN, {**found, "note": "the table's key is not the model's"}
    if status is Status.UP and set(indexes.values()) - {"ACTIVE"}:
        status = Status.DEGRADED
    return status, found


def _indexes(description: Mapping[str, Any], mapper: Mapper[Any]) -> dict[str, str]:
    """The status of every index that the table has, and of those that the model counts on."""
    present = {
        told_name(index["IndexName"], LONGEST_INDEX): told_name(index.get("IndexStatus", "ACTIVE"))
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for index in description.get(kind, ())
    }
    return {**dict.fromkeys(mapper.schema.table_indexes, "MISSING"), **present}


_PROBE = {"S": "dynrepo-health", "N": "0", "B": "AA=="}
"""A key that is read to see whether the table answers; it need not exist."""


def read_anything(mapper: Mapper[Any]) -> Operation[None]:
    """Half a read unit, for those who may read the table but not describe it."""
    fields = mapper.schema.key_schema.fields
    key = {field.attribute: {field.codec.tag: _PROBE[field.codec.tag]} for field in fields}
    request = {"TableName": mapper.table, "Key": key}
    return Operation("GetItem", mapper.table, request, nothing, deadline=WITHIN)
