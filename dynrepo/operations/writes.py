"""The operations that write single items: create, set, save, update, delete, check.

Each is also a part that a transaction can be made of.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel
from pydantic_core import to_json

from dynrepo.codec.value import canonical, canonical_item
from dynrepo.errors import (
    CodecError,
    ConditionFailed,
    DynrepoError,
    ItemExists,
    ItemNotFound,
    VersionConflict,
)
from dynrepo.expressions.nodes import Action, Path, Update, Value
from dynrepo.expressions.trees import (
    Tree,
    both,
    default_of,
    path_to,
    paths_of,
    render,
    target_of,
)
from dynrepo.operations.actions import check_whole, checked
from dynrepo.operations.operation import Answer, Effect, Operation, Refusal, Settlement, Table
from dynrepo.operations.reads import get_stored
from dynrepo.operations.saving import saving
from dynrepo.operations.stamps import is_version, stamped, stamps_of, version_is

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Condition

T = TypeVar("T", bound=BaseModel)


def put_item(table: Table[T], item: T) -> Operation[T]:
    """Writes an item in place of whatever is stored under its key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
    """
    encoded, text = stamped(table, item)
    written = table.schema.decode(encoded)
    request, text = _put({"TableName": table.name}, encoded, text)
    effect = Effect.REPEATABLE
    return Operation("PutItem", table.name, request, lambda _: written, effect, text=text)


def create_item(table: Table[T], item: T) -> Operation[T]:
    """Writes an item whose key is free; `ItemExists` when it is not."""
    encoded, text = stamped(table, item)
    written = table.schema.decode(encoded)
    trees: dict[str, Tree] = {"ConditionExpression": _partition(table).does_not_exist()}
    request, text = _put({"TableName": table.name, **_conditional(trees)}, encoded, text)

    def ours(stored: Item | None) -> bool | None:
        return canonical_item(stored) == canonical_item(encoded) if stored else None

    return Operation(
        "PutItem",
        table.name,
        request,
        lambda _: written,
        Effect.ONCE,
        text=text,
        expressions=trees,
        refusal=_refusal(table, lambda _: (ItemExists, "the key is taken")),
        settlement=Settlement(get_stored(table, item), ours),
    )


def save_item(table: Table[T], item: T) -> Operation[T]:
    """Writes the declared fields of an item and leaves its other attributes alone.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
    """
    encoded, _ = stamped(table, item)
    key = table.schema.key(item)
    # What is to be written can be read again, or nothing is sent.
    table.schema.decode(encoded)
    parameters, trees = saving(table, item, encoded, key)
    request = {"TableName": table.name, "Key": key, "ReturnValues": "ALL_NEW", **_told(parameters)}
    versioned = table.version is not None
    return Operation(
        "UpdateItem",
        table.name,
        request,
        lambda answer: _after(table, answer),
        Effect.ONCE if versioned else Effect.REPEATABLE,
        parse=table.parse("Attributes"),
        expressions=trees,
        refusal=_refusal(table, lambda _: (VersionConflict, "the stored item is another version")),
        settlement=Settlement(get_stored(table, item), _saved(table, encoded))
        if versioned
        else None,
    )


def update_item(
    table: Table[T],
    key: Any,
    actions: Iterable[Action],
    *,
    condition: Condition | None = None,
    upsert: bool = False,
) -> Operation[T]:
    """Changes parts of an item by actions; `ItemNotFound` when there is none, unless `upsert`."""
    wanted = checked(table, actions)
    stored_key = table.schema.key(key)
    if upsert:
        check_whole(table, stored_key, wanted)
    stamps = stamps_of(table, wanted, upsert=upsert)
    trees: dict[str, Tree] = {"UpdateExpression": Update(*wanted, *stamps)}
    there = None if upsert else _partition(table).exists()
    holds = both(there, condition)
    if holds is not None:
        trees["ConditionExpression"] = holds
    return Operation(
        "UpdateItem",
        table.name,
        {
            "TableName": table.name,
            "Key": stored_key,
            "ReturnValues": "ALL_NEW",
            **_conditional(trees),
        },
        lambda answer: _after(table, answer),
        _effect(trees["UpdateExpression"], condition),
        parse=table.parse("Attributes"),
        expressions=trees,
        refusal=_refusal(table, lambda item: _unmet(item, upsert=upsert)),
    )


def delete_item(
    table: Table[T], key: Any, *, condition: Condition | None = None
) -> Operation[T | None]:
    """Deletes the item under a key and returns it; of an instance, only the version it is.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
    """
    version = version_is(table, key) if isinstance(key, table.schema.model) else None
    if version is not None:
        version = _partition(table).does_not_exist() | version
    holds = both(version, condition)
    trees: dict[str, Tree] = {} if holds is None else {"ConditionExpression": holds}

    def kind(item: Item | None) -> tuple[type[ConditionFailed], str]:
        stale = version is not None and item and not is_version(table, item, key)
        return _STALE if stale else _REFUSED

    request = {
        "TableName": table.name,
        "Key": table.schema.key(key),
        "ReturnValues": "ALL_OLD",
        **_conditional(trees),
    }
    return Operation(
        "DeleteItem",
        table.name,
        request,
        lambda answer: table.instance(answer, "Attributes"),
        Effect.REPEATABLE if condition is None else Effect.ONCE,
        parse=table.parse("Attributes"),
        expressions=trees,
        refusal=_refusal(table, kind) if trees else None,
    )


def check_item(table: Table[T], key: Any, condition: Condition) -> Operation[None]:
    """Makes sure of an item without writing it; only as a part of a transaction.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConditionCheck.html
    """
    trees: dict[str, Tree] = {"ConditionExpression": condition}
    return Operation(
        "ConditionCheck",
        table.name,
        {"TableName": table.name, "Key": table.schema.key(key), **_conditional(trees)},
        lambda _: None,
        expressions=trees,
        refusal=_refusal(table, lambda _: _REFUSED),
    )


def _after(table: Table[T], answer: Answer) -> T:
    """The item as the write has left it."""
    items = answer.items
    return table.decode(answer.body["Attributes"]) if items is None else items[0]


def _put(options: dict[str, Any], encoded: Item, text: bytes) -> tuple[dict[str, Any], bytes]:
    """A request that puts an item, and the same as JSON, that of the item in it."""
    return {**options, "Item": encoded}, b'%b,"Item":%b}' % (to_json(options)[:-1], text)


_REFUSED = (ConditionFailed, "the condition does not hold")
_STALE = (VersionConflict, "the stored item is another version")


def _saved(table: Table[Any], encoded: Item) -> Callable[[Item | None], bool | None]:
    """Whether what is stored is what a versioned save would have left.

    Two savers of one version may write the same, a counter's next value for instance: an equal item
    is surely ours only when it holds the time of our write.
    """
    version, created = table.version, table.created
    assert version is not None  # noqa: S101 - the caller looked

    def ours(stored: Item | None) -> bool | None:
        if not stored or stored.get(version.attribute) != encoded[version.attribute]:
            return None  # deleted, not yet written, or written again since
        equal = all(
            name in stored and canonical(stored[name]) == canonical(value)
            for name, value in encoded.items()
            if created is None or name != created.attribute
        )
        return (True if table.updated is not None else None) if equal else False

    return ours


def _effect(update: Any, condition: Condition | None) -> Effect:
    """Whether an update that is applied twice leaves what one leaves."""
    if condition is not None or update.add_actions:
        return Effect.ONCE
    counts = any(_reads(*action.values) for action in update.set_actions)
    # An index past the end appends, and a removed element moves the others.
    moves = any(
        target_of(action).path[-1].endswith("]")
        for action in (*update.set_actions, *update.remove_actions)
    )
    return Effect.ONCE if counts or moves else Effect.REPEATABLE


def _reads(path: Path, operand: Any) -> bool:
    """Whether what is set depends on what is stored; `if_not_exists` of itself settles at once."""
    if isinstance(operand, Path) and operand.path == path.path:
        return False
    parts = default_of(operand)
    if parts and parts[0].path == path.path and isinstance(parts[1], Value):
        return False
    return any(True for _ in paths_of(operand))


def _partition(table: Table[Any]) -> Path:
    return path_to(table.schema.key_schema.partition.attribute)


def _conditional(trees: Mapping[str, Tree]) -> dict[str, Any]:
    """The parameters of the trees, and the wish to be told what a condition failed on."""
    return _told(render(trees))


def _told(parameters: dict[str, Any]) -> dict[str, Any]:
    if "ConditionExpression" not in parameters:
        return parameters
    return {**parameters, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _unmet(item: Item | None, *, upsert: bool) -> tuple[type[DynrepoError], str]:
    if item or upsert:
        return _REFUSED
    return ItemNotFound, "no item is stored under this key"


def _refusal(
    table: Table[Any], kind_of: Callable[[Item | None], tuple[type[DynrepoError], str]]
) -> Callable[[Refusal], DynrepoError]:
    """Makes the error for a condition that did not hold, from the item that is stored."""

    def refuse(how: Refusal) -> DynrepoError:
        stored = how.item or None
        kind, reason = kind_of(stored)
        looked = f", as a look showed after {how.code}" if how.looked else ""
        error = kind(
            f"{table.name}: {reason}{looked}",
            code=how.code,
            request_id=how.request_id,
            attempts=how.attempts,
        )
        if isinstance(error, ConditionFailed):
            with suppress(CodecError):  # what is stored is not the model
                error.item = table.restore(stored)
        return error

    return refuse
