"""What a call consumed, shared out to the partition keys that it is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dynrepo.codec import AttributeValue
    from dynrepo.instrumentation.call import Call
    from dynrepo.operations.operation import Operation


class Keyspace(NamedTuple):
    """A table, or one of its indexes: what has partitions of its own."""

    table: str
    index_name: str | None = None

    def __str__(self) -> str:
        return self.table if self.index_name is None else f"{self.table}, index {self.index_name}"


class Charge(NamedTuple):
    """What was consumed for a partition key, which is given as it is stored."""

    keyspace: Keyspace
    key: AttributeValue
    units: float


def charges_of(call: Call) -> Iterator[Charge]:
    """What a call consumed, by partition key, as far as its answer and its request tell.

    A query is all for its partition. What a batch or a transaction consumed in a table is shared
    out evenly to its keys there, but for those that were not processed. A scan is of no key.
    """
    operation, consumed = call.operation, _consumed(call)
    index = operation.request.get("IndexName")
    for table, keys in _keys_of(call).items():
        units = consumed.get(table, 0.0)
        if units:
            for key in keys:
                yield Charge(Keyspace(table, index), key, units / len(keys))


def _consumed(call: Call) -> Mapping[str, float]:
    """The units by table, as far as the answer tells."""
    told: Any = None if call.answer is None else call.answer.body.get("ConsumedCapacity")
    if not told:
        return {}
    if "CapacityUnits" in told:
        return {call.operation.table: float(told["CapacityUnits"])}
    return {each["TableName"]: float(each.get("CapacityUnits", 0)) for each in told}


def _keys_of(call: Call) -> Mapping[str, Sequence[AttributeValue]]:
    """The partition keys that a call is of, by table; a key that is asked twice is there twice."""
    operation = call.operation
    if "RequestItems" in operation.request:
        return _keys_of_batch(call)
    by_table: dict[str, list[AttributeValue]] = {}
    for part in operation.parts or (operation,):
        key = _key_of(part)
        if key is not None:
            by_table.setdefault(part.table, []).append(key)
    return by_table


def _key_of(operation: Operation[Any]) -> AttributeValue | None:
    """The partition key of an operation on one item, or of a query; None for others."""
    request = operation.request
    if "KeyConditionExpression" in request:
        return _asked(request)
    return _partition(request, operation.partition)


def _partition(part: Mapping[str, Any], attribute: str) -> AttributeValue | None:
    """The partition key of what has a key, or an item with this attribute."""
    key: Mapping[str, Any] = part.get("Key", {})
    if key:
        return next(iter(key.values()))  # type: ignore[no-any-return]
    return part.get("Item", {}).get(attribute)  # type: ignore[no-any-return]


_VALUE = re.compile(r":\w+")


def _asked(request: Mapping[str, Any]) -> AttributeValue | None:
    """The partition key that a query asks for: the first in its condition."""
    marks = _VALUE.findall(request["KeyConditionExpression"])
    values: Mapping[str, AttributeValue] = request.get("ExpressionAttributeValues", {})
    return values.get(marks[0]) if marks else None


def _keys_of_batch(call: Call) -> Mapping[str, Sequence[AttributeValue]]:
    """The keys of a batch that were read or written, by table."""
    body: Mapping[str, Any] = {} if call.answer is None else call.answer.body
    left: Mapping[str, Any] = body.get("UnprocessedKeys") or body.get("UnprocessedItems") or {}
    requests: Mapping[str, Any] = call.operation.request["RequestItems"]
    attribute = call.operation.partition
    by_table: dict[str, Sequence[AttributeValue]] = {}
    for table, asked in requests.items():
        unprocessed = _parts(left.get(table, ()))
        parts = [part for part in _parts(asked) if part not in unprocessed]
        keys = [_partition(part, attribute) for part in parts]
        by_table[table] = [key for key in keys if key is not None]
    return by_table


def _parts(asked: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What a batch asks of one table: keys of reads; puts and deletes by their only member."""
    if isinstance(asked, Mapping):
        keys: list[Mapping[str, Any]] = asked["Keys"]
        return [{"Key": key} for key in keys]
    return [part for write in asked for part in write.values()]
