"""Conditions: what they become, and what they refuse."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from dynrepo import CodecError
from tests.expressions.thing import (
    WHEN,
    Mood,
    assert_holds_no_secret,
    assert_names_field,
    f,
    rendered,
)

CONDITIONS = [
    (f.name == "a", "#0 = :0", [{"S": "a"}]),
    (f.count != 1, "#0 <> :0", [{"N": "1"}]),
    (f.count < 1, "#0 < :0", [{"N": "1"}]),
    (f.count <= 1, "#0 <= :0", [{"N": "1"}]),
    (f.total > Decimal("1.5"), "#0 > :0", [{"N": "1.5"}]),
    (f.when >= WHEN, "#0 >= :0", [{"S": "2026-01-02T03:04:05.000000Z"}]),
    (f.mood == Mood.GOOD, "#0 = :0", [{"S": "good"}]),
    (f.raw == b"\x00", "#0 = :0", [{"B": "AA=="}]),
    (f.count.between(1, 2), "#0 BETWEEN :0 AND :1", [{"N": "1"}, {"N": "2"}]),
    (f.count.is_in(1, 2), "#0 IN (:0, :1)", [{"N": "1"}, {"N": "2"}]),
    (f.name.startswith("a"), "begins_with (#0, :0)", [{"S": "a"}]),
    (f.thing_id.startswith("0000"), "begins_with (#0, :0)", [{"S": "0000"}]),
    (f.raw.startswith(b"\x00"), "begins_with (#0, :0)", [{"B": "AA=="}]),
    (f.name.contains("b"), "contains (#0, :0)", [{"S": "b"}]),
    (f.tags.contains("x"), "contains (#0, :0)", [{"S": "x"}]),
    (f.days.contains(3), "contains (#0, :0)", [{"N": "3"}]),
    (f.words.contains("w"), "contains (#0, :0)", [{"S": "w"}]),
    (f.note.exists(), "attribute_exists (#0)", []),
    (f.note.does_not_exist(), "attribute_not_exists (#0)", []),
    (f.count.is_type("N"), "attribute_type (#0, :0)", [{"S": "N"}]),
    (f.lines.size() > 1, "size (#0) > :0", [{"N": "1"}]),
    (f.name == f.note, "#0 = #1", []),
    ((f.count > 0) & (f.name == "a"), "(#0 > :0 AND #1 = :1)", [{"N": "0"}, {"S": "a"}]),
    ((f.count > 0) | (f.name == "a"), "(#0 > :0 OR #1 = :1)", [{"N": "0"}, {"S": "a"}]),
    (~(f.count > 0), "(NOT #0 > :0)", [{"N": "0"}]),
    (f.lines[0]["sku"] == "s", "#0[0].#1 = :0", [{"S": "s"}]),
    (f.lines[1]["price"] == Decimal(2), "#0[1].#1 = :0", [{"N": "2"}]),
    (f.best["price"] == Decimal(2), "#0.#1 = :0", [{"N": "2"}]),
    (f.prices["a.b c"] > Decimal(2), "#0.#1 > :0", [{"N": "2"}]),
    (f["count"] == 1, "#0 = :0", [{"N": "1"}]),
]


@pytest.mark.parametrize(("condition", "text", "values"), CONDITIONS, ids=range(len(CONDITIONS)))
def test_a_condition_becomes_text_and_encoded_values(
    condition: Any, text: str, values: list[Any]
) -> None:
    """Each value is in the form that the codec of its field gives it."""
    assert rendered(condition)[::2] == (text, values)


def test_names_are_attributes_and_never_stand_in_the_text() -> None:
    """A renamed field, a nested one and a reserved word are placeholders like any other."""
    assert rendered((f.status == "x") & (f.best["price"] == Decimal(1)))[1] == {
        "#0": "st",
        "#1": "best",
        "#2": "p",
    }


REFUSED: list[Any] = [
    lambda: f.when >= datetime(2026, 1, 1),  # noqa: DTZ001 - that is what is refused
    lambda: f.note == None,  # noqa: E711 - that is what is refused
    lambda: f.name == 1,
    lambda: f.count == "1",
    lambda: f.count == 1.5,
    lambda: f.total == Decimal("NaN"),
    lambda: f.count.startswith("1"),
    lambda: f.name.startswith(1),
    lambda: f.count.contains(1),
    f.count.size,
    lambda: f.name.size() == "1",
    lambda: f.count.is_type("number"),
    lambda: f.count.is_in(*()),
    lambda: f.count.is_in(*range(101)),
]


@pytest.mark.parametrize("make", REFUSED, ids=range(len(REFUSED)))
def test_what_does_not_fit_the_field_is_refused_at_once(make: Any) -> None:
    """The error names the field, and is made where the expression is."""
    assert_names_field(make)


@pytest.mark.parametrize(
    "make",
    [
        lambda: f.count == "top secret",
        lambda: f.name.size() == "top secret",
        lambda: f.count.is_type("top secret"),
    ],
    ids=range(3),
)
def test_a_refusal_holds_no_value(make: Any) -> None:
    """Neither its text nor the errors behind it."""
    assert_holds_no_secret(make)


def test_a_condition_is_no_truth() -> None:
    """`and` between conditions, and chained comparisons, fail instead of losing one of them."""
    with pytest.raises(TypeError):
        bool((f.count > 1) and (f.count < 5))
    with pytest.raises(TypeError):
        1 < f.count < 5  # noqa: B015


@pytest.mark.parametrize("nothing", [None, frozenset[str]()], ids=["None", "empty"])
def test_what_is_stored_by_its_absence_is_compared_with_nothing(nothing: Any) -> None:
    """The error names the question that is meant."""
    field = f.when if nothing is None else f.tags
    with pytest.raises(CodecError, match=r"ask exists\(\) or does_not_exist\(\)"):
        _ = field == nothing


def test_a_wrong_value_is_named_by_its_field_once() -> None:
    """Also where the codec does not know of which field the value is; no value is in the error."""
    with pytest.raises(CodecError, match=r"^Thing\.count: ") as caught:
        _ = f.count == "much"
    assert caught.value.__context__ is None
    with pytest.raises(CodecError, match=r"^Thing\.words\[0\]: "):
        _ = f.words[0] == 1


def test_values_in_a_list_are_given_one_by_one() -> None:
    """Where the field takes no list; another value that does not fit is refused as itself."""
    with pytest.raises(
        CodecError, match=r"Thing\.count: expected int, found list: .*is_in\(\*values"
    ):
        f.count.is_in([1, 2])
    with pytest.raises(CodecError, match=r"Thing\.count: expected int, found str$"):
        f.count.is_in("a")
