"""The items of an expected query are found as those of a table are: in pages, in shares, once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dynrepo import Throttled
from dynrepo.operations.operation import Operation
from dynrepo.testing.expected_items import ExpectedItems
from models.user import AsyncUsers
from tests.testing.people import ADA, BOB

SCHEMA = AsyncUsers.schema


def request(**more: Any) -> Operation[dict[str, Any]]:
    """One request of a scan, which is answered with the body of the answer."""
    return Operation("Scan", "users", more, lambda answer: answer.body)


def names(body: dict[str, Any]) -> list[str]:
    """Who is in a page."""
    return [item["email"]["S"].partition("@")[0] for item in body["Items"]]


def test_a_page_ends_with_the_key_that_the_next_begins_after() -> None:
    """And the last one with none."""
    found = ExpectedItems(SCHEMA, lambda: [ADA, BOB], in_segments=False)
    first = found.execute(request(Limit=1))
    assert (names(first), first["LastEvaluatedKey"]) == (["ada"], SCHEMA.key(ADA))
    second = found.execute(request(Limit=1, ExclusiveStartKey=first["LastEvaluatedKey"]))
    assert names(second) == ["bob"]
    assert "LastEvaluatedKey" not in second
    assert asyncio.run(found.execute_async(request())) == found.execute(request())


def test_they_are_asked_for_once() -> None:
    """Where they are first read, whatever comes of it."""
    asked: list[int] = []

    def read() -> list[Any]:
        asked.append(1)
        raise Throttled("busy")

    found = ExpectedItems(SCHEMA, read, in_segments=False)
    assert asked == []
    with pytest.raises(Throttled):
        found.execute(request())
    assert found.execute(request())["Count"] == 0
    assert asked == [1]


@pytest.mark.parametrize(("in_segments", "counts"), [(True, [2, 0]), (False, [2, 2])])
def test_in_shares_each_item_is_found_once(*, in_segments: bool, counts: list[int]) -> None:
    """But where the code asks for one share only, what is expected is what that finds."""
    found = ExpectedItems(SCHEMA, lambda: [ADA, BOB], in_segments=in_segments)
    shares = [found.execute(request(Segment=n, TotalSegments=2)) for n in range(2)]
    assert [share["Count"] for share in shares] == counts
