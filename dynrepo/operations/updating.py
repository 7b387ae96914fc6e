"""Updates that take more than one request: made exactly once, or adding to a set that was emptied.

DynamoDB has no empty set. Where absence is read as something else, an empty one is stored as an
empty list, and DynamoDB adds nothing to a list.
"""

from __future__ import annotations

from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.errors import ConditionFailed, StoreError
from dynrepo.expressions.nodes import SetAction, Value
from dynrepo.expressions.trees import both, stored_at, target_of
from dynrepo.operations.actions import may_add_to_list
from dynrepo.operations.reads import get_stored
from dynrepo.operations.transactions import updated_once
from dynrepo.operations.writes import update_item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.program import Program

T = TypeVar("T", bound=BaseModel)

TRIES = 3
"""How often a set is filled at most that others fill and empty at the same time."""

_INVALID = {"ValidationException", "ValidationError"}
_EMPTY: dict[str, Any] = {"L": []}


def updated(
    mapper: Mapper[T],
    key: Any,
    actions: Sequence[Action],
    *,
    condition: Condition | None = None,
    upsert: bool = False,
    exactly_once: bool = False,
) -> Program[T]:
    """Makes an update, in which sets are put in place of the empty lists that are added to."""

    def made(actions: Sequence[Action], condition: Condition | None) -> Program[T]:
        update = update_item(mapper, key, actions, condition=condition, upsert=upsert)
        return updated_once(mapper, update, key) if exactly_once else _sent(update)

    made(actions, condition)  # raises at once for what cannot be asked for
    return _filling(mapper, key, actions, condition, made)


def _sent(update: Operation[T]) -> Program[T]:
    item: T = yield update
    return item


def _filling(
    mapper: Mapper[T],
    key: Any,
    actions: Sequence[Action],
    condition: Condition | None,
    made: Callable[[Sequence[Action], Condition | None], Program[T]],
) -> Program[T]:
    refused: StoreError | None = None
    for _ in range(TRIES):
        try:
            return (yield from made(actions, condition))
        except StoreError as error:
            if error.code not in _INVALID or not may_add_to_list(actions):
                raise
            refused = error
        empty = _emptied(actions, (yield get_stored(mapper, key)))
        if not empty:
            raise refused
        filling = [_filled(action) if action in empty else action for action in actions]
        with suppress(ConditionFailed):  # filled meanwhile, or changed: the next try tells
            return (yield from made(filling, reduce(both, map(_is_empty, empty), condition)))
    assert refused is not None  # noqa: S101 - else it returned, or raised
    raise refused


def _emptied(actions: Sequence[Action], stored: Item | None) -> list[Action]:
    """The actions that add to what is an empty list."""
    return [
        action
        for action in actions
        if may_add_to_list([action]) and stored_at(stored or {}, target_of(action)) == _EMPTY
    ]


def _filled(action: Action) -> SetAction:
    return SetAction(target_of(action), action.values[1])


def _is_empty(action: Action) -> Condition:
    return target_of(action) == Value(_EMPTY)
