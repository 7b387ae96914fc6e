"""Values that no annotation describes: `Any`, JSON, attributes that no field declares.

What is read is a str, int, Decimal, bytes, bool, None, list, dict or set, so these are what is
written; a tuple, a float or a datetime would come back as something else, and is refused.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.codec.ends import CONTAINER, NO_PARTS, Parts, check_ends, ended
from dynrepo.codec.number import read_number, write_decimal, write_float, write_int
from dynrepo.codec.scalars import BOOL, BYTES, read_bytes, read_str, write_str
from dynrepo.codec.value import SET_TAGS, TAGS, AttributeValue, Codec, class_of, found, several
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

_NESTED = (list, dict)
_WHOLE_FLOATS_END = 2.0**53


def decode_any(stored: AttributeValue) -> Any:
    """Decodes a value by its tag; CodecError for what is no attribute value."""
    return _decoded(stored, read_number)


def _decoded(stored: AttributeValue, number: Number) -> Any:
    try:
        return _decode(stored, number)
    except CodecError:
        raise
    except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
        reason = type(error).__name__
    # Raised outside the handler: the error in hand may quote the value.
    raise CodecError(f"what is found is no attribute value ({reason})")


def _inside(value: Any) -> Parts:
    kind = class_of(value)
    if kind not in _NESTED:
        return NO_PARTS
    entries = value.values() if kind is dict else value
    return CONTAINER + len(value), [(_inside, one) for one in entries if class_of(one) in _NESTED]


def _encode(value: Any, writers: dict[type, tuple[str, Callable[[Any], Any]]]) -> AttributeValue:
    kind = class_of(value)
    scalar = writers.get(kind)
    if scalar is not None:
        tag, write = scalar
        return {tag: write(value)}
    if kind is dict:
        return {"M": {map_key(key): _encode(one, writers) for key, one in value.items()}}
    if kind is list:
        return {"L": [_encode(one, writers) for one in value]}
    if kind in _SETS and writers is _WRITERS:
        return _encode_set(value)
    raise CodecError(f"{kind.__name__} has no DynamoDB type that reads back as an equal value")


def map_key(key: Any) -> str:
    """The name of an entry of a map; DynamoDB has no empty names."""
    if write_str(key) == "":
        raise CodecError("the key of a map cannot be empty")
    return key  # type: ignore[no-any-return]  # write_str refuses all but a str


def _encode_set(value: set[Any] | frozenset[Any]) -> AttributeValue:
    elements = [_encode(one, _ELEMENTS) for one in value]
    tags = {tag for element in elements for tag in element}
    if len(tags) != 1:
        raise CodecError("a set without a declared type is empty, or of mixed types")
    tag = tags.pop()
    return {f"{tag}S": [element[tag] for element in elements]}


def _decode(stored: AttributeValue, number: Number) -> Any:
    ((tag, payload),) = stored.items()
    if tag not in _readers:
        raise CodecError(f"{found(stored)} is no attribute value")
    return _readers[tag](payload, number)


def _read_set(tag: str) -> Reader:
    read = _readers[tag]

    def read_set(payload: Any, number: Number) -> set[Any]:
        elements = {read(one, number) for one in listed(payload)}
        if len(elements) < len(payload):
            raise CodecError("two elements of the set found are equal")
        return elements

    return read_set


def listed(payload: Any) -> list[Any]:
    """The payload of a list or a set, which is a list."""
    if class_of(payload) is not list:
        raise CodecError("what is found is no list")
    elements: list[Any] = payload
    return elements


Number: TypeAlias = "Callable[[str], Any]"
Reader: TypeAlias = "Callable[[Any, Number], Any]"

_readers: dict[str, Reader] = {
    "S": lambda payload, _number: read_str(payload),
    "N": lambda payload, number: number(payload),
    "B": lambda payload, _number: read_bytes(payload),
    "BOOL": lambda payload, _number: BOOL.decode({"BOOL": payload}),
    "NULL": lambda _payload, _number: None,
    "L": lambda payload, number: [_decode(one, number) for one in listed(payload)],
    "M": lambda payload, number: {key: _decode(one, number) for key, one in payload.items()},
}
_readers |= {f"{tag}S": _read_set(tag) for tag in ("S", "N", "B")}


def _write_bool(value: bool) -> bool:  # noqa: FBT001  # a value, no switch
    return value


def _write_null(_value: None) -> bool:
    return True


_ELEMENTS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    str: ("S", write_str),
    int: ("N", write_int),
    Decimal: ("N", write_decimal),
    bytes: ("B", lambda value: BYTES.encode(value)["B"]),
}
_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = _ELEMENTS | {
    bool: ("BOOL", _write_bool),
    type(None): ("NULL", _write_null),
}
_SETS = (set, frozenset)


def _write_json_float(value: float) -> str:
    if value.is_integer() and abs(value) >= _WHOLE_FLOATS_END:
        raise CodecError("a whole float this large would read back as another int")
    return write_float(value)


def _read_json_number(text: str) -> int | float:
    number = read_number(text)
    return number if isinstance(number, int) else float(number)


_JSON_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    str: ("S", write_str),
    int: ("N", write_int),
    float: ("N", _write_json_float),
    bool: _WRITERS[bool],
    type(None): _WRITERS[type(None)],
}


def _encode_plain(value: Any) -> AttributeValue:
    return _encode(value, _WRITERS)


def _encode_json(value: Any) -> AttributeValue:
    return _encode(value, _JSON_WRITERS)


def _decode_json(stored: AttributeValue) -> Any:
    return _decoded(stored, _read_json_number)


def _any_part(step: str | int) -> tuple[str | int, Codec]:
    return step, ANY


def _json_part(step: str | int) -> tuple[str | int, Codec]:
    return step, JSON_VALUE


_check = partial(check_ends, _inside)
ANY: Codec = several(
    TAGS,
    ended(_check, _encode_plain),
    decode_any,
    name="Any",
    inside=_inside,
    step=_any_part,
)
JSON_VALUE: Codec = several(
    TAGS - SET_TAGS - {"B"},
    ended(_check, _encode_json),
    _decode_json,
    name="JsonValue",
    inside=_inside,
    step=_json_part,
)


def encode_any(value: Any) -> AttributeValue:
    """Encodes a value by its own type, for attributes that no field declares."""
    return ANY.encode(value)
