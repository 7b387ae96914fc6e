"""The operations that read single items, whole or in part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from dynrepo.errors import SchemaError
from dynrepo.expressions.trees import Tree, path_to, render
from dynrepo.operations.operation import Answer, Operation
from dynrepo.schema.entity import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Path
    from dynrepo.operations.mapper import Mapper
    from dynrepo.schema.entity import Schema

T = TypeVar("T", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)
R = TypeVar("R")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class ItemPart(Generic[P]):
    """A part of an item: the attributes to read, none for all, and the smaller model they make."""

    paths: tuple[Path, ...]
    decode: Callable[[Item], P]


def part_of(mapper: Mapper[Any], model: type[P]) -> ItemPart[P]:
    """The part of a table's items that a smaller model with the same fields describes.

    SchemaError when the model has a field that the items have not, or have with another type.
    """
    fields, names = fields_of(model), _part_names(mapper.schema, model)
    upcast = mapper.upcast
    if upcast is None:
        paths = tuple(path_to(name) for name in names)
        return ItemPart(paths, lambda item: fields.decode(_renamed(item, names)))
    # What is to be translated is read whole.
    return ItemPart(
        (), lambda item: fields.decode(item, upcast=lambda plain: _renamed(upcast(plain), names))
    )


def key_part(mapper: Mapper[Any]) -> ItemPart[Any]:
    """The part of a table's items that is their key, as `get` takes it."""
    fields = mapper.schema.key_schema.fields

    def decode(item: Item) -> Any:
        partition, *sort = [field.decode(item[field.attribute]) for field in fields]
        return (partition, *sort) if sort else partition

    return ItemPart(tuple([path_to(field.attribute) for field in fields]), decode)


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


def get_item(mapper: Mapper[T], key: Any, *, consistent: bool = False) -> Operation[T | None]:
    """Reads the item under a key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
    """

    def read(answer: Answer) -> T | None:
        if answer.items is not None:
            item: T = answer.items[0]
            return item if mapper.hidden_by is None or mapper.shows(item) else None
        return _visible(mapper, answer, mapper.decode)

    stored = mapper.schema.key(key)
    request = {"TableName": mapper.table, "Key": stored, "ConsistentRead": consistent}
    accepts = _of_key(mapper, stored)
    return Operation(
        "GetItem", mapper.table, request, read, parse=mapper.parse_item, accepts=accepts
    )


def get_part(
    mapper: Mapper[Any], key: Any, model: type[P], *, consistent: bool = False
) -> Operation[P | None]:
    """Reads some attributes of the item under a key, as a smaller model."""
    part = part_of(mapper, model)
    more = ttl_path(mapper, part.paths) if part.paths else ()
    request, trees = _projected(mapper, key, (*part.paths, *more), consistent=consistent)

    def read(answer: Answer) -> P | None:
        return _visible(mapper, answer, part.decode)

    accepts = _of_key(mapper, request["Key"], whole=not part.paths)
    return Operation("GetItem", mapper.table, request, read, expressions=trees, accepts=accepts)


def has_item(mapper: Mapper[T], key: Any, *, consistent: bool = False) -> Operation[bool]:
    """Reads the key attributes under a key, and no others."""
    keys = tuple([path_to(field.attribute) for field in mapper.schema.key_schema.fields])
    paths = (*keys, *ttl_path(mapper, keys))
    request, trees = _projected(mapper, key, paths, consistent=consistent)

    def read(answer: Answer) -> bool:
        return _visible(mapper, answer, bool) is not None

    accepts = _of_key(mapper, request["Key"])
    return Operation("GetItem", mapper.table, request, read, expressions=trees, accepts=accepts)


def get_stored(mapper: Mapper[T], key: Any) -> Operation[Item | None]:
    """Reads what is stored under a key now, as it is."""
    return get_stored_at(mapper, mapper.schema.key(key))


def get_stored_at(mapper: Mapper[Any], key: Item) -> Operation[Item | None]:
    """Reads what is stored now, as it is, under a key that is given by its attributes."""
    request = {"TableName": mapper.table, "Key": key, "ConsistentRead": True}
    accepts = _of_key(mapper, key)
    return Operation("GetItem", mapper.table, request, _stored, accepts=accepts)


def _of_key(mapper: Mapper[Any], key: Item, *, whole: bool = True) -> Callable[[Answer], bool]:
    """Accepts an answer with no item, or with that of a key, as far as it shows."""
    has_key = mapper.schema.has_key

    def accepts(answer: Answer) -> bool:
        if answer.items is not None:
            return has_key(answer.items[0], key)
        return mapper.is_of_key(answer.body.get("Item"), key, whole=whole)

    return accepts


def _stored(answer: Answer) -> Item | None:
    return answer.body.get("Item")


def _projected(
    mapper: Mapper[Any], key: Any, paths: tuple[Path, ...], *, consistent: bool
) -> tuple[dict[str, Any], dict[str, Tree]]:
    """A request for some paths of an item, all of them where there are none, and its trees."""
    trees: dict[str, Tree] = {"ProjectionExpression": paths} if paths else {}
    request = {
        "TableName": mapper.table,
        "Key": mapper.schema.key(key),
        "ConsistentRead": consistent,
        **render(trees),
    }
    return request, trees


def _visible(mapper: Mapper[Any], answer: Answer, decode: Callable[[Item], R]) -> R | None:
    """What the item of an answer decodes to; None where there is none, or it has expired."""
    item = answer.body.get("Item")
    return decode(item) if item and mapper.visible(item) else None


def ttl_path(mapper: Mapper[Any], others: tuple[Path, ...]) -> tuple[Path, ...]:
    """The end of life, where it decides what is seen and is not read anyway."""
    ttl = mapper.hidden_by
    if ttl is None or any(path.path == [ttl.attribute] for path in others):
        return ()
    return (path_to(ttl.attribute),)
