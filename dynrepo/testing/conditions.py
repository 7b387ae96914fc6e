"""Conditions: whether they are true of an item.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dynrepo.testing.operands import (
    Node,
    equal,
    parts,
    precedes,
    value_of,
)
from dynrepo.testing.rules import SETS, sortable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def holds(condition: Node, item: Mapping[str, Any]) -> bool:
    """Whether a condition is true of an item; of no item at all, given an empty one."""
    return condition is None or _CONDITIONS[condition.operator](condition, item)


def _comparison(condition: Node, item: Mapping[str, Any]) -> bool:
    left, right = parts(condition)
    return _OPERATORS[condition.operator](value_of(left, item), value_of(right, item))


_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": equal,
    "<>": lambda left, right: not equal(left, right),
    "<": lambda left, right: precedes(left, right) is True,
    "<=": lambda left, right: precedes(right, left) is False,
    ">": lambda left, right: precedes(right, left) is True,
    ">=": lambda left, right: precedes(left, right) is False,
}


def _between(condition: Node, item: Mapping[str, Any]) -> bool:
    value, lower, upper = (value_of(part, item) for part in parts(condition))
    return precedes(value, lower) is False and precedes(upper, value) is False


def _in(condition: Node, item: Mapping[str, Any]) -> bool:
    value, *others = (value_of(part, item) for part in parts(condition))
    return any(equal(value, other) for other in others)


def _exists(condition: Node, item: Mapping[str, Any]) -> bool:
    return value_of(parts(condition)[0], item) is not None


def _is_type(condition: Node, item: Mapping[str, Any]) -> bool:
    value, wanted = (value_of(part, item) for part in parts(condition))
    return value is not None and wanted is not None and wanted["S"] in value


def _begins_with(condition: Node, item: Mapping[str, Any]) -> bool:
    value, prefix = (value_of(part, item) for part in parts(condition))
    if value is None or prefix is None or value.keys() != prefix.keys():
        return False
    ((tag, content),) = value.items()
    return tag in ("S", "B") and sortable(tag, content).startswith(sortable(tag, prefix[tag]))


def _contains(condition: Node, item: Mapping[str, Any]) -> bool:
    value, wanted = (value_of(part, item) for part in parts(condition))
    if value is None or wanted is None:
        return False
    ((tag, content),) = value.items()
    if tag in ("S", "B"):
        return tag in wanted and sortable(tag, wanted[tag]) in sortable(tag, content)
    if tag in SETS:
        return any(equal({tag[0]: element}, wanted) for element in content)
    return tag == "L" and any(equal(element, wanted) for element in content)


_CONDITIONS: Final[dict[str, Callable[[Node, Mapping[str, Any]], bool]]] = {
    **dict.fromkeys(_OPERATORS, _comparison),
    "BETWEEN": _between,
    "IN": _in,
    "attribute_exists": _exists,
    "attribute_not_exists": lambda condition, item: not _exists(condition, item),
    "attribute_type": _is_type,
    "begins_with": _begins_with,
    "contains": _contains,
    "AND": lambda condition, item: all(holds(part, item) for part in parts(condition)),
    "OR": lambda condition, item: any(holds(part, item) for part in parts(condition)),
    "NOT": lambda condition, item: not holds(parts(condition)[0], item),
}
