"""The operations that read single items, whole or in part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from dynrepo.errors import SchemaError
from dynrepo.expressions import Tree, path_to, render
from dynrepo.operation import Answer, Operation, Table
from dynrepo.schema import Schema, fields_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynamodb.expressions.operand import Path

    from dynrepo.codec import Item

T = TypeVar("T", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Part(Generic[P]):
    """A part of an item: the attributes to read, and the smaller model that they make."""

    paths: tuple[Path, ...]
    decode: Callable[[Item], P]


@cache
def part_of(schema: Schema[Any], model: type[P]) -> Part[P]:
    """The part of a schema's items that a smaller model with the same fields describes.

    SchemaError when the model has a field that the schema has not, or has with another type.
    """
    whole, part = schema.model.model_fields, model.model_fields
    for name, info in part.items():
        if name not in whole or whole[name].annotation != info.annotation:
            raise SchemaError(f"{model.__name__}.{name} is no field of {schema.model.__name__}")
    ours = {one.name: one.attribute for one in schema.fields}
    fields = fields_of(model)
    renamed = {ours[one.name]: one.attribute for one in fields.fields}

    def decode(item: Item) -> P:
        return fields.decode(
            {renamed[name]: value for name, value in item.items() if name in renamed}
        )

    return Part(tuple(path_to(ours[name]) for name in part), decode)


def get_item(table: Table[T], key: Any, *, consistent: bool = False) -> Operation[T | None]:
    """Reads the item under a key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
    """
    return _get_item(table, key, consistent, table.decode)


def get_part(
    table: Table[Any], key: Any, model: type[P], *, consistent: bool = False
) -> Operation[P | None]:
    """Reads some attributes of the item under a key, as a smaller model."""
    part = part_of(table.schema, model)
    return _get_item(
        table, key, consistent, part.decode, (*part.paths, *_ttl_path(table, part.paths))
    )


def has_item(table: Table[T], key: Any, *, consistent: bool = False) -> Operation[bool]:
    """Reads the key attributes under a key, and no others."""
    keys = tuple(path_to(one.attribute) for one in table.schema.key_schema.fields)
    found = _get_item(table, key, consistent, bool, (*keys, *_ttl_path(table, keys)))
    return Operation(
        found.name,
        found.table,
        found.request,
        lambda answer: bool(found.read(answer)),
        expressions=found.expressions,
    )


def get_stored(table: Table[T], key: Any) -> Operation[Item | None]:
    """Reads what is stored under a key now, as it is."""
    request = {"TableName": table.name, "Key": table.schema.key(key), "ConsistentRead": True}
    return Operation("GetItem", table.name, request, lambda answer: answer.body.get("Item"))


def _get_item(
    table: Table[Any],
    key: Any,
    consistent: bool,  # noqa: FBT001 - of this module
    decode: Callable[[Item], R],
    paths: tuple[Path, ...] = (),
) -> Operation[R | None]:
    trees: dict[str, Tree] = {"ProjectionExpression": paths} if paths else {}
    request = {
        "TableName": table.name,
        "Key": table.schema.key(key),
        "ConsistentRead": consistent,
        **render(trees),
    }

    def read(answer: Answer) -> R | None:
        item = answer.body.get("Item")
        return decode(item) if item and table.visible(item) else None

    return Operation("GetItem", table.name, request, read, expressions=trees)


def _ttl_path(table: Table[Any], others: tuple[Path, ...]) -> tuple[Path, ...]:
    """The end of life, where it decides what is seen and is not read anyway."""
    if not table.hide_expired or table.ttl is None:
        return ()
    ttl = table.ttl.attribute
    return () if any(path.path == [ttl] for path in others) else (path_to(ttl),)
