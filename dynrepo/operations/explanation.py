"""What a query or a scan will send, and what that costs: told before anything is sent.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.limits import MAX_ITEM
from dynrepo.operations.reports import counted, report
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynrepo.operations.queries import QueryPlan
    from dynrepo.operations.tables import Difference
    from dynrepo.schema.keys import KeySchema

UNIT_BYTES = 4 * 1024
"""What one unit reads at most, where the read is consistent; else half a unit does."""

PAGE_BYTES = 1024 * 1024
"""What one request reads at most, before its filter."""


@public
class Advice(NamedTuple):
    """What makes a query dear, or slow, as a sentence, and what to do about it."""

    problem: str
    cure: str


@public
@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a query or a scan will send, and what that costs; a report of 80 columns as a `str`.

    Expressions have the names of attributes, and `?` in the place of each value.
    """

    operation: str
    """DynamoDB's name of it: Query or Scan."""
    table: str
    """The full name of the table, prefix included."""
    index: str | None
    """DynamoDB's name of the index; None for the table itself."""
    key_condition: str | None
    """What is asked of the key; None for a scan."""
    filter: str | None
    """By what rows are dropped after they were read and paid for: `where`, and what the library
    adds, as the entity of a shared table or the end of life of what is hidden."""
    attributes: tuple[str, ...]
    """The attributes that are sent; none for all."""
    consistent: bool
    descending: bool
    limit: int | None
    """How many items come at most; None for all."""
    page_limit: int | None
    """How many rows the first request reads at most; None for a page of 1 MB."""
    segments: int
    """How many requests are under way at the same time."""
    is_empty: bool
    """Whether no item can have such a key: then nothing is sent at all."""
    index_holds_all: bool | None
    """Whether the index holds what is read; None without an index, and where that is not known."""
    advice: tuple[Advice, ...]
    """What makes it dear, each with a cure."""

    @property
    def units_per_step(self) -> float:
        """Read units for each 4 KB begun: 1, or a half where the read is not consistent."""
        return 1.0 if self.consistent else 0.5

    @property
    def least_units(self) -> float:
        """Read units of a request that finds nothing; 0 where none is sent."""
        return 0.0 if self.is_empty else self.units_per_step

    @property
    def most_units(self) -> float:
        """Read units of the dearest request: 1 MB, or `page_limit` rows of 400 KB where less."""
        if self.is_empty:
            return 0.0
        rows = PAGE_BYTES if self.page_limit is None else self.page_limit * MAX_ITEM
        return self.units(min(rows, PAGE_BYTES))

    def units(self, size: int) -> float:
        """Read units for so many bytes of rows, keys and names of attributes included.

        Those that a filter drops count. Of several pages each is rounded up by itself, so that it
        may be one step more for each. A negative size is a ValueError.
        """
        if size < 0:
            raise ValueError(f"a size in bytes is 0 or more, not {size}")
        return max(1, ceil(size / UNIT_BYTES)) * self.units_per_step

    def __str__(self) -> str:
        where = self.table if self.index is None else f"{self.table}, index {self.index}"
        warned = [f"warning: {each.problem}; {each.cure}" for each in self.advice]
        return report(f"{self.operation} of {where}", [*self._facts(), *warned])

    def _facts(self) -> Iterator[str]:
        if self.is_empty:
            yield "nothing is sent: no item has such a key"
        if self.key_condition is not None:
            yield f"key: {self.key_condition}"
        if self.filter is not None:
            yield f"filter after reading: {self.filter}"
        yield f"reads: {self._reading()}"
        if self.index is not None:
            yield f"the index {_HOLDING[self.index_holds_all]}"
        yield f"pages: {self._paging()}"
        yield self._cost()

    def _reading(self) -> str:
        order = "no order" if self.key_condition is None else f"{_ORDERS[self.descending]} order"
        what = ", ".join(self.attributes) or "all attributes"
        return f"{_CONSISTENT[self.consistent]}, in {order}; {what}"

    def _paging(self) -> str:
        size = "1 MB" if self.page_limit is None else f"{counted(self.page_limit, 'row')}, or 1 MB"
        wanted = "more is asked for" if self.limit is None else f"fewer than {self.limit:,} came"
        side_by_side = "" if self.segments == 1 else f", {self.segments} at the same time"
        return f"up to {size} each, while {wanted}{side_by_side}"

    def _cost(self) -> str:
        step = f"{self.units_per_step:g} for each 4 KB read"
        return f"cost: {self.least_units:g} to {self.most_units:g} read units a page, {step}"


_ORDERS = ("ascending", "descending")
_CONSISTENT = ("eventually consistent", "consistent")
_HOLDING = {
    None: "has to hold what is read, as one by ensure_table() does",
    True: "holds what is read",
    False: "does not hold what is read",
}


