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
        """Asks for the items of one partition of the table or of an index, by the sort key.

        Nothing is sent before the query is read. Reading costs half a read unit per 4 KB of all
        rows that the condition leaves, of a page together.

        Args:
            condition: `partition == value`, alone or `&` one comparison of the sort key.
            where: Drops items after they were read and paid for.
            index: The name of an index; without it, the table is asked.
            descending: Whether the order of the sort key is reversed.
            consistent: As of `get`, at twice the price; a global index has no such reads.
            limit: How many items are returned at most; without it, all.
            bad_rows: Is called with the CodecError of each row that is not the model; without it,
                the error is raised where the turn of the row comes.

        Returns:
            A query, to be iterated, or read by `first`, `all`, `count`, `page` or `pages`.

        Raises:
            ValueError: The condition or `where` is none that DynamoDB takes of this key, there is
                no such index, it has no consistent reads, or the limit is less than 1.
            TypeError: There is no condition, or what is given for it is none.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
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
        """Asks for all items of the table or of an index, in no order; every row is charged.

        Nothing is sent before it is read.

        Args:
            where: As of `query`.
            index: As of `query`.
            consistent: As of `query`.
            limit: As of `query`.
            segments: How many parts of the table are read at the same time, in tasks: 1 to
                1,000,000.
            segment: `(number, total)`, counted from 0: this machine's share, where several read the
                table together.
            bad_rows: As of `query`.

        Returns:
            As of `query`.

        Raises:
            ValueError: As of `query`; or there are no such segments.
            TypeError: A number of items or segments is no int.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
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
