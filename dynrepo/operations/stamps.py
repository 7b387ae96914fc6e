"""What a write adds of its own: the next version of an item, and the time it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import default, path_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.actions import ParsedAction
    from dynrepo.operations.mapper import Mapper
    from dynrepo.schema.entity import Field

T = TypeVar("T", bound=BaseModel)


def stamp(mapper: Mapper[T], item: T, encoded: Item) -> None:
    """Gives an encoded item the next version, and the time of this write."""
    schema = mapper.schema
    if schema.version is not None:
        encoded[schema.version.attribute] = {"N": str(version_of(schema.version, item) + 1)}
    if schema.created is not None and schema.created.attribute not in encoded:
        encoded[schema.created.attribute] = _now(mapper, schema.created)
    if schema.updated is not None:
        encoded[schema.updated.attribute] = _now(mapper, schema.updated)


def _now(mapper: Mapper[Any], field: Field) -> Any:
    return field.codec.encode(mapper.clock())


def version_of(field: Field, item: BaseModel) -> int:
    """The version that an instance is of; 0 was never stored."""
    return getattr(item, field.name) or 0


def version_is(mapper: Mapper[Any], item: BaseModel) -> Condition | None:
    """That the stored item is the version of this one; 0 was never stored."""
    if mapper.schema.version is None:
        return None
    number = version_of(mapper.schema.version, item)
    return holds(mapper.schema.version.attribute, {"N": str(number)} if number else None)


def holds(version: str, number: AttributeValue | None) -> Condition:
    """That an attribute is a number; for None, that it is not there."""
    path = path_to(version)
    return path.does_not_exist() if number is None else path == Value(number)


def is_version(mapper: Mapper[Any], stored: Item, item: BaseModel) -> bool:
    """Whether what is stored is the version of this instance."""
    assert mapper.schema.version is not None  # noqa: S101 - the caller looked
    return int(stored.get(mapper.schema.version.attribute, {}).get("N", 0)) == version_of(
        mapper.schema.version, item
    )


def stamps_of(mapper: Mapper[Any], parsed: Sequence[ParsedAction], *, upsert: bool) -> list[Action]:
    """The version and the times that an update writes, unless its actions do so themselves."""
    schema = mapper.schema
    written = {action.attribute for action in parsed}
    stamps: list[Action] = []
    if schema.version is not None and schema.version.attribute not in written:
        stamps.append(path_to(schema.version.attribute).add(Value({"N": "1"})))
    if schema.updated is not None and schema.updated.attribute not in written:
        path = path_to(schema.updated.attribute)
        stamps.append(path.set(Value(_now(mapper, schema.updated))))
    if upsert and schema.created is not None and schema.created.attribute not in written:
        path = path_to(schema.created.attribute)
        stamps.append(default(path, _now(mapper, schema.created)))
    return stamps
