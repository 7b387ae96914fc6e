"""Queries and scans that are read page by page, as their items are asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

from dynrepo.blocking.waits import merged
from dynrepo.operations.queries import QueryPlan
from dynrepo.operations.reads import key_part, part_of
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from typing import TypeAlias

    from dynrepo.instrumentation.fence import Execute
    from dynrepo.operations.queries import Page, QueryAnswer

    Answers: TypeAlias = Generator[QueryAnswer]

T = TypeVar("T")
P = TypeVar("P", bound=BaseModel)


@public
@dataclass(frozen=True, slots=True, kw_only=True)
class Query(QueryPlan[T]):
    """What a query or a scan asks for; immutable, and read anew whenever it is iterated.

    Iterating reads a page when its first item is wanted. A row that is not an instance of the
    model raises CodecError when its turn comes, and the iteration is over; with `bad_rows` that
    is called with the error instead, and the iteration goes on.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
    """

    execute: Execute = field(repr=False)
    requests: Callable[[Execute], AbstractContextManager[Execute]] = field(
        default=nullcontext, repr=False
    )

    def __iter__(self) -> Iterator[T]:
        count = 0
        with closing(self._answers()) as answers:
            for answer in answers:
                for item in self.items_of(answer):
                    yield item
                    count += 1
                    if count == self.limit:
                        return

    def first(self) -> T | None:
        """The first item, or None; reads no further."""
        items = replace(self, limit=1).all()
        return items[0] if items else None

    def all(self) -> list[T]:
        """All items, in a list."""
        return [item for item in self]  # noqa: C416 - `async for` has no `list`

    def count(self) -> int:
        """How many items there are, up to the limit; reads, and costs, as much as the items do."""
        total = 0
        with closing(self._answers(counting=True)) as answers:
            for answer in answers:
                total += answer.row_count
                if self.limit is not None and total >= self.limit:
                    return self.limit
        return total

    def only(self, model: type[P]) -> Query[P]:
        """The same query for some attributes only: the fields of a smaller model.

        DynamoDB sends less; it charges for whole items, unless an index has no more than that.
        """
        part: Any = part_of(self.mapper, model)
        return cast("Query[P]", replace(self, decode=part.decode, paths=part.paths))

    def keys(self) -> Query[Any]:
        """The keys of the items, as `get` and `get_many` take them: `get_many(query.keys())`."""
        part: Any = key_part(self.mapper)
        return cast("Query[Any]", replace(self, decode=part.decode, paths=part.paths))

    def page(self, size: int, after: str | None = None) -> Page[T]:
        """One page, in one request: up to `size` items are read, of which `where` may drop some.

        `after` is the cursor of the page before; `InvalidCursor` when it is of another query.
        """
        self.check_page_size(size)
        return self.page_of(self.execute(self.operation(self.key_after(after), size)))

    def pages(self, size: int | None = None) -> Iterator[Page[T]]:
        """Page after page, each read when it is asked for; without `size` DynamoDB's megabytes."""
        self.check_page_size(size)
        return (self.page_of(answer) for answer in self._answers(size))

    def _answers(self, size: int | None = None, *, counting: bool = False) -> Answers:
        """All answers: the one place where a query that is iterated sends requests."""
        with self.requests(self.execute) as execute:
            shares = [
                _answers_of(share, execute, size, counting=counting) for share in self.shares()
            ]
            with closing(merged(shares)) as answers:
                for answer in answers:  # noqa: UP028 - asynchronous code has no `yield from`
                    yield answer


def _answers_of(
    plan: QueryPlan[Any], execute: Execute, size: int | None, *, counting: bool
) -> Answers:
    """The answers to one segment, one after the other."""
    start, left = None, plan.first_size()
    while True:
        answer = execute(plan.operation(start, size or left, counting=counting))
        yield answer
        start, left = answer.last_key, plan.next_size(left, answer)
        if start is None:
            return
