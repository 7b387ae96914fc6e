"""The types that DynamoDB holds as one number, string, binary or boolean.

A type may be a sort key when the order of its stored form is its order in Python, and a partition
key when equal values have equal stored forms.
"""

from __future__ import annotations

import ipaddress
import re
from binascii import a2b_base64, b2a_base64
from decimal import Decimal
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Unpack
from uuid import UUID

from pydantic import ByteSize
from pydantic_core import SchemaSerializer, SchemaValidator
from pydantic_core.core_schema import uuid_schema

from dynrepo.codec.number import (
    NumberCodec,
    is_exact_float,
    read_decimal,
    read_float,
    read_int,
    write_decimal,
    write_float,
    write_int,
)
from dynrepo.codec.value import SingleTag, class_of, expected
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.value import CodecOptions


# Pydantic reads and writes these in a third of the time that the class itself takes. Its core is
# asked: a TypeAdapter loads Pydantic's plugins before there is a model.
validated_uuid: Callable[[str], UUID] = SchemaValidator(uuid_schema()).validate_python
_uuid_text: Callable[..., str] = SchemaSerializer(uuid_schema()).to_python
_UUID_LENGTH = len("123e4567-e89b-12d3-a456-426614174000")


def always(_payload: Any) -> bool:
    """Says that equal values have one stored form only."""
    return True


class ScalarCodec(SingleTag):
    """The codec of a type that two functions write and read."""

    def __init__(
        self,
        tag: str,
        write: Callable[[Any], Any],
        read: Callable[[Any], Any],
        *,
        name: str,
        kinds: tuple[type[Any], ...] = (),
        **options: Unpack[CodecOptions],
    ) -> None:
        super().__init__(tag, name, kinds, **options)
        self.write = write
        self.read = read


class ExactCodec(SingleTag):
    """The codec of a class; an instance of a subclass is stored if it reads back as an equal."""

    def __init__(
        self,
        kind: type[Any],
        tag: str,
        text: Callable[[Any], str],
        read: Callable[[Any], Any],
        *,
        name: str = "",
        **options: Unpack[CodecOptions],
    ) -> None:
        options.setdefault("fixed", True)
        super().__init__(tag, name or kind.__name__, (kind,), **options)
        self._kind = kind
        self._text = text
        self.read = read

    def write(self, value: Any) -> str:
        """The text of a value."""
        return self._text(value) if type(value) is self._kind else self._inherited(value)

    def _inherited(self, value: Any) -> str:
        # Pydantic lets subclasses of some classes pass, and such a one may hold more than its base.
        if isinstance(value, self._kind):
            stored = self._text(value)
            if self.read(stored) == value:
                return stored
        raise expected(self.name, value)


def write_str(value: Any) -> str:
    """A str as it is; an error for one that has no UTF-8 form."""
    if type(value) is not str:
        raise expected("str", value)
    if not value.isascii():
        _check_utf8(value)
    return value


def read_str(payload: Any) -> str:
    """A str as it is."""
    if type(payload) is not str:
        raise CodecError("what is found is no text")
    return payload


def _check_utf8(text: str) -> None:
    """CodecError for a text with a lone surrogate, which has no UTF-8 form."""
    try:
        text.encode()
    except UnicodeEncodeError:
        reason = "a text holds a lone surrogate, which has no UTF-8 form"
    else:
        return
    raise CodecError(reason)


def _write_uuid(value: UUID) -> str:
    return _uuid_text(value, mode="json")


def _read_uuid(text: str) -> UUID:
    if len(text) == _UUID_LENGTH:  # else braces, or no hyphens
        return validated_uuid(text)
    raise ValueError


def _is_canonical_uuid(text: str) -> bool:
    return text == text.lower()


def _write_bool(value: Any) -> bool:
    if type(value) is not bool:
        raise expected("bool", value)
    return value


def read_bool(payload: Any) -> bool:
    """True or False as it is."""
    if payload is True or payload is False:
        return payload
    raise CodecError("the BOOL found is no bool")


def _write_bytes(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def read_bytes(text: str) -> bytes:
    """The bytes of a base64 text."""
    return a2b_base64(text, strict_mode=True)


def _text(kind: type[Any], *, name: str = "", fixed: bool = True) -> ExactCodec:
    """The codec of a class that is stored as its text."""

    def read(text: Any) -> Any:
        return kind(read_str(text))  # of a number it would make an address too

    return ExactCodec(
        kind,
        "S",
        lambda value: write_str(str(value)),
        read,
        name=name,
        key="partition",
        fixed=fixed,
    )


def _path(kind: type[PurePath]) -> ExactCodec:
    concrete = type(kind())  # the class of this system, for Path and PurePath
    return _text(concrete, name=kind.__name__, fixed=False)


class PatternCodec(SingleTag):
    """The codec of a compiled regular expression of text or bytes, without flags."""

    def __init__(self, source: SingleTag) -> None:
        super().__init__(source.tag, "Pattern", (re.Pattern,))
        self._source = source

    def write(self, value: Any) -> Any:
        """The source of a pattern."""
        if class_of(value) is not re.Pattern:
            raise expected("Pattern", value)
        source: Any = value.pattern
        stored = self._source.write(source)
        if re.compile(source).flags != value.flags:
            raise CodecError("the flags of a pattern are not stored: write them inside, as in (?i)")
        return stored

    def read(self, payload: Any) -> re.Pattern[Any]:
        """The pattern of a source."""
        return re.compile(self._source.decode({self.tag: payload}))


STR = ScalarCodec("S", write_str, read_str, name="str", kinds=(str,), key="sort", canonical=always)
BYTES = ExactCodec(bytes, "B", _write_bytes, read_bytes, key="sort", canonical=always, fixed=False)
BOOL = ScalarCodec("BOOL", _write_bool, read_bool, name="bool", kinds=(bool,))
INT = NumberCodec(int, write_int, read_int, canonical=always)
FLOAT = NumberCodec(float, write_float, read_float, canonical=is_exact_float)
DECIMAL = NumberCodec(Decimal, write_decimal, read_decimal, canonical=always)
IDENTIFIER = ExactCodec(
    UUID, "S", _write_uuid, _read_uuid, key="sort", canonical=_is_canonical_uuid
)
BYTE_SIZE = ExactCodec(
    ByteSize,
    "N",
    lambda value: write_int(int(value)),
    lambda text: ByteSize(read_int(text)),
    key="sort",
    canonical=always,
)
NONE = ScalarCodec(
    "NULL", lambda _value: True, lambda _stored: None, name="None", kinds=(type(None),)
)

SCALARS: dict[Any, SingleTag] = {
    str: STR,
    bytes: BYTES,
    bool: BOOL,
    int: INT,
    float: FLOAT,
    Decimal: DECIMAL,
    UUID: IDENTIFIER,
    ByteSize: BYTE_SIZE,
}
"""The codec of each class that is one number, text, binary or boolean."""
TEXTS: dict[Any, SingleTag] = {
    **{
        kind: _text(kind)
        for kind in (
            ipaddress.IPv4Address,
            ipaddress.IPv4Interface,
            ipaddress.IPv4Network,
            ipaddress.IPv6Address,
            ipaddress.IPv6Interface,
            ipaddress.IPv6Network,
        )
    },
    **{
        kind: _path(kind) for kind in (Path, PurePath, PurePosixPath, PureWindowsPath, type(Path()))
    },
}
"""The codec of each class that is stored as its text."""
