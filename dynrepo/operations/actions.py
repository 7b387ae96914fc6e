"""The actions of an update: taken apart once, and judged before anything is sent."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel

from dynrepo.codec.limits import MAX_ITEM, check_depth, check_key, size_of
from dynrepo.codec.value import KEY_TAGS, SET_TAGS
from dynrepo.errors import CodecError, ConditionFailed, DynrepoError, ItemNotFound
from dynrepo.expressions.bounds import Limit, limit_of
from dynrepo.expressions.nodes import (
    Action,
    AddAction,
    DeleteAction,
    Path,
    RemoveAction,
    SetAction,
    Value,
)
from dynrepo.expressions.trees import both, default_of, paths_of, steps_of, target_of, values_of
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.guards import models_having

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.guards import Guard
    from dynrepo.operations.mapper import Mapper

T = TypeVar("T", bound=BaseModel)

_SET_KINDS = {set, frozenset}
_OF_SETS = (AddAction, DeleteAction)


class ParsedAction(NamedTuple):
    """An action of an update, taken apart.

    `steps` lead from the top-level `attribute` to what is written, itself the first of them;
    `operand` is what is written there, and `values` are those in it, in DynamoDB JSON. `limit` is
    what a sum has to stay within, where its field has bounds.
    """

    action: Action
    attribute: str
    steps: tuple[str, ...]
    operand: Any
    values: list[AttributeValue]
    limit: Limit | None = None


def parsed_action(action: Any) -> ParsedAction:
    """An action taken apart; TypeError for anything else."""
    if not isinstance(action, Action):
        found = type(action).__name__
        cure = ": write *actions" if isinstance(action, list | tuple) else ""
        raise TypeError(f"expected an action such as fields.x.set(1), found {found}{cure}")
    path: Any = action.values[0]
    steps = steps_of(path)
    operand = action.values[1] if len(action.values) > 1 else None
    bounds = getattr(path, "bounds", None)
    limit = limit_of(action, bounds) if bounds else None
    return ParsedAction(action, steps[0], steps, operand, values_of(operand), limit)


def parsed_actions(mapper: Mapper[Any], actions: Iterable[object]) -> list[ParsedAction]:
    """The actions of an update; ValueError for none, and for what DynamoDB would refuse."""
    fixed = mapper.fixed_attributes
    parsed: list[ParsedAction] = []
    for action in actions:
        parsed.append(parsed_action(action))
        if parsed[-1].attribute in fixed:
            raise ValueError(fixed[parsed[-1].attribute])
    if not parsed:
        raise ValueError("an update needs at least one action")
    if len(parsed) > 1:
        _check_overlap(mapper.schema.name, parsed)
    if mapper.computed_fields:
        _check_computed(mapper, parsed)
    _check_values(mapper, parsed)
    return parsed


def _check_overlap(model: str, parsed: Sequence[ParsedAction]) -> None:
    """ValueError for two actions on one field, or on a field and a part of it."""
    steps = sorted([action.steps for action in parsed])
    if any(after[: len(before)] == before for before, after in pairwise(steps)):
        raise ValueError(f"{model}: two actions of an update on one field, or on a part of it")


def _check_computed(mapper: Mapper[Any], parsed: Sequence[ParsedAction]) -> None:
    """ValueError for a computed field without an action: what is stored of it would go stale."""
    written = {action.attribute for action in parsed}
    models = models_having(mapper.schema, written)
    for field in mapper.computed_fields:
        owners = mapper.schema.owners.get(field.attribute, models)
        if field.attribute not in written and owners & models:
            name = field.name
            raise ValueError(
                f"{field.label} is computed, which an update does not do: save the whole item, or"
                f" add the action fields.{name}.set(...) to the update; where it stays as it"
                f" is, fields.{name}.set(fields.{name})"
            )


def _check_values(mapper: Mapper[Any], parsed: Sequence[ParsedAction]) -> None:
    """CodecError for a value that no attribute there, or no item, can have."""
    limits, model = mapper.index_limits, mapper.schema.name
    size = 0
    for action in parsed:
        if not action.values:
            _check_removal(mapper, action)
            continue
        if action.attribute in limits and len(action.steps) == 1:
            _check_index_key(mapper, action)
        for stored in action.values:
            if "M" in stored or "L" in stored or len(action.steps) > 1:
                check_depth(f"{model}: an update", _nested(action.steps, stored))
        size += _stored_size(action)
    if size > MAX_ITEM:
        raise CodecError(f"{model}: an item has {MAX_ITEM} bytes at most, an update stores {size}")


def _check_removal(mapper: Mapper[Any], action: ParsedAction) -> None:
    """CodecError for an action that removes what is required, unless an `upcast` may make it."""
    path: Any = target_of(action.action)
    removes = isinstance(action.action, RemoveAction) and mapper.upcast is None
    if removes and getattr(path, "needed", False):
        raise CodecError(f"{path.label}: it is required, so nobody could read the item: set it")


def _check_index_key(mapper: Mapper[Any], action: ParsedAction) -> None:
    """CodecError for a value that the key of an index cannot have."""
    for field, limit in mapper.index_limits[action.attribute]:
        for stored in action.values:
            if stored.keys() <= KEY_TAGS:
                check_key(field.label, stored, limit)


def _nested(steps: Sequence[str], stored: AttributeValue) -> Item:
    """A value as deep in an item as the steps lead."""
    attribute, *inner = steps
    for _ in inner:
        stored = {"L": [stored]}
    return {attribute: stored}


def _stored_size(action: ParsedAction) -> int:
    """The bytes that are surely stored: not what is there if nothing is, nor an amount."""
    kept = [stored for stored in action.values if "N" not in stored]
    if not kept or isinstance(action.action, DeleteAction) or default_of(action.operand):
        return 0
    return sum(size_of({"": stored}) for stored in kept)


def is_repeatable(action: Action) -> bool:
    """Whether an action that is applied twice leaves what it leaves when applied once."""
    path = target_of(action)
    if isinstance(action, AddAction):
        return False
    # An index past the end appends, and a removed element moves the others.
    if not isinstance(action, DeleteAction) and path.path[-1].endswith("]"):
        return False
    return not isinstance(action, SetAction) or not _reads_stored(path, action.values[1])


def may_meet_list(actions: Sequence[Action]) -> bool:
    """Whether an action changes a set that is a list when it is empty."""
    for action in actions:
        if isinstance(action, _OF_SETS) and _is_list_when_empty(action.values[0]):
            return True
    return False


def _is_list_when_empty(path: Any) -> bool:
    if path.codec.tags.isdisjoint(SET_TAGS):
        return False
    kinds = _SET_KINDS.intersection(path.codec.present.kinds)
    return any(path.write(kind()) == {"L": []} for kind in kinds)


def _reads_stored(path: Path, operand: Any) -> bool:
    """Whether what is set depends on what is stored; `if_not_exists` of itself settles at once."""
    if isinstance(operand, Value):
        return False
    if isinstance(operand, Path) and operand.path == path.path:
        return False
    parts = default_of(operand)
    if parts and parts[0].path == path.path and isinstance(parts[1], Value):
        return False
    return bool(paths_of(operand))


def check_complete(mapper: Mapper[T], begun: Item, parsed: Sequence[ParsedAction]) -> None:
    """CodecError unless the actions make an instance, on the key and the stamps of a new item."""
    item = dict(begun)
    for action in parsed:
        if not isinstance(action.action, RemoveAction | DeleteAction):
            item[action.attribute] = _left_in_empty_item(action)
    try:
        mapper.schema.decode(item)
    except CodecError as error:
        raise CodecError(f"upsert where nothing is stored: {error}") from None


def check_makes_item(mapper: Mapper[Any], update: Sequence[Action]) -> None:
    """CodecError for an update that only removes: DynamoDB makes no item by one."""
    if all(isinstance(action, RemoveAction | DeleteAction) for action in update):
        raise CodecError(
            f"upsert where nothing is stored: {mapper.schema.name}: what only removes"
            " makes no item; set a field, or save the item"
        )


def _left_in_empty_item(action: ParsedAction) -> AttributeValue:
    """What an action leaves where nothing is stored; CodecError where it needs what is stored."""
    parts = default_of(action.operand)
    fallback = parts[1] if parts else action.operand
    if not isinstance(fallback, Value) or len(action.steps) > 1:
        raise CodecError("upsert where nothing is stored: an action needs what is not there")
    return fallback.value  # type: ignore[no-any-return]


def limited(
    condition: Condition | None, parsed: Sequence[ParsedAction], guards: Sequence[Guard]
) -> Condition | None:
    """A condition, the limits of what the actions make, and others."""
    for action in parsed:
        if action.limit is not None:
            condition = both(condition, action.limit.condition)
    for guard in guards:
        condition = both(condition, guard.condition)
    return condition


def unmet(
    item: Item | None, parsed: Sequence[ParsedAction], *, upsert: bool, guards: Sequence[Guard] = ()
) -> tuple[Callable[..., DynrepoError], str]:
    """Why the condition of an update did not hold, by the item that is stored."""
    if not item and not upsert:
        return ItemNotFound, "no item is stored under this key"
    limits: list[Guard] = [
        *(action.limit for action in parsed if action.limit is not None),
        *guards,
    ]
    passed = next((limit for limit in limits if not limit.holds(item)), None)
    if passed is None:
        return ConditionFailed, "the condition does not hold"
    return OpaquePartial(ConditionFailed, field=passed.path.name), passed.reason
