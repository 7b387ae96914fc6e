"""Update actions: what they become, and what they refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pynamodb.expressions.update import Update

from dynrepo import CodecError, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.trees import render
from tests.expressions.thing import (
    Loose,
    assert_holds_no_secret,
    assert_names_field,
    f,
)

ACTIONS = [
    (f.name.set("a"), "SET #0 = :0", [{"S": "a"}]),
    (f.note.set(None), "REMOVE #0", []),
    (f.tags.set(frozenset()), "REMOVE #0", []),
    (f.note.remove(), "REMOVE #0", []),
    (f.count.add(2), "ADD #0 :0", [{"N": "2"}]),
    (f.tags.add("x", "y", "x"), "ADD #0 :0", [{"SS": ["x", "y"]}]),
    (f.days.add({3}), "ADD #0 :0", [{"NS": ["3"]}]),
    (f.tags.delete("x"), "DELETE #0 :0", [{"SS": ["x"]}]),
    (f.count.set(f.count + 1), "SET #0 = #0 + :0", [{"N": "1"}]),
    (f.total.set(Decimal(9) - f.total), "SET #0 = :0 - #0", [{"N": "9"}]),
    (
        f.total.set(f.total.if_not_exists(Decimal(1)) + Decimal("0.5")),
        "SET #0 = if_not_exists (#0, :0) + :1",
        [{"N": "1"}, {"N": "0.5"}],
    ),
    (
        f.words.append("a", None),
        "SET #0 = list_append (if_not_exists (#0, :0), :1)",
        [{"L": []}, {"L": [{"S": "a"}, {"NULL": True}]}],
    ),
    (
        f.words.prepend("a"),
        "SET #0 = list_append (:1, if_not_exists (#0, :0))",
        None,
    ),
    (f.count.set(f.count - 1), "SET #0 = #0 - :0", [{"N": "1"}]),
    (f.count.set(1 + f.count), "SET #0 = :0 + #0", [{"N": "1"}]),
    (f.count.set(f.count | 1), "SET #0 = if_not_exists (#0, :0)", [{"N": "1"}]),
    (f.words[2].set(None), "SET #0[2] = :0", [{"NULL": True}]),
    (f.lines[0]["sku"].set("s"), "SET #0[0].#1 = :0", [{"S": "s"}]),
    (f.prices["a"].set(Decimal(1)), "SET #0.#1 = :0", [{"N": "1"}]),
    (f.name.set(f.note), "SET #0 = #1", []),
]


@pytest.mark.parametrize(("action", "text", "values"), ACTIONS, ids=range(len(ACTIONS)))
def test_an_action_becomes_text_and_encoded_values(
    action: Any, text: str, values: list[Any] | None
) -> None:
    """None and the empty set, which are stored by absence, remove."""
    request = render({"UpdateExpression": Update(action)})
    if values is None:
        assert sorted(request["UpdateExpression"]) == sorted(text)
        return
    assert request["UpdateExpression"] == text
    assert list(request.get("ExpressionAttributeValues", {}).values()) == values


REFUSED: list[Any] = [
    lambda: f.count.add("1"),
    lambda: f.name.add("x"),
    lambda: f.name.delete("x"),
    lambda: f.tags.add(1),
    lambda: f.tags.add(*()),
    lambda: f.name.append("x"),
    lambda: f.words.append(1),
    lambda: f.count.set(f.name),
    lambda: f.name.set(None),
]


@pytest.mark.parametrize("make", REFUSED, ids=range(len(REFUSED)))
def test_what_does_not_fit_the_field_is_refused_at_once(make: Any) -> None:
    """The error names the field, and is made where the expression is."""
    assert_names_field(make)


@pytest.mark.parametrize(
    "make",
    [
        lambda: f.count.add("top secret"),
        lambda: f.tags.add(5, "top secret"),
    ],
    ids=range(2),
)
def test_a_refusal_holds_no_value(make: Any) -> None:
    """Neither its text nor the errors behind it."""
    assert_holds_no_secret(make)


UNTYPED: list[tuple[Any, Any]] = [
    (lambda any_: any_.add(1), {"N": "1"}),
    (lambda any_: any_.add(Decimal("1.5")), {"N": "1.5"}),
    (lambda any_: any_.add({1}), {"NS": ["1"]}),
    (lambda any_: any_.add(1, 2), {"NS": ["1", "2"]}),
    (lambda any_: any_.add("a"), {"SS": ["a"]}),
    (lambda any_: any_.delete(1), {"NS": ["1"]}),
    (lambda any_: any_.contains(1), {"N": "1"}),
    (lambda any_: any_.append("a", 1).values[1], {"L": [{"S": "a"}, {"N": "1"}]}),
]


@pytest.mark.parametrize(("make", "value"), UNTYPED, ids=range(len(UNTYPED)))
def test_an_attribute_without_type_takes_the_type_of_the_value(make: Any, value: Any) -> None:
    """One number is an amount; anything else that is added is an element, or a set of them."""
    made = make(FieldPaths(schema_of(Loose))["extra"])
    assert made.values[1].value == value


@pytest.mark.parametrize("values", [(), (True,), (None,), (1, "a"), ([1],), ({1, "a"},), (set(),)])
def test_what_is_no_number_and_no_set_is_not_added(values: tuple[Any, ...]) -> None:
    """A CodecError that names the model, where DynamoDB would refuse the whole update."""
    extra = FieldPaths(schema_of(Loose))["extra"]
    with pytest.raises(CodecError, match=r"Loose\[\.\.\.\]: expected elements of a set"):
        extra.add(*values)
    with pytest.raises(CodecError, match=r"Thing\.count: (add takes one|expected int|None)"):
        f.count.add(*values)


def test_a_set_takes_no_append() -> None:
    """It has no order."""
    with pytest.raises(CodecError, match=r"Thing\.tags: append and prepend are for lists"):
        f.tags.append("x")
