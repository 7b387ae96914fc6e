"""Aware datetimes as texts of ISO 8601 in UTC, in the form of one writer each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.codec.forms import FormCodec, ScalarEncoding
from dynrepo.codec.times import AWARE, in_utc
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

Text: TypeAlias = "Callable[[datetime], str]"
"""Makes the text of a datetime without a zone."""

MILLISECOND = timedelta(milliseconds=1)
_from_iso = datetime.fromisoformat
_SEVENTH = slice(26, 27)
"""Where the seventh digit of a fraction would stand in the extended format."""


def _read(text: str) -> datetime:
    value = _from_iso(text)
    if value.tzinfo is UTC and text[13:14] == ":" and not text[_SEVENTH].isdigit():
        return value
    return AWARE.read(text)  # type: ignore[no-any-return]


def _read_cut(text: str) -> datetime:
    value = _from_iso(text)
    if value.tzinfo is None:
        raise CodecError("expected an aware datetime, found a naive one")
    return value.astimezone(UTC)


def in_microseconds(value: datetime) -> str:
    """With six digits, always."""
    return value.isoformat(timespec="microseconds")


def in_milliseconds(value: datetime) -> str:
    """With three digits, always."""
    return value.isoformat(timespec="milliseconds")


def in_thousands(value: datetime) -> str:
    """With no digits, three or six, as few as there can be."""
    return value.isoformat(timespec=spec_of(value.microsecond))


def spec_of(microsecond: int) -> str:
    """The digits of a fraction in groups of three, as `isoformat` names them."""
    if microsecond % 1000:
        return "microseconds"
    return "milliseconds" if microsecond else "seconds"


def trimmed(value: datetime) -> str:
    """Without zeros at the end of the fraction."""
    text = value.isoformat()
    return text.rstrip("0") if value.microsecond else text


def _spaced(value: datetime) -> str:
    return value.isoformat(" ")


def _writer(text: Text, suffix: str) -> Callable[[datetime], str]:
    def write(value: datetime) -> str:
        return text(in_utc(value).replace(tzinfo=None)) + suffix

    return write


def _in_whole(write: Callable[[datetime], str], name: str) -> Callable[[datetime], str]:
    """Writes a datetime of whole milliseconds."""

    def write_whole(value: datetime) -> str:
        if value.microsecond % 1000:
            raise CodecError(
                f"a datetime is finer than the milliseconds of {name}: say"
                f" truncated(encodings.{name}), or value.replace(microsecond=...)"
            )
        return write(value)

    return write_whole


def _instants(
    name: str,
    text: Text,
    suffix: str,
    *,
    unit: timedelta = AWARE.unit,
    **options: Any,
) -> ScalarEncoding:
    write = _writer(text, suffix)
    exact = write if unit is AWARE.unit else _in_whole(write, name)
    options |= {"form": name, "key": "sort"}
    return ScalarEncoding(
        name,
        {AWARE: FormCodec(AWARE, "S", exact, _read, unit=unit, **options)},
        {AWARE: FormCodec(AWARE, "S", write, _read_cut, **options)},
    )


ISO_OFFSET = _instants("ISO_OFFSET", datetime.isoformat, "+00:00")
"""An aware `datetime` as a text: `2024-01-31T23:59:59+00:00`, or with six digits.

Python's `datetime.isoformat()`, in UTC.
"""
ISO_SPACED = _instants("ISO_SPACED", _spaced, "+00:00")
"""An aware `datetime` as a text: `2024-01-31 23:59:59+00:00`, or with six digits.

Python's `str(datetime)`, in UTC.
"""
ISO_BASIC_OFFSET = _instants(
    "ISO_BASIC_OFFSET", in_microseconds, "+0000", shape="9999-99-99T99:99:99.999999+0000"
)
"""An aware `datetime` as a text: `2024-01-31T23:59:59.000000+0000`.

PynamoDB's `UTCDateTimeAttribute`.
"""
ISO_MILLISECONDS = _instants(
    "ISO_MILLISECONDS", in_milliseconds, "Z", unit=MILLISECOND, shape="9999-99-99T99:99:99.999Z"
)
"""An aware `datetime` of whole milliseconds as a text: `2024-01-31T23:59:59.000Z`.

JavaScript's `toISOString()`, .NET's SDK. A finer one is refused, or cut by `truncated`.
"""
ISO_Z = _instants("ISO_Z", datetime.isoformat, "Z", ordered=False)
"""An aware `datetime` as a text: `2024-01-31T23:59:59Z`, or with six digits. In no order.

Pydantic's JSON, dyntastic.
"""
ISO_INSTANT = _instants("ISO_INSTANT", in_thousands, "Z", ordered=False)
"""An aware `datetime` as a text: `2024-01-31T23:59:59Z`, or with three digits, or six. In no order.

Java's `Instant`, Rust's chrono.
"""
RFC3339_NANO = _instants("RFC3339_NANO", trimmed, "Z", ordered=False)
"""An aware `datetime` as a text: `2024-01-31T23:59:59.5Z`, with as many digits as it takes.

Go's `time.Time`. In no order. https://www.rfc-editor.org/rfc/rfc3339
"""
