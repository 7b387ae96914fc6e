"""What a write adds of its own: the next version of an item, and the time it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.codec.limits import checked_json
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import attribute_of, default, path_to, target_of

if TYPE_CHECKING:
    from dynrepo.codec import AttributeValue, Item
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.operation import Table
    from dynrepo.schema.entity import Field

T = TypeVar("T", bound=BaseModel)


def stamped(table: Table[T], item: T) -> tuple[Item, bytes]:
    """An item as it is to be stored, and its JSON: the next version, the time of this write.

    CodecError for an item that cannot be stored, or is over 400 KB.
    """
    schema = table.schema
    encoded = schema.encode(item)
    if schema.version is not None:
        encoded[schema.version.attribute] = {"N": str(version_of(schema.version, item) + 1)}
    if schema.created is not None and schema.created.attribute not in encoded:
        encoded[schema.created.attribute] = _now(table, schema.created)
    if schema.updated is not None:
        encoded[schema.updated.attribute] = _now(table, schema.updated)
    return encoded, checked_json(schema.model.__name__, encoded)


def _now(table: Table[Any], field: Field) -> Any:
    return field.codec.encode(table.clock())


def version_of(field: Field, item: BaseModel) -> int:
    """The version that an instance is of; 0 was never stored."""
    return getattr(item, field.name) or 0


def version_is(table: Table[Any], item: BaseModel) -> Condition | None:
    """That the stored item is the version of this one; 0 was never stored."""
    if table.version is None:
        return None
    number = version_of(table.version, item)
    return holds(table.version.attribute, {"N": str(number)} if number else None)


def holds(version: str, number: AttributeValue | None) -> Condition:
    """That an attribute is a number; for None, that it is not there."""
    path = path_to(version)
    return path.does_not_exist() if number is None else path == Value(number)


def is_version(table: Table[Any], stored: Item, item: BaseModel) -> bool:
    """Whether what is stored is the version of this instance."""
    assert table.version is not None  # noqa: S101 - the caller looked
    return int(stored.get(table.version.attribute, {}).get("N", 0)) == version_of(
        table.version, item
    )


def stamps_of(table: Table[Any], actions: tuple[Action, ...], *, upsert: bool) -> list[Action]:
    """The version and the times that an update writes, unless its actions do so themselves."""
    touched = {attribute_of(target_of(action)) for action in actions}
    stamps: list[Action] = []
    if table.version is not None and table.version.attribute not in touched:
        stamps.append(path_to(table.version.attribute).add(Value({"N": "1"})))
    if table.updated is not None and table.updated.attribute not in touched:
        path = path_to(table.updated.attribute)
        stamps.append(path.set(Value(_now(table, table.updated))))
    if upsert and table.created is not None and table.created.attribute not in touched:
        path = path_to(table.created.attribute)
        stamps.append(default(path, _now(table, table.created)))
    return stamps
