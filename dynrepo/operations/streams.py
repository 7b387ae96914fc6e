"""Items that come by another way than a call: stream records and lines of an export.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, cast, get_args

from pydantic import BaseModel

from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from dynrepo.codec import Item
    from dynrepo.operations.operation import Table

T = TypeVar("T", bound=BaseModel)

Kind = Literal["INSERT", "MODIFY", "REMOVE"]
_KINDS = ", ".join(get_args(Kind))


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What happened to an item: `old` before, `new` after, as far as the stream's view has them."""

    kind: Kind
    key: Item
    old: T | None = None
    new: T | None = None
    expired: bool = False
    """Whether it was removed because its time to live was over."""


def decoded(table: Table[T], item: Mapping[str, Any]) -> T:
    """The instance in an item, or in the `{"Item": ...}` of an export line; CodecError for else."""
    line = _mapping(table, item)
    keys = {one.attribute for one in table.schema.key_schema.fields}
    return table.decode(_wire(table, line["Item"] if _is_export(line, keys) else line))


def _is_export(line: Mapping[str, Any], keys: set[str]) -> bool:
    return "Item" in line and not keys <= line.keys()


def change_in(table: Table[T], record: Mapping[str, Any]) -> Change[T]:
    """What a stream record says; CodecError where it is none, or an image is not the model."""
    try:
        kind, data = _mapping(table, record)["eventName"], _mapping(table, record["dynamodb"])
        key = _wire(table, data["Keys"])
    except KeyError as error:
        raise CodecError(f"{table.name}: a stream record without {error.args[0]}") from None
    if kind not in get_args(Kind):
        raise CodecError(f"{table.name}: the eventName of a stream record is none of {_KINDS}")
    identity = _mapping(table, record.get("userIdentity") or {})
    principal = identity.get("principalId") or identity.get("PrincipalId")
    return Change(
        kind,
        key,
        table.restore(_wire(table, data.get("OldImage", {}))),
        table.restore(_wire(table, data.get("NewImage", {}))),
        expired=principal == "dynamodb.amazonaws.com",
    )


def _mapping(table: Table[Any], value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    raise CodecError(f"{table.name}: expected DynamoDB JSON, found {type(value).__name__}")


def _wire(table: Table[Any], item: Any) -> Item:
    """An item as it travels; CodecError where it is no DynamoDB JSON."""
    try:
        return _wire_map(item)
    except (AttributeError, TypeError, ValueError, RecursionError):
        pass  # raised outside the handler: the error in hand may quote a value
    raise CodecError(f'{table.name}: not an item in DynamoDB JSON, such as {{"id": {{"S": "a"}}}}')


def _wire_map(item: Mapping[str, Any]) -> Item:
    """Attribute values as they travel: boto3 gives bytes where DynamoDB JSON has base64."""
    return {name: _wire_value(value) for name, value in item.items()}


def _wire_value(value: Mapping[str, Any]) -> dict[str, Any]:
    ((tag, content),) = value.items()
    if tag == "B":
        return {tag: _base64(content)}
    if tag == "BS":
        return {tag: [_base64(one) for one in content]}
    if tag == "L":
        return {tag: [_wire_value(one) for one in content]}
    return {tag: _wire_map(content)} if tag == "M" else {tag: content}


def _base64(content: Any) -> str:
    return content if isinstance(content, str) else b64encode(content).decode()
