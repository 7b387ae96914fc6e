"""What is read of a query at a time: an answer of DynamoDB's, and a page of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from dynrepo.errors import CodecError
from dynrepo.opaque import OpaqueRecord
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dynrepo.codec import Item

T = TypeVar("T")


@public
@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a query: iterating gives its items, and `len` counts them, as its repr does.

    Attributes:
        items: Fewer than were asked for where `where` dropped some, or none, also of a page that is
            not the last.
        cursor: What `page(after=...)` takes for the next page; None at the end.
        read: How many items DynamoDB read, and charged, for the page.
    """

    items: list[T]
    cursor: str | None = None
    read: int = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        more = "the last" if self.cursor is None else "not the last"
        return f"Page({len(self.items)} items of {self.read} read, {more})"


class QueryAnswer(OpaqueRecord, sealed=["rows", "last_key"]):
    """One answer to a query: a model, or its error, for each row; the key to go on from.

    `row_count` rows are left of the `scanned_count` that were read. `has_errors` says whether some
    of `rows` are errors.
    """

    rows: Sequence[Any]
    last_key: Item | None
    row_count: int
    scanned_count: int
    has_errors: bool = False


def of_index(row: Any, index: str) -> Any:
    """A row of an index; an error says besides that whole items may be elsewhere."""
    if type(row) is not CodecError:
        return row
    return CodecError(
        f"{row}; where the index {index} does not hold whole items, read them by"
        " get_many(query.keys()), or a part of them by query.only(model)",
        key=row.key,
    )
