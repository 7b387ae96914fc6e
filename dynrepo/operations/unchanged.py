"""That a stored item is what it was when it was read: the condition of a write after a read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import path_to
from dynrepo.operations.guards import all_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.mapper import Mapper


def unchanged(mapper: Mapper[Any], stored: Item, names: Iterable[str]) -> Condition:
    """That an item is stored, and some attributes of it as they were read."""
    given = mapper.key_attributes.keys() | mapper.schema.added  # these follow from the fields
    asked = [name for name, _ in mapper.schema.asked_mark]
    names = [*asked, *(name for name in names if name not in given)]
    conditions = [as_stored(stored, name) for name in names]
    if stored.keys().isdisjoint(names):
        conditions.append(mapper.exists)
    return all_of(conditions)


def as_stored(stored: Item, name: str) -> Condition:
    """That an attribute is as it was read, or absent as it was."""
    path = path_to(name)
    condition: Condition = path == Value(stored[name]) if name in stored else path.does_not_exist()
    return condition
