"""The values that the operands of conditions and updates have for an item.

No expression is ever parsed: an operation carries the nodes that its text was written from.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import singledispatch
from typing import Any, Final, TypeAlias

from dynrepo.codec import AttributeValue
from dynrepo.codec.value import canonical
from dynrepo.expressions.attribute_names import name_in
from dynrepo.expressions.nodes import Path, Value
from dynrepo.expressions.private import Decrement, IfNotExists, Increment, ListAppend, Size
from dynrepo.testing.numbers import difference, total
from dynrepo.testing.refusals import invalid
from dynrepo.testing.rules import ORDERED, SETS, sortable

Node: TypeAlias = Any
"""A `Condition`, an `Update` or an operand of PynamoDB, which gives no types to what is in them."""

Segments: TypeAlias = tuple[str | int, ...]
"""The steps of a path: names into maps, numbers into lists."""

_INDEX = re.compile(r"\[(\d+)\]")
SIZED: Final = ("S", "B", "L", "M", *SETS)


def parts(node: Node) -> tuple[Node, ...]:
    """What a node is made of."""
    return node.values  # type: ignore[no-any-return]


def segments(path: Path) -> Segments:
    """A path step by step."""
    steps: list[str | int] = []
    for part in path.path:
        steps.append(name_in(part))
        if "[" in part:
            steps.extend(map(int, _INDEX.findall(part)))
    return tuple(steps)


def value_at(steps: Segments, item: Mapping[str, Any]) -> AttributeValue | None:
    """The value that a path leads to; None when it leads nowhere."""
    value: Any = {"M": item}
    for step in steps:
        inner = value.get("M" if isinstance(step, str) else "L")
        if inner is None:
            return None
        if isinstance(step, int):
            value = inner[step] if step < len(inner) else None
        else:
            value = inner.get(step)
        if value is None:
            return None
    return value  # type: ignore[no-any-return]


def equal(left: AttributeValue | None, right: AttributeValue | None) -> bool:
    """Whether two values are the same to DynamoDB; what is missing equals nothing."""
    if left is None or right is None:
        return False
    return left == right or (left.keys() == right.keys() and canonical(left) == canonical(right))


def precedes(left: AttributeValue | None, right: AttributeValue | None) -> bool | None:
    """Whether one value comes before another; None when they have no common order."""
    if left is None or right is None or left.keys() != right.keys():
        return None
    ((tag, content),) = left.items()
    if tag not in ORDERED:
        return None
    return bool(sortable(tag, content) < sortable(tag, right[tag]))


@singledispatch
def value_of(operand: Any, item: Mapping[str, Any], /) -> AttributeValue | None:
    """The value of an operand of a condition or an update; None when there is none."""
    raise TypeError(f"{type(operand).__name__} is no operand for {len(item)} attributes")


@value_of.register
def _(operand: Value, _: Mapping[str, Any]) -> AttributeValue | None:
    value: AttributeValue = operand.value
    return value


@value_of.register
def _(operand: Path, item: Mapping[str, Any]) -> AttributeValue | None:
    return value_at(segments(operand), item)


@value_of.register
def _(operand: Size, item: Mapping[str, Any]) -> AttributeValue | None:
    value = value_of(parts(operand)[0], item)
    if value is None:
        return None
    ((tag, content),) = value.items()
    if tag not in SIZED:
        return None
    return {"N": str(_SIZES.get(tag, len)(content))}


# A text is as long as Java says: a character beyond the first 65,536 counts as two.
_SIZES: Final[dict[str, Callable[[Any], int]]] = {
    "S": lambda text: len(text.encode("utf-16-le")) // 2,
    "B": lambda text: len(b64decode(text)),
}


@value_of.register
def _(operand: IfNotExists, item: Mapping[str, Any]) -> AttributeValue | None:
    path, fallback = parts(operand)
    stored = value_of(path, item)
    return needed(fallback, item) if stored is None else stored


@value_of.register
def _(operand: Increment, item: Mapping[str, Any]) -> AttributeValue | None:
    left, right = parts(operand)
    return {"N": total(_numeric(left, item), _numeric(right, item))}


@value_of.register
def _(operand: Decrement, item: Mapping[str, Any]) -> AttributeValue | None:
    left, right = parts(operand)
    return {"N": difference(_numeric(left, item), _numeric(right, item))}


@value_of.register
def _(operand: ListAppend, item: Mapping[str, Any]) -> AttributeValue | None:
    first, second = (needed(part, item) for part in parts(operand))
    if "L" not in first or "L" not in second:
        raise invalid("An operand in the update expression has an incorrect data type")
    return {"L": [*first["L"], *second["L"]]}


def needed(operand: Any, item: Mapping[str, Any]) -> AttributeValue:
    """The value of an operand that must have one."""
    value = value_of(operand, item)
    if value is None:
        raise invalid(
            "The provided expression refers to an attribute that does not exist in the item"
        )
    return value


def _numeric(operand: Any, item: Mapping[str, Any]) -> str:
    value = needed(operand, item)
    if "N" not in value:
        raise invalid("An operand in the update expression has an incorrect data type")
    number: str = value["N"]
    return number
