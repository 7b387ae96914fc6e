"""Expressions compared and shown: PynamoDB's `==` makes a condition of two operands instead."""

from __future__ import annotations

from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from dynrepo.codec.value import canonical
from dynrepo.expressions.nodes import Action, Condition, Path, Update, Value
from dynrepo.expressions.private import Operand
from dynrepo.expressions.trees import actions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_NODES = (Condition, Operand, Action, Update)
_JUDGES = (FunctionType, MethodType)
_LONG = 200


def same(expected: Any, actual: Any) -> bool:
    """Whether an argument is as expected.

    Expected may be a value, anything with an `==` of its own, a function that judges the argument,
    or an expression.
    """
    if isinstance(expected, _JUDGES):
        return expected is actual or bool(expected(actual))
    if isinstance(expected, _NODES):
        return _alike(expected, actual)
    if expected.__class__ is tuple and actual.__class__ is tuple:
        return _all_same(expected, actual)
    # Of a path on the right, `==` would make a condition, which is neither true nor false.
    return (expected == actual) is True


def _all_same(expected: tuple[Any, ...], actual: tuple[Any, ...]) -> bool:
    return len(expected) == len(actual) and all(map(same, expected, actual))


def _alike(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, Path):
        return bool(one.path == other.path)
    if isinstance(one, Value):
        return canonical(one.value) == canonical(other.value)
    if isinstance(one, Update):
        return _each_alike(actions_of(one), actions_of(other))
    operators = [getattr(node, "operator", None) for node in (one, other)]
    return operators[0] == operators[1] and _each_alike(one.values, other.values)


def _each_alike(ones: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(ones) == len(others) and all(map(_alike, ones, others))


def shown(value: Any) -> str:
    """A value as a message of a test shows it: whole, unless it is long."""
    if isinstance(value, _JUDGES):
        return f"<{value.__name__}>"
    text = str(value) if isinstance(value, _NODES) else repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."
