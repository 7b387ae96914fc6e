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
from dynrepo.public import public

if TYPE_CHECKING:
    from dynrepo.codec import Item
    from dynrepo.operations.mapper import Mapper
    from dynrepo.schema.keys import KeyTexts

T = TypeVar("T", bound=BaseModel)

Kind = Literal["INSERT", "MODIFY", "REMOVE"]
_KINDS = ", ".join(get_args(Kind))


@public
@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What happened to an item. Its repr names what it has, and no key or item.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html

    Attributes:
        kind: INSERT, MODIFY or REMOVE.
        key: The key of the item, in DynamoDB JSON.
        old: The item before; None where there was none, or the stream's view has it not.
        new: The item after; None where there is none, or the stream's view has it not.
    """

    kind: Kind
    key: Item
    old: T | None = None
    new: T | None = None
    expired: bool = False
    """Whether it was removed because its time to live was over."""

    def __repr__(self) -> str:
        images = {"old": self.old, "new": self.new}
        told = [f"{name}: {type(it).__name__}" for name, it in images.items() if it is not None]
        told += ["expired"] if self.expired else []
        return f"Change({', '.join([self.kind, *self.key, *told])})"


def decoded(mapper: Mapper[T], item: Mapping[str, Any]) -> T:
    """The instance in an item, or in the `{"Item": ...}` of an export line; CodecError for else."""
    line = _mapping(mapper, item)
    keys = mapper.key_attributes
    return mapper.decode(_wire(mapper, line["Item"] if _is_export(line, keys) else line))


def _is_export(line: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    return "Item" in line and not keys.keys() <= line.keys()


def change_in(mapper: Mapper[T], record: Mapping[str, Any]) -> Change[T]:
    """What a stream record says; CodecError where it is none, or an image is not the model."""
    try:
        kind, data = _mapping(mapper, record)["eventName"], _mapping(mapper, record["dynamodb"])
        key = _wire(mapper, data["Keys"])
    except KeyError as error:
        raise CodecError(f"{mapper.table}: a stream record without {error.args[0]}") from None
    if kind not in get_args(Kind):
        raise CodecError(f"{mapper.table}: the eventName of a stream record is none of {_KINDS}")
    if mapper.is_guard_key(key):
        data = dict[str, Any]()  # no image of it is one of the model
    elif mapper.schema.key_texts is not None:
        _check_entity(mapper.schema.key_texts, key)
    identity = _mapping(mapper, record.get("userIdentity") or {})
    principal = identity.get("principalId") or identity.get("PrincipalId")
    return Change(
        kind,
        key,
        _restored(mapper, _wire(mapper, data.get("OldImage", {}))),
        _restored(mapper, _wire(mapper, data.get("NewImage", {}))),
        expired=principal == "dynamodb.amazonaws.com",
    )


def _check_entity(texts: KeyTexts, key: Item) -> None:
    """CodecError for the key of another entity: there may be no image to tell."""
    try:
        texts.read(key)
    except CodecError as error:
        reason = str(error)
    else:
        return
    raise CodecError(reason, key=key)


def _restored(mapper: Mapper[T], image: Item) -> T | None:
    """The instance in an image; None where there is none, or a guard of a unique value."""
    return None if mapper.is_guard(image) else mapper.restore(image)


def _mapping(mapper: Mapper[Any], value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    raise CodecError(f"{mapper.table}: expected DynamoDB JSON, found {type(value).__name__}")


def _wire(mapper: Mapper[Any], item: Any) -> Item:
    """An item as it travels; CodecError where it is no DynamoDB JSON."""
    try:
        return wire_item(item)
    except (AttributeError, TypeError, ValueError, RecursionError):
        pass  # raised outside the handler: the error in hand may quote a value
    raise CodecError(
        f'{mapper.table}: not an item in DynamoDB JSON, such as {{"id": {{"S": "a"}}}}'
    )


def wire_item(item: Mapping[str, Any]) -> Item:
    """Attribute values as they travel: boto3 gives bytes where DynamoDB JSON has base64.

    What is no DynamoDB JSON may raise anything of AttributeError, TypeError, ValueError and
    RecursionError.
    """
    return {name: _wire_value(value) for name, value in item.items()}


def _wire_value(value: Mapping[str, Any]) -> dict[str, Any]:
    ((tag, content),) = value.items()
    if tag == "B":
        return {tag: _base64(content)}
    if tag == "BS":
        return {tag: [_base64(element) for element in content]}
    if tag == "L":
        return {tag: [_wire_value(element) for element in content]}
    return {tag: wire_item(content)} if tag == "M" else {tag: content}


def _base64(content: Any) -> str:
    return content if isinstance(content, str) else b64encode(content).decode()
