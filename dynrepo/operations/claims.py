"""The writes of guards, and the writes of items that go with them in one transaction.

What an item has of guards follows from what is stored of it. So a write of an item is made under
the condition that it is still stored as it was read, as far as guards depend on it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from dynrepo.errors import CodecError, ConditionFailed, DynrepoError, NotUnique, TransactionCanceled
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import path_to, render
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.guard_rows import OWNER
from dynrepo.operations.guards import all_of
from dynrepo.operations.operation import Answer, Effect, Operation, nothing
from dynrepo.operations.refused import REFUSED, refusal_of
from dynrepo.operations.transactions import transact_write
from dynrepo.operations.unchanged import as_stored
from dynrepo.operations.unique_values import is_same
from dynrepo.operations.writes import conditional

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Condition
    from dynrepo.expressions.trees import Tree
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Refusal
    from dynrepo.operations.program import Program
    from dynrepo.operations.unique_values import UniqueValue, UniqueValues

R = TypeVar("R")

TRIES = 10
"""How often a write is tried at most that others are faster than."""

CHANGED = "the stored item changed since it was read"

_EXPRESSIONS = (
    "UpdateExpression",
    "ConditionExpression",
    "ExpressionAttributeNames",
    "ExpressionAttributeValues",
)


class Outdated(ConditionFailed):
    """What guards depend on is stored otherwise than it was taken to be; `stored` is what is."""

    stored: Item

    def plain(self, mapper: Mapper[Any], reason: str) -> ConditionFailed:
        """The same for a caller, who knows nothing of guards."""
        error = ConditionFailed(
            f"{mapper.table}: {reason}",
            code=self.code,
            request_id=self.request_id,
            attempts=self.attempts,
        )
        with suppress(CodecError):  # what is stored is not the model, and was not written
            error.item = mapper.restore(self.stored)
        return error


class HeldByAnother(ConditionFailed):
    """A guard that was to be removed is not of this item; `part` is the write of it.

    `instead` is what makes sure that it is not.
    """

    part: Operation[Any]
    instead: Operation[Any]


class Guards:
    """The guards of one item, as writes of it change them."""

    def __init__(self, mapper: Mapper[Any], unique: UniqueValues, key: Item) -> None:
        self._mapper = mapper
        self._unique = unique
        self._table = unique.table(mapper.table, mapper.name)
        self._key = key

    def between(self, old: Item, new: Item) -> Iterator[Operation[None]]:
        """The writes of guards that go with a change of the item from old to new; empty is none."""
        lasting = self._unique.expires_alike(old, new)
        for value in self._unique.values:
            held = value.in_stored(old) if old else None
            wanted = value.of(new) if new else None
            if wanted is not None and not (held == wanted and lasting):
                yield self.claim(value, wanted, new)
            if held is not None and held != wanted:
                yield self.release(value, held)

    def claim(self, value: UniqueValue, text: str, item: Item) -> Operation[None]:
        """Writes a guard for the item: a new one, its own, or one whose time is over."""
        free = self._is_free()
        expiry, held = self._unique.expiry, {OWNER: {"M": self._key}}
        if expiry is not None:
            now = int(self._mapper.clock().timestamp())
            free = free | (path_to(expiry) <= Value({"N": str(now)}))
            held |= {expiry: item[expiry]} if expiry in item else {}
        request = {"Item": self._unique.guards.of(text) | held}
        return self._write(
            "PutItem", request, free, OpaquePartial(_not_unique, self._mapper, value)
        )

    def release(self, value: UniqueValue, text: str) -> Operation[None]:
        """Removes a guard of the item; `HeldByAnother` for one that is not."""
        key = {"Key": self._unique.guards.of(text)}
        is_of_another = path_to(OWNER) != Value({"M": self._key})
        parts: list[Operation[Any]] = []
        for name, condition in (("DeleteItem", self._is_free()), ("ConditionCheck", is_of_another)):
            parts.append(
                self._write(name, key, condition, OpaquePartial(_foreign, value, parts, len(parts)))
            )
        return parts[0]

    def release_at(self, key: Item) -> Operation[None]:
        """Removes a guard of the item by its key, whatever value that is of."""
        refusal = partial(refusal_of, self._mapper, lambda _: REFUSED)
        return self._write("DeleteItem", {"Key": key}, self._is_free(), refusal)

    def _is_free(self) -> Condition:
        """That there is no guard, or one of the item itself."""
        partition = path_to(self._unique.guards.types[0][0])
        own = path_to(OWNER) == Value({"M": self._key})
        free: Condition = partition.does_not_exist() | own
        return free

    def _write(
        self, name: str, request: Mapping[str, Any], condition: Condition, refusal: Any
    ) -> Operation[None]:
        trees: dict[str, Tree] = {"ConditionExpression": condition}
        whole = {"TableName": self._table, **request, **conditional(render(trees))}
        effect = Effect.NONE if name == "ConditionCheck" else Effect.ONCE
        return Operation(
            name,
            self._table,
            whole,
            nothing,
            effect,
            expressions=trees,
            refusal=refusal,
            partition=self._unique.guards.types[0][0],
        )


def _not_unique(mapper: Mapper[Any], value: UniqueValue, how: Refusal) -> NotUnique:
    return NotUnique(
        f"{mapper.table}: {value.label}: another item has this value, and it is to be unique",
        field=value.name,
        code=how.code,
        request_id=how.request_id,
        attempts=how.attempts,
    )


def _foreign(
    value: UniqueValue, parts: list[Operation[Any]], number: int, how: Refusal
) -> HeldByAnother:
    """That one of two writes, of which either is right, is the wrong one."""
    error = HeldByAnother(
        f"{value.label}: the guard of the stored value is one of another item",
        code=how.code,
        request_id=how.request_id,
        attempts=how.attempts,
    )
    error.part, error.instead = parts[number], parts[1 - number]
    return error


def guarded(
    mapper: Mapper[Any],
    unique: UniqueValues,
    write: Operation[R],
    old: Item,
    new: Item,
    *,
    names: Iterable[str] = (),
) -> Operation[R]:
    """A write that makes new of old, with those of the guards, under the condition that old is so.

    Either is empty where nothing is stored. `names` are attributes that are to be as they were
    beside those on which guards depend.
    """
    key = write.request.get("Key") or mapper.schema.key_of(new)
    unique.check_key(key)
    parts = tuple(Guards(mapper, unique, key).between(old, new))
    return required(mapper, unique, write, old, names).replaced(parts=parts)


def edit_guarded(
    mapper: Mapper[Any], unique: UniqueValues, edit: Operation[R], stored: Item, left: Item
) -> Operation[R]:
    """An edit of what is stored, with the writes of guards, and answered with what it leaves."""
    if unique.are_alike(stored, left):
        return edit
    write = guarded(mapper, unique, edit, stored, left).replaced(refusal=edit.refusal)
    # Its own refusal tells what changed: it asks for all that guards depend on, or for the version.
    return answered(write, OpaquePartial(mapper.decode_written, left)) if write.parts else write


def answered(write: Operation[Any], make: Callable[[], R]) -> Operation[R]:
    """A write that is answered with what is known of it, for a transaction answers nothing."""

    def read(_: Answer) -> R:
        return make()

    return write.replaced(read=read)


def required(
    mapper: Mapper[Any],
    unique: UniqueValues,
    write: Operation[R],
    old: Item,
    names: Iterable[str] = (),
) -> Operation[R]:
    """A write under the condition that of an item that on which guards depend is as it was."""
    names = tuple(dict.fromkeys((*unique.told_by, *names)))
    condition = all_of([as_stored(old, name) for name in names])
    trees = {**write.expressions}
    given: Any = trees.get("ConditionExpression")
    trees["ConditionExpression"] = condition if given is None else given & condition
    as_read = {name: old.get(name) for name in names}
    request = {name: it for name, it in write.request.items() if name not in _EXPRESSIONS}
    # A condition makes no difference to whether it may be sent twice: if it does not hold then,
    # nothing is known of the first.
    return write.replaced(
        request={**request, **conditional(render(trees))},
        text=None,
        expressions=trees,
        refusal=OpaquePartial(_refused, mapper, write.refusal, as_read),
    )


def _refused(
    mapper: Mapper[Any], refusal: Any, old: Mapping[str, Any], how: Refusal
) -> DynrepoError:
    found = how.item or {}
    if all(is_same(value, found.get(name)) for name, value in old.items()):
        refused: DynrepoError
        refused = refusal(how) if refusal else refusal_of(mapper, lambda _: REFUSED, how)
        return refused
    error = Outdated(
        f"{mapper.table}: {CHANGED}",
        code=how.code,
        request_id=how.request_id,
        attempts=how.attempts,
    )
    error.stored = found
    return error


def sent(write: Operation[R]) -> Program[R]:
    """Makes a write, with those of guards that go with it in one transaction."""
    if not write.parts:
        return (yield write)  # type: ignore[no-any-return]
    for attempt in range(TRIES):
        try:
            yield transact_write([write], str(uuid4()))
        except TransactionCanceled as error:
            reason = next(iter(error.reasons), None)
            if not isinstance(reason, HeldByAnother) or attempt == TRIES - 1:
                raise (reason or error) from error
            held = reason
        else:
            break
        write = write.replaced(parts=_without(write.parts, held))
    return write.read(Answer({}))


def _without(parts: tuple[Operation[Any], ...], held: HeldByAnother) -> tuple[Operation[Any], ...]:
    """The writes without the removal of a guard that is another's."""
    return tuple(held.instead if part is held.part else part for part in parts)
