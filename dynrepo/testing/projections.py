"""Projections: the parts of an item that paths lead to.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.testing.operands import segments
from dynrepo.testing.rules import copied

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Path


def projected(paths: Iterable[Path] | None, item: Item) -> Item:
    """A copy of the parts of an item that paths lead to; all of it without paths."""
    if paths is None:
        return copied(item)  # type: ignore[no-any-return]
    wanted: dict[Any, Any] = {}
    for steps in map(segments, paths):
        inner = wanted
        for step in steps:
            inner = inner.setdefault(step, {})
    picked = _picked({"M": item}, wanted)
    return {} if picked is None else picked["M"]


def _picked(value: Any, wanted: dict[Any, Any]) -> Any:
    """The wanted parts of a value, all of it for an empty wish; None when it has none of them."""
    if not wanted:
        return copied(value)
    if "M" in value:
        return _picked_of_map(value["M"], wanted)
    return _picked_of_list(value["L"], wanted) if "L" in value else None


def _picked_of_map(content: dict[str, Any], wanted: dict[Any, Any]) -> Any:
    picked = {name: _picked(content[name], wanted[name]) for name in wanted if name in content}
    present = {name: value for name, value in picked.items() if value is not None}
    return {"M": present} if present else None


def _picked_of_list(content: list[Any], wanted: dict[Any, Any]) -> Any:
    indexes = sorted(step for step in wanted if isinstance(step, int) and step < len(content))
    picked = [_picked(content[index], wanted[index]) for index in indexes]
    present = [value for value in picked if value is not None]
    return {"L": present} if present else None