def explained(plan: QueryPlan[Any], verified: Difference | None = None) -> Explanation:
    """What a query will send; `verified` is what `verify_table()` found of its table."""
    operation = plan.operation(None, plan.first_size())
    request = operation.request
    projection: str = request.get("ProjectionExpression", "")
    return Explanation(
        operation=operation.name,
        table=operation.table,
        index=request.get("IndexName"),
        key_condition=_in_names(request, "KeyConditionExpression"),
        filter=_in_names(request, "FilterExpression"),
        attributes=tuple([_named(request, path) for path in projection.split(", ") if path]),
        consistent=plan.consistent,
        descending=plan.descending,
        limit=plan.item_limit,
        page_limit=request.get("Limit"),
        segments=plan.segments,
        is_empty=plan.is_empty,
        index_holds_all=_holds_all(plan, verified),
        advice=tuple(_advice(plan, verified)),
    )


_MARKS = re.compile(r"[#:]\d+")
_CALLS = re.compile(r"(?<=[a-z]) (?=\()")


def _in_names(request: Mapping[str, Any], parameter: str) -> str | None:
    """An expression of a request in names; None where there is none."""
    text: str | None = request.get(parameter)
    if text is None:
        return None
    if text.startswith("("):  # then all of it stands in them
        text = text[1:-1]
    return _named(request, _CALLS.sub("", text))


def _named(request: Mapping[str, Any], text: str) -> str:
    """A text with names for placeholders, and `?` for values."""
    names: Mapping[str, str] = request.get("ExpressionAttributeNames", {})
    return _MARKS.sub(lambda mark: names.get(mark[0], "?"), text)


def _index_of(plan: QueryPlan[Any]) -> KeySchema | None:
    return None if plan.index is None else plan.mapper.schema.indexes[plan.index]


def _holds_all(plan: QueryPlan[Any], verified: Difference | None) -> bool | None:
    """Whether the index of a query holds what is read; None where that is not known."""
    index = _index_of(plan)
    if index is None or verified is None or _is_missing(index, verified):
        return None
    if index.name not in verified.partial_indexes:
        return True
    return False if plan.part is None else None


def _is_missing(index: KeySchema, verified: Difference) -> bool:
    return verified.missing or index.name in verified.missing_indexes


def _advice(plan: QueryPlan[Any], verified: Difference | None) -> Iterator[Advice]:
    """What makes a query dear, the dearest first."""
    yield from (advice for applies, advice in _ADVICE if applies(plan))
    index = _index_of(plan)
    if index is None or verified is None:
        return
    if _is_missing(index, verified):
        yield Advice(f"the table has no index {index.name}", "ensure_table() makes it")
    elif index.name in verified.partial_indexes:
        yield _LOCAL_PART if index.local else _GLOBAL_PART


def _drops_neighbours(plan: QueryPlan[Any]) -> bool:
    """Whether DynamoDB drops rows of a shared table beside those that `where` drops."""
    placed = plan.placed
    return plan.condition is not None and placed is not None and placed.filter is not plan.where


_ADVICE: list[tuple[Callable[[QueryPlan[Any]], bool], Advice]] = [
    (
        lambda plan: plan.condition is None,
        Advice(
            "a scan reads, and is charged for, every row of the table or the index, of all models",
            "query by a key or an index, and bound what has to be a scan by pace(units=...)",
        ),
    ),
    (
        lambda plan: plan.segments > 1,
        Advice(
            "segments are read at the same time, each as fast as the table answers",
            "pace(units=...) bounds what they consume together",
        ),
    ),
    (
        lambda plan: plan.where is not None,
        Advice(
            "what `where` drops was read and paid for",
            "what the condition leaves out by the sort key, of the table or an index, is not read",
        ),
    ),
    (
        _drops_neighbours,
        Advice(
            "rows of other models, or items that have expired, are read, paid for and dropped",
            "ask for less by the sort key",
        ),
    ),
    (
        lambda plan: plan.placed is not None and plan.placed.drops_rows,
        Advice(
            "rows that are not asked for are read, paid for, sent and dropped here",
            "with a mark in the shared table DynamoDB drops them, at the same price",
        ),
    ),
    (
        lambda plan: plan.hides_by_key(),
        Advice(
            "items that have expired are read, paid for, sent and dropped here",
            "an index without the end of life in its key has DynamoDB drop them, at the same price",
        ),
    ),
    (
        lambda plan: plan.item_limit is not None and plan.first_size() is None,
        Advice(
            "`limit` counts what is left: each request reads up to 1 MB until there are so many",
            "page(size) bounds the rows that are read",
        ),
    ),
    (
        lambda plan: plan.consistent,
        Advice(
            "a consistent read costs twice",
            "leave it out where a write of the last second may be missed",
        ),
    ),
    (
        lambda plan: plan.part is not None and bool(plan.part.paths),
        Advice(
            "fewer attributes are sent, at the price of whole rows",
            "an index that holds no more than these is read for less",
        ),
    ),
]
"""What may make a query dear, and which queries it does."""

_GLOBAL_PART = Advice(
    "the index does not hold all attributes of the model",
    "read keys() and then get_many(), or only(model) with what it holds",
)
_LOCAL_PART = Advice(
    "what the index does not hold is read in the table as well, item by item, and charged",
    "read only(model) with what it holds",
)
