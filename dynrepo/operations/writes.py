"""The operations that create, set, save and update items; each can be a part of a transaction."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from dynrepo.codec.limits import checked_json
from dynrepo.errors import CodecError, ItemExists
from dynrepo.expressions.nodes import Update
from dynrepo.expressions.trees import Tree, both, render
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.actions import (
    check_complete,
    check_makes_item,
    is_repeatable,
    limited,
    parsed_actions,
    unmet,
)
from dynrepo.operations.guards import kind_guards
from dynrepo.operations.marks import OTHERS, own_or_none, own_row
from dynrepo.operations.operation import Answer, Effect, new_operation
from dynrepo.operations.refused import MISSING, STALE, refusal_of
from dynrepo.operations.saving import saving
from dynrepo.operations.settling import settled_create, settled_save
from dynrepo.operations.stamps import first_stamps, stamped, stamps_of
from dynrepo.schema.settled import check_settled
from dynrepo.tracebacks import without_own_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dynrepo.codec import Item
    from dynrepo.errors import DynrepoError
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.guards import Guard
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation, Settlement
    from dynrepo.places.updates import PlacedUpdate

T = TypeVar("T", bound=BaseModel)


def encoded_item(mapper: Mapper[T], item: T) -> tuple[Item, bytes, T]:
    """An item as it is to be stored, its JSON, and the instance that is read of it.

    CodecError for an item that cannot be stored, or not be read as it is stored, or is over 400 KB.
    """
    schema = mapper.schema
    try:
        return checked_item(
            mapper, item, stamped(mapper, item) if schema.is_stamped else schema.encode(item)
        )
    except CodecError as error:
        raise without_own_frames(error)  # noqa: B904 - itself; they hold what was encoded


def checked_item(mapper: Mapper[T], item: T, encoded: Item) -> tuple[Item, bytes, T]:
    """What is to be stored for an item, its JSON, and the instance that is read of it."""
    schema = mapper.schema
    text = checked_json(schema.name, encoded)
    written = schema.decode(encoded)
    if schema.runs_own_code:
        check_settled(schema, item, encoded, written)
    return encoded, text, written


def put_item(mapper: Mapper[T], item: T) -> Operation[T]:
    """Writes an item in place of whatever is stored under its key, but for a row of others.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
    """
    encoded, text, written = encoded_item(mapper, item)
    required = own_or_none(mapper) if mapper.schema.asked_mark else None
    if required is not None:
        return _conditional_put(
            mapper,
            encoded,
            text,
            written,
            required=required,
            effect=Effect.REPEATABLE,
            refusal=partial(refusal_of, mapper, lambda _: OTHERS),
        )
    request, text = _put({"TableName": mapper.table}, encoded, text)

    def read(_: Answer) -> T:
        return written

    return new_operation(
        "PutItem",
        mapper.table,
        request,
        read,
        Effect.REPEATABLE,
        text=text,
        entity=mapper.schema.entity,
        partition=mapper.schema.key_schema.partition.attribute,
    )


def create_item(mapper: Mapper[T], item: T) -> Operation[T]:
    """Writes an item whose key is free; `ItemExists` when it is not."""
    encoded, text, written = encoded_item(mapper, item)
    return _conditional_put(
        mapper,
        encoded,
        text,
        written,
        required=mapper.does_not_exist,
        effect=Effect.ONCE,
        refusal=partial(refusal_of, mapper, lambda _: (ItemExists, "the key is taken")),
        settlement=settled_create(mapper, encoded),
    )


def _conditional_put(
    mapper: Mapper[T], encoded: Item, text: bytes, written: T, *, required: Condition, **rest: Any
) -> Operation[T]:
    trees: dict[str, Tree] = {"ConditionExpression": required}
    request, text = _put({"TableName": mapper.table, **conditional(render(trees))}, encoded, text)

    def read(_: Answer) -> T:
        return written

    return new_operation(
        "PutItem",
        mapper.table,
        request,
        read,
        text=text,
        expressions=trees,
        entity=mapper.schema.entity,
        partition=mapper.schema.key_schema.partition.attribute,
        **rest,
    )


def save_item(mapper: Mapper[T], item: T) -> Operation[T]:
    """Writes the declared fields of an item and leaves its other attributes alone.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    encoded, _, _ = encoded_item(mapper, item)
    return save_encoded(mapper, item, encoded)


def save_encoded(mapper: Mapper[T], item: T, encoded: Item) -> Operation[T]:
    """The same of an item as it is to be stored."""
    key = mapper.schema.key(item)
    parameters, trees = saving(mapper, item, encoded, key)
    versioned = mapper.schema.version is not None
    refused = STALE if versioned else OTHERS if mapper.schema.asked_mark else MISSING
    return changing_item(
        mapper,
        key,
        parameters=parameters,
        trees=trees,
        effect=Effect.ONCE if versioned else Effect.REPEATABLE,
        refused=lambda _: refused,
        settlement=settled_save(mapper, encoded, key),
    )


