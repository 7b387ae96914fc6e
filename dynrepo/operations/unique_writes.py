"""The verbs that write single items of a repository with unique values.

Where a write leaves alone on what guards depend, it is the one request that it is elsewhere, under
the condition that this is so. Else it is a transaction, with a guard written or removed for each
value that is new or gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.callbacks import check_called
from dynrepo.clock import draw
from dynrepo.errors import CodecError, DynrepoError, OutcomeUnknown, WrittenUnreadable
from dynrepo.expressions.nodes import RemoveAction, SetAction, Value
from dynrepo.expressions.trees import attribute_of, default_of, steps_of, target_of
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.actions import may_meet_list
from dynrepo.operations.claiming import Claiming
from dynrepo.operations.claims import CHANGED, TRIES, Guards, Outdated, answered, guarded, sent
from dynrepo.operations.deletes import delete_item
from dynrepo.operations.operation import Effect
from dynrepo.operations.program import Pause
from dynrepo.operations.reads import get_stored_at
from dynrepo.operations.saving import only_removes, saved
from dynrepo.operations.transactions import read_after, updated_once
from dynrepo.operations.updating import updated
from dynrepo.operations.writes import create_item, encoded_item, put_item, save_encoded, update_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.program import Program
    from dynrepo.operations.unique_values import UniqueValues

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0


class UniqueWrites:
    """The verbs that write items, as programs that keep the guards of unique values."""

    def __init__(self, mapper: Mapper[Any], unique: UniqueValues) -> None:
        self._mapper = mapper
        self._unique = unique

    def created(self, item: T) -> Program[T]:
        """Writes a new item, whose key and whose values are free."""
        return sent(create_guarded(self._mapper, self._unique, item))

    def put(self, item: T) -> Program[T]:
        """Creates the item, or replaces the whole stored one."""
        put = put_item(self._mapper, item)
        new = put.request["Item"]
        return self._tried(lambda old: self._guarded(put, old, new), new)

    def saved(self, item: T) -> Program[T]:
        """Writes the declared fields."""
        mapper = self._mapper
        new, _, _ = encoded_item(mapper, item)
        save = save_encoded(mapper, item, new)
        kept = _kept(mapper, item)

        def attempt(old: Item) -> Operation[T]:
            if old is new:  # taken to be stored already
                return self._guarded(save, old, new)
            write = self._guarded(save, old, new, names=(*kept, *_undeclared(mapper, old)))
            left = _left(mapper, old, new, kept)
            return (
                answered(write, OpaquePartial(mapper.decode_written, left))
                if write.parts
                else write
            )

        def make(write: Operation[T]) -> Program[T]:
            is_made = only_removes(save) and not write.parts
            return saved(mapper, write) if is_made else sent(write)

        return self._tried(attempt, new, make)

    def updated(
        self,
        key: Any,
        actions: Sequence[Action],
        *,
        condition: Condition | None = None,
        upsert: bool = False,
        exactly_once: bool = False,
    ) -> Program[T]:
        """Changes parts of an item."""
        mapper, at = self._mapper, self._mapper.schema.key(key)
        self._unique.check_key(at)
        make: Any = None
        if self._touch(actions) or (upsert and self._unique.is_of_key):
            _changed({}, self._unique, actions)  # raises at once for what cannot be told
            make = OpaquePartial(self._sent_update, key, actions, exactly_once=exactly_once)
        elif not exactly_once and not may_meet_list(actions):
            return sent(update_item(mapper, key, actions, condition=condition, upsert=upsert))
        return updated(
            mapper,
            key,
            actions,
            condition=condition,
            upsert=upsert,
            exactly_once=exactly_once,
            make=make,
        )

    def deleted(self, key: Any, *, condition: Condition | None = None) -> Program[T | None]:
        """Deletes an item, and its guards with it."""
        mapper = self._mapper
        delete: Operation[T | None] = delete_item(mapper, key, condition=condition)

        def attempt(old: Item) -> Operation[T | None]:
            write = self._guarded(delete, old, {})
            if not write.parts:
                return write
            return answered(
                _whole(lambda names: self._guarded(delete, old, {}, names=names), mapper, old),
                OpaquePartial(mapper.decode_written, old),
            )

        stored: Item | None = yield get_stored_at(mapper, delete.request["Key"])
        return (yield from self._tried(attempt, stored or {}))

    def claiming(self, not_unique: Callable[[Any], object] | None) -> Claiming:
        """A repair of the guards of all items; `not_unique` is given those it cannot claim for."""
        if not_unique is not None:
            check_called("not_unique", not_unique, "called with an item: items.append, say")
        return Claiming(self._mapper, self._unique, not_unique)

    def _touch(self, actions: Iterable[Action]) -> bool:
        return any(attribute_of(target_of(action)) in self._unique.watched for action in actions)

    def _sent_update(
        self, key: Any, actions: Sequence[Action], update: Operation[T], *, exactly_once: bool
    ) -> Program[T]:
        """Makes an update that changes on what guards depend, and reads the item after it."""
        at = update.request["Key"]
        stored: Item | None = yield get_stored_at(self._mapper, at)

        def attempt(old: Item) -> Operation[T]:
            new = {**at, **self._mapper.schema.key_item(key), **old}
            return self._guarded(update, old, _changed(new, self._unique, actions))

        def make(write: Operation[T]) -> Program[T]:
            if write.parts:
                return _read_back(self._mapper, write, key)
            return updated_once(self._mapper, write, key) if exactly_once else sent(write)

        item: T = yield from self._tried(attempt, stored or {}, make)
        return item

    def _guarded(
        self, write: Operation[R], old: Item, new: Item, *, names: Iterable[str] = ()
    ) -> Operation[R]:
        return guarded(self._mapper, self._unique, write, old, new, names=names)

    def _tried(
        self,
        attempt: Callable[[Item], Operation[R]],
        stored: Item,
        make: Callable[[Operation[R]], Program[R]] = sent,
    ) -> Program[R]:
        """Makes what is to be made of what is stored; again where that turns out to be another."""
        refused: Outdated | None = None
        for number in range(TRIES):
            if number > 1:  # the first may be a guess
                yield Pause(draw() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**number))
            write = attempt(stored)
            try:
                return (yield from make(write))
            except Outdated as error:
                stored, refused = error.stored, error
            except OutcomeUnknown as doubt:
                if not _may_go_on(write, doubt):
                    raise
                return (yield from self._made_again(doubt, attempt, self._key_of(write), make))
        assert refused is not None  # noqa: S101 - else it returned, or raised
        raise refused.plain(self._mapper, CHANGED) from refused

    def _made_again(
        self,
        doubt: OutcomeUnknown,
        attempt: Callable[[Item], Operation[R]],
        key: Item,
        make: Callable[[Operation[R]], Program[R]],
    ) -> Program[R]:
        """Makes what may be made again of what is stored now; if it cannot be, the doubt stays."""
        try:
            stored: Item | None = yield get_stored_at(self._mapper, key)
            return (yield from self._tried(attempt, stored or {}, make))
        except (OutcomeUnknown, WrittenUnreadable):
            raise
        except DynrepoError as error:
            raise doubt from error

    def _key_of(self, write: Operation[Any]) -> Item:
        return write.request.get("Key") or self._mapper.schema.key_of(write.request["Item"])


def _may_go_on(write: Operation[Any], doubt: OutcomeUnknown) -> bool:
    """Whether the repeat was refused of a write that may be made again, guards included."""
    is_repeatable = write.effect is Effect.REPEATABLE and not write.parts
    return is_repeatable and doubt.code == "ConditionalCheckFailedException"


def create_guarded(mapper: Mapper[T], unique: UniqueValues, item: T) -> Operation[T]:
    """Writes a new item with its guards; `NotUnique` where one is another's."""
    create = create_item(mapper, item)
    new = create.request["Item"]
    key = mapper.schema.key_of(new)
    unique.check_key(key)
    return create.replaced(parts=tuple(Guards(mapper, unique, key).between({}, new)))


