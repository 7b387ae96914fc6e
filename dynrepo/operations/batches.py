"""Many items in one request: read by 100, written by 25."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pydantic import BaseModel
from pydantic_core import SchemaSerializer, core_schema

from dynrepo.codec.limits import MAX_ITEM, checked_json
from dynrepo.errors import CodecError
from dynrepo.opaque import OpaqueRecord
from dynrepo.operations.accepting import AskedItems, of_writes
from dynrepo.operations.marks import check_asks_nothing
from dynrepo.operations.operation import Answer, Effect, new_operation
from dynrepo.operations.stamps import stamped
from dynrepo.schema.settled import check_settled
from dynrepo.tracebacks import without_own_frames

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from dynrepo.codec import Item
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation

T = TypeVar("T", bound=BaseModel)
A = TypeVar("A")

READ_SIZE = 100
"""Keys in one BatchGetItem."""

WRITE_SIZE = 25
"""Writes in one BatchWriteItem."""


class Write(OpaqueRecord, sealed=["request", "identity"]):
    """One write of a batch: its request, the key that it is of, what it came from."""

    request: Mapping[str, Any]
    identity: Hashable
    item: Any = None
    key: Any = None


# As an operation is made, and for each item of a batch.
if TYPE_CHECKING:
    new_write = Write
else:
    new_write = partial(Write.__new__, Write)


def put(mapper: Mapper[T], item: T) -> Write:
    """Creates or replaces an item; CodecError for one that could not be read again."""
    schema = mapper.schema
    if schema.asked_mark or mapper.unique is not None:
        _refuse(mapper, "sets")
    stored = stamped(mapper, item) if schema.is_stamped else schema.encode(item)
    if not schema.is_plain:
        read = schema.decode(stored)
        if schema.runs_own_code:
            check_settled(schema, item, stored, read)
    # A stamp may be a part of the key: then the item has another than the one that is written.
    return new_write({"PutRequest": {"Item": stored}}, schema.identity(stored), item)


def delete(mapper: Mapper[T], key: Any) -> Write:
    """Deletes the item under a key."""
    if mapper.schema.asked_mark or mapper.unique is not None:
        _refuse(mapper, "deletes")
    stored = mapper.schema.key(key)
    return new_write({"DeleteRequest": {"Key": stored}}, mapper.schema.identity(stored), key=key)


def _refuse(mapper: Mapper[Any], what: str) -> NoReturn:
    """ValueError for a write that needs a condition, or guards beside it, which no batch takes."""
    check_asks_nothing(mapper)
    raise ValueError(
        f"{mapper.table}: no batch {what} items with unique values, for it takes no condition:"
        f" {what[:-1]} them one by one"
    )


def batch_get(
    mapper: Mapper[T], keys: Mapping[Hashable, Item], *, consistent: bool
) -> Operation[tuple[dict[Hashable, T], list[Item]]]:
    """Reads up to 100 items by identity: those found, and the keys that the engine left.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    wanted = {"Keys": [*keys.values()], "ConsistentRead": consistent}
    asked = AskedItems(mapper, keys.keys())

    def read(answer: Answer) -> tuple[dict[Hashable, T], list[Item]]:
        left = answer.body.get("UnprocessedKeys", {}).get(mapper.table, {})
        found = asked.of(answer)
        if answer.items is None:
            found = {
                name: mapper.decode(item) for name, item in found.items() if mapper.visible(item)
            }
        elif mapper.hidden_by is not None:
            found = {name: item for name, item in found.items() if mapper.shows(item)}
        return found, left.get("Keys", [])

    return new_operation(
        "BatchGetItem",
        mapper.table,
        {"RequestItems": {mapper.table: wanted}},
        read,
        parse=mapper.parse_of(keys.keys()),
        accepts=asked.accepts,
        entity=mapper.schema.entity,
    )


def batch_write(mapper: Mapper[Any], writes: Iterable[Write]) -> Operation[list[Any]]:
    """Puts and deletes up to 25 items; returns the requests that the engine did not come to.

    CodecError for an item over 400 KB.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
    """

    def read(answer: Answer) -> list[Any]:
        left: list[Any] = answer.body.get("UnprocessedItems", {}).get(mapper.table, [])
        return left

    writes = list(writes)
    requests = [write.request for write in writes]
    request = {"RequestItems": {mapper.table: requests}}
    text = _json_of(request)
    if len(text) > MAX_ITEM:
        for each in requests:
            check_size(mapper, each)
    return new_operation(
        "BatchWriteItem",
        mapper.table,
        request,
        read,
        Effect.REPEATABLE,
        text=text,
        accepts=of_writes(mapper, writes),
        entity=mapper.schema.entity,
        partition=mapper.schema.key_schema.partition.attribute,
    )


def _texts_to(values: core_schema.CoreSchema) -> core_schema.CoreSchema:
    return core_schema.dict_schema(core_schema.str_schema(), values)


# Told what a request is, it asks less about each part than `to_json` does.
_ITEM = _texts_to(_texts_to(core_schema.any_schema()))
_REQUESTS = core_schema.list_schema(_texts_to(_texts_to(_ITEM)))
_json_of = SchemaSerializer(_texts_to(_texts_to(_REQUESTS))).to_json


def put_alone(mapper: Mapper[T], item: T) -> Write:
    """The same of an item whose size is known to be right before others are sent with it."""
    try:
        return _of_size(mapper, put(mapper, item))
    except CodecError as error:
        raise without_own_frames(error)  # noqa: B904 - itself; they hold what was encoded


def _of_size(mapper: Mapper[Any], write: Write) -> Write:
    check_size(mapper, write.request)
    return write


def check_size(mapper: Mapper[Any], request: Mapping[str, Any]) -> None:
    """CodecError for a put of an item over 400 KB."""
    if "PutRequest" in request:
        checked_json(mapper.schema.name, request["PutRequest"]["Item"])
