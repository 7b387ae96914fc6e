"""Sets: a set of DynamoDB where the elements are strings, numbers or binaries, a list otherwise.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.lists import ListCodec
from dynrepo.codec.ordered_unions import OneTagUnion
from dynrepo.codec.scalars import FLOAT, STR
from dynrepo.codec.times import AWARE
from dynrepo.codec.untyped import ANY, decode_any, encode_any, listed
from dynrepo.codec.value import KEY_TAGS, SET_TAGS, Codec, SingleTag, class_of, expected, tag_of
from dynrepo.errors import CodecError, SchemaError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from dynrepo.codec.value import AttributeValue


def set_of(kind: type[Any], element: Codec, *, strict: bool = False) -> Codec:
    """The codec of a set or a frozenset."""
    if element is ANY:
        return UntypedSetCodec(kind)
    if isinstance(element, SingleTag) and element.tag in KEY_TAGS:
        return SetCodec(kind, element)
    if element.tag in KEY_TAGS and len(element.tags) > 1 and element.plain is not element:
        raise SchemaError(
            f"a set of {element.name} that is read under two tags would be no set of DynamoDB: let"
            " AlsoReads(...) name forms of one tag, or declare a list"
        )
    if element.made and strict:
        raise SchemaError(
            f"a set of {element.name} is read as a list, of which Pydantic makes no set where it is"
            " strict: declare a list"
        )
    return ListedSetCodec(kind, element)


class SetCodec(Codec):
    """The codec of a set that is stored as a set of DynamoDB.

    DynamoDB has no empty set, so where one cannot be left out it is an empty list.
    """

    def __init__(self, kind: type[Any], element: SingleTag) -> None:
        tag = f"{element.tag}S"
        name = f"{kind.__name__} of {element.name}"
        super().__init__(name, frozenset({tag, "L"}), (kind,), made=element.made)
        self.tag = tag
        self.element = self.entry = element
        self._kind = kind
        self._write, self._read = element.write, element.read
        # Datetimes of two zones may be one instant and no equals; of an Encoding nothing is known.
        is_open = not element.kinds or isinstance(element, OneTagUnion)
        self._may_repeat = element is AWARE or is_open or element.plain is not element

    def encode_part(self, value: Any) -> AttributeValue:
        """A set of what is stored for each element."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        if not value:
            return {"L": []}
        written = list(map(self._write, value))
        if self._may_repeat and len(set(written)) < len(written):
            raise CodecError("two elements of a set are stored alike, and DynamoDB takes each once")
        return {self.tag: written}

    fast_encode = encode_part

    def read(self, payload: Any) -> Any:
        """The set of what stands below the tag; it may raise anything."""
        if class_of(payload) is not list:
            raise TypeError
        values = self._kind(payload if self.element is STR else map(self._read, payload))
        # Two numbers may have one nearest float.
        if len(values) < len(payload) and self.element is not FLOAT:
            raise ValueError
        return values

    def decode(self, stored: AttributeValue) -> Any:
        """The set of what is stored, or of nothing."""
        if self.tag not in stored:
            if stored.get("L") == []:
                return self._kind()
            raise CodecError(f"expected {self.tag} for {self.name}, found {tag_of(stored)}")
        try:
            return self.read(stored[self.tag])
        except Exception as error:  # noqa: BLE001  # whatever it was, the codec of the element names it
            pass_strike(error)
            payload = listed(stored[self.tag])
        return _distinct(self._kind, [self._decode_element(text) for text in payload])

    fast_decode = decode

    def _decode_element(self, payload: Any) -> Any:
        return self.entry.decode({self.entry.tag: payload})


class ListedSetCodec(ListCodec):
    """The codec of a set that is stored as a list."""

    def _collected(self, elements: list[Any]) -> Any:
        # What Pydantic makes elements of, as dicts, need not be hashable.
        return elements if self.made else _distinct(self._kind, elements)


class UntypedSetCodec(Codec):
    """The codec of a set of any elements of one type."""

    def __init__(self, kind: type[Any]) -> None:
        super().__init__(kind.__name__, SET_TAGS | {"L"}, (kind,))
        self._kind = kind

    def encode_part(self, value: Any) -> AttributeValue:
        """A set by the class of its elements, or an empty list."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        return encode_any(value) if value else {"L": []}

    def decode(self, stored: AttributeValue) -> Any:
        """The set of what is stored, or of nothing."""
        if stored.keys() <= SET_TAGS or stored == {"L": []}:
            return self._kind(decode_any(stored))
        raise CodecError(f"expected a set, found {tag_of(stored)}")


def _distinct(kind: type[Any], values: list[Any]) -> Any:
    """The set of values; two that are equal would be written as one."""
    elements = kind(values)
    if len(elements) < len(values):
        raise CodecError("two elements of the set found are equal")
    return elements