def _read_back(mapper: Mapper[T], write: Operation[T], key: Any) -> Program[T]:
    yield from sent(answered(write, lambda: None))
    return (yield from read_after(mapper, key))


def _kept(mapper: Mapper[T], item: T) -> tuple[str, ...]:
    """The attributes that a save leaves as they are stored."""
    created = mapper.schema.created
    if created is None or getattr(item, created.name) is not None:
        return ()
    return mapper.schema.attributes_of(created)


def _left(mapper: Mapper[Any], old: Item, new: Item, kept: Sequence[str]) -> Item:
    """What a save leaves of what is stored."""
    declared = set(mapper.schema.attributes)
    others = {name: value for name, value in old.items() if name not in declared}
    return others | new | {name: old[name] for name in kept if name in old}


def _undeclared(mapper: Mapper[Any], old: Item) -> Iterable[str]:
    """The attributes that the model shows, and no field declares."""
    schema = mapper.schema
    if schema.extra_codec is None and mapper.upcast is None:
        return ()
    declared = {*schema.attributes, *mapper.key_attributes, *schema.added}
    return [name for name in old if name not in declared]


def _whole(
    make: Callable[[Iterable[str]], Operation[R]], mapper: Mapper[Any], old: Item
) -> Operation[R]:
    """A write under the condition that all that the model shows is as it was, where there is room.

    Else the version has to be, and without one what is shown of other fields may be a moment old.
    """
    schema = mapper.schema
    given = mapper.key_attributes.keys() | schema.added
    names = [field.attribute for field in schema.fields if field.attribute not in given]
    try:
        return make([*names, *_undeclared(mapper, old)])
    except CodecError:
        return make(() if schema.version is None else [schema.version.attribute])


def _changed(item: Item, unique: UniqueValues, actions: Iterable[Action]) -> Item:
    """An item as actions leave it, as far as guards depend on it."""
    left = dict(item)
    for action in actions:
        path: Any = target_of(action)
        (name, *deeper), operand = steps_of(path), action.values[-1]
        if name not in unique.watched:
            continue
        parts = default_of(operand)
        fallback = parts[1] if parts and steps_of(parts[0]) == (name,) else operand
        if isinstance(action, RemoveAction) and not deeper:
            left.pop(name, None)
        elif isinstance(action, SetAction) and not deeper and isinstance(fallback, Value):
            value: AttributeValue = fallback.value
            left[name] = left.get(name, value) if parts else value
        else:
            raise ValueError(
                f"{getattr(path, 'label', name)}: a unique value, and the end of life beside one,"
                " are set to a value or removed by an update: read the item and save it, or edit it"
            )
    return left
