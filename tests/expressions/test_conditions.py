"""The conditions that fields make."""

from __future__ import annotations

import copy
import operator
import pickle
from typing import Any

import pytest
from pynamodb.expressions.operand import Path

from dynrepo.expressions import nodes
from dynrepo.expressions.conditions import (
    BeginsWith,
    Between,
    Comparison,
    Exists,
    JoinedCondition,
    no_condition,
)
from tests.expressions.thing import f

BRACKETS = "(fields.x > 1) & (fields.y == 2)"
FOREIGN: Any = Path("other") == "x"
"""A condition that PynamoDB makes itself."""


def refused(made: Any) -> str:
    """The words of a TypeError."""
    with pytest.raises(TypeError) as caught:
        made()
    return str(caught.value)


@pytest.mark.parametrize(
    "made",
    [
        lambda: (f.name == "a") and f.count > 1,
        lambda: (f.name == "a") or f.count > 1,
        lambda: not f.name.exists(),
        lambda: 0 < f.count < 5,
        lambda: f.count in [1, 2],
        lambda: bool((f.name == "a") & (f.count > 1)),
        lambda: bool((f.name == "a") | (f.count > 1)),
        lambda: bool(~f.name.exists()),
        lambda: bool(f.name.size() > 3),
    ],
    ids=["and", "or", "not", "chain", "in", "of &", "of |", "of ~", "size"],
)
def test_a_condition_has_no_truth(made: Any) -> None:
    """A TypeError says how conditions are joined, and what is written for `in` and a chain."""
    words = refused(made)
    for cure in (BRACKETS, "is_in(1, 2)", "between(1, 5)", "`or`", "`not`"):
        assert cure in words


@pytest.mark.parametrize(
    "made",
    [
        lambda: (f.name == "a") & f.count,
        lambda: (f.name == "a") | f.count,
        lambda: (f.name == "a") & True,
        lambda: False & (f.name == "a"),
        lambda: 1 | (f.name == "a"),
    ],
    ids=["&", "|", "a bool", "a bool before", "before |"],
)
def test_conditions_are_joined_with_conditions(made: Any) -> None:
    """Else a TypeError shows the brackets that are lacking."""
    assert BRACKETS in refused(made)


def test_conditions_of_pynamodb_are_joined_from_both_sides() -> None:
    """In the order in which they are written; None before `&` is nothing."""
    ours: Any = f.name == "a"
    for joined, operands in (
        (FOREIGN & ours, (FOREIGN, ours)),
        (ours & FOREIGN, (ours, FOREIGN)),
        (FOREIGN | ours, (FOREIGN, ours)),
        (ours | FOREIGN, (ours, FOREIGN)),
    ):
        assert isinstance(joined, nodes.And | nodes.Or)
        assert [type(part) for part in joined.values] == [type(part) for part in operands]
    assert (None & ours) is ours


def test_each_kind_is_of_pynamodb() -> None:
    """So that what takes one of PynamoDB's takes these, and their texts are its own."""
    made: list[Any] = [
        f.name == "a",
        f.count.between(1, 2),
        f.name.startswith("a"),
        f.name.exists(),
    ]
    kinds = [Comparison, Between, BeginsWith, Exists]
    assert [type(condition) for condition in made] == kinds
    assert all(isinstance(condition, JoinedCondition) for condition in made)
    assert [kind.__mro__[2].__module__ for kind in kinds] == ["pynamodb.expressions.condition"] * 4
    assert [repr(condition) for condition in made] == [
        "name = <S>",
        "count BETWEEN <N> AND <N>",
        "begins_with (name, <S>)",
        "attribute_exists (name)",
    ]


@pytest.mark.parametrize(
    ("given", "cure"),
    [(False, "does_not_exist()"), (None, "fields.x == 1"), ("a > 3", "fields.x == 1")],
    ids=["bool", "None", "str"],
)
def test_what_is_no_condition_is_refused_with_one_that_is(given: object, cure: str) -> None:
    """Its type is named; of a bool it is said that Python made it."""
    words = str(no_condition(given))
    assert type(given).__name__ in words
    assert cure in words


def test_a_condition_may_be_copied_and_pickled() -> None:
    """It is found in its module under its name."""
    joined: Any = Comparison("=", Path("a"), Path("b")) & Exists(Path("a"))
    pickled = pickle.loads(pickle.dumps(joined))  # noqa: S301 - our own
    for twin in (copy.deepcopy(joined), pickled):
        assert type(twin) is type(joined)
        assert repr(twin) == repr(joined)


@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_each_comparison_is_one_of_these(name: str) -> None:
    """Of a field, and of its size."""
    signs = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
    for operand in (f.count, f.name.size()):
        condition = getattr(operator, name)(operand, 1)
        assert type(condition) is Comparison
        assert condition.operator == signs[name]
