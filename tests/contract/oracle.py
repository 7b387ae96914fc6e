"""What DynamoDB does to a few simple things, written a second time, over Python's own values.

It shares no line with the store in memory: numbers are whole numbers here, paths are walked, and
rules are stated as AWS's documentation states them.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import operator
from itertools import combinations
from typing import TYPE_CHECKING, Any

from programs import V, wire

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

MISSING = object()
REFUSED = "refused"
ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ORDERED = {"S", "N", "B"}
SCALE = 130


def whole(number: Decimal) -> int:
    """A number of DynamoDB in units of 1E-130, of which it is a whole number of."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    value: int = int("".join(map(str, digits))) * 10 ** (exponent + SCALE)
    return -value if sign else value


def held(value: int) -> bool:
    """Whether DynamoDB holds a number in these units: 38 digits, below 1E+126."""
    text = str(abs(value))
    return len(text.rstrip("0")) <= 38 and len(text) - 1 - SCALE <= 125


def tag(value: Any) -> str:
    """The type of a value."""
    return "" if value is MISSING else next(iter(wire(value)))


def steps(path: str) -> list[str | int]:
    """A path step by step."""
    parts = path.replace("]", "").replace("[", ".#").split(".")
    return [int(part[1:]) if part.startswith("#") else part for part in parts]


def at(path: str, item: Any) -> Any:
    """What a path leads to."""
    for step in steps(path):
        kind = dict if isinstance(step, str) else list
        if not isinstance(item, kind):
            return MISSING
        there = step in item if isinstance(item, dict) else int(step) < len(item)
        if not there:
            return MISSING
        item = item[step]
    return item


def compatible(paths: Iterable[str]) -> bool:
    """Whether there can be an item in which all these paths lead to places of their own."""
    for one, other in combinations(map(steps, paths), 2):
        kinds = [(type(a), type(b)) for a, b in zip(one, other, strict=False)]
        same = [a == b for a, b in zip(one, other, strict=False)]
        apart = same.index(False) if False in same else None
        if apart is None or kinds[apart][0] is not kinds[apart][1]:
            return False
    return True


def projection(paths: Iterable[str], item: dict[str, Any]) -> Any:
    """The parts of an item that paths lead to, lists without their gaps."""
    tree: dict[Any, Any] = {}
    for path in paths:
        value = at(path, item)
        if value is not MISSING:
            *outer, last = steps(path)
            place = tree
            for step in outer:
                place = place.setdefault(step, {})
            place[last] = V(value)
    return _grown(tree)


def makes(actions: Iterable[Any]) -> bool:
    """Whether an update makes an item where there is none: one that only removes makes none."""
    return any(name in ("set", "add") for name, *_ in actions)


def _grown(tree: Any) -> Any:
    if isinstance(tree, V):
        return tree.value
    if tree and all(isinstance(step, int) for step in tree):
        return [_grown(tree[step]) for step in sorted(tree)]
    return {step: _grown(tree[step]) for step in tree}


def truth(condition: Any, item: dict[str, Any]) -> Any:
    """Whether a condition holds of an item; `REFUSED` where DynamoDB refuses it for any."""
    name, *operands = condition
    literals = [tag(each.value) for each in operands if isinstance(each, V)]
    first = operands[0]
    if isinstance(first, str) and first in operands[1:]:
        return REFUSED
    if name not in ("=", "<>", "in") and not set(literals) <= ORDERED:
        return REFUSED
    values = [each.value if isinstance(each, V) else at(each, item) for each in operands]
    if name != "between":
        return _compared(name, *values)
    bounds = operands[1:]
    if all(isinstance(each, V) for each in bounds) and not _ordered("<=", *values[1:]):
        return REFUSED
    return _ordered("<=", values[1], values[0]) and _ordered("<=", values[0], values[2])


def _compared(name: str, left: Any, *others: Any) -> bool:
    if name == "in":
        return any(_equal(left, other) for other in others)
    (right,) = others
    if name in ORDERS:
        return _ordered(name, left, right)
    return _equal(left, right) is (name == "=")


def _equal(left: Any, right: Any) -> bool:
    kind = tag(left)
    if not kind or kind != tag(right):
        return False
    if kind == "M":
        return left.keys() == right.keys() and all(_equal(left[name], right[name]) for name in left)
    if kind == "L":
        return len(left) == len(right) and all(map(_equal, left, right))
    return bool(left == right)


def _ordered(name: str, left: Any, right: Any) -> bool:
    kind = tag(left)
    return kind in ORDERED and kind == tag(right) and bool(ORDERS[name](left, right))
