"""PynamoDB's expression classes without a public name; renamed, they are taken from their results.

Each but one is the class of what a public operator returns, and `Operand` is the last of their
common bases.
"""

# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001

from __future__ import annotations

from typing import TYPE_CHECKING

# Else PynamoDB imports it for the first path, amid a call.
import pynamodb.attributes  # noqa: F401  # pyright: ignore[reportUnusedImport]
from pynamodb.expressions import condition, operand
from pynamodb.expressions.operand import Path, Value

__all__ = ["Decrement", "IfNotExists", "Increment", "ListAppend", "Operand", "Size"]

if TYPE_CHECKING:
    Operand = operand._Operand
    Increment = operand._Increment
    Decrement = operand._Decrement
    ListAppend = operand._ListAppend
    IfNotExists = operand._IfNotExists
    Size = operand._Size
else:
    _number, _list = Value({"N": "1"}), Value({"L": []})
    Operand = getattr(operand, "_Operand", None) or Value.__mro__[-2]
    Increment = getattr(operand, "_Increment", None) or type(_number + _number)
    Decrement = getattr(operand, "_Decrement", None) or type(_number - _number)
    ListAppend = getattr(operand, "_ListAppend", None) or type(_list.append(_list))
    IfNotExists = getattr(operand, "_IfNotExists", None) or type(Path("path") | _number)
    Size = getattr(operand, "_Size", None) or type(condition.size("path"))
