"""The verbs that find items: each makes a query, which sends nothing before it is read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from dynrepo.aio.many_verbs import AsyncManyVerbs
from dynrepo.aio.query import AsyncQuery
from dynrepo.operations.usages import used_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.errors import CodecError
    from dynrepo.expressions.nodes import Condition

T = TypeVar("T", bound=BaseModel)


class AsyncQueryVerbs(AsyncManyVerbs[T]):
    """The verbs that read and write items, and those that find them."""

    @used_as("orders.query(fields.x == 1), where orders = Orders(store)")
    def query(
        self,
        condition: Condition,
        *,
        where: Condition | None = None,
        index: str | None = None,
        descending: bool = False,
        consistent: bool = False,
        limit: int | None = None,
        bad_rows: Callable[[CodecError], object] | None = None,
    ) -> AsyncQuery[T]:
        """The items of one partition of the table or of an index, in the order of the sort key.

        `condition` is `partition == value`, alone or `&` one comparison of the sort key; `where`
        drops items after they were read and paid for. `limit` counts items returned.
        """
        if condition is None:  # pyright: ignore[reportUnnecessaryComparison] - would read it all
            raise TypeError(f"{self.mapper.table}: a query needs a condition; scan() reads all")
        return AsyncQuery(
            self.mapper,
            condition=condition,
            where=where,
            index=index,
            descending=descending,
            consistent=consistent,
            item_limit=limit,
            bad_rows=bad_rows,
            cursors=self._cursors,
            execute=self._door("query"),
            located=self._located,
            requests=partial(self._requests_of, "query"),
        )

    @used_as("orders.scan(where=fields.x == 1), where orders = Orders(store)")
    def scan(
        self,
        *,
        where: Condition | None = None,
        index: str | None = None,
        consistent: bool = False,
        limit: int | None = None,
        segments: int = 1,
        segment: tuple[int, int] | None = None,
        bad_rows: Callable[[CodecError], object] | None = None,
    ) -> AsyncQuery[T]:
        """All items of the table or of an index, in no order; reads, and charges for, everything.

        `segments` of the table are read at the same time, in tasks; `segment=(number, total)`
        is one machine's share where several read the table together.
        """
        return AsyncQuery(
            self.mapper,
            where=where,
            index=index,
            consistent=consistent,
            item_limit=limit,
            bad_rows=bad_rows,
            segments=segments,
            segment=segment,
            cursors=self._cursors,
            execute=self._door("scan"),
            located=self._located,
            requests=partial(self._requests_of, "scan"),
        )
