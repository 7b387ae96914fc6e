"""Updates that take more than one request: made exactly once, or filling or emptying a set.

DynamoDB has no empty set. Where absence is read as something else, an empty one is stored as an
empty list. DynamoDB adds nothing to a list, and leaves nothing where it takes the last element.
"""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.errors import ConditionFailed, DynrepoError, StoreError
from dynrepo.expressions.bounds import kept_of
from dynrepo.expressions.nodes import AddAction, DeleteAction, SetAction, Value
from dynrepo.expressions.trees import both, stored_at, target_of
from dynrepo.operations.actions import may_meet_list
from dynrepo.operations.reads import get_stored
from dynrepo.operations.transactions import updated_once
from dynrepo.operations.writes import update_item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.expressions.bounds import Limit
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.program import Program

T = TypeVar("T", bound=BaseModel)

TRIES = 3
"""How often a set is looked at, at most, that others change at the same time."""

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
    make: Callable[[Operation[T]], Program[T]] | None = None,
) -> Program[T]:
    """Makes an update, in which empty lists stand for empty sets, before it and after it.

    `make` makes each of its requests otherwise than by itself.
    """

    def made(
        actions: Sequence[Action], condition: Condition | None, guards: Sequence[Limit]
    ) -> Program[T]:
        update = update_item(
            mapper, key, actions, condition=condition, upsert=upsert, guards=guards
        )
        if make is not None:
            return make(update)
        return updated_once(mapper, update, key) if exactly_once else _sent(update)

    made(actions, condition, ())  # raises at once for what cannot be asked for
    return _settling(mapper, key, actions, condition, made)


def _sent(update: Operation[T]) -> Program[T]:
    item: T = yield update
    return item


def _may_empty(action: Action) -> bool:
    """Whether an action could take the last element of a set that is a list when it is empty."""
    path: Any = target_of(action)
    return (
        isinstance(action, DeleteAction)
        and may_meet_list([action])
        and "N" not in path.codec.tags  # which has no size
    )


def _settling(
    mapper: Mapper[T],
    key: Any,
    actions: Sequence[Action],
    condition: Condition | None,
    made: Callable[[Sequence[Action], Condition | None, Sequence[Limit]], Program[T]],
) -> Program[T]:
    guards = [kept_of(action) for action in actions if _may_empty(action)]
    refused: DynrepoError | None = None
    for _ in range(TRIES):
        try:
            return (yield from made(actions, condition, guards))
        except (StoreError, ConditionFailed) as error:
            if not _is_of_sets(error, actions, guards):
                raise
            refused = error
        stored = yield get_stored(mapper, key)
        settled, seen = _settled(actions, stored or {})
        if not seen and isinstance(refused, StoreError):
            raise refused
        kept = [guard for guard in guards if guard.holds(stored)]
        try:
            return (yield from made(settled, reduce(both, seen, condition), kept))
        except ConditionFailed as error:  # changed meanwhile, or as ever: the next try tells
            refused = refused if isinstance(refused, StoreError) else error
    assert refused is not None  # noqa: S101 - else it returned, or raised
    raise refused


def _is_of_sets(error: DynrepoError, actions: Sequence[Action], guards: Sequence[Limit]) -> bool:
    """Whether an update may be refused for a set that is empty, or would be."""
    if isinstance(error, ConditionFailed):
        return error.field in [guard.path.name for guard in guards]
    return error.code in _INVALID and may_meet_list(actions)


def _settled(actions: Sequence[Action], stored: Item) -> tuple[list[Action], list[Condition]]:
    """The actions for what is stored, and the conditions that it is."""
    settled: list[Action] = []
    seen: list[Condition] = []
    for action in actions:
        path = target_of(action)
        found = stored_at(stored, path)
        left = _left_of(action, found) if found and may_meet_list([action]) else None
        settled.append(action if left is None else SetAction(path, Value(left)))
        if left is not None:
            seen.append(path == Value(found))
    return settled, seen


def _left_of(action: Action, found: AttributeValue) -> AttributeValue | None:
    """What an action makes of an empty set, or leaves as one; None where DynamoDB does the same."""
    operand: Any = action.values[1]
    changed: AttributeValue = operand.value
    if isinstance(action, AddAction):
        return changed if found == _EMPTY else None
    ((tag, taken),) = changed.items()
    elements = found.get(tag)
    if elements is None or len(elements) > len(taken):
        return _EMPTY if found == _EMPTY else None
    same = Decimal if tag == "NS" else str
    gone = set(map(same, taken))
    rest = [element for element in elements if same(element) not in gone]
    return {tag: rest} if rest else _EMPTY
