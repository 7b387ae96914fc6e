"""Conditions, updates and projections evaluated on items, from PynamoDB's trees.

No expression is ever parsed: an operation carries the trees that its text was written from.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from decimal import Context, Decimal
from functools import singledispatch
from typing import Any, Final, TypeAlias

from dynrepo.codec.value import canonical
from dynrepo.expressions import nodes as conditions
from dynrepo.expressions.nodes import Path, Value
from dynrepo.expressions.private import Decrement, IfNotExists, Increment, ListAppend, Size
from dynrepo.testing.rules import (
    ORDERED,
    AttributeValue,
    Item,
    copied,
    invalid,
    number_text,
    sortable,
)

Segments: TypeAlias = tuple[str | int, ...]
Tree: TypeAlias = Any
"""A `Condition`, an `Update` or an operand of PynamoDB, which gives no types to what is in them."""

_INDEX = re.compile(r"\[(\d+)\]")
_SETS: Final = ("SS", "NS", "BS")
_SIZED: Final = ("S", "B", "L", "M", *_SETS)


def parts(tree: Tree) -> tuple[Tree, ...]:
    """What a node of a tree is made of."""
    return tree.values  # type: ignore[no-any-return]


def segments(path: Tree) -> Segments:
    """The steps of a path: names into maps, numbers into lists."""
    steps: list[str | int] = []
    for part in path.path:
        steps.append(part.partition("[")[0])
        if "[" in part:
            steps.extend(map(int, _INDEX.findall(part)))
    return tuple(steps)


def found(steps: Segments, item: Mapping[str, Any]) -> AttributeValue | None:
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


def equal(one: AttributeValue | None, other: AttributeValue | None) -> bool:
    """Whether two values are the same to DynamoDB; what is missing equals nothing."""
    if one is None or other is None:
        return False
    return one == other or (one.keys() == other.keys() and canonical(one) == canonical(other))


def below(one: AttributeValue | None, other: AttributeValue | None) -> bool | None:
    """Whether one value comes before another; None when they have no common order."""
    if one is None or other is None or one.keys() != other.keys():
        return None
    ((tag, content),) = one.items()
    if tag not in ORDERED:
        return None
    return bool(sortable(tag, content) < sortable(tag, other[tag]))


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
    return found(segments(operand), item)


@value_of.register
def _(operand: Size, item: Mapping[str, Any]) -> AttributeValue | None:
    value = value_of(parts(operand)[0], item)
    if value is None:
        return None
    ((tag, content),) = value.items()
    if tag not in _SIZED:
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
    return _needed(fallback, item) if stored is None else stored


@value_of.register
def _(operand: Increment, item: Mapping[str, Any]) -> AttributeValue | None:
    left, right = (_numeric(one, item) for one in parts(operand))
    return _sum(left, right)


@value_of.register
def _(operand: Decrement, item: Mapping[str, Any]) -> AttributeValue | None:
    left, right = (_numeric(one, item) for one in parts(operand))
    return _sum(left, -right)


@value_of.register
def _(operand: ListAppend, item: Mapping[str, Any]) -> AttributeValue | None:
    first, second = (_needed(one, item) for one in parts(operand))
    if "L" not in first or "L" not in second:
        raise invalid("An operand in the update expression has an incorrect data type")
    return {"L": [*first["L"], *second["L"]]}


def _needed(operand: Any, item: Mapping[str, Any]) -> AttributeValue:
    value = value_of(operand, item)
    if value is None:
        raise invalid(
            "The provided expression refers to an attribute that does not exist in the item"
        )
    return value


def _numeric(operand: Any, item: Mapping[str, Any]) -> Decimal:
    value = _needed(operand, item)
    if "N" not in value:
        raise invalid("An operand in the update expression has an incorrect data type")
    return Decimal(value["N"])


# Wide enough for the exact sum of any two numbers that DynamoDB can hold.
_EXACT: Final = Context(prec=300)


def _sum(left: Decimal, right: Decimal) -> dict[str, str]:
    return {"N": number_text(_EXACT.add(left, right))}


def holds(condition: Tree, item: Mapping[str, Any]) -> bool:
    """Whether a condition is true of an item; of no item at all, given an empty one."""
    return condition is None or _CONDITIONS[type(condition)](condition, item)


def _comparison(condition: Tree, item: Mapping[str, Any]) -> bool:
    one, other = (value_of(value, item) for value in parts(condition))
    return _OPERATORS[condition.operator](one, other)


_OPERATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": equal,
    "<>": lambda one, other: not equal(one, other),
    "<": lambda one, other: below(one, other) is True,
    "<=": lambda one, other: below(other, one) is False,
    ">": lambda one, other: below(other, one) is True,
    ">=": lambda one, other: below(one, other) is False,
}


def _between(condition: Tree, item: Mapping[str, Any]) -> bool:
    value, lower, upper = (value_of(one, item) for one in parts(condition))
    return below(value, lower) is False and below(upper, value) is False


def _in(condition: Tree, item: Mapping[str, Any]) -> bool:
    value, *others = (value_of(one, item) for one in parts(condition))
    return any(equal(value, other) for other in others)


def _exists(condition: Tree, item: Mapping[str, Any]) -> bool:
    return value_of(parts(condition)[0], item) is not None


def _is_type(condition: Tree, item: Mapping[str, Any]) -> bool:
    value, wanted = (value_of(one, item) for one in parts(condition))
    return value is not None and wanted is not None and wanted["S"] in value


def _begins_with(condition: Tree, item: Mapping[str, Any]) -> bool:
    value, prefix = (value_of(one, item) for one in parts(condition))
    if value is None or prefix is None or value.keys() != prefix.keys():
        return False
    ((tag, content),) = value.items()
    return tag in ("S", "B") and sortable(tag, content).startswith(sortable(tag, prefix[tag]))


def _contains(condition: Tree, item: Mapping[str, Any]) -> bool:
    value, wanted = (value_of(one, item) for one in parts(condition))
    if value is None or wanted is None:
        return False
    ((tag, content),) = value.items()
    if tag in ("S", "B"):
        return tag in wanted and sortable(tag, wanted[tag]) in sortable(tag, content)
    if tag in _SETS:
        return any(equal({tag[0]: one}, wanted) for one in content)
    return tag == "L" and any(equal(one, wanted) for one in content)


_CONDITIONS: Final[dict[type[Any], Callable[[Tree, Mapping[str, Any]], bool]]] = {
    conditions.Comparison: _comparison,
    conditions.Between: _between,
    conditions.In: _in,
    conditions.Exists: _exists,
    conditions.NotExists: lambda condition, item: not _exists(condition, item),
    conditions.IsType: _is_type,
    conditions.BeginsWith: _begins_with,
    conditions.Contains: _contains,
    conditions.And: lambda condition, item: all(holds(one, item) for one in parts(condition)),
    conditions.Or: lambda condition, item: any(holds(one, item) for one in parts(condition)),
    conditions.Not: lambda condition, item: not holds(parts(condition)[0], item),
}


def check(condition: Tree) -> None:
    """Refuses a condition that can be true of no item, whatever is stored."""
    if isinstance(condition, conditions.And | conditions.Or | conditions.Not):
        for inner in parts(condition):
            check(inner)
    elif isinstance(condition, conditions.Between):
        _check_bounds(*parts(condition)[1:])
    elif isinstance(condition, conditions.BeginsWith):
        _check_literals(parts(condition)[1:], ("S", "B"), "begins_with")
    elif isinstance(condition, conditions.Comparison) and condition.operator not in ("=", "<>"):
        _check_literals(parts(condition), ORDERED, condition.operator)


def _check_literals(values: Iterable[Any], tags: tuple[str, ...], operator: str) -> None:
    for value in values:
        if isinstance(value, Value) and value.attr_type not in tags:
            raise invalid(
                f"Incorrect operand type for operator or function; operator: {operator},"
                f" operand type: {value.attr_type}"
            )


def _check_bounds(lower: Any, upper: Any) -> None:
    _check_literals((lower, upper), ORDERED, "BETWEEN")
    if isinstance(lower, Value) and isinstance(upper, Value):
        order = below(upper.value, lower.value)
        if order is None:
            raise invalid("The BETWEEN operator requires same data type for lower and upper bounds")
        if order:
            raise invalid(
                "The BETWEEN operator requires upper bound to be greater than or equal to lower"
            )


def projected(paths: Iterable[Path] | None, item: Item) -> Item:
    """A copy of the parts of an item that paths lead to; all of it without paths."""
    if paths is None:
        return copied(item)  # type: ignore[no-any-return]
    wanted: dict[Any, Any] = {}
    for steps in map(segments, paths):
        node = wanted
        for step in steps:
            node = node.setdefault(step, {})
    picked = _picked({"M": item}, wanted)
    return {} if picked is None else picked["M"]


def _picked(value: Any, wanted: dict[Any, Any]) -> Any:
    """The wanted parts of a value, all of it for an empty wish; None when it has none of them."""
    if not wanted:
        return copied(value)
    if "M" in value:
        inner, names = value["M"], [one for one in wanted if isinstance(one, str)]
        picked = {name: _picked(inner[name], wanted[name]) for name in names if name in inner}
        some = {name: one for name, one in picked.items() if one is not None}
        return {"M": some} if some else None
    if "L" in value:
        inner = value["L"]
        places = sorted(one for one in wanted if isinstance(one, int) and one < len(inner))
        ones = [_picked(inner[place], wanted[place]) for place in places]
        kept = [one for one in ones if one is not None]
        return {"L": kept} if kept else None
    return None


def updated(update: Tree, item: Item) -> Item:
    """A new item as an update leaves it; the one given stays as it is."""
    result: Item = copied(item)
    values = [
        (segments(action.values[0]), copied(_needed(action.values[1], item)))
        for action in update.set_actions
    ]
    for steps, value in sorted(values, key=lambda one: _order(one[0])):
        _put(result, steps, value)
    for action in update.add_actions:
        _add(result, segments(action.values[0]), copied(action.values[1].value))
    for action in update.delete_actions:
        _delete(result, segments(action.values[0]), action.values[1].value)
    removals = [segments(action.values[0]) for action in update.remove_actions]
    for steps in sorted(removals, key=_order, reverse=True):
        _remove(result, steps)
    return result


def touched(update: Tree) -> set[str]:
    """The attributes that an update writes."""
    return {str(segments(action.values[0])[0]) for action in _actions(update)}


def _actions(update: Tree) -> list[Any]:
    return [
        *update.set_actions,
        *update.remove_actions,
        *update.add_actions,
        *update.delete_actions,
    ]


def _order(steps: Segments) -> tuple[tuple[bool, Any], ...]:
    """Orders paths so that the elements of a list are met by their index."""
    return tuple((isinstance(step, int), step) for step in steps)


def check_update(update: Tree) -> None:
    """Refuses an update that no item can take, whatever is stored."""
    check_paths(action.values[0] for action in _actions(update))
    for action in (*update.add_actions, *update.delete_actions):
        _check_literals(action.values[1:], ("N", *_SETS), "ADD")
    for action in update.delete_actions:
        _check_literals(action.values[1:], _SETS, "DELETE")


def check_paths(paths: Iterable[Path]) -> None:
    """Refuses paths of which one leads into another."""
    left = [segments(path) for path in paths]
    while left:
        one = left.pop()
        for other in left:
            shorter = min(len(one), len(other))
            if one[:shorter] == other[:shorter]:
                raise invalid("Two document paths overlap with each other")


def _parent(item: Item, steps: Segments) -> Any:
    """The map or list that the last step of a path leads into."""
    *outer, last = steps
    holder = found(tuple(outer), item) if outer else {"M": item}
    inner = None if holder is None else holder.get("M" if isinstance(last, str) else "L")
    if inner is None:
        raise invalid("The document path provided in the update expression is invalid for update")
    return inner


def _put(item: Item, steps: Segments, value: AttributeValue) -> None:
    parent, last = _parent(item, steps), steps[-1]
    if isinstance(last, int) and last >= len(parent):
        parent.append(value)
    else:
        parent[last] = value


def _remove(item: Item, steps: Segments) -> None:
    parent, last = _parent(item, steps), steps[-1]
    if isinstance(last, str):
        parent.pop(last, None)
    elif last < len(parent):
        del parent[last]


def _add(item: Item, steps: Segments, amount: AttributeValue) -> None:
    ((tag, content),) = amount.items()
    stored = found(steps, item)
    if stored is None:
        _put(item, steps, amount)
    elif tag not in stored:
        raise invalid("An operand in the update expression has an incorrect data type")
    elif tag == "N":
        _put(item, steps, _sum(Decimal(stored["N"]), Decimal(content)))
    else:
        _put(item, steps, {tag: _united(tag, stored[tag], content)})


def _delete(item: Item, steps: Segments, elements: AttributeValue) -> None:
    ((tag, content),) = elements.items()
    stored = found(steps, item)
    if stored is None:
        _parent(item, steps)
        return
    if tag not in stored:
        raise invalid("An operand in the update expression has an incorrect data type")
    gone = {_element(tag, one) for one in content}
    left = [one for one in stored[tag] if _element(tag, one) not in gone]
    if left:
        _put(item, steps, {tag: left})
    else:
        _remove(item, steps)


def _united(tag: str, stored: list[str], more: list[str]) -> list[str]:
    known = {_element(tag, one) for one in stored}
    return [*stored, *(one for one in more if _element(tag, one) not in known)]


def _element(tag: str, content: str) -> Any:
    return Decimal(content) if tag == "NS" else content
