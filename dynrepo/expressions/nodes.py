"""The nodes that expressions are made of: PynamoDB's classes, under their public names.

Whatever looks into an expression imports them from here, and the few without a public name from
`private`.
https://pynamodb.readthedocs.io/en/stable/conditional.html
"""

# ruff: noqa: D101 - what they are, PynamoDB says

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pynamodb.expressions import condition
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import (
    Action,
    AddAction,
    DeleteAction,
    RemoveAction,
    SetAction,
    Update,
)


class ShapedValue(Value):
    """A value whose repr, and so that of an expression with it, is its type alone."""

    def __repr__(self) -> str:
        return f"<{', '.join(self.values[0])}>"


if TYPE_CHECKING:
    # PynamoDB's operators have no annotations, and would let pass what is no condition.

    class _Joined(Condition):
        def __init__(self, *operands: Any) -> None: ...
        def __and__(self, other: Condition) -> And: ...
        def __rand__(self, other: None) -> Condition: ...
        def __or__(self, other: Condition) -> Or: ...
        def __invert__(self) -> Not: ...

    class And(_Joined, condition.And): ...

    class BeginsWith(_Joined, condition.BeginsWith): ...

    class Between(_Joined, condition.Between): ...

    class Comparison(_Joined, condition.Comparison): ...

    class Contains(_Joined, condition.Contains): ...

    class Exists(_Joined, condition.Exists): ...

    class In(_Joined, condition.In): ...

    class IsType(_Joined, condition.IsType): ...

    class Not(_Joined, condition.Not): ...

    class NotExists(_Joined, condition.NotExists): ...

    class Or(_Joined, condition.Or): ...

else:
    And = condition.And
    BeginsWith = condition.BeginsWith
    Between = condition.Between
    Comparison = condition.Comparison
    Contains = condition.Contains
    Exists = condition.Exists
    In = condition.In
    IsType = condition.IsType
    Not = condition.Not
    NotExists = condition.NotExists
    Or = condition.Or

__all__ = [
    "Action",
    "AddAction",
    "And",
    "BeginsWith",
    "Between",
    "Comparison",
    "Condition",
    "Contains",
    "DeleteAction",
    "Exists",
    "In",
    "IsType",
    "Not",
    "NotExists",
    "Or",
    "Path",
    "RemoveAction",
    "SetAction",
    "ShapedValue",
    "Update",
    "Value",
]
