"""What `edit` sends: the difference that a function of the caller's makes, if nothing else did.

All that the function could have looked at has to be stored as it was read: each declared attribute
in its very form, or absent, and each other one that the model shows. A version among them is not
enough, where it need not be: an item that is deleted and made anew has the same versions again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.clock import draw
from dynrepo.codec.limits import checked_json
from dynrepo.codec.value import canonical
from dynrepo.errors import CodecError, ConditionFailed, ItemNotFound, NotUnique, Timeout
from dynrepo.expressions.attribute_names import segment
from dynrepo.expressions.nodes import Update, Value
from dynrepo.expressions.trees import DirectPath, Tree, render
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.differences import (
    PathChange,
    Versions,
    path_changes,
    whole_changes,
    with_changes,
)
from dynrepo.operations.marks import is_foreign
from dynrepo.operations.operation import Effect
from dynrepo.operations.program import Apply, Pause
from dynrepo.operations.reads import get_stored_at
from dynrepo.operations.refused import STALE
from dynrepo.operations.settling import settled_edit
from dynrepo.operations.stamps import next_stamps, with_stamps_of
from dynrepo.operations.unchanged import unchanged
from dynrepo.operations.writes import changing_item, checked_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.program import Program
    from dynrepo.operations.unique_values import UniqueValues

T = TypeVar("T", bound=BaseModel)

TRIES = 10
"""How often an item is read, changed and written at most, until `ConditionFailed` is raised."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
_CHANGED = (ConditionFailed, "the stored item changed since it was read")


def edited(mapper: Mapper[T], key: Any, change: Callable[[T], Any]) -> Program[T]:
    """Reads an item, has it changed, and writes what is different; again where others were faster.

    What `change` raises passes as it came, also an error such as those that are caught here.
    """
    at = mapper.schema.key(key)
    refused: ConditionFailed | None = None
    for attempt in range(TRIES):
        if attempt:
            yield Pause(draw() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**attempt))
        stored = yield from _in_time(get_stored_at(mapper, at), refused)
        if not stored or not mapper.visible(stored) or is_foreign(mapper, stored):
            raise ItemNotFound(f"{mapper.table} has no item under this key")
        item = mapper.decode(stored)
        read = mapper.schema.encode(item)  # before the function has it, which may write into it
        write = edit_item(mapper, stored, read, (yield Apply(change, item)))
        if write is None:
            return mapper.decode(stored)
        try:
            written: T = yield from _in_time(write, refused)
        except NotUnique:
            raise
        except ConditionFailed as error:
            refused = error
        else:
            return written
    assert refused is not None  # noqa: S101 - else it returned, or raised
    raise refused


def _in_time(operation: Operation[Any], refused: ConditionFailed | None) -> Program[Any]:
    """An operation; where its time is up after another try, that one's refusal is the answer."""
    try:
        if operation.parts:
            from dynrepo.operations.claims import sent  # noqa: PLC0415 - is there

            return (yield from sent(operation))
        return (yield operation)
    except Timeout as error:
        if refused is None:
            raise
        raise refused from error


def edit_item(mapper: Mapper[T], stored: Item, read: Item, changed: Any) -> Operation[T] | None:
    """Writes what a changed instance has else than what was read; None where that is nothing.

    `stored` is the item as it was read, and `read` what would be written of the instance in it.
    """
    schema = mapper.schema
    models: Any = schema.models
    if not isinstance(changed, models):
        raise TypeError(f"edit: expected the changed {schema.name}, found {type(changed).__name__}")
    written = with_stamps_of(mapper, read, schema.encode(changed))
    schema.restamped(written)
    _check_key(mapper, read, written)
    if not path_changes(schema.fields, Versions(stored, read, written)):
        return None
    written |= next_stamps(mapper, written)
    schema.restamped(written)
    checked_item(mapper, changed, written)
    changes = _readable_changes(mapper, Versions(stored, read, written, mapper.upcast is not None))
    left = with_changes(stored, changes)
    _check_upcast(mapper, left, written)
    checked_json(schema.name, left)
    key = schema.key_of(stored)
    parameters, trees = _expressions(mapper, stored, changes, left)
    write: Operation[T] = changing_item(
        mapper,
        key,
        parameters=parameters,
        trees=trees,
        effect=Effect.ONCE,
        refused=OpaquePartial(_refused, mapper, stored),
        settlement=settled_edit(mapper, left, key),
    )
    return (
        write if mapper.unique is None else _with_guards(mapper, mapper.unique, write, stored, left)
    )


def _with_guards(
    mapper: Mapper[T], unique: UniqueValues, write: Operation[T], stored: Item, left: Item
) -> Operation[T]:
    """An edit of an item with unique values, together with what it changes of their guards."""
    from dynrepo.operations.claims import edit_guarded  # noqa: PLC0415 - is there

    return edit_guarded(mapper, unique, write, stored, left)


