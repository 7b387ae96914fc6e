"""The operations that write single items: create, set, save, update, delete, check.

Each is also a part that a transaction can be made of.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from dynrepo.codec.limits import checked_json
from dynrepo.errors import CodecError, ConditionFailed, DynrepoError, ItemExists, VersionConflict
from dynrepo.expressions.nodes import Update
from dynrepo.expressions.trees import Tree, both, render
from dynrepo.operations.actions import (
    check_complete,
    check_makes_item,
    is_repeatable,
    limited,
    parsed_actions,
    unmet,
)
from dynrepo.operations.operation import Answer, Effect, Operation, Refusal, nothing
from dynrepo.operations.placed_updates import PlacedUpdate
from dynrepo.operations.saving import saving
from dynrepo.operations.settling import settled_create, settled_save
from dynrepo.operations.stamps import first_stamps, is_version, stamp, stamps_of, version_is
from dynrepo.schema.settled import check_settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dynrepo.codec import Item
    from dynrepo.expressions.bounds import Limit
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.mapper import Mapper

T = TypeVar("T", bound=BaseModel)


def encoded_item(mapper: Mapper[T], item: T) -> tuple[Item, bytes, T]:
    """An item as it is to be stored, its JSON, and the instance that is read of it.

    CodecError for an item that cannot be stored, or not be read as it is stored, or is over 400 KB.
    """
    schema = mapper.schema
    encoded = schema.encode(item)
    if schema.is_stamped:
        stamp(mapper, item, encoded)
    text = checked_json(schema.model.__name__, encoded)
    written = schema.decode(encoded)
    if schema.runs_own_code:
        check_settled(schema, item, encoded, written)
    return encoded, text, written


def put_item(mapper: Mapper[T], item: T) -> Operation[T]:
    """Writes an item in place of whatever is stored under its key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
    """
    encoded, text, written = encoded_item(mapper, item)
    request, text = _put({"TableName": mapper.table}, encoded, text)

    def read(_: Answer) -> T:
        return written

    return Operation("PutItem", mapper.table, request, read, Effect.REPEATABLE, text=text)


def create_item(mapper: Mapper[T], item: T) -> Operation[T]:
    """Writes an item whose key is free; `ItemExists` when it is not."""
    encoded, text, written = encoded_item(mapper, item)
    trees: dict[str, Tree] = {"ConditionExpression": mapper.does_not_exist}
    request, text = _put({"TableName": mapper.table, **_conditional(render(trees))}, encoded, text)

    def read(_: Answer) -> T:
        return written

    return Operation(
        "PutItem",
        mapper.table,
        request,
        read,
        Effect.ONCE,
        text=text,
        expressions=trees,
        refusal=_refusal(mapper, lambda _: (ItemExists, "the key is taken")),
        settlement=settled_create(mapper, encoded),
    )


def save_item(mapper: Mapper[T], item: T) -> Operation[T]:
    """Writes the declared fields of an item and leaves its other attributes alone.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    encoded, _, _ = encoded_item(mapper, item)
    key = mapper.schema.key(item)
    parameters, trees = saving(mapper, item, encoded, key)
    request = {
        "TableName": mapper.table,
        "Key": key,
        "ReturnValues": "ALL_NEW",
        **_conditional(parameters),
    }
    versioned = mapper.schema.version is not None
    refused = _STALE if versioned else _MISSING
    return Operation(
        "UpdateItem",
        mapper.table,
        request,
        partial(_left, mapper),
        Effect.ONCE if versioned else Effect.REPEATABLE,
        parse=mapper.parse_attributes,
        expressions=trees,
        refusal=_refusal(mapper, lambda _: refused),
        settlement=settled_save(mapper, encoded, key),
        accepts=_of_key(mapper, key),
    )


def update_item(
    mapper: Mapper[T],
    key: Any,
    actions: Iterable[Action],
    *,
    condition: Condition | None = None,
    upsert: bool = False,
    guards: Sequence[Limit] = (),
) -> Operation[T]:
    """Changes parts of an item by actions; `ItemNotFound` when there is none, unless `upsert`.

    `guards` are limits beside those of the fields.
    """
    parsed = parsed_actions(mapper, actions)
    stored_key = mapper.schema.key(key)
    if upsert:
        begun = {**first_stamps(mapper), **stored_key, **mapper.schema.key_item(key)}
        check_complete(mapper, begun, parsed)
    update = [action.action for action in parsed]
    if mapper.schema.is_stamped:
        update += stamps_of(mapper, parsed, upsert=upsert)
    if mapper.schema.added:
        placed = PlacedUpdate(mapper, key, update, upsert=upsert)
        update += placed.actions
        condition = both(condition, placed.condition)
    if upsert:
        check_makes_item(mapper, update)
    trees: dict[str, Tree] = {"UpdateExpression": Update(*update)}
    required = both(None if upsert else mapper.exists, condition)
    required = limited(required, parsed, guards)
    if required is not None:
        trees["ConditionExpression"] = required
    return Operation(
        "UpdateItem",
        mapper.table,
        {
            "TableName": mapper.table,
            "Key": stored_key,
            "ReturnValues": "ALL_NEW",
            **_conditional(render(trees)),
        },
        partial(_left, mapper),
        _effect(update, condition),
        parse=mapper.parse_attributes,
        expressions=trees,
        refusal=_refusal(mapper, lambda item: unmet(item, parsed, upsert=upsert, guards=guards)),
        accepts=_of_key(mapper, stored_key),
    )


