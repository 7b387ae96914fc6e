"""What is done with a field as if it had its value here."""

from __future__ import annotations

import copy
import inspect
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository


class Inner(BaseModel):
    """A nested model."""

    price: int = 0


class Line(BaseModel):
    """One that has another."""

    sku: str = ""
    inner: Inner = Inner()


class Bill(BaseModel):
    """A model with parts."""

    id: Annotated[str, PartitionKey()]
    total: int = 0
    tags: set[str] = set()
    line: Line = Line()
    lines: list[Line] = []
    prices: dict[str, int] = {}


class Bills(Repository[Bill]):
    """A table of them."""

    table = "bills"


f: Any = Bills.fields


@pytest.mark.parametrize(
    ("made", "cure"),
    [
        (lambda: "a" in f.tags, "fields.tags.contains(...)"),
        (lambda: len(f.tags), "fields.tags.size() > 3"),
        (lambda: bool(f.total), "fields.total.exists()"),
        (lambda: list(f.lines), "fields.lines.contains(...)"),
        (lambda: f.total > 0 & f.total, "(fields.x > 1) & (fields.y == 2)"),
        (lambda: f.total == 0 | f.total, "(fields.x > 1) & (fields.y == 2)"),
        (lambda: f.total == f.total & f.total, "(fields.x > 1) & (fields.y == 2)"),
        (lambda: ~f.total, "(fields.x > 1) & (fields.y == 2)"),
        (lambda: "a" in f.lines[0]["inner"], 'fields.lines[0]["inner"].contains(...)'),
    ],
    ids=["in", "len", "bool", "for", "0 &", "0 |", "&", "~", "below"],
)
def test_a_field_has_no_value(made: Any, cure: str) -> None:
    """What Python does with values alone is a TypeError that says what to write."""
    with pytest.raises(TypeError) as caught:
        made()
    assert cure in str(caught.value)


@pytest.mark.parametrize(
    ("made", "cure"),
    [
        (lambda: f.total.is_null, "Bill.total has no is_null: write fields.total.does_not_exist()"),
        (lambda: f.total.gt, "write fields.total > 1"),
        (lambda: f.line.sku, 'write fields.line["sku"], or path(stored.line.sku)'),
        (lambda: f.lines.sku, 'write fields.lines[0]["sku"], or path(stored.lines[0].sku)'),
        (
            lambda: f.lines[0].inner,
            'write fields.lines[0]["inner"], or path(stored.lines[0].inner)',
        ),
        (lambda: f.line["inner"].price, 'write fields.line["inner"]["price"]'),
        (lambda: f.total.pirce, "Bill.total has no pirce"),
        (lambda: f.prices.pirce, "Bill.prices has no pirce"),
    ],
    ids=["null", "gt", "nested", "element", "indexed", "twice", "typo", "typo of a map"],
)
def test_a_name_that_a_field_lacks_is_an_attribute_error(made: Any, cure: str) -> None:
    """It says what is written instead, where something is near."""
    with pytest.raises(AttributeError) as caught:
        made()
    assert cure in str(caught.value)


def test_a_field_is_looked_at_and_copied() -> None:
    """By whatever asks for names that it may not have."""
    assert not hasattr(f.total, "anything")
    assert not hasattr(f.total, "__wrapped__")
    assert copy.copy(f.total).name == "total"
    assert copy.deepcopy(f.lines[0]).name == "lines[0]"
    assert not inspect.isawaitable(f.total)
