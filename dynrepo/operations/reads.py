"""The operations that read single items, whole or in part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from dynrepo.expressions.trees import Tree, path_to, render, steps_of
from dynrepo.operations.guard_rows import OWNER
from dynrepo.operations.operation import Answer, Operation, new_operation
from dynrepo.schema.parts import part_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec import Item
    from dynrepo.codec.core_schemas import Parse
    from dynrepo.expressions.nodes import Path
    from dynrepo.operations.mapper import Mapper

T = TypeVar("T", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ItemPart(Generic[P]):
    """A part of an item: the attributes to read, none for all, and what they make.

    `parse_item` and `parse_items` make them of the text of an answer with one or with several; None
    where `decode` does, item by item.
    """

    paths: tuple[Path, ...]
    decode: Callable[[Item], P]
    parse_item: Parse | None = None
    parse_items: Parse | None = None


def part_of(mapper: Mapper[Any], model: type[P]) -> ItemPart[P]:
    """The part of a table's items that a smaller model with the same fields describes.

    SchemaError when the model has a field that the items have not, or have with another type.
    """
    mapper.check_alone("only")
    part, upcast = part_in(mapper.schema, model), mapper.upcast
    if upcast is not None:  # what is to be translated is read whole
        return ItemPart((), partial(part.decode, upcast=upcast))
    paths = tuple([path_to(attribute) for attribute in part.asked])
    return ItemPart(paths, part.decode, part.parse("Item"), part.parse("Items"))


def key_part(mapper: Mapper[Any]) -> ItemPart[Any]:
    """The part of a table's items that is their key, as `get` takes it."""
    mapper.check_alone("keys")
    schema, fields, texts = mapper.schema, mapper.schema.key_schema.fields, mapper.schema.key_texts
    known = None if texts is None else texts.attributes
    lossy = [it.name for it in schema.key_fields if known is not None and it.attribute not in known]
    if lossy:
        raise ValueError(
            f"{schema.name}: {', '.join(lossy)} cannot be read from a key, which holds a form of it"
            " alone: read whole items"
        )

    def decode(item: Item) -> Any:
        stored = item if texts is None else texts.read(item)
        values = tuple([field.decode(stored[field.attribute]) for field in schema.key_fields])
        return values[0] if len(values) == 1 else values

    return ItemPart(tuple([path_to(field.attribute) for field in fields]), decode)


def get_item(mapper: Mapper[T], key: Any, *, consistent: bool = False) -> Operation[T | None]:
    """Reads the item under a key.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
    """

    def read(answer: Answer) -> T | None:
        if answer.items is not None:
            item: T = answer.items[0]
            return item if mapper.hidden_by is None or mapper.shows(item) else None
        return _visible(mapper, answer, mapper.decode)

    schema, parse = mapper.schema, mapper.parse_item
    stored = schema.key(key)
    request = {"TableName": mapper.table, "Key": stored, "ConsistentRead": consistent}
    accepts = _of_key(mapper, stored)
    return new_operation(
        "GetItem",
        mapper.table,
        request,
        read,
        parse=mapper.asked(parse, stored) if schema.added else parse,
        accepts=accepts,
        entity=schema.entity,
    )


def get_part(
    mapper: Mapper[Any], key: Any, model: type[P], *, consistent: bool = False
) -> Operation[P | None]:
    """Reads some attributes of the item under a key, as a smaller model."""
    part = part_of(mapper, model)
    more = (*ttl_path(mapper, part.paths), *guard_path(mapper)) if part.paths else ()
    request, trees = _projected(mapper, key, (*part.paths, *more), consistent=consistent)

    def read(answer: Answer) -> P | None:
        if answer.items is None:
            return _visible(mapper, answer, part.decode)
        instance: P = answer.items[0]
        return instance if mapper.visible(answer.body["Item"]) else None

    return Operation(
        "GetItem",
        mapper.table,
        request,
        read,
        parse=None if mapper.has_guards else part.parse_item,
        expressions=trees,
        accepts=_of_key(mapper, request["Key"], whole=not part.paths),
        entity=mapper.schema.entity,
    )


def has_item(mapper: Mapper[T], key: Any, *, consistent: bool = False) -> Operation[bool]:
    """Reads the key attributes under a key, and no others."""
    keys = tuple([path_to(field.attribute) for field in mapper.schema.key_schema.fields])
    paths = (*keys, *ttl_path(mapper, keys), *guard_path(mapper))
    request, trees = _projected(mapper, key, paths, consistent=consistent)

    def read(answer: Answer) -> bool:
        return _visible(mapper, answer, bool) is not None

    accepts = _of_key(mapper, request["Key"])
    return Operation(
        "GetItem",
        mapper.table,
        request,
        read,
        expressions=trees,
        accepts=accepts,
        entity=mapper.schema.entity,
    )


def get_stored(mapper: Mapper[T], key: Any) -> Operation[Item | None]:
    """Reads what is stored under a key now, as it is."""
    return get_stored_at(mapper, mapper.schema.key(key))


def get_stored_at(mapper: Mapper[Any], key: Item) -> Operation[Item | None]:
    """Reads what is stored now, as it is, under a key that is given by its attributes."""
    request = {"TableName": mapper.table, "Key": key, "ConsistentRead": True}
    accepts, entity = _of_key(mapper, key), mapper.schema.entity
    return Operation("GetItem", mapper.table, request, _stored, accepts=accepts, entity=entity)


def get_written(mapper: Mapper[T], key: Any) -> Operation[T | None]:
    """Reads the item of a write that is done, now; WrittenUnreadable for one that is no model."""

    def read(answer: Answer) -> T | None:
        if answer.items is not None:
            return answer.items[0]  # type: ignore[no-any-return]
        item = answer.body.get("Item")
        return mapper.decode_written(item) if item else None

    stored = mapper.schema.key(key)
    request = {"TableName": mapper.table, "Key": stored, "ConsistentRead": True}
    accepts = _of_key(mapper, stored)
    return Operation(
        "GetItem",
        mapper.table,
        request,
        read,
        parse=mapper.asked(mapper.parse_written, stored)
        if mapper.schema.added
        else mapper.parse_written,
        accepts=accepts,
        entity=mapper.schema.entity,
    )


def _of_key(mapper: Mapper[Any], key: Item, *, whole: bool = True) -> Callable[[Answer], bool]:
    """Accepts an answer with no item, or with that of a key, as far as it shows."""
    # An instance of a shared table was compared with the key when it was made.
    has_key = _was_compared if mapper.schema.added else mapper.schema.has_key

    def accepts(answer: Answer) -> bool:
        if answer.items is not None and whole:
            return has_key(answer.items[0], key)
        return mapper.is_of_key(answer.body.get("Item"), key, whole=whole)

    return accepts


def _was_compared(_instance: object, _key: Item) -> bool:
    return True


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
    if ttl is None or any(steps_of(path) == (ttl.attribute,) for path in others):
        return ()
    return (path_to(ttl.attribute),)


def guard_path(mapper: Mapper[Any]) -> tuple[Path, ...]:
    """What tells a guard from an item, where it may be read."""
    return (path_to(OWNER),) if mapper.has_guards else ()
