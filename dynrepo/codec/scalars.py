"""The types that DynamoDB holds as one number, string, binary or boolean.

A type may be a sort key when the order of its stored form is its order in Python, and a partition
key when equal values have equal stored forms.
"""

from __future__ import annotations

import re
from binascii import a2b_base64, b2a_base64
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import (
    AwareDatetime,
    ByteSize,
    NaiveDatetime,
    PastDate,
    PastDatetime,
)
from pydantic_core import SchemaSerializer, SchemaValidator
from pydantic_core.core_schema import datetime_schema, uuid_schema

from dynrepo.codec.number import (
    read_decimal,
    read_float,
    read_int,
    read_timedelta,
    write_decimal,
    write_float,
    write_int,
    write_timedelta,
)
from dynrepo.codec.value import Codec, expected, single
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

_AWARE_LENGTH = len("2024-01-31T23:59:59.000000Z")
_DATE_LENGTH = len("2024-01-31")
_from_iso = datetime.fromisoformat
# Pydantic reads and writes these in a third of the time that the classes themselves take. Its core
# is asked: a TypeAdapter loads Pydantic's plugins before anybody has a model.
_validated_uuid: Callable[[str], UUID] = SchemaValidator(uuid_schema()).validate_python
_uuid_text: Callable[..., str] = SchemaSerializer(uuid_schema()).to_python
_iso_text: Callable[..., str] = SchemaSerializer(datetime_schema()).to_python
_UUID_LENGTH = len("123e4567-e89b-12d3-a456-426614174000")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TOO_FINE = re.compile(r"[.,]\d{7}")


def always(_payload: Any) -> bool:
    """Says that equal values have one stored form only."""
    return True


def of(
    kind: type[Any], tag: str, text: Callable[[Any], str], read: Callable[[Any], Any], **more: Any
) -> Codec:
    """The codec of a class; an instance of a subclass is stored if it reads back as an equal."""
    name = more.setdefault("name", kind.__name__)

    def write(value: Any) -> str:
        return text(value) if type(value) is kind else inherited(value)

    def inherited(value: Any) -> str:
        # Pydantic lets subclasses of some classes pass, and such a one may hold more than its base.
        if isinstance(value, kind):
            stored = text(value)
            if read(stored) == value:
                return stored
        raise expected(name, value)

    options: dict[str, Any] = {"kinds": (kind,), "fixed": True} | more
    return single(tag, write, read, **options)


def write_str(value: Any) -> str:
    """A str as it is; an error for one that has no UTF-8 form."""
    if type(value) is not str:
        raise expected("str", value)
    if not value.isascii():
        utf8(value)
    return value


def read_str(payload: Any) -> str:
    """A str as it is."""
    if type(payload) is not str:
        raise CodecError("what is found is no text")
    return payload


