"""The life of a table: created from the markers, compared with them, completed, dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dynrepo.errors import TableNotFound, Timeout
from dynrepo.operations.operation import Effect, Operation, Table
from dynrepo.operations.program import Pause, Program

if TYPE_CHECKING:
    from dynrepo.schema.keys import KeySchema

R = TypeVar("R")
Description = Mapping[str, Any]
Progress = Callable[[str], object]

POLL = 0.1
"""Seconds between two looks at a table that is not there yet."""

PATIENCE = 600.0
"""Seconds to wait for a table or an index before `Timeout` is raised."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """Provisioned throughput, in capacity units a second, of the table and of each index.

    Both are at least 1, else a ValueError.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/provisioned-capacity-mode.html
    """

    read: int
    write: int

    def __post_init__(self) -> None:
        for name, units in (("read", self.read), ("write", self.write)):
            if units < 1:
                raise ValueError(f"Capacity: {name} is at least 1 unit a second, not {units}")


class Plan(NamedTuple):
    """How a table is to be made beyond what the markers say; without capacity: on demand."""

    capacity: Capacity | None = None
    deletion_protection: bool = False
    tags: Mapping[str, str] | None = None
    progress: Progress = lambda _: None


@dataclass(frozen=True, slots=True)
class Difference:
    """How a table differs from the markers of its model; false when it does not.

    `missing` says that there is no such table. `key` says that its own key is another one.
    `missing_indexes` are in the markers only, `unknown_indexes` in the table only, and
    `wrong_indexes` have another key. `time_to_live` says that expiry is not switched on by the
    attribute of the markers.
    """

    table: str
    missing: bool = False
    key: bool = False
    missing_indexes: tuple[str, ...] = ()
    wrong_indexes: tuple[str, ...] = ()
    unknown_indexes: tuple[str, ...] = ()
    time_to_live: bool = False

    def __bool__(self) -> bool:
        indexes = self.missing_indexes + self.wrong_indexes + self.unknown_indexes
        return self.missing or self.key or bool(indexes) or self.time_to_live


def describe_table(table: Table[Any], *, deadline: float | None = None) -> Operation[Description]:
    """Reads the table's description.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
    """
    request = {"TableName": table.name}
    return Operation(
        "DescribeTable", table.name, request, lambda answer: answer.body["Table"], deadline=deadline
    )


def describe_time_to_live(table: Table[Any]) -> Operation[str | None]:
    """Reads by which attribute items expire; None where they do not.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html
    """

    def read(answer: Any) -> str | None:
        found = answer.body.get("TimeToLiveDescription", {})
        on = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        return found.get("AttributeName") if on else None

    return Operation("DescribeTimeToLive", table.name, {"TableName": table.name}, read)


def create_table(table: Table[Any], plan: Plan) -> Operation[None]:
    """Creates the table with the keys and indexes of the markers.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    """
    schema = table.schema
    request: dict[str, Any] = {
        "TableName": table.name,
        "AttributeDefinitions": _definitions(schema.key_schema, *schema.indexes.values()),
        "KeySchema": _elements(schema.key_schema),
        **_billing(plan.capacity),
    }
    for parameter, local in (("GlobalSecondaryIndexes", False), ("LocalSecondaryIndexes", True)):
        indexes = [_index(one, plan) for one in schema.indexes.values() if one.local is local]
        if indexes:
            request[parameter] = indexes
    if plan.deletion_protection:
        request["DeletionProtectionEnabled"] = True
    if plan.tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in plan.tags.items()]
    return _change("CreateTable", table, request)


def create_index(
    table: Table[Any], index: KeySchema, plan: Plan, description: Description
) -> Operation[None]:
    """Adds a global secondary index to a table as it is described; DynamoDB then fills the index.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
    """
    # Those of the other indexes too: some engines take the definitions for all there are.
    types = {**_stored_types(description), **dict(_shape(index))}
    request = {
        "TableName": table.name,
        "AttributeDefinitions": _typed(types),
        "GlobalSecondaryIndexUpdates": [{"Create": _index(index, plan)}],
    }
    return _change("UpdateTable", table, request)


def update_time_to_live(table: Table[Any], attribute: str) -> Operation[None]:
    """Switches time to live on, by an attribute.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
    """
    specification = {"Enabled": True, "AttributeName": attribute}
    request = {"TableName": table.name, "TimeToLiveSpecification": specification}
    return _change("UpdateTimeToLive", table, request)


def delete_table(table: Table[Any]) -> Operation[None]:
    """Deletes the table and everything in it.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
    """
    return _change("DeleteTable", table, {"TableName": table.name})


def created(table: Table[Any], plan: Plan) -> Program[None]:
    """Creates the table, waits until it and its indexes are active, switches time to live on."""
    yield create_table(table, plan)
    yield from _active(table, plan.progress)
    if table.ttl is not None:
        yield update_time_to_live(table, table.ttl.attribute)


def verified(table: Table[Any]) -> Program[Difference]:
    """Compares the table with the markers."""
    try:
        found = yield describe_table(table)
    except TableNotFound:
        return Difference(table.name, missing=True)
    attribute = (yield describe_time_to_live(table)) if table.ttl is not None else None
    wanted = {index.name: _shape(index) for index in table.schema.indexes.values()}
    there = dict(_shapes(found))
    return Difference(
        table.name,
        key=_stored_shape(found, found) != _shape(table.schema.key_schema),
        missing_indexes=tuple(sorted(wanted.keys() - there.keys())),
        wrong_indexes=tuple(
            sorted(n for n in wanted.keys() & there.keys() if wanted[n] != there[n])
        ),
        unknown_indexes=tuple(sorted(there.keys() - wanted.keys())),
        time_to_live=table.ttl is not None and attribute != table.ttl.attribute,
    )


def ensured(table: Table[Any], plan: Plan) -> Program[Difference]:
    """Creates what is missing and can be added, deletes nothing; returns what still differs."""
    difference = yield from verified(table)
    if difference.missing:
        yield from created(table, plan)
        return Difference(table.name)
    for name in difference.missing_indexes:
        index = table.schema.indexes[name]
        if not index.local:  # local ones are made with the table or never
            description = yield describe_table(table)
            yield create_index(table, index, plan, description)
            yield from _active(table, plan.progress)
    if difference.time_to_live and table.ttl is not None:
        yield update_time_to_live(table, table.ttl.attribute)
    return (yield from verified(table)) if difference else difference


def dropped(table: Table[Any], confirm: str) -> Program[None]:
    """Deletes the table and waits until it is gone; ValueError when `confirm` is not its name."""
    if confirm != table.name:
        raise ValueError(f"to drop the table {table.name}, pass confirm={table.name!r}")
    yield delete_table(table)
    try:
        for _ in range(int(PATIENCE / POLL)):
            yield describe_table(table)
            yield Pause(POLL)
    except TableNotFound:
        return
    raise Timeout(f"{table.name} is not gone after {PATIENCE:.0f} s", code="Timeout")


def _active(table: Table[Any], progress: Progress) -> Program[None]:
    said = ""
    for _ in range(int(PATIENCE / POLL)):
        states = _states((yield describe_table(table)))
        news = ", ".join(f"{name} is {state}" for name, state in states.items())
        if news != said:
            progress(said := news)
        if set(states.values()) == {"ACTIVE"}:
            return
        yield Pause(POLL)
    raise Timeout(f"{table.name} is not active after {PATIENCE:.0f} s", code="Timeout")


def _states(description: Description) -> dict[str, str]:
    indexes = description.get("GlobalSecondaryIndexes", ())
    return {
        description["TableName"]: description["TableStatus"],
        **{one["IndexName"]: one.get("IndexStatus", "ACTIVE") for one in indexes},
    }


def _change(name: str, table: Table[Any], request: Mapping[str, Any]) -> Operation[None]:
    return Operation(name, table.name, request, lambda _: None, Effect.ONCE)


def _definitions(*keys: KeySchema) -> list[dict[str, str]]:
    return _typed(dict(chain.from_iterable(map(_shape, keys))))


def _typed(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": tag} for name, tag in types.items()]


def _elements(key: KeySchema) -> list[dict[str, str]]:
    return [
        {"AttributeName": one.attribute, "KeyType": kind}
        for one, kind in zip(key.fields, ("HASH", "RANGE"), strict=False)
    ]


def _index(index: KeySchema, plan: Plan) -> dict[str, Any]:
    throughput = {} if index.local or plan.capacity is None else _throughput(plan.capacity)
    return {
        "IndexName": index.name,
        "KeySchema": _elements(index),
        "Projection": {"ProjectionType": "ALL"},
        **throughput,
    }


def _billing(capacity: Capacity | None) -> dict[str, Any]:
    if capacity is None:
        return {"BillingMode": "PAY_PER_REQUEST"}
    return {"BillingMode": "PROVISIONED", **_throughput(capacity)}


def _throughput(capacity: Capacity) -> dict[str, Any]:
    units = {"ReadCapacityUnits": capacity.read, "WriteCapacityUnits": capacity.write}
    return {"ProvisionedThroughput": units}


def _shape(key: KeySchema) -> tuple[tuple[str, str], ...]:
    """The names and types of a key's attributes, partition first."""
    return tuple((one.attribute, min(one.codec.tags - {"NULL"})) for one in key.fields)


def _shapes(description: Description) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for index in description.get(kind, ()):
            yield index["IndexName"], _stored_shape(index, description)


def _stored_shape(holder: Description, table: Description) -> tuple[tuple[str, str], ...]:
    types = _stored_types(table)
    keys = sorted(holder["KeySchema"], key=lambda one: one["KeyType"])  # HASH before RANGE
    names = (one["AttributeName"] for one in keys)
    return tuple((name, types.get(name, "?")) for name in names)  # unknown: another one


def _stored_types(table: Description) -> dict[str, str]:
    return {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
