"""Queries and scans: what to read as a value, read page by page as it is asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from pydantic import BaseModel

from dynrepo.blocking.waits import merged
from dynrepo.codec.limits import MAX_BYTES, SHORT, check_key
from dynrepo.codec.value import KEY_TAGS
from dynrepo.errors import CodecError
from dynrepo.expressions.nodes import And, BeginsWith, Between, Comparison, Condition, Path, Value
from dynrepo.expressions.trees import Tree, attribute_of, both, path_to, paths_of, render
from dynrepo.operations.cursor import cursor_for, key_in
from dynrepo.operations.operation import Answer, Operation, Table
from dynrepo.operations.reads import part_of, ttl_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dynrepo.codec import Item
    from dynrepo.schema.keys import KeySchema

T = TypeVar("T")
P = TypeVar("P", bound=BaseModel)

MAX_LIMIT = 2**31 - 1
"""Items that one request may be limited to."""

MAX_SEGMENTS = 1_000_000
"""Segments that a scan may be made of."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a query: its items, and the cursor of the next one; None at the end.

    `read` counts the items that DynamoDB read, and charged, for the page: a filter drops some of
    them, so that a page may have fewer items than it was asked for, or none, and not be the last.
    """

    items: list[T]
    cursor: str | None = None
    read: int = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Rows(NamedTuple):
    """One answer to a query: a model, or its error, for each row; the key to go on from."""

    items: Sequence[Any]
    last_key: Item | None
    found: int
    read: int
    sound: bool = True
    """Whether all are models."""


@dataclass(frozen=True, slots=True)
class Query(Generic[T]):
    """What a query or a scan asks for; immutable, and read anew whenever it is iterated.

    Iterating reads a page when its first item is wanted. A row that is not an instance of the
    model raises CodecError when its turn comes, and the iteration is over; with `bad_rows` that
    is called with the error instead, and the iteration goes on.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
    """

    table: Table[Any]
    execute: Callable[[Operation[Any]], Any] = field(repr=False)
    condition: Condition | None = None
    where: Condition | None = None
    index: str | None = None
    descending: bool = False
    consistent: bool = False
    limit: int | None = None
    bad_rows: Callable[[CodecError], object] | None = None
    segments: int = 1
    segment: tuple[int, int] | None = None
    secret: bytes = field(default=b"", repr=False)
    decode: Callable[[Item], T] | None = field(default=None, repr=False)
    paths: tuple[Path, ...] = field(default=())
    requests: Callable[[Any], AbstractContextManager[Any]] = field(default=nullcontext, repr=False)

    def __post_init__(self) -> None:
        key = self._key()
        model = self.table.schema.model.__name__
        if self.condition is not None:
            ordered = key_condition(self.condition, key, model)
            object.__setattr__(self, "condition", ordered)  # frozen from here on
            if self.where is not None:
                _check_filter(self.where, key, model)
        if self.consistent and key.name and not key.local:
            raise ValueError(f"{model}: DynamoDB has no consistent reads of a global index")
        if self.limit is not None and _int(self.limit) < 1:
            raise ValueError(f"limit counts items: at least 1, not {self.limit}")
        _check_segments(self.segments, self.segment)

    def __iter__(self) -> Iterator[T]:
        return islice(chain.from_iterable(map(self._sound, self._rows())), self.limit)

    def first(self) -> T | None:
        """The first item, or None; reads no further."""
        return next(iter(replace(self, limit=1)), None)

    def all(self) -> list[T]:
        """All items, in a list."""
        return list(self)

    def count(self) -> int:
        """How many items there are, up to the limit; reads, and costs, as much as the items do."""
        total = 0
        for rows in self._rows(counting=True):
            total += rows.found
            if self.limit is not None and total >= self.limit:
                return self.limit
        return total

    def only(self, model: type[P]) -> Query[P]:
        """The same query for some attributes only: the fields of a smaller model.

        DynamoDB sends less; it charges for whole items, unless an index has no more than that.
        """
        part = part_of(self.table, model)
        decode: Any = part.decode
        return cast("Query[P]", replace(self, decode=decode, paths=part.paths))

    def keys(self) -> Query[Any]:
        """The keys of the items, as `get` and `get_many` take them: `get_many(query.keys())`."""
        fields = self.table.schema.key_schema.fields

        def decode(item: Item) -> Any:
            partition, *sort = (one.decode(item[one.attribute]) for one in fields)
            return (partition, *sort) if sort else partition

        paths = tuple(path_to(one.attribute) for one in fields)
        return cast("Query[Any]", replace(self, decode=decode, paths=paths))

    def page(self, size: int, after: str | None = None) -> Page[T]:
        """One page, in one request: up to `size` items are read, of which `where` may drop some.

        `after` is the cursor of the page before; `InvalidCursor` when it is of another query.
        """
        self._check_pages(size)
        start = None if after is None else key_in(after, query=self._identity(), secret=self.secret)
        return self._page(self.execute(self._operation(start, size)))

    def pages(self, size: int | None = None) -> Iterator[Page[T]]:
        """Page after page, each read when it is asked for; without `size` DynamoDB's megabytes."""
        self._check_pages(size)
        return (self._page(rows) for rows in self._rows(size=size))

    def _check_pages(self, size: int | None) -> None:
        if size is not None and _int(size) < 1:
            raise ValueError(f"a page reads at least 1 item, not {size}")
        if self.limit is not None or self.segments > 1:
            raise ValueError("a page is of a query without limit and segments: they end elsewhere")

    def _page(self, rows: Rows) -> Page[T]:
        cursor = None
        if rows.last_key is not None:
            cursor = cursor_for(rows.last_key, query=self._identity(), secret=self.secret)
        return Page(list(self._sound(rows)), cursor, rows.read)

    def _sound(self, rows: Rows) -> Iterable[T]:
        """The rows that are items; the first that is not is raised, or reported."""
        return rows.items if rows.sound else self._judged(rows.items)

    def _judged(self, rows: Sequence[Any]) -> Iterator[T]:
        for row in rows:
            if not isinstance(row, CodecError):
                yield row
            elif self.bad_rows is None:
                raise row
            else:
                self.bad_rows(row)

    def _rows(self, *, size: int | None = None, counting: bool = False) -> Iterator[Rows]:
        """All pages: the one place where a query that is iterated sends requests."""
        with self.requests(self.execute) as execute:
            watched = self if execute is self.execute else replace(self, execute=execute)
            yield from watched._merged_rows(size, counting=counting)  # noqa: SLF001 - its own class

    def _merged_rows(self, size: int | None, *, counting: bool) -> Iterator[Rows]:
        if self.segments == 1:
            return self._segment_rows(size, counting=counting)
        parts = [
            replace(self, segments=1, segment=(number, self.segments))
            for number in range(self.segments)
        ]
        return merged(
            [
                part._segment_rows(size, counting=counting)  # noqa: SLF001 - its own class
                for part in parts
            ]
        )

    def _segment_rows(self, size: int | None, *, counting: bool) -> Iterator[Rows]:
        start: Item | None = None
        # Where every row is wanted, a limit is also the number of rows to read.
        dropping = self._hides_by_key() or self._filter() is not None
        left = None if dropping else self.limit
        while True:
            rows: Rows = self.execute(self._operation(start, size or left, counting=counting))
            yield rows
            start = rows.last_key
            if start is None:
                return
            if left is not None:
                left = left - rows.found if rows.found < left else self.limit

    def _operation(
        self, start: Item | None, size: int | None, *, counting: bool = False
    ) -> Operation[Rows]:
        counting = counting and not self._hides_by_key()
        trees = self._trees(counting=counting)
        request: dict[str, Any] = {"TableName": self.table.name, **render(trees)}
        request["ConsistentRead"] = self.consistent
        if self.condition is not None:
            request["ScanIndexForward"] = not self.descending
        if self.segment is not None:
            request["Segment"], request["TotalSegments"] = self.segment
        optional = {
            "IndexName": self.index,
            "ExclusiveStartKey": start,
            "Limit": None if size is None else min(size, MAX_LIMIT),
            "Select": "COUNT" if counting else None,
        }
        request |= {name: value for name, value in optional.items() if value is not None}
        name = "Scan" if self.condition is None else "Query"
        parse = self.table.parse("Items") if self.decode is None and not counting else None
        return Operation(name, self.table.name, request, self._read, parse=parse, expressions=trees)

    def _trees(self, *, counting: bool = False) -> dict[str, Tree]:
        trees: dict[str, Tree] = {}
        if self.condition is not None:
            trees["KeyConditionExpression"] = self.condition
        found = self._filter()
        if found is not None:
            trees["FilterExpression"] = found
        if self.paths and not counting:
            more = ttl_path(self.table, self.paths) if self._hides_by_key() else ()
            trees["ProjectionExpression"] = (*self.paths, *more)
        return trees

    def _hides_by_key(self) -> bool:
        """Whether the end of life is in the key of a query, where DynamoDB takes no filter."""
        ttl = self.table.ttl if self.table.hide_expired else None
        return ttl is not None and self.condition is not None and ttl in self._key().fields

    def _filter(self) -> Condition | None:
        ttl = self.table.ttl if self.table.hide_expired else None
        if ttl is None or self._hides_by_key():
            return self.where
        now = Value({"N": str(int(self.table.clock().timestamp()))})
        path = path_to(ttl.attribute)
        return both(self.where, path.does_not_exist() | (path > now))

    def _read(self, answer: Answer) -> Rows:
        body = answer.body
        last_key, read = body.get("LastEvaluatedKey") or None, body["ScannedCount"]
        if answer.items is not None:
            return Rows(answer.items, last_key, body["Count"], read)
        stored, found = body.get("Items", ()), body["Count"]
        if self._hides_by_key():
            stored = self.table.shown(stored)
            found = len(stored)
        decode = self.decode or self.table.decode
        try:
            return Rows([decode(item) for item in stored], last_key, found, read)
        except CodecError:
            items = [self._row(decode, item) for item in stored]
        return Rows(items, last_key, found, read, sound=False)

    def _row(self, decode: Callable[[Item], Any], item: Item) -> Any:
        try:
            return decode(item)
        except CodecError as error:
            if self.index is None:
                return error
            return CodecError(
                f"{error}; where the index {self.index} does not hold whole items, read them by"
                " get_many(query.keys()), or a part of them by query.only(model)",
                key=error.key,
            )

    def _identity(self) -> Any:
        """What makes this query another one than others: cursors are bound to it."""
        asked = {name: tree for name, tree in self._identifying().items() if tree is not None}
        return [self.table.name, self.index, self.descending, self.segment, render(asked)]

    def _identifying(self) -> dict[str, Any]:
        return {"KeyConditionExpression": self.condition, "FilterExpression": self.where}

    def _key(self) -> KeySchema:
        schema = self.table.schema
        if self.index is None:
            return schema.key_schema
        if self.index not in schema.indexes:
            there = ", ".join(schema.indexes) or "none"
            raise ValueError(
                f"{schema.model.__name__} has no index {self.index!r}; there are: {there}"
            )
        return schema.indexes[self.index]


