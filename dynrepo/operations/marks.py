"""What a write asks of the row under a key, where rows of other entities may be: the mark.

No repository makes a key of another's. But where a query of one reads rows of the other their keys
are alike, and what some other program stores under one must not be lost: a write of an item is
refused unless the row is of its entity, or is not there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.errors import ConditionFailed
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import path_to
from dynrepo.operations.guards import all_of

if TYPE_CHECKING:
    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.mapper import Mapper

OTHERS = (ConditionFailed, "a row of another entity has this key")
"""The error, and its reason, where a write found one."""


def own_row(mapper: Mapper[Any]) -> Condition | None:
    """That a row of the entity is stored; None where no write has to ask."""
    mark = mapper.schema.asked_mark
    return all_of([path_to(name) == Value({"S": text}) for name, text in mark]) if mark else None


def own_or_none(mapper: Mapper[Any]) -> Condition | None:
    """That a row of the entity is stored, or nothing; None where no write has to ask."""
    own = own_row(mapper)
    return None if own is None else mapper.does_not_exist | own


def is_foreign(mapper: Mapper[Any], stored: Item | None) -> bool:
    """Whether what is stored is of another entity, so that it is not to be written over."""
    schema = mapper.schema
    return bool(stored and schema.asked_mark and schema.is_of_others(stored))


def check_asks_nothing(mapper: Mapper[Any]) -> None:
    """ValueError for a write of a batch, which has no condition, where a write has to ask."""
    if mapper.schema.asked_mark:
        name = mapper.schema.name
        raise ValueError(
            f"{name}: the rows of other entities have keys like those of {name}, and a batch"
            " cannot ask whose a row is, so that set_many, delete_many and batch() are refused:"
            " save, set or delete each item, or up to 100 in a transaction()"
        )
