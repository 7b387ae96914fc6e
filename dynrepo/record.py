"""Items that come by another way than a call: stream records and lines of an export.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import BaseModel

from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.codec import Item
    from dynrepo.operation import Table

T = TypeVar("T", bound=BaseModel)

Kind = Literal["INSERT", "MODIFY", "REMOVE"]


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
    """The instance in an item, or in the `{"Item": ...}` of an export line."""
    keys = {one.attribute for one in table.schema.key_schema.fields}
    return table.decode(_wire(item["Item"] if "Item" in item and not keys <= item.keys() else item))


def change_in(table: Table[T], record: Mapping[str, Any]) -> Change[T]:
    """What a stream record says; CodecError where it is none, or an image is not the model."""
    try:
        kind, data = record["eventName"], record["dynamodb"]
        key = _wire(data["Keys"])
    except KeyError as error:
        raise CodecError(f"{table.name}: a stream record without {error.args[0]}") from None
    identity: Mapping[str, Any] = record.get("userIdentity") or {}
    principal = identity.get("principalId") or identity.get("PrincipalId")
    return Change(
        kind,
        key,
        table.restore(_wire(data.get("OldImage", {}))),
        table.restore(_wire(data.get("NewImage", {}))),
        expired=principal == "dynamodb.amazonaws.com",
    )


def _wire(item: Mapping[str, Any]) -> Item:
    """An item as it travels: boto3 gives bytes where DynamoDB JSON has base64."""
    return {name: _wire_value(value) for name, value in item.items()}


def _wire_value(value: Mapping[str, Any]) -> dict[str, Any]:
    ((tag, content),) = value.items()
    if tag == "B":
        return {tag: _base64(content)}
    if tag == "BS":
        return {tag: [_base64(one) for one in content]}
    if tag == "L":
        return {tag: [_wire_value(one) for one in content]}
    return {tag: _wire(content)} if tag == "M" else {tag: content}


def _base64(content: Any) -> str:
    return content if isinstance(content, str) else b64encode(content).decode()