def key_condition(condition: Any, key: KeySchema, model: str) -> Condition:
    """The condition with the partition key first.

    ValueError unless it is `partition == value`, alone or `&` one comparison of the sort key.
    """
    if not isinstance(condition, Condition):
        raise TypeError(
            f"{model}: expected a condition such as fields.{key.partition.name} == x,"
            f" found {type(condition).__name__}"
        )
    parts: list[Any] = list(_values(condition)) if isinstance(condition, And) else [condition]
    found = [_subject(part) for part in parts]
    wanted: list[str | None] = [one.attribute for one in key.fields]
    if found == wanted[::-1]:  # written the other way round
        parts, found = parts[::-1], wanted
    if found != wanted[: len(found)] or parts[0].operator != "=":
        sort = f" and one comparison of `{key.sort.name}`" if key.sort else ""
        raise ValueError(
            f"{model}: a query takes `{key.partition.name} == ...`{sort};"
            " the rest belongs in where="
        )
    for number, part in enumerate(parts):
        for value in _values(part)[1:]:
            ((tag, payload),) = value.value.items()
            # PynamoDB's own paths take other types too.
            if tag in KEY_TAGS and not 0 < len(payload) <= SHORT[number]:
                check_key(key.fields[number].label, value.value, MAX_BYTES[number])
    return parts[0] if len(parts) == 1 else And(*parts)


