"""Sums and defaults, for `set`."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.update import Update

from dynrepo import CodecError
from dynrepo.expressions.trees import Fallback, render
from tests.expressions.thing import (
    assert_holds_no_secret,
    assert_names_field,
    f,
    value_of,
)

REFUSED: list[Any] = [
    lambda: f.name + "x",
    lambda: "x" + f.name,
    lambda: f.name - 1,
    lambda: 1 - f.name,
]


@pytest.mark.parametrize("make", REFUSED, ids=range(len(REFUSED)))
def test_what_does_not_fit_the_field_is_refused_at_once(make: Any) -> None:
    """The error names the field, and is made where the expression is."""
    assert_names_field(make)


@pytest.mark.parametrize(
    "make",
    [
        lambda: f.name + "top secret",
    ],
    ids=range(1),
)
def test_a_refusal_holds_no_value(make: Any) -> None:
    """Neither its text nor the errors behind it."""
    assert_holds_no_secret(make)


def test_a_default_is_written_like_the_field() -> None:
    """And takes part in sums."""
    fallback = f.count.if_not_exists(1)
    assert isinstance(fallback, Fallback)
    assert fallback.label == "Thing.count"
    with pytest.raises(CodecError, match=r"Thing\.count: "):
        _ = fallback + "2"
    assert value_of(f.count == (fallback + 2).values[1]) == {"N": "2"}


def test_an_operator_needs_a_type_that_it_is_for() -> None:
    """The error names the types."""
    with pytest.raises(CodecError, match=r"Thing\.name: \+ needs one of N"):
        _ = f.name + 1


SUMS = [
    (f.count.set(f.count + 1), "SET #0 = #0 + :0"),
    (f.count.set(f.count - 1), "SET #0 = #0 - :0"),
    (f.count.set(1 + f.count), "SET #0 = :0 + #0"),
    (f.count.set(1 - f.count), "SET #0 = :0 - #0"),
    (f.count.set(f.count | 1), "SET #0 = if_not_exists (#0, :0)"),
    (f.count.set(f.count.if_not_exists(1) + 1), "SET #0 = if_not_exists (#0, :0) + :1"),
]


@pytest.mark.parametrize(("action", "text"), SUMS, ids=range(len(SUMS)))
def test_a_sum_is_made_by_dynamodb(action: Any, text: str) -> None:
    """On either side of the operator, and from what is stored or a value where nothing is."""
    request = render({"UpdateExpression": Update(action)})
    assert request["UpdateExpression"] == text
    assert all(value == {"N": "1"} for value in request["ExpressionAttributeValues"].values())