def _refused(
    mapper: Mapper[Any], stored: Item, found: Item | None
) -> tuple[type[ConditionFailed], str]:
    """The error, and its reason, where an item is found that is not as it was stored."""
    version = mapper.schema.version
    if version is None or (found or {}).get(version.attribute) == stored.get(version.attribute):
        return _CHANGED
    return STALE


def _check_key(mapper: Mapper[Any], read: Item, written: Item) -> None:
    if (texts := mapper.schema.key_texts) is not None:
        read, written = read | texts.read(read), written | texts.read(written)
    for field in mapper.schema.key_fields:
        if canonical(read[field.attribute]) != canonical(written[field.attribute]):
            raise ValueError(
                f"{field.label}: an edit cannot change the key: create an item of the other key,"
                " and delete this one"
            )


def _readable_changes(mapper: Mapper[Any], versions: Versions) -> list[PathChange]:
    """The changes by path, or of whole attributes where a map would be read as something else.

    What no field declares in a map of one member of a union may be a field of another.
    """
    changes = path_changes(mapper.schema.fields, versions)
    within = _within(changes)
    if not within or _is_read_as(
        mapper, with_changes(versions.stored, changes), within, versions.changed
    ):
        return changes
    return whole_changes(changes, versions.changed)


def _within(changes: Iterable[PathChange]) -> set[str]:
    """The attributes that are written in part."""
    return {change.steps[0] for change in changes if len(change.steps) > 1}


def _is_read_as(mapper: Mapper[Any], left: Item, names: set[str], changed: Item) -> bool:
    """Whether some attributes of what is left are read as the changed ones."""
    try:
        again = mapper.schema.encode(mapper.decode(left))
    except CodecError:
        return False
    read, kept = ({name: item[name] for name in names & item.keys()} for item in (again, changed))
    return not path_changes(mapper.schema.fields, Versions(read, read, kept))


def _check_upcast(mapper: Mapper[Any], left: Item, written: Item) -> None:
    """CodecError where the `upcast` would make something else of what is left.

    What it makes a field of stays where it is, for no field declares it.
    """
    if mapper.upcast is None or _is_read_as(mapper, left, {*left, *written}, written):
        return
    raise CodecError(
        f"{mapper.schema.name}: its upcast makes another item of what this edit would leave: let it"
        " keep the attributes of today's model where they are stored"
    )


def _expressions(
    mapper: Mapper[Any], stored: Item, changes: Sequence[PathChange], left: Item
) -> tuple[dict[str, Any], dict[str, Tree]]:
    """The parameters of an edit, and their trees: the first that DynamoDB takes.

    Maps with more changes than it takes are written whole, what no field declares included, under
    the condition that they are stored as they were read.
    """
    conditions = [unchanged(mapper, stored, _observed(mapper, stored, changes))]
    if mapper.schema.version is not None:
        names = {mapper.schema.version.attribute, *_within(changes)}
        conditions.append(unchanged(mapper, stored, sorted(names)))
    for condition in conditions:
        for each in (changes, whole_changes(changes, left)):
            with suppress(CodecError):
                return _rendered(each, condition)
    _check_room(mapper, conditions[-1])
    return _rendered(whole_changes(changes, left), conditions[-1])  # which says what is too long


def _rendered(
    changes: Iterable[PathChange], unchanged: Condition
) -> tuple[dict[str, Any], dict[str, Tree]]:
    actions = [_action(change) for change in changes]
    trees: dict[str, Tree] = {
        "UpdateExpression": Update(*actions),
        "ConditionExpression": unchanged,
    }
    return render(trees), trees


def _action(change: PathChange) -> Action:
    path = DirectPath([segment(name, "edit") for name in change.steps])
    return path.remove() if change.value is None else path.set(Value(change.value))


def _observed(mapper: Mapper[Any], stored: Item, changes: Iterable[PathChange]) -> Iterable[str]:
    """The attributes that a change could depend on: all that the model shows, or that it writes."""
    schema = mapper.schema
    shows_all = schema.extra_codec is not None or mapper.upcast is not None
    names = [*(field.attribute for field in schema.stored_fields), *(stored if shows_all else ())]
    return dict.fromkeys([*names, *(change.steps[0] for change in changes)])


def _check_room(mapper: Mapper[Any], unchanged: Condition) -> None:
    """CodecError, with the cure, for a condition that is more than DynamoDB takes."""
    try:
        render({"ConditionExpression": unchanged})
    except CodecError as error:
        name = mapper.schema.name
        reason = (
            f"{name}: an edit requires that no field has changed, and that is too long for so many:"
            f" {error}: give {name} a Version() field, which is then all that it requires"
        )
    else:
        return
    raise CodecError(reason)