def _subject(part: Any) -> str | None:
    """The attribute that a simple comparison with values is about."""
    if not isinstance(part, _SIMPLE) or part.operator == "<>":
        return None
    path, *values = _values(part)
    for value in values:
        if not isinstance(value, Value):
            return None
    return path.path[0] if isinstance(path, Path) and len(path.path) == 1 else None


_SIMPLE = (Comparison, Between, BeginsWith)


def _values(condition: Any) -> tuple[Any, ...]:
    """What a condition compares or joins; PynamoDB says nothing about its type."""
    return condition.values  # type: ignore[no-any-return]


def _check_filter(where: Condition, key: KeySchema, model: str) -> None:
    """DynamoDB filters a query by other attributes than those of its key."""
    keys = {one.attribute: one.name for one in key.fields}
    for path in paths_of(where):
        if attribute_of(path) in keys:
            name = keys[attribute_of(path)]
            raise ValueError(f"{model}: where= cannot ask for the key's {name}; the condition can")


def _check_segments(segments: int, segment: tuple[int, int] | None) -> None:
    number, total = segment or (0, segments)
    if _int(segments) < 1:
        raise ValueError(f"a scan has at least 1 segment, not {segments}")
    if max(segments, _int(total)) > MAX_SEGMENTS:
        raise ValueError(f"a scan has {MAX_SEGMENTS} segments at most, not {max(segments, total)}")
    if not 0 <= _int(number) < total:
        raise ValueError("segment=(number, total), counted from 0")
    if segment is not None and segments > 1:
        raise ValueError(
            "segment= is this machine's share; segments= are the threads of one machine"
        )


def _int(count: Any) -> int:
    """The count; TypeError for anything but an int, a bool included."""
    if type(count) is not int:
        raise TypeError(f"a count is an int, not {type(count).__name__}")
    return count
