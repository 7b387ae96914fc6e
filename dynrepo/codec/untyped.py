"""Values that no annotation describes: `Any`, JSON, attributes that no field declares.

What is read is a str, int, Decimal, bytes, bool, None, list, dict or set, so these are what is
written; a tuple, a float or a datetime would come back as something else, and is refused.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.codec.number import read_number, write_decimal, write_float, write_int
from dynrepo.codec.scalars import BOOL, BYTES, NONE, STR, read_bool, read_bytes, read_str, write_str
from dynrepo.codec.value import SET_TAGS, TAGS, Codec, class_of, tag_of
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from dynrepo.codec.value import AttributeValue

Writers: TypeAlias = "Mapping[type[Any], tuple[str, Callable[[Any], Any]]]"
"""The tag of each class of values that hold nothing, and the function that writes them."""

_SETS = (set, frozenset)
_WHOLE_FLOATS_END = 2.0**53


def map_key(key: Any) -> str:
    """The name of an entry of a map; DynamoDB has no empty names."""
    if write_str(key) == "":
        raise CodecError("the key of a map cannot be empty")
    return key  # type: ignore[no-any-return]  # write_str refuses all but a str


def listed(payload: Any) -> list[Any]:
    """The payload of a list or a set, which is a list."""
    if class_of(payload) is not list:
        raise CodecError("what is found is no list")
    elements: list[Any] = payload
    return elements


class UntypedCodec(Codec):
    """The codec of values that are stored under the tags of their own classes."""

    def __init__(
        self,
        name: str,
        tags: frozenset[str],
        scalars: Writers,
        number: Callable[[str], Any],
        cure: str = "",
    ) -> None:
        super().__init__(name, tags, deep=True)
        self._scalars = scalars
        self._cure = cure
        """What to declare in its place for a float."""
        self._readers: dict[str, Callable[[Any], Any]] = {
            "S": read_str,
            "N": number,
            "B": read_bytes,
            "BOOL": read_bool,
            "NULL": NONE.read,
            "L": self._read_list,
            "M": self._read_map,
            "SS": lambda payload: _read_set(read_str, payload),
            "NS": lambda payload: _read_set(number, payload),
            "BS": lambda payload: _read_set(read_bytes, payload),
        }

    def encode_part(self, value: Any) -> AttributeValue:
        """A value by its class."""
        kind = class_of(value)
        scalar = self._scalars.get(kind)
        if scalar is not None:
            tag, write = scalar
            return {tag: write(value)}
        if kind is dict:
            return {"M": {map_key(key): self.encode_part(part) for key, part in value.items()}}
        if kind is list:
            return {"L": [self.encode_part(part) for part in value]}
        if kind in _SETS and self.tags >= SET_TAGS:
            return _encode_set(value)
        raise CodecError(_inexact(kind, self._cure))

    fast_encode = encode_part

    def decode(self, stored: AttributeValue) -> Any:
        """A value by its tag; CodecError for what is no attribute value."""
        try:
            return self._decode_part(stored)
        except (CodecError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
            pass_strike(error)
            reason = type(error).__name__
        # Raised outside the handler: the error in hand may quote the value.
        raise CodecError(f"what is found is no attribute value ({reason})")

    def _decode_part(self, stored: AttributeValue) -> Any:
        ((tag, payload),) = stored.items()
        read = self._readers.get(tag)
        if read is None:
            raise CodecError(f"{tag_of(stored)} is no attribute value")
        return read(payload)

    fast_decode = _decode_part

    def _read_list(self, payload: Any) -> list[Any]:
        decode = self._decode_part
        return [decode(part) for part in listed(payload)]

    def _read_map(self, payload: Any) -> dict[str, Any]:
        decode = self._decode_part
        return {
            key: text  # most are texts, which take no more than a look
            if type(text := part.get("S")) is str and len(part) == 1
            else decode(part)
            for key, part in payload.items()
        }

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """The part of a list or a map, which is of any type again."""
        return step, self

    def parts(self, value: Any) -> Sequence[tuple[Codec, Collection[Any]]]:
        """The entries of a list or a dict."""
        kind = class_of(value)
        if kind is dict:
            return ((self, value.values()),)
        return ((self, value),) if kind is list else ()


def _encode_set(value: set[Any] | frozenset[Any]) -> AttributeValue:
    elements = [_encode_element(element) for element in value]
    tags = {tag for tag, _ in elements}
    if len(tags) != 1:
        raise CodecError("a set without a declared type is empty, or of mixed types")
    return {f"{tags.pop()}S": [payload for _, payload in elements]}


def _encode_element(element: Any) -> tuple[str, Any]:
    kind = class_of(element)
    if kind not in _ELEMENTS:
        raise CodecError(_inexact(kind, "set[float]"))
    tag, write = _ELEMENTS[kind]
    return tag, write(element)


def _inexact(kind: type[Any], cure: str) -> str:
    """Why a value of a class is not stored without a declared type."""
    reason = f"{kind.__name__} has no DynamoDB type that reads back as an equal value"
    if kind is float:
        return f"{reason}: declare `{cure}`" if cure else f"{reason}: give it as a Decimal"
    return f"{reason}: declare its type"


def _read_set(read: Callable[[Any], Any], payload: Any) -> set[Any]:
    elements = {read(element) for element in listed(payload)}
    if len(elements) < len(payload):
        raise CodecError("two elements of the set found are equal")
    return elements


def _write_whole(value: float) -> str:
    text = write_float(value)
    if abs(value) >= _WHOLE_FLOATS_END and int(Decimal(text)) != value:
        raise CodecError(
            "a whole float this large would read back as another int: declare `float` where it is"
        )
    return text


def _read_json_number(text: str) -> int | float:
    number = read_number(text)
    return number if isinstance(number, int) else float(number)


_ELEMENTS: Writers = {
    str: ("S", write_str),
    int: ("N", write_int),
    Decimal: ("N", write_decimal),
    bytes: ("B", BYTES.write),
}
_OTHERS: Writers = {bool: ("BOOL", BOOL.write), type(None): ("NULL", NONE.write)}
_JSON_SCALARS: Writers = {
    str: ("S", STR.write),
    int: ("N", write_int),
    float: ("N", _write_whole),
    **_OTHERS,
}


def _any(cure: str = "") -> UntypedCodec:
    return UntypedCodec("Any", TAGS, {**_ELEMENTS, **_OTHERS}, read_number, cure)


ANY = _any("JsonValue")
ANY_IN_LIST = _any("list[JsonValue]")
ANY_IN_MAP = _any("dict[str, JsonValue]")
UNDECLARED = _any("__pydantic_extra__: dict[str, JsonValue]")
"""The attributes of a model that no field of it declares."""
_PLAIN = _any()
JSON_VALUE = UntypedCodec("JsonValue", TAGS - SET_TAGS - {"B"}, _JSON_SCALARS, _read_json_number)


def encode_any(value: Any) -> AttributeValue:
    """Encodes a value by its own type, for attributes that no field declares."""
    return _PLAIN.encode(value)


def decode_any(stored: AttributeValue) -> Any:
    """Decodes a value by its tag; CodecError for what is no attribute value."""
    return _PLAIN.decode(stored)