def changing_item(
    mapper: Mapper[T],
    key: Item,
    *,
    parameters: dict[str, Any],
    trees: Mapping[str, Tree],
    effect: Effect,
    refused: Callable[[Item | None], tuple[Callable[..., DynrepoError], str]],
    settlement: Settlement | None = None,
) -> Operation[T]:
    """An update that is answered with the whole item as it has left it.

    `parameters` are its expressions, whose trees these are. `refused` is given the item that is
    stored where the condition does not hold, and tells the error and its reason.
    """
    return new_operation(
        "UpdateItem",
        mapper.table,
        {
            "TableName": mapper.table,
            "Key": key,
            "ReturnValues": "ALL_NEW",
            **conditional(parameters),
        },
        OpaquePartial(left_item, mapper),
        effect,
        parse=mapper.asked(mapper.parse_attributes, key)
        if mapper.schema.added
        else mapper.parse_attributes,
        expressions=trees,
        refusal=OpaquePartial(refusal_of, mapper, refused),
        settlement=settlement,
        accepts=of_key(mapper, key),
        entity=mapper.schema.entity,
    )


def _there(mapper: Mapper[Any], *, upsert: bool) -> Condition | None:
    """What an update asks of the row: that it is there, unless it may make it, and is its own."""
    if mapper.schema.asked_mark:
        return own_or_none(mapper) if upsert else own_row(mapper)
    return None if upsert else mapper.exists


def update_item(
    mapper: Mapper[T],
    key: Any,
    actions: Iterable[Action],
    *,
    condition: Condition | None = None,
    upsert: bool = False,
    guards: Sequence[Guard] = (),
) -> Operation[T]:
    """Changes an item by actions, under `guards`; `ItemNotFound` for none, unless `upsert`."""
    stored_key = mapper.schema.key(key)
    try:
        parsed = parsed_actions(mapper, actions)
    except CodecError as error:
        del stored_key  # whoever records frames records this one, too
        raise without_own_frames(error)  # noqa: B904 - itself
    if upsert:
        begun = {**first_stamps(mapper), **stored_key, **mapper.schema.key_item(key)}
        check_complete(mapper, begun, parsed)
    update = [action.action for action in parsed]
    kind = kind_guards(mapper.schema, update) if mapper.schema.owners else ()
    if mapper.schema.is_stamped:
        update += stamps_of(mapper, parsed, upsert=upsert)
    if mapper.schema.added:
        placed = _placed(mapper, key, update, upsert=upsert)
        update += placed.actions
        condition = both(condition, placed.condition)
    if upsert:
        check_makes_item(mapper, update)
    trees: dict[str, Tree] = {"UpdateExpression": Update(*update)}
    guards = (*guards, *kind)
    required = limited(both(_there(mapper, upsert=upsert), condition), parsed, guards)
    if required is not None:
        trees["ConditionExpression"] = required
    return changing_item(
        mapper,
        stored_key,
        parameters=render(trees),
        trees=trees,
        effect=_effect(update, kind[0].condition if kind else condition),
        refused=lambda item: unmet(item, parsed, upsert=upsert, guards=guards),
    )


def _placed(
    mapper: Mapper[Any], key: Any, update: Sequence[Action], *, upsert: bool
) -> PlacedUpdate:
    """What an update of an item in a shared table does to the keys that are made of its fields."""
    from dynrepo.places.updates import PlacedUpdate  # noqa: PLC0415 - is there

    return PlacedUpdate(mapper.schema, key, update, upsert=upsert)


def _put(options: dict[str, Any], encoded: Item, text: bytes) -> tuple[dict[str, Any], bytes]:
    """A request that puts an item, and the same as JSON, that of the item in it."""
    return {**options, "Item": encoded}, b'%b,"Item":%b}' % (to_json(options)[:-1], text)


def _effect(update: Iterable[Action], condition: Condition | None) -> Effect:
    """Whether an update that is applied twice leaves what one leaves."""
    repeatable = condition is None and all(map(is_repeatable, update))
    return Effect.REPEATABLE if repeatable else Effect.ONCE


def left_item(mapper: Mapper[T], answer: Answer) -> T:
    """The item as the write has left it."""
    items = answer.items
    return mapper.decode_written(answer.body["Attributes"]) if items is None else items[0]


def of_key(mapper: Mapper[Any], key: Item) -> Callable[[Answer], bool]:
    """Accepts an answer with no attributes, or with those of a key."""

    def accepts(answer: Answer) -> bool:
        if answer.items is not None:  # that of a shared table was compared when it was made
            return bool(mapper.schema.added) or mapper.schema.has_key(answer.items[0], key)
        return mapper.is_of_key(answer.body.get("Attributes"), key)

    return accepts


def conditional(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, and the wish to be shown what a condition failed on."""
    if "ConditionExpression" not in parameters:
        return parameters
    return {**parameters, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
