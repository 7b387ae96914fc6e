"""What DynamoDB refuses for its size, checked before anything is sent.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaSerializer, core_schema

from dynrepo.codec.nesting import MAX_DEPTH
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec.value import AttributeValue

MAX_ITEM = 400 * 1024
MAX_BYTES = (2048, 1024)
"""The bytes of a partition key, and of a sort key."""
SHORT = tuple(limit // 4 for limit in MAX_BYTES)
"""The characters of which either is surely not too long: none has more than 4 bytes."""

# Told what an item is, it asks less about each part than `to_json` does.
_json_of = SchemaSerializer(
    core_schema.dict_schema(
        core_schema.str_schema(),
        core_schema.dict_schema(core_schema.str_schema(), core_schema.any_schema()),
    )
).to_json


def check_key(label: str, stored: AttributeValue, limit: int) -> None:
    """CodecError for a key that is empty or too long."""
    ((tag, payload),) = stored.items()
    if not payload:
        raise CodecError(f"{label}: a key cannot be empty")
    if tag != "N" and (len(payload) > limit or not payload.isascii()):
        size = _size({tag: payload})
        if size > limit:
            raise CodecError(f"{label}: a key has {limit} bytes at most, found {size}")


def checked_json(label: str, item: Mapping[str, AttributeValue]) -> bytes:
    """The JSON of an item; CodecError for an item over 400 KB."""
    json = _json_of(item)
    # It is longer than what DynamoDB counts.
    if len(json) > MAX_ITEM and (size := size_of(item)) > MAX_ITEM:
        raise CodecError(f"{label}: an item has {MAX_ITEM} bytes at most, found {size}")
    return json


def size_of(item: Mapping[str, AttributeValue]) -> int:
    """The bytes of an item as DynamoDB counts them.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _size(stored) for name, stored in item.items())


def _size(stored: AttributeValue) -> int:
    ((tag, payload),) = stored.items()
    return _SIZES.get(tag, _flag)(payload)


def _flag(_payload: Any) -> int:
    return 1


def _text(payload: str) -> int:
    return len(payload.encode())


def _number(payload: str) -> int:
    return (sum(map(str.isdigit, payload)) + 1) // 2 + 1 + payload.startswith("-")


def _binary(payload: str) -> int:
    return len(payload) // 4 * 3 - payload.count("=", -2)


def _texts(payload: list[str]) -> int:
    return sum(map(_text, payload))


def _numbers(payload: list[str]) -> int:
    return sum(map(_number, payload))


def _binaries(payload: list[str]) -> int:
    return sum(map(_binary, payload))


def _list(payload: list[AttributeValue]) -> int:
    return 3 + sum(1 + _size(stored) for stored in payload)


def _map(payload: Mapping[str, AttributeValue]) -> int:
    return 3 + len(payload) + size_of(payload)


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "SS": _texts,
    "NS": _numbers,
    "BS": _binaries,
    "L": _list,
    "M": _map,
}


def check_depth(label: str, item: Mapping[str, AttributeValue]) -> None:
    """CodecError for a value that is nested too deep."""
    for stored in item.values():
        if _is_deeper(stored, MAX_DEPTH):
            raise CodecError(f"{label}: a value is nested deeper than {MAX_DEPTH} levels")


def _is_deeper(stored: AttributeValue, levels: int) -> bool:
    if levels == 0:
        return True
    parts = stored["M"].values() if "M" in stored else stored.get("L", ())
    return any(_is_deeper(part, levels - 1) for part in parts)
