"""What is asked of a table itself: to be made from the markers, described, compared, changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from dynrepo.errors import TableNotFound
from dynrepo.operations.descriptions import (
    Description,
    index_keys,
    key_of,
    key_types,
    partial_indexes,
    stored_key,
)
from dynrepo.operations.operation import Effect, Operation, new_operation, nothing
from dynrepo.operations.reports import report
from dynrepo.operations.samples import Sample, SampleSize, check_sample, sampled
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Answer
    from dynrepo.operations.program import Program
    from dynrepo.operations.table_plan import Capacity, TablePlan
    from dynrepo.schema.keys import KeySchema


@public
@dataclass(frozen=True, slots=True)
class Difference:
    """How a table differs from its model; false when it does not, and a report as a `str`.

    Attributes:
        table: The full name of the table.
        missing: Whether there is no such table.
        key: Whether its own key is another one.
        missing_indexes: Those that are in the markers only, by DynamoDB's names.
        wrong_indexes: Those that have another key.
        unknown_indexes: Those that are in the table only.
        partial_indexes: Those that do not hold all attributes of the model.
        time_to_live: Whether expiry is not switched on by the attribute of the markers.
        sample: What the rows show that were read; None where none were.
    """

    table: str
    missing: bool = False
    key: bool = False
    missing_indexes: tuple[str, ...] = ()
    wrong_indexes: tuple[str, ...] = ()
    unknown_indexes: tuple[str, ...] = ()
    partial_indexes: tuple[str, ...] = ()
    time_to_live: bool = False
    sample: Sample | None = None

    def __bool__(self) -> bool:
        return bool(self._facts() or self.sample)

    def __str__(self) -> str:
        facts = self._facts()
        agrees = "differs from its model in" if facts else "has the keys and indexes of its model"
        described = report(f"{self.table} {agrees}{':' if facts else ''}", facts)
        return described if self.sample is None else f"{described}\n{self.sample}"

    def _facts(self) -> list[str]:
        """What differs, but for the rows, in sentences."""
        named = {
            "missing indexes": self.missing_indexes,
            "indexes with another key": self.wrong_indexes,
            "indexes that the model does not know": self.unknown_indexes,
            "indexes that do not hold all attributes": self.partial_indexes,
        }
        return [
            *["the table is missing"] * self.missing,
            *["another key of the table"] * self.key,
            *[f"{fact}: {', '.join(names)}" for fact, names in named.items() if names],
            *["expiry is not switched on by the attribute of the model"] * self.time_to_live,
        ]


def describe_table(
    mapper: Mapper[Any], *, deadline: float | None = None, seeks: bool = False
) -> Operation[Description]:
    """Reads the table's description; one that `seeks` expects that there may be no table.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
    """

    def read(answer: Answer) -> Description:
        description: Description = answer.body["Table"]
        return description

    request = {"TableName": mapper.table}
    return new_operation(
        "DescribeTable",
        mapper.table,
        request,
        read,
        deadline=deadline,
        seeks=seeks,
    )


def describe_time_to_live(mapper: Mapper[Any]) -> Operation[str | None]:
    """Reads by which attribute items expire; None where they do not.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html
    """

    def read(answer: Answer) -> str | None:
        found = answer.body.get("TimeToLiveDescription", {})
        on = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        return found.get("AttributeName") if on else None

    return Operation("DescribeTimeToLive", mapper.table, {"TableName": mapper.table}, read)


def create_table(mapper: Mapper[Any], plan: TablePlan) -> Operation[None]:
    """Creates the table with the keys and indexes of the markers.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
    """
    schema = mapper.schema
    request: dict[str, Any] = {
        "TableName": mapper.table,
        "AttributeDefinitions": _definitions(schema.key_schema, *schema.table_indexes.values()),
        "KeySchema": _elements(schema.key_schema),
        **_billing(plan.capacity),
    }
    for parameter, local in (("GlobalSecondaryIndexes", False), ("LocalSecondaryIndexes", True)):
        indexes = [_index(key, plan) for key in schema.table_indexes.values() if key.local is local]
        if indexes:
            request[parameter] = indexes
    if plan.deletion_protection:
        request["DeletionProtectionEnabled"] = True
    if plan.tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in plan.tags.items()]
    return _change("CreateTable", mapper, request)


def create_index(
    mapper: Mapper[Any], index: KeySchema, plan: TablePlan, description: Description
) -> Operation[None]:
    """Adds a global secondary index to a table as it is described; DynamoDB then fills the index.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
    """
    # Those of the other indexes too: some engines take the definitions for all there are.
    types = {**key_types(description), **dict(key_of(index))}
    request = {
        "TableName": mapper.table,
        "AttributeDefinitions": _typed(types),
        "GlobalSecondaryIndexUpdates": [{"Create": _index(index, plan)}],
    }
    return _change("UpdateTable", mapper, request)


def update_time_to_live(mapper: Mapper[Any], attribute: str) -> Operation[None]:
    """Switches time to live on, by an attribute.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
    """
    specification = {"Enabled": True, "AttributeName": attribute}
    request = {"TableName": mapper.table, "TimeToLiveSpecification": specification}
    return _change("UpdateTimeToLive", mapper, request)


def delete_table(mapper: Mapper[Any]) -> Operation[None]:
    """Deletes the table and everything in it.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
    """
    return _change("DeleteTable", mapper, {"TableName": mapper.table})


def verified(mapper: Mapper[Any], sample: SampleSize | None = None) -> Program[Difference]:
    """Compares the table with the markers, and so many of its rows with the model."""
    if sample is not None:
        check_sample(sample)
    try:
        found = yield describe_table(mapper, seeks=True)
    except TableNotFound:
        return Difference(mapper.table, missing=True)
    difference = yield from _compared(mapper, found)
    if sample is None:
        return difference
    about = found.get("ItemCount", 0)
    return replace(difference, sample=(yield from sampled(mapper, sample, about)))


def _compared(mapper: Mapper[Any], found: Description) -> Program[Difference]:
    """Compares a table as it is described with the markers."""
    expiry = mapper.expiry
    attribute = (yield describe_time_to_live(mapper)) if expiry is not None else None
    wanted = {index.name: key_of(index) for index in mapper.schema.table_indexes.values()}
    there = dict(index_keys(found))
    used = {index.name for index in mapper.schema.indexes.values()}
    declared = {field.attribute for field in mapper.schema.stored_fields}
    return Difference(
        mapper.table,
        key=stored_key(found, found) != key_of(mapper.schema.key_schema),
        missing_indexes=tuple(sorted(wanted.keys() - there.keys())),
        wrong_indexes=tuple(
            sorted(n for n in wanted.keys() & there.keys() if wanted[n] != there[n])
        ),
        unknown_indexes=tuple(sorted(there.keys() - wanted.keys())),
        partial_indexes=tuple(
            sorted(n for n, held in partial_indexes(found) if n in used and declared - held)
        ),
        time_to_live=expiry is not None and attribute != expiry.attribute,
    )


def _change(name: str, mapper: Mapper[Any], request: Mapping[str, Any]) -> Operation[None]:
    return Operation(name, mapper.table, request, nothing, Effect.ONCE)


def _definitions(*keys: KeySchema) -> list[dict[str, str]]:
    return _typed(dict(chain.from_iterable(map(key_of, keys))))


def _typed(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": tag} for name, tag in types.items()]


def _elements(key: KeySchema) -> list[dict[str, str]]:
    return [
        {"AttributeName": field.attribute, "KeyType": kind}
        for field, kind in zip(key.fields, ("HASH", "RANGE"), strict=False)
    ]


def _index(index: KeySchema, plan: TablePlan) -> dict[str, Any]:
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
