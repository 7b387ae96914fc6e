"""The operations that read single items, whole or in part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from dynrepo.errors import SchemaError
from dynrepo.expressions.trees import Tree, path_to, render
from dynrepo.operations.operation import Answer, Operation, Table
from dynrepo.schema.entity import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Path
    from dynrepo.schema.entity import Schema

T = TypeVar("T", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)
R = TypeVar("R")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Part(Generic[P]):
    """A part of an item: the attributes to read, none for all, and the smaller model they make."""

    paths: tuple[Path, ...]
    decode: Callable[[Item], P]


def part_of(table: Table[Any], model: type[P]) -> Part[P]:
    """The part of a table's items that a smaller model with the same fields describes.

    SchemaError when the model has a field that the items have not, or have with another type.
    """
    fields, names = fields_of(model), _part_names(table.schema, model)
    upcast = table.upcast
    if upcast is None:
        paths = tuple(path_to(name) for name in names)
        return Part(paths, lambda item: fields.decode(_renamed(item, names)))
    # What is to be translated is read whole.
    return Part(
        (), lambda item: fields.decode(item, upcast=lambda plain: _renamed(upcast(plain), names))
    )


def _part_names(schema: Schema[Any], model: type[BaseModel]) -> dict[str, str]:
    """The attributes of a smaller model by those that they are of the items."""
    try:
        return _names[schema][model]
    except KeyError:
        by_model = _names.setdefault(schema, WeakKeyDictionary())
    return by_model.setdefault(model, _checked_names(schema, model))


# By weak references, and with texts alone for values: it keeps neither of the models alive.
_names: WeakKeyDictionary[Schema[Any], WeakKeyDictionary[type[BaseModel], dict[str, str]]]
_names = WeakKeyDictionary()


def _checked_names(schema: Schema[Any], model: type[BaseModel]) -> dict[str, str]:
    for name, info in model.model_fields.items():
        declared = schema.model.model_fields.get(name)
        if declared is None or declared.annotation != info.annotation:
            raise SchemaError(f"{model.__name__}.{name} is no field of {schema.model.__name__}")
    fields = fields_of(model).fields
    return {schema.field(field.name).attribute: field.attribute for field in fields}


def _renamed(item: Mapping[str, A], names: Mapping[str, str]) -> dict[str, A]:
    return {names[name]: value for name, value in item.items() if name in names}


def get_item(table: Table[T], key: Any, *, consistent: bool = False) -> Operation[T | None]:
    """Reads the item under a key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
    """

    def read(answer: Answer) -> T | None:
        if answer.items is not None:
            return answer.items[0]  # type: ignore[no-any-return]
        return _visible(table, answer, table.decode)

    request = {"TableName": table.name, "Key": table.schema.key(key), "ConsistentRead": consistent}
    return Operation("GetItem", table.name, request, read, parse=table.parse("Item"))


def get_part(
    table: Table[Any], key: Any, model: type[P], *, consistent: bool = False
) -> Operation[P | None]:
    """Reads some attributes of the item under a key, as a smaller model."""
    part = part_of(table, model)
    more = ttl_path(table, part.paths) if part.paths else ()
    request, trees = _projected(table, key, (*part.paths, *more), consistent=consistent)

    def read(answer: Answer) -> P | None:
        return _visible(table, answer, part.decode)

    return Operation("GetItem", table.name, request, read, expressions=trees)


def has_item(table: Table[T], key: Any, *, consistent: bool = False) -> Operation[bool]:
    """Reads the key attributes under a key, and no others."""
    keys = tuple(path_to(field.attribute) for field in table.schema.key_schema.fields)
    paths = (*keys, *ttl_path(table, keys))
    request, trees = _projected(table, key, paths, consistent=consistent)

    def read(answer: Answer) -> bool:
        return _visible(table, answer, bool) is not None

    return Operation("GetItem", table.name, request, read, expressions=trees)


def get_stored(table: Table[T], key: Any) -> Operation[Item | None]:
    """Reads what is stored under a key now, as it is."""
    request = {"TableName": table.name, "Key": table.schema.key(key), "ConsistentRead": True}
    return Operation("GetItem", table.name, request, lambda answer: answer.body.get("Item"))


def _projected(
    table: Table[Any], key: Any, paths: tuple[Path, ...], *, consistent: bool
) -> tuple[dict[str, Any], dict[str, Tree]]:
    """A request for some paths of an item, all of them where there are none, and its trees."""
    trees: dict[str, Tree] = {"ProjectionExpression": paths} if paths else {}
    request = {
        "TableName": table.name,
        "Key": table.schema.key(key),
        "ConsistentRead": consistent,
        **render(trees),
    }
    return request, trees


def _visible(table: Table[Any], answer: Answer, decode: Callable[[Item], R]) -> R | None:
    """What the item of an answer decodes to; None where there is none, or it has expired."""
    item = answer.body.get("Item")
    return decode(item) if item and table.visible(item) else None


def ttl_path(table: Table[Any], others: tuple[Path, ...]) -> tuple[Path, ...]:
    """The end of life, where it decides what is seen and is not read anyway."""
    if not table.hide_expired or table.ttl is None:
        return ()
    ttl = table.ttl.attribute
    return () if any(path.path == [ttl] for path in others) else (path_to(ttl),)
