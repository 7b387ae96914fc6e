"""Expressions that fit no item are refused, whatever is stored."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.condition import (
    BeginsWith,
    Comparison,
    Condition,
    Contains,
    Exists,
    In,
    IsType,
    NotExists,
    size,
)
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import AddAction, DeleteAction, RemoveAction, SetAction, Update

from dynrepo.expressions.private import Decrement, IfNotExists, Increment, ListAppend, Size
from dynrepo.sending.outcomes import Refused
from dynrepo.testing.grammar import check_expressions

text, n, m, listed = Path("text"), Path("number"), Path("m"), Path("l")
ONE, EMPTY = Value({"N": "1"}), Value({"L": []})


def num(value: int) -> Value:
    """A number."""
    return Value({"N": str(value)})


def s(value: str) -> Value:
    """A text."""
    return Value({"S": value})


def unchecked(kind: Any, *values: Any) -> Any:
    """A node with operands that PynamoDB would refuse, as other clients can send it."""
    node = kind.__new__(kind)
    node.values = values
    return node


def check(parameter: str, tree: Any) -> None:
    """Checks one expression."""
    check_expressions({parameter: tree})


def refusal(parameter: str, tree: Any) -> str:
    """Why an expression is refused."""
    with pytest.raises(Refused) as caught:
        check(parameter, tree)
    assert caught.value.code == "ValidationException"
    return str(caught.value.response["Error"]["Message"])


@pytest.mark.parametrize(
    "condition",
    [
        n == m,
        (n == num(1)) & ~(text < s("x")),
        n.between(num(1), num(1)),
        n.between(Path("low"), num(1)),
        n.is_in(*map(num, range(99))),
        text.exists(),
        text.does_not_exist(),
        text.is_type("S"),
        BeginsWith(s("hello"), text),
        text.contains(s("")),
        size("l") > num(0),
        Comparison("=", unchecked(Size, s("abc")), num(3)),
    ],
    ids=str,
)
def test_a_condition_that_could_hold_is_taken(condition: Condition) -> None:
    """Of one item or another."""
    check("ConditionExpression", condition)
    check("FilterExpression", condition)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (n < Value({"BOOL": True}), "Incorrect operand type"),
        (Value({"L": []}) <= n, "Incorrect operand type"),
        (BeginsWith(text, num(1)), "Incorrect operand type"),
        (n.between(Value({"NULL": True}), num(2)), "Incorrect operand type"),
        (IsType(text, num(1)), "Incorrect operand type"),
        (IsType(text, Path("kind")), "Incorrect operand type"),
        (IsType(text, s("DOG")), "Invalid attribute type name"),
        (Comparison(">", unchecked(Size, num(5)), num(1)), "Incorrect operand type"),
        (Comparison(">", unchecked(Size, size("a")), num(1)), "Incorrect operand type"),
        (n.between(num(2), num(1)), "upper bound"),
        (n.between(num(1), s("2")), "same data type"),
        (~((n == num(1)) & n.between(num(2), num(1))), "upper bound"),
        ((n == num(1)) | (n < Value({"NULL": True})), "Incorrect operand type"),
        (n == n, "must be distinct"),  # noqa: PLR0124
        (n.between(m, n), "must be distinct"),
        (In(n, num(1), n), "must be distinct"),
        (Contains(text, text), "must be distinct"),
        (BeginsWith(listed[0]["a"], listed[0]["a"]), "must be distinct"),
        (IsType(text, text), "must be distinct"),
        (n.is_in(*map(num, range(100))), "number of operands: 101"),
        (Exists(s("a")), "requires a document path"),
        (NotExists(s("a")), "requires a document path"),
        (Comparison("=", n, IfNotExists(m, ONE)), "not allowed"),
        (Comparison("=", n, m + ONE), "not allowed"),
        (Comparison("=", n, m - ONE), "not allowed"),
        (Comparison("=", n, listed.append(EMPTY)), "not allowed"),
        (n == Value({"N": "one"}), "numeric value"),
        (n == Value({"NS": []}), "may not be empty"),
        (n == Value({"N": "9" * 39}), "38 significant digits"),
        (Path("a" * 65_536) == ONE, "65536"),
    ],
    ids=str,
)
def test_a_condition_that_can_hold_of_no_item_is_refused(condition: Any, reason: str) -> None:
    """However deep the reason lies."""
    assert reason in refusal("FilterExpression", condition)


@pytest.mark.parametrize(
    "actions",
    [
        [SetAction(m["b"], ONE), RemoveAction(m["a"]), AddAction(listed[0], ONE)],
        [SetAction(n, n + n), SetAction(m, n)],
        [SetAction(n, (n | ONE) + ONE)],
        [SetAction(listed, unchecked(ListAppend, listed | EMPTY, EMPTY))],
        [SetAction(n, IfNotExists(m, IfNotExists(text, n)))],
        [AddAction(n, ONE), DeleteAction(Path("set"), Value({"SS": ["a"]}))],
    ],
    ids=str,
)
def test_an_update_that_could_be_made_is_taken(actions: list[Any]) -> None:
    """Of one item or another."""
    check("UpdateExpression", Update(*actions))


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        ([SetAction(m, ONE), RemoveAction(m["a"])], "overlap"),
        ([SetAction(n, ONE), SetAction(n, m)], "overlap"),
        ([SetAction(m["a"], ONE), SetAction(m[1], ONE)], "conflict"),
        ([SetAction(m["a"]["b"], ONE), RemoveAction(m["a"][2])], "conflict"),
        ([unchecked(AddAction, n, s("x"))], "operand type: S"),
        ([unchecked(DeleteAction, n, ONE)], "operand type: N"),
        ([SetAction(n, IfNotExists(n, n))], "must be distinct"),
        ([SetAction(n, unchecked(IfNotExists, ONE, ONE))], "requires a document path"),
        ([SetAction(n, unchecked(Increment, s("x"), ONE))], "operand type: S"),
        ([SetAction(n, unchecked(Decrement, ONE, EMPTY))], "operand type: L"),
        ([SetAction(n, unchecked(ListAppend, listed, ONE))], "operand type: N"),
        ([SetAction(n, IfNotExists(m, unchecked(Increment, n, ONE)))], "not allowed"),
        (
            [SetAction(n, unchecked(ListAppend, unchecked(ListAppend, listed, EMPTY), EMPTY))],
            "not allowed",
        ),
        ([SetAction(n, size("l"))], "not allowed in an update"),
        ([SetAction(n, Value({"NULL": False}))], "Null attribute"),
    ],
    ids=str,
)
def test_an_update_that_fits_no_item_is_refused(actions: list[Any], reason: str) -> None:
    """Before anything is looked up."""
    assert reason in refusal("UpdateExpression", Update(*actions))


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        ([n, n], "overlap"),
        ([m, m["b"]], "overlap"),
        ([n, listed[0]["d"], listed[0]], "overlap"),
        ([m["b"], m[0]], "conflict"),
        ([Path(["a"] * 33)], "nesting levels: 33"),
        ([listed[2**31]], "List index"),
        ([Path("a" * 65_536)], "65536"),
    ],
    ids=["same", "inner", "outer", "map and list", "deep", "far", "long"],
)
def test_a_projection_that_fits_no_item_is_refused(paths: Any, reason: str) -> None:
    """In whatever order its paths are."""
    assert reason in refusal("ProjectionExpression", tuple(paths))
    assert reason in refusal("ProjectionExpression", tuple(paths[::-1]))


def test_parts_that_can_be_there_together_are_read_together() -> None:
    """Of one map, of one list, and down to 32 levels."""
    paths = (m["b"], m["c"], listed[0], listed[1], Path(["a"] * 32), listed[2**31 - 1])
    check("ProjectionExpression", paths)
