"""What stands below each tag, from the plain Python of an `Encoding` and back to it, checked."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from dynrepo.codec.number import read_decimal, write_decimal
from dynrepo.codec.scalars import BOOL, BYTES, read_bool, read_bytes, read_str, write_str
from dynrepo.codec.untyped import decode_any, encode_any, listed
from dynrepo.codec.value import class_of, expected
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable


def _write_number(text: Any) -> str:
    try:
        number = Decimal(write_str(text))
    except InvalidOperation:
        reason = "its encoding made no number for the tag N"
    else:
        return write_decimal(number)
    raise CodecError(reason)


def _read_number(text: str) -> str:
    read_decimal(text)
    return text


def _write_null(payload: Any) -> bool:
    if payload is not None:
        raise expected("None", payload)
    return True


def _read_null(_payload: Any) -> None:
    return


def _set_of(write: Callable[[Any], str]) -> Callable[[Any], list[str]]:
    """A writer of sets, which have an element at least, and none of them twice."""

    def write_set(payload: Any) -> list[str]:
        if class_of(payload) is not list:
            raise expected("list", payload)
        written = [write(element) for element in payload]
        if not written or len(set(written)) < len(written):
            raise CodecError("its encoding made a set that is empty, or has an element twice")
        return written

    return write_set


def _elements(read: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda payload: [read(element) for element in listed(payload)]


def _parts_of(tag: str, kind: type[Any]) -> Callable[[Any], Any]:
    """Checks a list or a map of attribute values, that is made as well as one that is found."""

    def checked(payload: Any) -> Any:
        if class_of(payload) is not kind:
            raise expected(kind.__name__, payload)
        return encode_any(decode_any({tag: payload}))[tag]

    return checked


_list, _map = _parts_of("L", list), _parts_of("M", dict)

PAYLOADS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "S": (write_str, read_str),
    "N": (_write_number, _read_number),
    "B": (BYTES.write, read_bytes),
    "BOOL": (BOOL.write, read_bool),
    "NULL": (_write_null, _read_null),
    "L": (_list, _list),
    "M": (_map, _map),
    "SS": (_set_of(write_str), _elements(read_str)),
    "NS": (_set_of(_write_number), _elements(_read_number)),
    "BS": (_set_of(BYTES.write), _elements(read_bytes)),
}
"""For each tag what makes its payload of plain Python, and plain Python of its payload."""
