"""From an annotation to the two functions that write and read it, chosen once.

An attribute value is DynamoDB JSON as it travels: `{"S": "ada"}`, `{"N": "36"}`, `{"B": "base64"}`.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

import types
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from dynrepo.errors import CodecError, SchemaError

AttributeValue: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class Codec:
    """How one type is stored: under which tag, and the functions there and back.

    `encode` returns None for what is stored by its absence: an empty set.
    """

    tag: str
    encode: Callable[[Any], AttributeValue | None]
    decode: Callable[[AttributeValue], Any]


def _scalar(tag: str, kind: type, write: Callable[[Any], Any], read: Callable[[Any], Any]) -> Codec:
    def encode(value: Any) -> AttributeValue:
        if not isinstance(value, kind):
            raise CodecError(f"expected {kind.__name__}, found {type(value).__name__}")
        return {tag: write(value)}

    def decode(stored: AttributeValue) -> Any:
        try:
            return read(stored[tag])
        except KeyError:
            raise CodecError(f"expected {tag}, found {next(iter(stored))}") from None

    return Codec(tag, encode, decode)


def _write_datetime(value: datetime) -> str:
    if value.tzinfo is None:
        raise CodecError("expected an aware datetime")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_SCALARS: dict[Any, Codec] = {
    str: _scalar("S", str, str, str),
    int: _scalar("N", int, str, int),
    Decimal: _scalar("N", Decimal, str, Decimal),
    float: _scalar("N", float, repr, float),
    bool: _scalar("BOOL", bool, bool, bool),
    bytes: _scalar("B", bytes, lambda value: b64encode(value).decode(), b64decode),
    UUID: _scalar("S", UUID, str, UUID),
    datetime: _scalar("S", datetime, _write_datetime, datetime.fromisoformat),
    AwareDatetime: _scalar("S", datetime, _write_datetime, datetime.fromisoformat),
}

EPOCH_SECONDS = _scalar(
    "N", datetime, lambda value: str(int(value.timestamp())), lambda text: datetime.fromtimestamp(int(text), UTC)
)


def codec_for(annotation: Any) -> Codec:
    """The codec of a type; SchemaError when it has none."""
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if annotation is Any:
        return Codec("", encode_any, decode_any)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return codec_for(arguments[0])
    if origin in (Union, types.UnionType):
        inner = [argument for argument in arguments if argument is not type(None)]
        if len(inner) == 1:
            return _optional(codec_for(inner[0]))
    if origin in (list, tuple):
        return _sequence(origin, codec_for(arguments[0]))
    if origin in (set, frozenset):
        return _set(origin, codec_for(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _enum(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation)
    raise SchemaError(f"{annotation!r} cannot be stored exactly")


def _optional(inner: Codec) -> Codec:
    def encode(value: Any) -> AttributeValue | None:
        return {"NULL": True} if value is None else inner.encode(value)

    def decode(stored: AttributeValue) -> Any:
        return None if "NULL" in stored else inner.decode(stored)

    return Codec(inner.tag, encode, decode)


def _sequence(kind: type, element: Codec) -> Codec:
    def encode(value: Any) -> AttributeValue:
        return {"L": [element.encode(one) for one in value]}

    def decode(stored: AttributeValue) -> Any:
        return kind(element.decode(one) for one in stored["L"])

    return Codec("L", encode, decode)


def _set(kind: type, element: Codec) -> Codec:
    tag, inner = element.tag + "S", element.tag

    def encode(value: Any) -> AttributeValue | None:
        return {tag: [(element.encode(one) or {})[inner] for one in value]} if value else None

    def decode(stored: AttributeValue) -> Any:
        return kind(element.decode({inner: one}) for one in stored[tag])

    return Codec(tag, encode, decode)


def _enum(kind: type[Enum]) -> Codec:
    values = codec_for(type(next(iter(kind)).value))
    return Codec(values.tag, lambda value: values.encode(value.value), lambda stored: kind(values.decode(stored)))


def _model(kind: type[BaseModel]) -> Codec:
    from dynrepo.schema import fields_of  # noqa: PLC0415

    fields = fields_of(kind)
    return Codec("M", lambda value: {"M": fields.encode(value)}, lambda stored: fields.decode(stored["M"]))


def encode_any(value: Any) -> AttributeValue:
    """Encodes a value by its own type, for attributes that no field declares."""
    match value:
        case None:
            return {"NULL": True}
        case dict():
            return {"M": {key: encode_any(one) for key, one in value.items()}}
        case list() | tuple():
            return {"L": [encode_any(one) for one in value]}
        case set() | frozenset():
            inner = [encode_any(one) for one in value]
            return {next(iter(inner[0])) + "S": [next(iter(one.values())) for one in inner]}
    codec = _SCALARS.get(type(value))
    if codec is None:
        raise CodecError(f"{type(value).__name__} has no DynamoDB type")
    return codec.encode(value) or {}


def decode_any(stored: AttributeValue) -> Any:
    """Decodes a value by its tag."""
    ((tag, value),) = stored.items()
    match tag:
        case "N":
            number = Decimal(value)
            return int(number) if number == number.to_integral_value() else number
        case "B":
            return b64decode(value)
        case "NULL":
            return None
        case "L":
            return [decode_any(one) for one in value]
        case "M":
            return {key: decode_any(one) for key, one in value.items()}
        case "SS" | "NS" | "BS":
            return {decode_any({tag[0]: one}) for one in value}
    return value
