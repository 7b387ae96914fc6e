"""Attributes of any name are addressed by it: with brackets and dots, in keys and in places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import Attribute, PartitionKey, Repository, SortKey, Version
from dynrepo.testing import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import DynamoStore, Store


class Part(BaseModel):
    """A part of a row."""

    z: Annotated[int, Attribute("z[1].q")]


class Row(BaseModel, extra="allow"):
    """A row whose names are paths, to those who read them so."""

    __pydantic_extra__: dict[str, Any]

    id: Annotated[str, PartitionKey(), Attribute("p[k]")]
    number: Annotated[int, SortKey(), Attribute("s]")]
    parts: Annotated[list[Part], Attribute("l[0]")] = []
    counts: Annotated[dict[str, int], Attribute("d.[")] = {}
    group: Annotated[str | None, PartitionKey(index="by_group"), Attribute("[g]")] = None
    version: Annotated[int, Version(), Attribute("[v]")] = 0


class Rows(Repository[Row]):
    """Such rows."""

    table = "rows-of-any-name"


class Parts(BaseModel):
    """The parts of one."""

    parts: list[Part] = []


@pytest.fixture(params=["memory", pytest.param("ministack", marks=pytest.mark.engine)])
def rows(request: pytest.FixtureRequest) -> Rows:
    """Rows in a table of their own; moto takes brackets in a projection for indexes."""
    store: Store = MemoryStore(Rows)
    if request.param == "ministack":
        new_store: Callable[[], DynamoStore] = request.getfixturevalue("new_store")
        store = new_store()
    rows = Rows(store)
    rows.ensure_table()
    return rows


KEY = ("a", 1)
F = Rows.fields


def test_any_name_is_addressed(rows: Rows) -> None:
    """By keys, conditions, actions, projections, indexes and transactions."""
    new: dict[str, Any] = {"id": "a", "number": 1, "counts": {"x[0]": 1}, "group": "q", "e[0]": "x"}
    row = rows.save(rows.create(Row(parts=[Part(z=1)], **new)))
    assert rows.get(KEY) == row
    changed = rows.update(
        KEY,
        F.parts[0]["z"].set(5),
        F.counts["y]"].set(3),
        F.counts["x[0]"].add(2),
        F["e[0]"].set("w"),
        condition=(F.counts["x[0]"] == 1) & F.parts[0]["z"].exists() & (F["e[0]"] == "x"),
    )
    assert (changed.parts, changed.counts) == ([Part(z=5)], {"x[0]": 3, "y]": 3})
    assert changed.model_extra == {"e[0]": "w"}
    asked, where = (F.id == "a") & (F.number > 0), F.counts["x[0]"] == 3
    assert rows.query(asked, where=where).all() == [changed]
    assert rows.query(F.group == "q", index="by_group", where=F.parts[0]["z"] == 5).all() == [
        changed
    ]
    assert rows.get(KEY, only=Parts) == Parts(parts=[Part(z=5)])
    assert rows.query(asked).only(Parts).all() == [Parts(parts=[Part(z=5)])]
    assert rows.query(asked).keys().all() == [KEY]
    assert rows.exists(KEY)
    assert rows.get_many([KEY]) == [changed]
    left = rows.update(KEY, F.counts["x[0]"].remove(), F.parts.append(Part(z=9)), exactly_once=True)
    assert (left.counts, left.version) == ({"y]": 3}, 4)
    with rows.transaction() as tx:
        tx.update(rows, KEY, F.counts["x[0]"].set(3), condition=F.version == 4)
    assert not rows.verify_table(sample="all").sample.bad_rows
    assert rows.delete(KEY)