def delete_item(
    mapper: Mapper[T], key: Any, *, condition: Condition | None = None
) -> Operation[T | None]:
    """Deletes the item under a key and returns it; of an instance, only the version it is.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
    """
    version = version_is(mapper, key) if isinstance(key, mapper.schema.model) else None
    if version is not None:
        version = mapper.does_not_exist | version
    holds = both(version, condition)
    trees: dict[str, Tree] = {} if holds is None else {"ConditionExpression": holds}

    def kind(item: Item | None) -> tuple[type[ConditionFailed], str]:
        if version is None:
            return _REFUSED
        # Where no item is shown, only the caller's own condition is another reason.
        stale = not is_version(mapper, item, key) if item else condition is None
        return _STALE if stale else _REFUSED

    stored_key = mapper.schema.key(key)
    request = {
        "TableName": mapper.table,
        "Key": stored_key,
        "ReturnValues": "ALL_OLD",
        **_conditional(render(trees)),
    }
    return Operation(
        "DeleteItem",
        mapper.table,
        request,
        partial(_deleted, mapper),
        Effect.ONCE if trees else Effect.REPEATABLE,
        parse=mapper.parse_attributes,
        expressions=trees,
        refusal=_refusal(mapper, kind) if trees else None,
        accepts=_of_key(mapper, stored_key),
    )


def check_item(mapper: Mapper[T], key: Any, condition: Condition) -> Operation[None]:
    """Makes sure of an item without writing it; only as a part of a transaction.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConditionCheck.html
    """
    trees: dict[str, Tree] = {"ConditionExpression": condition}
    return Operation(
        "ConditionCheck",
        mapper.table,
        {"TableName": mapper.table, "Key": mapper.schema.key(key), **_conditional(render(trees))},
        nothing,
        expressions=trees,
        refusal=_refusal(mapper, lambda _: _REFUSED),
    )


def _left(mapper: Mapper[T], answer: Answer) -> T:
    """The item as the write has left it."""
    items = answer.items
    return mapper.decode_written(answer.body["Attributes"]) if items is None else items[0]


def _deleted(mapper: Mapper[T], answer: Answer) -> T | None:
    """The item that is no more; None when there was none."""
    if answer.items is not None:
        return answer.items[0]  # type: ignore[no-any-return]
    stored = answer.body.get("Attributes")
    return mapper.decode_written(stored) if stored else None


def _put(options: dict[str, Any], encoded: Item, text: bytes) -> tuple[dict[str, Any], bytes]:
    """A request that puts an item, and the same as JSON, that of the item in it."""
    return {**options, "Item": encoded}, b'%b,"Item":%b}' % (to_json(options)[:-1], text)


_REFUSED = (ConditionFailed, "the condition does not hold")
_STALE = (VersionConflict, "the stored item is another version")
_MISSING = (ConditionFailed, "no item is stored under this key, of which to remove something")


def _of_key(mapper: Mapper[Any], key: Item) -> Callable[[Answer], bool]:
    """Accepts an answer with no attributes, or with those of a key."""

    def accepts(answer: Answer) -> bool:
        if answer.items is not None:
            return mapper.schema.has_key(answer.items[0], key)
        return mapper.is_of_key(answer.body.get("Attributes"), key)

    return accepts


def _effect(update: Iterable[Action], condition: Condition | None) -> Effect:
    """Whether an update that is applied twice leaves what one leaves."""
    repeatable = condition is None and all(map(is_repeatable, update))
    return Effect.REPEATABLE if repeatable else Effect.ONCE


def _conditional(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, and the wish to be shown what a condition failed on."""
    if "ConditionExpression" not in parameters:
        return parameters
    return {**parameters, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _refusal(
    mapper: Mapper[Any], kind_of: Callable[[Item | None], tuple[Callable[..., DynrepoError], str]]
) -> Callable[[Refusal], DynrepoError]:
    """Makes the error for a condition that did not hold, from the item that is stored."""

    def refuse(how: Refusal) -> DynrepoError:
        stored = how.item if isinstance(how.item, dict) and how.item else None
        kind, reason = kind_of(stored)
        error = kind(
            f"{mapper.table}: {reason}",
            code=how.code,
            request_id=how.request_id,
            attempts=how.attempts,
        )
        if isinstance(error, ConditionFailed):
            with suppress(CodecError):  # what is stored is not the model, and was not written
                error.item = mapper.restore(stored)
        return error

    return refuse
