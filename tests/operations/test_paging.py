"""The requests for a whole query, page after page."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, SortKey
from dynrepo.operations.pages import QueryAnswer
from dynrepo.operations.paging import Paging
from dynrepo.testing.memory import MemoryStore


class Entry(BaseModel):
    """Of a log."""

    log: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]


class Entries(Repository[Entry]):
    """Some."""

    table = "entries"


LAST = {"log": {"S": "a"}, "number": {"N": "2"}}


def answer(rows: int, *, more: bool) -> QueryAnswer:
    """An answer with so many rows."""
    return QueryAnswer([None] * rows, LAST if more else None, rows, rows)


@pytest.mark.parametrize(
    ("limit", "size", "sizes"),
    [(None, None, [None, None]), (5, None, [5, 3]), (None, 7, [7, 7]), (5, 7, [7, 7])],
)
def test_a_page_begins_where_the_one_before_ended(
    limit: int | None, size: int | None, sizes: list[int | None]
) -> None:
    """It has the size that is asked for, or as many rows as are still wanted."""
    query = Entries(MemoryStore()).query(Entries.fields.log == "a", limit=limit)
    paging = Paging(query, size)
    first = paging.operation().request
    assert "ExclusiveStartKey" not in first
    paging.see(answer(2, more=True))
    second = paging.operation().request
    assert second["ExclusiveStartKey"] == LAST
    assert [first.get("Limit"), second.get("Limit")] == sizes
    assert not paging.is_over
    paging.see(answer(0, more=False))
    assert paging.is_over


def test_rows_are_counted_without_being_read() -> None:
    """By DynamoDB."""
    query = Entries(MemoryStore()).query(Entries.fields.log == "a")
    assert Paging(query, counting=True).operation().request["Select"] == "COUNT"