def utf8(text: str) -> bytes:
    """The UTF-8 form of a text; a lone surrogate has none."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        reason = "a text holds a lone surrogate, which has no UTF-8 form"
    raise CodecError(reason)


def _write_uuid(value: UUID) -> str:
    return _uuid_text(value, mode="json")


def _read_uuid(text: str) -> UUID:
    if len(text) == _UUID_LENGTH:  # else braces, or no hyphens
        return _validated_uuid(text)
    raise ValueError


def _is_canonical_uuid(text: str) -> bool:
    return text == text.lower()


def _write_bool(value: Any) -> bool:
    if type(value) is not bool:
        raise expected("bool", value)
    return value


def _read_bool(payload: Any) -> bool:
    if payload is True or payload is False:
        return payload
    raise CodecError("the BOOL found is no bool")


def _write_bytes(value: bytes) -> str:
    return b2a_base64(value, newline=False).decode()


def read_bytes(text: str) -> bytes:
    """The bytes of a base64 text."""
    return a2b_base64(text, strict_mode=True)


def _read_date(text: str) -> date:
    if text[4:5] == text[7:8] == "-":  # else a week, or no hyphens
        return date.fromisoformat(text)
    raise ValueError


def _write_aware(value: datetime) -> str:
    if value.tzinfo is not UTC:
        value = _in_utc(value)
    text = _iso_text(value, mode="json")
    # Fixed width, so that the order of the texts is the order of the instants.
    return text if len(text) == _AWARE_LENGTH else f"{text[:-1]}.000000Z"


def _in_utc(value: datetime) -> datetime:
    if value.utcoffset() is None:
        raise CodecError("expected an aware datetime, found a naive one")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        reason = "a datetime is before the year 1 or after 9999 in UTC"
    raise CodecError(reason)


def _read_aware(text: str) -> datetime:
    if len(text) == _AWARE_LENGTH and text[19] == "." and text[26] == "Z":
        return _from_iso(text)  # of the forms of this shape one is a datetime: what is written here
    value = _from_iso(text)
    if value.tzinfo is None or _TOO_FINE.search(text):
        raise CodecError("expected an aware datetime of whole microseconds")
    return value.astimezone(UTC)


def _write_naive(value: datetime) -> str:
    if value.tzinfo is not None:
        raise CodecError("expected a naive datetime, found an aware one")
    return value.isoformat(timespec="microseconds")


def _read_naive(text: str) -> datetime:
    value = _from_iso(text)
    if value.tzinfo is not None or _TOO_FINE.search(text) or len(text) <= _DATE_LENGTH:
        raise CodecError("expected a naive datetime of whole microseconds")
    return value


def _write_time(value: time) -> str:
    if value.tzinfo is not None and value.utcoffset() is None:
        raise CodecError("the zone of a time has no offset without a date")
    return value.isoformat(timespec="microseconds")


def _read_time(text: str) -> time:
    if not text[2:3] == text[5:6] == ":":  # else no seconds, or no colons
        raise ValueError
    if _TOO_FINE.search(text):
        raise CodecError("expected a time of whole microseconds")
    return time.fromisoformat(text)


def _write_epoch(value: datetime) -> str:
    if value.utcoffset() is None:
        raise CodecError("expected an aware datetime, found a naive one")
    if value.microsecond:
        raise CodecError("a time to live has whole seconds: use value.replace(microsecond=0)")
    return str((value - _EPOCH) // timedelta(seconds=1))


def _read_epoch(text: str) -> datetime:
    return _EPOCH + timedelta(seconds=read_int(text))


def _number(
    kind: type[Any],
    write: Callable[[Any], str],
    read: Callable[[str], Any],
) -> Codec:
    return single(
        "N",
        write,
        read,
        name=kind.__name__,
        kinds=(kind,),
        key="sort",
        canonical=always,  # the engine compares numbers, not their texts
    )


STR = single("S", write_str, read_str, name="str", kinds=(str,), key="sort", canonical=always)
BYTES = of(bytes, "B", _write_bytes, read_bytes, key="sort", canonical=always, fixed=False)
BOOL = single("BOOL", _write_bool, _read_bool, name="bool", kinds=(bool,))
INT = _number(int, write_int, read_int)
FLOAT = _number(float, write_float, read_float)
DECIMAL = _number(Decimal, write_decimal, read_decimal)
DURATION = of(timedelta, "N", write_timedelta, read_timedelta, key="sort", canonical=always)
DATE = of(
    date,
    "S",
    date.isoformat,
    _read_date,
    key="sort",
    canonical=re.compile(r"\d{4}-\d\d-\d\d").fullmatch,
)
TIME = of(time, "S", _write_time, _read_time)
AWARE = of(
    datetime,
    "S",
    _write_aware,
    _read_aware,
    name="aware datetime",
    key="sort",
    canonical=re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z").fullmatch,
)
NAIVE = of(datetime, "S", _write_naive, _read_naive, name="naive datetime")
EPOCH_SECONDS = of(
    datetime, "N", _write_epoch, _read_epoch, name="time to live", key="sort", canonical=always
)
IDENTIFIER = of(
    UUID,
    "S",
    _write_uuid,
    _read_uuid,
    key="sort",
    canonical=_is_canonical_uuid,
)
BYTE_SIZE = of(
    ByteSize,
    "N",
    lambda value: write_int(int(value)),
    lambda text: ByteSize(read_int(text)),
    key="sort",
    canonical=always,
)

SCALARS: dict[Any, Codec] = {
    str: STR,
    bytes: BYTES,
    bool: BOOL,
    int: INT,
    float: FLOAT,
    Decimal: DECIMAL,
    timedelta: DURATION,
    date: DATE,
    PastDate: DATE,
    time: TIME,
    datetime: AWARE,
    AwareDatetime: AWARE,
    PastDatetime: AWARE,
    NaiveDatetime: NAIVE,
    UUID: IDENTIFIER,
    ByteSize: BYTE_SIZE,
}
"""The codec of each class that has one of its own."""
