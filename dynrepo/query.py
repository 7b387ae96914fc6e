"""Queries and scans: what to read as a value, read page by page as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel
from pynamodb.expressions.condition import And, BeginsWith, Between, Comparison, Condition
from pynamodb.expressions.operand import Path, Value

from dynrepo.codec import Item
from dynrepo.errors import CodecError
from dynrepo.expressions import Tree, attribute_of, paths_of, render
from dynrepo.operation import Answer, Operation, Table
from dynrepo.schema import KeySchema

T = TypeVar("T", bound=BaseModel)


class Rows(NamedTuple):
    """One answer to a query: a model or an error for each row, and the key to go on from."""

    items: list[Any]
    last_key: Item | None
    count: int
    read: int


@dataclass(frozen=True, slots=True)
class Query(Generic[T]):
    """The items that a query or a scan finds, read as they are iterated; immutable.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
    """

    table: Table[T]
    execute: Callable[[Operation[Any]], Any] = field(repr=False)
    condition: Condition | None = None
    where: Condition | None = None
    index: str | None = None
    descending: bool = False
    consistent: bool = False
    limit: int | None = None

    def __post_init__(self) -> None:
        check_key_condition(self.condition, self._key(), self.table.schema.model.__name__)

    def __iter__(self) -> Iterator[T]:
        return islice(self._items(), self.limit)

    def first(self) -> T | None:
        """The first item, or None."""
        return next(iter(replace(self, limit=1)), None)

    def all(self) -> list[T]:
        """All items, in a list."""
        return list(self)

    def _items(self) -> Iterator[T]:
        start: Item | None = None
        while True:
            rows: Rows = self.execute(self._operation(start, None))
            yield from rows.items
            start = rows.last_key
            if start is None:
                return

    def _operation(self, start: Item | None, size: int | None) -> Operation[Rows]:
        trees: dict[str, Tree] = {"KeyConditionExpression": self.condition}
        if self.where is not None:
            trees["FilterExpression"] = self.where
        request: dict[str, Any] = {"TableName": self.table.name, **render(trees)}
        request["ScanIndexForward"] = not self.descending
        request["ConsistentRead"] = self.consistent
        if self.index is not None:
            request["IndexName"] = self.index
        if start is not None:
            request["ExclusiveStartKey"] = start
        if size is not None:
            request["Limit"] = size
        return Operation("Query", self.table.name, request, self._read, expressions=trees)

    def _read(self, answer: Answer) -> Rows:
        body = answer.body
        items = [self.table.restore(item) for item in body["Items"]]
        return Rows(items, body.get("LastEvaluatedKey") or None, body["Count"], body["ScannedCount"])

    def _key(self) -> KeySchema:
        schema = self.table.schema
        if self.index is None:
            return schema.key_schema
        if self.index not in schema.indexes:
            raise ValueError(
                f"{schema.model.__name__} has no index {self.index!r};"
                f" there are: {', '.join(schema.indexes) or 'none'}"
            )
        return schema.indexes[self.index]


_SORT_OPERATORS = {"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"}


def check_key_condition(condition: Any, key: KeySchema, model: str) -> None:
    """ValueError unless the condition is `partition == value`, alone or `&` one of the sort key."""
    parts = list(condition.values) if isinstance(condition, And) else [condition]
    found = [_subject(part) for part in parts]
    wanted = [one.attribute for one in key.fields]
    equals = [isinstance(part, Comparison) and part.operator == "=" for part in parts]
    if len(parts) == 2 and found == wanted[::-1]:  # written the other way round
        found, equals = wanted, equals[::-1]
    if found != wanted[: len(found)] or not equals[0]:
        names = " and ".join(one.name for one in key.fields)
        raise ValueError(
            f"{model}: a query needs `{key.partition.name} == ...` and takes nothing else but one"
            f" comparison of the sort key (the key here is {names}); the rest belongs in where="
        )


def _subject(part: Any) -> str | None:
    """The attribute that a simple comparison with values is about."""
    if not isinstance(part, Comparison | Between | BeginsWith) or part.operator not in _SORT_OPERATORS:
        return None
    path, *values = part.values
    if not isinstance(path, Path) or not all(isinstance(one, Value) for one in values):
        return None
    return path.path[0] if len(path.path) == 1 else None
