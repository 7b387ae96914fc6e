"""Queries and scans: what to read, and how the answers are read, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from dynrepo.callbacks import check_called, not_awaited
from dynrepo.errors import CodecError
from dynrepo.expressions.key_conditions import check_filter
from dynrepo.expressions.trees import Tree, both, paths_of, render
from dynrepo.opaque import Sealed
from dynrepo.operations.accepting import of_count
from dynrepo.operations.encrypted_cursors import OPEN
from dynrepo.operations.guard_rows import without_guards
from dynrepo.operations.index_hints import asked_of
from dynrepo.operations.operation import Answer, exhausted, new_operation
from dynrepo.operations.pages import Page, QueryAnswer, of_index
from dynrepo.operations.reads import ttl_path
from dynrepo.operations.segments import check_segments, checked_count
from dynrepo.operations.start_keys import start_of
from dynrepo.operations.synonyms import UnreadQuery
from dynrepo.tracebacks import without_own_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dynrepo.codec import Item
    from dynrepo.codec.core_schemas import Parse
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.cursor import Cursors
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation, Steps
    from dynrepo.operations.reads import ItemPart
    from dynrepo.places.queries import PlacedQuery
    from dynrepo.schema.keys import KeySchema

T = TypeVar("T")

MAX_LIMIT = 2**31 - 1
"""Items that one request may be limited to."""

STEP = 100
"""Items of a large answer that are read at a time."""


@dataclass(frozen=True, slots=True, repr=False)
class QueryPlan(UnreadQuery, Generic[T]):
    """What a query or a scan asks for, its requests, and how their answers are read.

    `segment` is the part of a scan that this one reads, `segments` are parts to be read at the same
    time. `part` is what is read of the items, where it is not all of them. Its repr names what is
    asked for, and no value.
    """

    mapper: Mapper[Any]
    condition: Condition | None = None
    where: Condition | None = None
    index: str | None = None
    descending: bool = False
    consistent: bool = False
    item_limit: int | None = None
    bad_rows: Callable[[CodecError], object] | None = None
    segments: int = 1
    segment: tuple[int, int] | None = None
    cursors: Cursors = OPEN
    part: ItemPart[Any] | None = None
    placed: PlacedQuery | None = field(default=None, init=False)
    is_empty: bool = field(default=False, init=False)
    """Whether no item can be found, so that none is to be looked for."""
    _texts: Sealed | None = field(default=None, init=False, compare=False)

    def __post_init__(self) -> None:
        key, model = self._key(), self.mapper.schema.name
        asked = asked_of(self.mapper, key, self.condition, self.where, descending=self.descending)
        if self.mapper.schema.added:
            object.__setattr__(self, "placed", asked)  # frozen from here on
            object.__setattr__(self, "is_empty", asked.is_empty)
        elif self.condition is not None:
            object.__setattr__(self, "is_empty", asked is None)
            object.__setattr__(self, "condition", self.condition if asked is None else asked)
            if self.where is not None:
                check_filter(self.where, key, model)
        if self.consistent and key.name and not key.local:
            raise ValueError(f"{model}: DynamoDB has no consistent reads of a global index")
        if self.item_limit is not None and checked_count(self.item_limit) < 1:
            raise ValueError(f"limit counts items: at least 1, not {self.item_limit}")
        if self.bad_rows is not None:
            check_called("bad_rows", self.bad_rows, "called with a CodecError: errors.append, say")
        if self.condition is None:
            check_segments(self.segments, self.segment)

    def check_page_size(self, size: int | None) -> None:
        """ValueError unless pages of this size can be made of this query."""
        if size is not None and checked_count(size) < 1:
            raise ValueError(f"a page reads at least 1 item, not {size}")
        if self.item_limit is not None or self.segments > 1:
            raise ValueError("a page is of a query without limit and segments: they end elsewhere")

    def shares(self) -> list[Self]:
        """The query as its segments, each of which is read page after page."""
        if self.segments == 1:
            return [self]
        total = self.segments
        return [replace(self, segments=1, segment=(number, total)) for number in range(total)]

    def counted(self) -> Self:
        """The query of which rows are counted, which are all of its models."""
        mapper = self.mapper.of_known()
        return self if mapper is self.mapper else replace(self, mapper=mapper)

    def operation(
        self, start: Item | None, size: int | None, *, counting: bool = False
    ) -> Operation[QueryAnswer]:
        """The request for one page of up to `size` rows, after a key."""
        drops_rows = self.drops_rows()
        counting = counting and not drops_rows
        trees = self._trees(counting=counting)
        is_own = self.part is None and trees.get("FilterExpression") is self.where
        texts = self._own_texts() if is_own else render(trees)
        request: dict[str, Any] = {"TableName": self.mapper.table, **texts}
        request["ConsistentRead"] = self.consistent
        if self.condition is not None:
            request["ScanIndexForward"] = not self.descending
        if self.segment is not None:
            request["Segment"], request["TotalSegments"] = self.segment
        if self.index is not None:
            request["IndexName"] = self._key().name
        if start is not None:
            request["ExclusiveStartKey"] = start
        if size is not None:
            request["Limit"] = min(size, MAX_LIMIT)
        if counting:
            request["Select"] = "COUNT"
        parse = self.mapper.parse_items if self.part is None else self.part.parse_items
        return new_operation(
            "Scan" if self.condition is None else "Query",
            self.mapper.table,
            request,
            self._read,
            parse=None if counting or drops_rows else self._compared(parse),
            expressions=trees,
            accepts=None if counting else of_count,
            steps=self._steps,
            entity=self.mapper.entity,
        )

    def first_size(self) -> int | None:
        """How many rows to read at first: as many as are wanted, where every row is."""
        if self.item_limit is None or self.drops_rows() or self._filter() is not None:
            return None
        return self.item_limit

    def next_size(self, size: int | None, answer: QueryAnswer) -> int | None:
        """How many rows to read after an answer, of the size that was left before it."""
        if size is None:
            return None
        return size - answer.row_count if answer.row_count < size else self.item_limit

    def key_after(self, cursor: str | None) -> Item | None:
        """The key that a page begins after; `InvalidCursor` for a cursor of another query."""
        if cursor is None:
            return None
        keys = (self.mapper.schema.key_schema, self._key())
        return start_of(cursor, self.cursors, self._identity, keys, self._asked())

    def page_of(self, answer: QueryAnswer) -> Page[T]:
        """An answer as a page."""
        cursor = None
        if answer.last_key is not None:
            cursor = self.cursors.cursor_for(answer.last_key, self._identity())
        return Page(list(self.items_of(answer)), cursor, answer.scanned_count)

    def items_of(self, answer: QueryAnswer) -> Iterable[T]:
        """The items of an answer; a row that is none is raised in its turn, or reported."""
        return self._without_errors(answer.rows) if answer.has_errors else answer.rows

    def _without_errors(self, rows: Sequence[Any]) -> Iterator[T]:
        for row in rows:
            if not isinstance(row, CodecError):
                yield row
            elif self.bad_rows is None:
                raise row
            else:
                not_awaited("bad_rows", self.bad_rows(row))

    def _trees(self, *, counting: bool = False) -> dict[str, Tree]:
        trees: dict[str, Tree] = {}
        if (asked := self._asked()) is not None:
            trees["KeyConditionExpression"] = asked
        if (condition := self._filter()) is not None:
            trees["FilterExpression"] = condition
        if self.part is not None and self.part.paths and not counting:
            more = ttl_path(self.mapper, self.part.paths) if self.hides_by_key() else ()
            trees["ProjectionExpression"] = (*self.part.paths, *more)
        return trees

    def hides_by_key(self) -> bool:
        """Whether the end of life is in the key of a query, where DynamoDB takes no filter."""
        ttl = self.mapper.hidden_by
        return ttl is not None and self.condition is not None and ttl in self._key().fields

    def drops_rows(self) -> bool:
        """Whether rows are left out that DynamoDB does not leave out."""
        return self.hides_by_key() or (self.placed is not None and self.placed.drops_rows)

    def _asked(self) -> Condition | None:
        """What is asked of the attributes of the key."""
        return self.condition if self.placed is None else self.placed.condition

    def _compared(self, parse: Parse | None) -> Parse | None:
        return self.placed.compared(parse) if self.placed and self.part is None else parse

    def _filter(self) -> Condition | None:
        ttl = self.mapper.hidden_by
        where = self.where if self.placed is None else self.placed.filter
        if self.mapper.has_guards:
            where = both(where, without_guards(self.mapper, self.condition, self._key()))
        if ttl is None or self.hides_by_key():
            return where
        return both(where, ~self.mapper.is_over)

    def _read(self, answer: Answer) -> QueryAnswer:
        return exhausted(self._steps(answer))

    def _steps(self, answer: Answer) -> Steps[QueryAnswer]:
        body = answer.body
        last_key, scanned = body.get("LastEvaluatedKey") or None, body["ScannedCount"]
        if answer.items is not None:
            told, has_errors = self._told(answer.items)
            return QueryAnswer(told, last_key, body["Count"], scanned, has_errors)
        stored, count = body.get("Items", ()), body["Count"]
        if self.drops_rows():
            stored = self.mapper.without_expired(stored)
            count = len(stored)
        decode = self.mapper.decode if self.part is None else self.part.decode
        rows: list[Any] = []
        has_errors = False
        for start in range(0, len(stored), STEP):
            if start:
                yield
            items = stored[start : start + STEP]
            try:
                rows += [decode(item) for item in items]
            except CodecError:
                rows += [self._row(decode, item) for item in items]
                has_errors = True
        return QueryAnswer(rows, last_key, count, scanned, has_errors)

    def _told(self, rows: Sequence[Any]) -> tuple[Sequence[Any], bool]:
        """Rows that the sender made, and whether errors are among them."""
        for kind in set(map(type, rows)):
            if issubclass(kind, CodecError):
                return [self._error(row) for row in rows], True
        return rows, False

    def _row(self, decode: Callable[[Item], Any], item: Item) -> Any:
        try:
            return decode(item)
        except CodecError as error:
            return self._error(without_own_frames(error))  # raised in its turn

    def _error(self, row: Any) -> Any:
        return row if self.index is None else of_index(row, self.index)

    def _identity(self) -> Any:
        """What makes this query another one than others: cursors are bound to it."""
        which = (self.mapper.table, self.index, self.descending, self.segment)
        return [*which, self._own_texts(), *self.mapper.read_with]

    def _own_texts(self) -> dict[str, Any]:
        """The parameters of what is asked of the key and of `where`, made once for all pages."""
        if self._texts is None:
            trees = {"KeyConditionExpression": self._asked(), "FilterExpression": self.where}
            made = render({name: tree for name, tree in trees.items() if tree is not None})
            object.__setattr__(self, "_texts", Sealed(made))
            return made
        return cast("dict[str, Any]", self._texts.cell_contents)

    def __repr__(self) -> str:
        model, kind = self.mapper.schema.name, "Scan" if self.condition is None else "Query"
        asked = {"": self.condition, "where=": self.where, "only=": self.part and self.part.paths}
        there = {name: paths_of(tree) for name, tree in asked.items() if tree is not None}
        told = [f"{it}({', '.join(dict.fromkeys(map(str, there[it])))})" for it in there]
        told += [] if self.index is None else [f"index={self.index!r}"]
        return f"{kind}({', '.join([model, self.mapper.table, *told])})"

    def _key(self) -> KeySchema:
        schema = self.mapper.schema
        if self.index is None:
            return schema.key_schema
        if self.index not in schema.indexes:
            there = ", ".join(schema.indexes) or "none"
            raise ValueError(f"{schema.name} has no index {self.index!r}; there are: {there}")
        return schema.indexes[self.index]
