"""Paths: how they are stepped into, and by what their values are written."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.operand import Path, Value

from dynrepo.expressions.paths import FieldPath
from tests.expressions.thing import (
    WHEN,
    assert_holds_no_secret,
    assert_names_field,
    f,
    rendered,
    value_of,
)

REFUSED: list[Any] = [
    lambda: f.lines["sku"],
    lambda: f.lines[0]["nope"],
    lambda: f.name["x"],
    lambda: f.prices["a\ud800"],
]


@pytest.mark.parametrize("make", REFUSED, ids=range(len(REFUSED)))
def test_what_does_not_fit_the_field_is_refused_at_once(make: Any) -> None:
    """The error names the field, and is made where the expression is."""
    assert_names_field(make)


@pytest.mark.parametrize(
    "make",
    [
        lambda: f.prices["top secret\ud800"],
    ],
    ids=range(1),
)
def test_a_refusal_holds_no_value(make: Any) -> None:
    """Neither its text nor the errors behind it."""
    assert_holds_no_secret(make)


def test_a_value_is_written_by_the_codec_of_the_field() -> None:
    """On either side of an operator, and beside a default or an amount."""
    assert value_of(f.when == WHEN) == {"S": "2026-01-02T03:04:05.000000Z"}
    assert value_of(f.count + 1 == f.count) == {"N": "1"}
    assert value_of((f.count | 7) == f.count) == {"N": "7"}


@pytest.mark.parametrize("method", ["_to_value", "_to_operand"])
def test_pynamodb_asks_for_every_value(method: str) -> None:
    """The private methods that our paths override still are what makes PynamoDB's values."""
    asked = []

    def to_value(_: Path, value: Any) -> Value:
        asked.append(value)
        return Value({"S": str(value)})

    path = type("Asking", (Path,), {method: to_value})(["a"])
    _ = [path == 1, path != 2, path < 3, path <= 4, path > 5, path >= 6]
    path.between(7, 8)
    path.is_in(9)
    _ = path | 10
    path.set(11)
    assert asked == list(range(1, 12))


@pytest.mark.parametrize(
    ("part", "name", "text"),
    [
        (f.lines[1], "lines[1]", "#0[1]"),
        (f.lines[1]["price"], "lines[1].price", "#0[1].#1"),
        (f.best["price"], "best.price", "#0.#1"),
        (f.prices["a.b c"], "prices[...]", "#0.#1"),
        (f.words[2], "words[2]", "#0[2]"),
    ],
    ids=range(5),
)
def test_a_part_is_stepped_into(part: Any, name: str, text: str) -> None:
    """Its name says what leads there, without the keys of maps, and its text has placeholders."""
    assert part.name == name
    assert rendered(part.exists())[0] == f"attribute_exists ({text})"


def test_a_part_has_the_bounds_of_its_place() -> None:
    """And none where it has none."""
    assert f.count.bounds is None
    assert FieldPath(["a"], f.count.codec, "Item.a", name="a").bounds is None
