"""The actions of an update, judged before anything is sent."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.codec.limits import MAX_BYTES, MAX_ITEM, check_depth, check_key, size_of
from dynrepo.codec.value import KEY_TAGS
from dynrepo.errors import CodecError
from dynrepo.expressions.nodes import Action, DeleteAction, RemoveAction, Value
from dynrepo.expressions.trees import attribute_of, default_of, operands, steps_of, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.operations.operation import Table

T = TypeVar("T", bound=BaseModel)


def checked(table: Table[Any], actions: Iterable[object]) -> tuple[Action, ...]:
    """The actions of an update; ValueError for none, and for what DynamoDB would refuse."""
    wanted: list[Action] = []
    keys = {one.attribute: one.name for one in table.schema.key_schema.fields}
    for action in actions:
        if not isinstance(action, Action):
            raise TypeError(
                f"expected an action such as fields.x.set(1), found {type(action).__name__}"
            )
        if attribute_of(target_of(action)) in keys:
            raise ValueError(f"{table.schema.model.__name__}: an update cannot change the key")
        wanted.append(action)
    if not wanted:
        raise ValueError("an update needs at least one action")
    steps = sorted(steps_of(target_of(action)) for action in wanted)
    if any(after[: len(before)] == before for before, after in pairwise(steps)):
        name = table.schema.model.__name__
        raise ValueError(f"{name}: two actions of an update on one field, or on a part of it")
    _check_computed(table, wanted)
    for action in wanted:
        _check_index_keys(table, action)
        _check_depth(table, action)
    _check_size(table, wanted)
    return tuple(wanted)


def _check_computed(table: Table[Any], actions: Iterable[Action]) -> None:
    """ValueError unless it is said what becomes of each computed field, which would go stale."""
    said = {attribute_of(target_of(action)) for action in actions}
    said |= {one.attribute for one in table.schema.key_schema.fields}
    for one in table.schema.fields:
        if one.computed and one.attribute not in said:
            raise ValueError(
                f"{one.label} is computed, which an update does not do: save the whole item, or"
                f" add the action fields.{one.name}.set(...) to the update; where it stays as it"
                f" is, fields.{one.name}.set(fields.{one.name})"
            )


def _check_index_keys(table: Table[Any], action: Action) -> None:
    """CodecError for a value that the key of an index cannot have."""
    path = target_of(action).path
    for index in table.schema.indexes.values():
        for one, limit in zip(index.fields, MAX_BYTES, strict=False):
            if path == [one.attribute]:
                for stored in _values_of(action):
                    if stored.keys() <= KEY_TAGS:
                        check_key(one.label, stored, limit)


def _check_depth(table: Table[Any], action: Action) -> None:
    """CodecError for a value that is nested too deep for where it is put."""
    attribute, *steps = steps_of(target_of(action))
    for stored in _values_of(action):
        nested = stored
        for _ in steps:
            nested = {"L": [nested]}
        check_depth(f"{table.schema.model.__name__}: an update", {attribute: nested})


def _check_size(table: Table[Any], actions: Iterable[Action]) -> None:
    """CodecError for more than an item can have; what is stored already is not known here."""
    size = sum(size_of({"": one}) for action in actions for one in _kept(action))
    if size > MAX_ITEM:
        name = table.schema.model.__name__
        raise CodecError(f"{name}: an item has {MAX_ITEM} bytes at most, an update stores {size}")


def _kept(action: Action) -> Iterator[AttributeValue]:
    """The values that are surely stored: not what is there if nothing is, nor an amount."""
    if isinstance(action, DeleteAction) or default_of(action.values[-1]):
        return
    yield from (stored for stored in _values_of(action) if "N" not in stored)


def _values_of(action: Action) -> Iterator[AttributeValue]:
    return (node.value for node in operands(action) if isinstance(node, Value))


def check_whole(table: Table[T], key: Item, actions: tuple[Action, ...]) -> None:
    """CodecError unless the actions alone, on an empty item, make an instance of the model."""
    made = dict(key)
    for action in actions:
        value = _plain(action)
        if value is not None:
            made[attribute_of(target_of(action))] = value
    try:
        table.schema.decode(made)
    except CodecError as error:
        raise CodecError(f"upsert where nothing is stored: {error}") from None


def _plain(action: Action) -> Any:
    """What an action leaves in an empty item, where that is a value by itself."""
    if isinstance(action, RemoveAction | DeleteAction):
        return None
    path, operand = target_of(action), action.values[1]
    parts = default_of(operand)
    fallback = parts[1] if parts else operand
    if not isinstance(fallback, Value) or len(path.path) > 1 or "[" in path.path[0]:
        raise CodecError("upsert where nothing is stored: an action needs what is not there")
    return fallback.value
