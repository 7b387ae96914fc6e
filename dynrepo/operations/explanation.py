"""What a query or a scan will send, and what that costs: told before anything is sent.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from dynrepo.codec.limits import MAX_ITEM
from dynrepo.operations.advice import Advice, advice_on, holds_all
from dynrepo.operations.reports import counted, report
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynrepo.operations.queries import QueryPlan
    from dynrepo.operations.tables import Difference

UNIT_BYTES = 4 * 1024
"""What one unit reads at most, where the read is consistent; else half a unit does."""

PAGE_BYTES = 1024 * 1024
"""What one request reads at most, before its filter."""


@public
@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a query or a scan will send, and what that costs; a report of 80 columns as a `str`.

    Expressions have the names of attributes, and `?` in the place of each value.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
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
    """Whether it reads every write that succeeded before, at twice the price."""
    descending: bool
    """Whether the highest sort key comes first."""
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
        """Tells the read units for so many bytes of rows.

        Those that a filter drops count. Of several pages each is rounded up by itself, so that it
        may be one step more for each.

        Args:
            size: Bytes of rows, keys and names of attributes included; 0 or more.

        Returns:
            The read units: at least those of one step.

        Raises:
            ValueError: The size is negative.
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
        index_holds_all=holds_all(plan, verified),
        advice=tuple(advice_on(plan, verified)),
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
