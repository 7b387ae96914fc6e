"""The nodes that expressions are made of: PynamoDB's classes, under their public names.

Whatever looks into an expression imports them from here, and the few without a public name from
`private`.
https://pynamodb.readthedocs.io/en/stable/conditional.html
"""

from pynamodb.expressions.condition import (
    And,
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Contains,
    Exists,
    In,
    IsType,
    Not,
    NotExists,
    Or,
)
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import (
    Action,
    AddAction,
    DeleteAction,
    RemoveAction,
    SetAction,
    Update,
)

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
    "Update",
    "Value",
]
