"""What the contract does with items beside the verbs that it tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.operations.operation import Effect, Operation, nothing

if TYPE_CHECKING:
    from dynrepo.blocking.repository import Repository
    from dynrepo.schema.entity import Schema

UNDECLARED = "written_by_another_program"
"""An attribute that no model declares."""


def set_all(repository: Repository[Any], items: list[Any]) -> None:
    """Writes items together; those whose writes are under a condition one by one."""
    if _takes_batches(repository):
        repository.set_many(items)
        return
    for item in items:
        repository.set(item)


def delete_all(repository: Repository[Any], items: list[Any]) -> None:
    """Deletes items in the same way."""
    if _takes_batches(repository):
        repository.delete_many(items)
        return
    for item in items:
        repository.delete(item)


def _takes_batches(repository: Repository[Any]) -> bool:
    """Whether a write asks neither for a mark nor for guards of unique values."""
    return not repository.schema.asked_mark and not repository.unique


def texts_of(schema: Schema[Any], item: Any) -> list[str]:
    """The texts that are stored of an item, but for those that are in every item of its place."""
    place = getattr(schema, "place", None)
    constants = [] if place is None else [*dict(place.mark).values(), *place.by_attribute.values()]
    texts = [value["S"] for value in schema.encode(item).values() if "S" in value]
    return [text for text in texts if text not in constants]


def key_of(repository: Repository[Any], item: Any) -> Any:
    """The key of an item, as `get` takes it."""
    values = tuple([getattr(item, field.name) for field in repository.schema.key_fields])
    return values[0] if len(values) == 1 else values


def changed_item(repository: Repository[Any], other: Any, item: Any) -> Any:
    """The other item, with the key of this one."""
    fields = repository.schema.key_fields
    key = {field.name: getattr(item, field.name) for field in fields if not field.computed}
    return other.model_copy(update={**(item.model_extra or {}), **key})


def stored_row(repository: Repository[Any], item: Any) -> dict[str, Any]:
    """What is stored under a key, in DynamoDB JSON."""
    key = repository.schema.key(item)
    request = {"TableName": repository.mapper.table, "Key": key, "ConsistentRead": True}
    reading = Operation("GetItem", repository.mapper.table, request, nothing)
    stored: dict[str, Any] = repository.store.execute(reading).body.get("Item", {})
    return stored


def add_attribute(repository: Repository[Any], item: Any) -> None:
    """Writes an attribute that no model declares to a stored item."""
    changed = {**stored_row(repository, item), UNDECLARED: {"S": "kept"}}
    request = {"TableName": repository.mapper.table, "Item": changed}
    name = repository.mapper.table
    repository.store.execute(Operation("PutItem", name, request, nothing, Effect.REPEATABLE))
