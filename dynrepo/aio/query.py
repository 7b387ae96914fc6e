"""Queries and scans that are read page by page, as their items are asked for."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from pydantic import BaseModel

from dynrepo.aio.answers import AsyncAnswers, AsyncPages
from dynrepo.aio.feeds import flattened
from dynrepo.aio.other_face import AsyncIterated
from dynrepo.instrumentation.open_cursors import tell_open_cursor
from dynrepo.operations.pages import Page
from dynrepo.operations.paging import Paging
from dynrepo.operations.queries import QueryPlan
from dynrepo.operations.reads import key_part, part_of
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from dynrepo.instrumentation import Requests
    from dynrepo.instrumentation.fence import AsyncExecute
    from dynrepo.operations.explanation import Explanation
    from dynrepo.operations.operation import Location
    from dynrepo.operations.tables import Difference

T = TypeVar("T")
P = TypeVar("P", bound=BaseModel)


@public
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AsyncQuery(AsyncIterated, QueryPlan[T]):
    """What a query or a scan asks for; immutable, and read anew whenever it is iterated.

    Iterating reads a page when its first item is wanted. A row that is not an instance of the
    model raises CodecError when its turn comes, and the iteration is over; with `bad_rows` that
    is called with the error instead, and the iteration goes on.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
    """

    _query: ClassVar[str] = "await query"

    execute: AsyncExecute
    located: Callable[[], Location]
    requests: Callable[[], Requests]

    def __aiter__(self) -> AsyncIterator[T]:
        return flattened(self._answers(), self.items_of, self.item_limit)

    async def first(self) -> T | None:
        """The first item, or None; reads no further."""
        items = await replace(self, item_limit=1).all()
        return items[0] if items else None

    async def all(self) -> list[T]:
        """All items, in a list."""
        return [item async for item in self]

    async def count(self) -> int:
        """How many items there are, up to the limit; reads, and costs, as much as the items do."""
        total = 0
        async with aclosing(self._answers(counting=True)) as answers:
            async for answer in answers:
                total += answer.row_count
                if self.item_limit is not None and total >= self.item_limit:
                    return self.item_limit
        return total

    def only(self, model: type[P]) -> AsyncQuery[P]:
        """The same query for some attributes only: the fields of a smaller model.

        DynamoDB sends less; it charges for whole items, unless an index has no more than that.
        """
        return cast("AsyncQuery[P]", replace(self, part=part_of(self.mapper, model)))

    def keys(self) -> AsyncQuery[Any]:
        """The keys of the items, as `get` and `get_many` take them."""
        return cast("AsyncQuery[Any]", replace(self, part=key_part(self.mapper)))

    async def page(self, size: int, after: str | None = None) -> Page[T]:
        """One page, in one request: up to `size` items are read, of which `where` may drop some.

        `after` is the cursor of the page before: `InvalidCursor`, and no request, for one of
        another query, and for one that is older than the repository's `cursor_lifetime`.
        """
        self.check_page_size(size)
        start = self.key_after(after)
        if self.is_empty:
            return Page([])
        page = self.page_of(await self.execute(self.operation(start, size)))
        if page.cursor is not None and not self.cursors.are_encrypted:
            tell_open_cursor(self.mapper.table, self.located)
        return page

    def pages(self, size: int | None = None) -> AsyncIterator[Page[T]]:
        """Page after page, each read when it is asked for; without `size` DynamoDB's megabytes."""
        self.check_page_size(size)
        return AsyncPages(self._answers(size), self.page_of)

    def explain(self, verified: Difference | None = None) -> Explanation:
        """What it will send, and what that costs by the rules of AWS; sends nothing itself.

        `verified` is what `verify_table()` found: with it the index is known to hold what is read,
        or not to.
        """
        from dynrepo.operations.explanation import explained  # noqa: PLC0415 - operators ask

        return explained(self, verified)

    def _answers(self, size: int | None = None, *, counting: bool = False) -> AsyncAnswers:
        """All answers: the one place where a query that is iterated sends requests."""
        pagings = [Paging(share, size, counting=counting) for share in self.shares()]
        return AsyncAnswers(pagings, self.execute, self.requests())
