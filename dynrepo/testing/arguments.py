"""Arguments of mocked calls, compared and written out.

PynamoDB's `==` makes a condition of two operands, so that expressions need a comparison of their
own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from types import FunctionType, MethodType, NoneType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel

from dynrepo.codec.value import canonical
from dynrepo.expressions.nodes import Action, Condition, Path, Update, Value
from dynrepo.expressions.private import Operand
from dynrepo.expressions.trees import actions_of
from dynrepo.operations.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

_NODES = (Condition, Operand, Action, Update)
_JUDGES = (FunctionType, MethodType)
_TEXTS_AND_NUMBERS = (str, bytes, bytearray, int, float, Decimal, UUID, Enum, NoneType)
_PLAIN = (*_TEXTS_AND_NUMBERS, date, time, timedelta, BaseModel, Operation, *_NODES)
_LONG = 200


def matches(expected: Any, actual: Any) -> bool:
    """Whether an argument is as expected.

    Expected may be a value, anything with an `==` of its own, a function that judges the argument,
    or an expression.
    """
    if isinstance(expected, _JUDGES):
        return expected is actual or bool(expected(actual))
    if isinstance(expected, _NODES):
        return _equal_nodes(expected, actual)
    if expected.__class__ is Operation:  # a lookup; what reads its answer is made for each anew
        return actual.__class__ is Operation and _sent(expected) == _sent(actual)
    if expected.__class__ is tuple and actual.__class__ is tuple:
        return len(expected) == len(actual) and all(map(matches, expected, actual))
    # Of a path on the right, `==` would make a condition, which is neither true nor false.
    return (expected == actual) is True


def is_plain(value: Any) -> bool:
    """Whether a value stands for itself only: `ANY`, a function, dirty-equals and others do not."""
    if isinstance(value, type):
        return issubclass(value, BaseModel)
    if isinstance(value, _PLAIN):
        return True
    parts: Any = value
    if isinstance(value, Mapping):
        return all(map(is_plain, (*parts, *parts.values())))
    return isinstance(value, tuple | list | set | frozenset) and all(map(is_plain, parts))


def _sent(operation: Operation[Any]) -> tuple[str, Mapping[str, Any]]:
    return operation.name, operation.request


def _equal_nodes(expected: Any, actual: Any) -> bool:
    if type(expected) is not type(actual):
        return False
    if isinstance(expected, Path):
        return bool(expected.path == actual.path)
    if isinstance(expected, Value):
        return canonical(expected.value) == canonical(actual.value)
    if isinstance(expected, Update):
        return _all_equal(actions_of(expected), actions_of(actual))
    same_operator = getattr(expected, "operator", None) == getattr(actual, "operator", None)
    return same_operator and _all_equal(expected.values, actual.values)


def _all_equal(expected: Sequence[Any], actual: Sequence[Any]) -> bool:
    return len(expected) == len(actual) and all(map(_equal_nodes, expected, actual))


def text_of(value: Any) -> str:
    """A value as the message of a test has it: all of it, unless it is long."""
    if isinstance(value, _JUDGES):
        return f"<{value.__name__}>"
    text = _node_text(value) if isinstance(value, _NODES) else repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def _node_text(node: Any) -> str:
    """A part of an expression with its values, which its own repr keeps to itself."""
    if isinstance(node, Value):
        return str(node.value)
    if isinstance(node, Path):
        return Path.__str__(node)
    if isinstance(node, Update):
        return ", ".join(map(_node_text, actions_of(node)))
    parts = [_node_text(part) for part in node.values]
    return str(node.format_string.format(*parts, operator=getattr(node, "operator", "")))


def call_text(verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """A call as it would stand in code."""
    words = [*map(text_of, args), *(f"{name}={text_of(kwargs[name])}" for name in kwargs)]
    return f"{verb}({', '.join(words)})"


def class_name(value: Any) -> str:
    """The class of a value as a message names it."""
    return "None" if value is None else type(value).__name__
