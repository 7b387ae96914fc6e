"""Identifiers, decimals, bytes and bools in the forms of others."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import a2b_base64, b2a_base64
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dynrepo.codec.forms import FormCodec, ScalarEncoding
from dynrepo.codec.number import read_decimal
from dynrepo.codec.scalars import (
    BOOL,
    BYTES,
    DECIMAL,
    IDENTIFIER,
    always,
    validated_uuid,
    write_str,
)
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.value import SingleTag

_HEX_LENGTH = 32


def _scalar(
    name: str,
    plain: SingleTag,
    tag: str,
    write: Callable[[Any], str],
    read: Callable[[str], Any],
    **options: Any,
) -> ScalarEncoding:
    return ScalarEncoding(name, {plain: FormCodec(plain, tag, write, read, form=name, **options)})


def _read_hex(text: str) -> UUID:
    if len(text) != _HEX_LENGTH:
        raise ValueError
    return validated_uuid(text)


def _write_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise CodecError("NaN and infinities are not stored")
    return str(value)


_DECIMAL = "0123456789+-.Ee"


def _read_decimal(text: str) -> Decimal:
    if text.strip(_DECIMAL):  # Python takes digits of all scripts, underscores and NaN
        raise ValueError
    return Decimal(text)


def bool_text(true: str, false: str) -> ScalarEncoding:
    """The encoding of a `bool` as one of two texts: `bool_text("yes", "no")`.

    Args:
        true: The text of True.
        false: The text of False.

    Returns:
        An encoding for `Annotated`.

    Raises:
        SchemaError: Both are the same text.
    """
    if true == false:
        raise SchemaError("bool_text(...) has one text for both")
    texts, values = {True: write_str(true), False: write_str(false)}, {true: True, false: False}
    return _scalar(
        f"bool_text({true!r}, {false!r})",
        BOOL,
        "S",
        texts.__getitem__,
        values.__getitem__,
        key="sort",
        canonical=always,
        ordered=false < true,
        fixed=False,
    )


def _read_bit(text: str) -> bool:
    return _BITS[text] if text in _BITS else _BITS[str(read_decimal(text).normalize())]


_BITS = {"0": False, "1": True}

UUID_UPPER = _scalar(
    "UUID_UPPER",
    IDENTIFIER,
    "S",
    lambda value: str(value).upper(),
    IDENTIFIER.read,
    key="sort",
    shape="FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
)
"""A `UUID` as a text in capitals: `123E4567-E89B-12D3-A456-426614174000`.

.NET, Swift. It is read in either case.
"""
UUID_HEX = _scalar(
    "UUID_HEX",
    IDENTIFIER,
    "S",
    lambda value: f"{value.int:032x}",
    _read_hex,
    key="sort",
    shape="f" * _HEX_LENGTH,
)
"""A `UUID` as a text without hyphens: `123e4567e89b12d3a456426614174000`.

Python's `uuid4().hex`.
"""
UUID_BYTES = _scalar(
    "UUID_BYTES",
    IDENTIFIER,
    "B",
    lambda value: b2a_base64(value.bytes, newline=False).decode(),
    lambda text: UUID(bytes=a2b_base64(text, strict_mode=True)),
    key="sort",
    canonical=always,
)
"""A `UUID` as its 16 bytes, binary: Python's `uuid4().bytes`, Go's `google/uuid` as bytes."""
DECIMAL_TEXT = _scalar(
    "DECIMAL_TEXT", DECIMAL, "S", _write_decimal, _read_decimal, ordered=False, fixed=False
)
"""A `Decimal` as a text: `12.50`, with its zeros and of any length.

In no order, and in no key, for numbers that are equal have several texts.
"""
ZERO_ONE = _scalar(
    "ZERO_ONE",
    BOOL,
    "N",
    lambda value: "1" if value else "0",
    _read_bit,
    key="sort",
    canonical=always,
)
"""A `bool` as a number: `1` and `0`."""
YES_NO = bool_text("Y", "N")
"""A `bool` as a text: `Y` and `N`."""
LEGACY_BINARY = _scalar(
    "LEGACY_BINARY",
    BYTES,
    "B",
    lambda value: b64encode(b64encode(value)).decode(),
    lambda text: b64decode(a2b_base64(text, strict_mode=True), validate=True),
    key="sort",
    ordered=False,
    fixed=False,
)
"""`bytes` as the bytes of their base64: PynamoDB's `BinaryAttribute(legacy_encoding=True)`.

In no order.
"""
