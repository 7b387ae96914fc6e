# Written by tests/faces.py from aio/query.py: change that one.
"""Queries and scans that are read page by page, as their items are asked for."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from pydantic import BaseModel

from dynrepo.blocking.answers import Answers, Pages
from dynrepo.blocking.feeds import flattened
from dynrepo.blocking.other_face import Iterated
from dynrepo.instrumentation.open_cursors import tell_open_cursor
from dynrepo.operations.pages import Page
from dynrepo.operations.paging import Paging
from dynrepo.operations.queries import QueryPlan
from dynrepo.operations.reads import key_part, part_of
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo.instrumentation import Requests
    from dynrepo.instrumentation.fence import Execute
    from dynrepo.operations.explanation import Explanation
    from dynrepo.operations.operation import Location
    from dynrepo.operations.tables import Difference

T = TypeVar("T")
P = TypeVar("P", bound=BaseModel)


@public
@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Query(Iterated, QueryPlan[T]):
    """What a query or a scan asks for; immutable, and read anew whenever it is iterated.

    Iterating reads a page of up to 1 MB when its first item is wanted. A row that is not an
    instance of the model raises CodecError when its turn comes, and the iteration is over; with
    `bad_rows` that is called with the error instead, and the iteration goes on. Each request may
    raise a `StoreError`, as of every verb of a repository.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
    """

    _query: ClassVar[str] = "query"

    execute: Execute
    located: Callable[[], Location]
    requests: Callable[[], Requests]

    def __iter__(self) -> Iterator[T]:
        return flattened(self._answers(), self.items_of, self.item_limit)

    def first(self) -> T | None:
        """Reads the first item, and no further.

        Returns:
            The item; None when there is none.

        Raises:
            CodecError: The row is not the model.
            StoreError: As of every verb of a repository.
        """
        items = replace(self, item_limit=1).all()
        return items[0] if items else None

    def all(self) -> list[T]:
        """Reads all items, up to the limit.

        Returns:
            The items, in a list.

        Raises:
            CodecError: A row is not the model, and there is no `bad_rows`.
            StoreError: As of every verb of a repository.
        """
        return [item for item in self]

    def count(self) -> int:
        """Counts the items, up to the limit; reads, and costs, as much as the items do.

        Returns:
            How many there are; rows that are not the model are counted, too.

        Raises:
            StoreError: As of every verb of a repository.
        """
        total = 0
        with closing(self._answers(counting=True)) as answers:
            for answer in answers:
                total += answer.row_count
                if self.item_limit is not None and total >= self.item_limit:
                    return self.item_limit
        return total

    def only(self, model: type[P]) -> Query[P]:
        """Asks for some attributes only: the fields of a smaller model.

        DynamoDB sends less; it charges for whole items, unless an index has no more than that.

        Args:
            model: A model with some of the fields, by the same names.

        Returns:
            The same query, whose items are instances of it.

        Raises:
            SchemaError: The model has a field that the items have not, or have with another type.
            ValueError: The query is of several repositories.
        """
        return cast("Query[P]", replace(self, part=part_of(self.mapper, model)))

    def keys(self) -> Query[Any]:
        """Asks for the keys of the items, as `get` and `get_many` take them.

        Returns:
            The same query, whose items are keys: values, or `(partition, sort)` tuples.

        Raises:
            ValueError: The query is of several repositories, or a key holds a form of a field
                alone.
        """
        return cast("Query[Any]", replace(self, part=key_part(self.mapper)))

    def page(self, size: int, after: str | None = None) -> Page[T]:
        """Reads one page, in one request.

        Args:
            size: How many items are read at most, of which `where` may drop some; at least 1. A
                request reads 1 MB at most.
            after: The cursor of the page before; without it, the first page.

        Returns:
            The items, and the cursor of the next page; None at the end alone.

        Raises:
            InvalidCursor: `after` is of another query, no cursor, or older than the
                `cursor_lifetime` of the repository. No request was sent.
            CodecError: A row is not the model, and there is no `bad_rows`.
            ValueError: The size is less than 1, or the query has a limit or segments.
            TypeError: The size is no int.
            StoreError: As of every verb of a repository.
        """
        self.check_page_size(size)
        start = self.key_after(after)
        if self.is_empty:
            return Page([])
        page = self.page_of(self.execute(self.operation(start, size)))
        if page.cursor is not None and not self.cursors.are_encrypted:
            tell_open_cursor(self.mapper.table, self.located)
        return page

    def pages(self, size: int | None = None) -> Iterator[Page[T]]:
        """Reads page after page, each when it is asked for.

        Args:
            size: As of `page`; without it, a page is a megabyte.

        Returns:
            An iterator of pages. It raises, at each page, what `page` raises.

        Raises:
            ValueError: The size is less than 1, or the query has a limit or segments.
        """
        self.check_page_size(size)
        return Pages(self._answers(size), self.page_of)

    def explain(self, verified: Difference | None = None) -> Explanation:
        """Tells what it will send, and what that costs by the rules of AWS; sends nothing itself.

        Args:
            verified: What `verify_table()` found: with it the index is known to hold what is read,
                or not to.

        Returns:
            The expressions, the price of a page and advice; a report as a `str`.
        """
        from dynrepo.operations.explanation import explained  # noqa: PLC0415 - operators ask

        return explained(self, verified)

    def _answers(self, size: int | None = None, *, counting: bool = False) -> Answers:
        """All answers: the one place where a query that is iterated sends requests."""
        pagings = [Paging(share, size, counting=counting) for share in self.shares()]
        return Answers(pagings, self.execute, self.requests())
