"""What a write adds of its own: the next version of an item, and the time it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.codec.times import EPOCH
from dynrepo.codec.value import Codec
from dynrepo.errors import CodecError
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import default, path_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.actions import ParsedAction
    from dynrepo.operations.mapper import Mapper
    from dynrepo.schema.entity import Field

T = TypeVar("T", bound=BaseModel)


def stamped(mapper: Mapper[T], item: T) -> Item:
    """An item as it is to be stored, with the next version and the time of this write."""
    schema = mapper.schema
    encoded = schema.encode(item)
    if schema.version is not None:
        encoded[schema.version.attribute] = {"N": str(version_of(schema.version, item) + 1)}
    encoded.update(_times_of_write(mapper, encoded))
    schema.restamped(encoded)
    return encoded


def _times_of_write(mapper: Mapper[Any], item: Item) -> Item:
    """The times that a write of an item stamps: that of its making where it has none."""
    created = mapper.schema.created
    is_made = created is not None and created.attribute not in item
    return _times(mapper, created if is_made else None, mapper.schema.updated)


def _times(mapper: Mapper[Any], *fields: Field | None) -> Item:
    """The time of a write in each of some fields, by attribute: one moment."""
    there = [field for field in fields if field is not None]
    now = mapper.clock() if there else EPOCH
    return {field.attribute: _encoded(field, now) for field in there}


def _encoded(field: Field, moment: datetime) -> Any:
    unit = field.present.unit
    if unit is not Codec.unit:
        moment -= (moment - EPOCH) % unit
    return field.codec.encode(moment)


def version_of(field: Field, item: BaseModel) -> int:
    """The version that an instance is of."""
    return getattr(item, field.name) or 0


def may_be_absent(field: Field, number: int) -> bool:
    """Whether an item of this version may have none stored: it is 0, or the field's default.

    An item that is not stored has none, nor has one of a time before the field; a 0 is stored by
    other programs only.
    """
    return number in (0, field.default)


def version_is(mapper: Mapper[Any], item: BaseModel) -> Condition | None:
    """That the stored item is the version of this one; None for a model without a version."""
    field = mapper.schema.version
    if field is None:
        return None
    number = version_of(field, item)
    return holds(field.attribute, {"N": str(number)}, absent=may_be_absent(field, number))


def holds(version: str, number: AttributeValue, *, absent: bool) -> Condition:
    """That an attribute is a number or, where it may be `absent`, not there."""
    path = path_to(version)
    equal: Condition = path == Value(number)
    return path.does_not_exist() | equal if absent else equal


def is_version(mapper: Mapper[Any], stored: Item, item: BaseModel) -> bool:
    """Whether what is stored is the version of this instance."""
    field = mapper.schema.version
    assert field is not None  # noqa: S101 - the caller looked
    number = version_of(field, item)
    if field.attribute not in stored:
        return may_be_absent(field, number)
    try:
        return bool(field.decode(stored[field.attribute]) == number)
    except CodecError:
        return False


def stamps_of(mapper: Mapper[Any], parsed: Sequence[ParsedAction], *, upsert: bool) -> list[Action]:
    """The version that an update counts, and the times that its actions do not write."""
    schema = mapper.schema
    written = {action.attribute for action in parsed}
    stamps: list[Action] = []
    if schema.version is not None:
        stamps.append(_counted(schema.version))
    made = schema.created if upsert else None
    dated = [field for field in (schema.updated, made) if field and field.attribute not in written]
    for attribute, time in _times(mapper, *dated).items():
        path, is_made = path_to(attribute), made is not None and attribute == made.attribute
        stamps.append(default(path, time) if is_made else path.set(Value(time)))
    return stamps


def with_stamps_of(mapper: Mapper[Any], read: Item, changed: Item) -> Item:
    """An item with the version and the times of another; with a `CreatedAt` of its own, with that.

    Whatever else they were set to, the next write stamps them itself.
    """
    schema = mapper.schema
    stamped = {field.attribute for field in (schema.version, schema.updated) if field is not None}
    if schema.created is not None and schema.created.attribute not in changed:
        stamped.add(schema.created.attribute)
    kept = {name: value for name, value in changed.items() if name not in stamped}
    return kept | {name: read[name] for name in stamped & read.keys()}


def next_stamps(mapper: Mapper[Any], item: Item) -> Item:
    """What a write over an item adds to it: the next version, and the times that it stamps."""
    schema = mapper.schema
    stamps = _times_of_write(mapper, item)
    if schema.version is not None:
        number = schema.version.decode(item[schema.version.attribute])
        stamps[schema.version.attribute] = {"N": str(number + 1)}
    return stamps


def _counted(version: Field) -> Action:
    """Counts on from the stored version or, where there is none, from what that is read as."""
    path, one_more = path_to(version.attribute), Value({"N": "1"})
    if not version.default:
        return path.add(one_more)
    stored: Any = path | Value({"N": str(version.default)})
    return path.set(stored + one_more)


def first_stamps(mapper: Mapper[Any]) -> Item:
    """What an update adds to an item that it makes."""
    schema = mapper.schema
    stamps = _times(mapper, schema.created, schema.updated)
    if schema.version is not None:
        stamps[schema.version.attribute] = {"N": str((schema.version.default or 0) + 1)}
    return stamps
