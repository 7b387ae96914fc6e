"""Dates, times and durations: texts of ISO 8601 whose order is that of the instants, and seconds.

A type may be a sort key when the order of its stored form is its order in Python.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime, NaiveDatetime, PastDate, PastDatetime
from pydantic_core import SchemaSerializer
from pydantic_core.core_schema import datetime_schema

from dynrepo.codec.number import NumberCodec, read_int, read_timedelta, write_int, write_timedelta
from dynrepo.codec.scalars import INT, ExactCodec, always
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.value import Codec

_AWARE_LENGTH = len("2024-01-31T23:59:59.000000Z")
_DATE_LENGTH = len("2024-01-31")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
_LAST_SECOND = (datetime.max.replace(tzinfo=UTC) - EPOCH) // SECOND
is_too_fine = re.compile(r"[.,]\d{6}\d*[1-9]").search
"""Whether a text has parts of a microsecond; as zeros they are none."""
_from_iso = datetime.fromisoformat
# Pydantic writes it in a third of the time that the class itself takes.
_iso_text: Callable[..., str] = SchemaSerializer(datetime_schema()).to_python


def _read_date(text: str) -> date:
    if text[4:5] == text[7:8] == "-":  # else a week, or no hyphens
        return date.fromisoformat(text)
    raise ValueError


def _write_aware(value: datetime) -> str:
    if value.tzinfo is not UTC:
        value = in_utc(value)
    text = _iso_text(value, mode="json")
    # Fixed width, so that the order of the texts is the order of the instants.
    return text if len(text) == _AWARE_LENGTH else f"{text[:-1]}.000000Z"


def in_utc(value: datetime) -> datetime:
    """The instant of an aware datetime in UTC; CodecError for a naive one."""
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
    if value.tzinfo is None or is_too_fine(text):
        raise CodecError("expected an aware datetime of whole microseconds")
    return value.astimezone(UTC)


def _write_naive(value: datetime) -> str:
    if value.tzinfo is not None:
        raise CodecError("expected a naive datetime, found an aware one")
    return value.isoformat(timespec="microseconds")


def _read_naive(text: str) -> datetime:
    value = _from_iso(text)
    if value.tzinfo is not None or is_too_fine(text) or len(text) <= _DATE_LENGTH:
        raise CodecError("expected a naive datetime of whole microseconds")
    return value


def _write_time(value: time) -> str:
    if value.tzinfo is not None and value.utcoffset() is None:
        raise CodecError("the zone of a time has no offset without a date")
    return value.isoformat(timespec="microseconds")


def _read_time(text: str) -> time:
    if not text[2:3] == text[5:6] == ":":  # else no seconds, or no colons
        raise ValueError
    if is_too_fine(text):
        raise CodecError("expected a time of whole microseconds")
    return time.fromisoformat(text)


def _write_epoch(value: datetime) -> str:
    if value.utcoffset() is None:
        raise CodecError("expected an aware datetime, found a naive one")
    return str((value - EPOCH) // SECOND)  # whole seconds are all that DynamoDB looks at


def _read_epoch(text: str) -> datetime:
    seconds = read_int(text)
    if seconds > _LAST_SECOND:
        raise CodecError(_MILLISECONDS)
    return EPOCH + timedelta(seconds=seconds)


def _write_epoch_number(value: Any) -> str:
    text = write_int(value)
    if value > _LAST_SECOND:
        raise CodecError(_MILLISECONDS)
    return text


_MILLISECONDS = (
    "a time to live is in seconds since 1970, and this one is past the year 9999, as one in"
    " milliseconds is: DynamoDB would not remove the item in time: divide it by 1000"
)


DURATION = ExactCodec(timedelta, "N", write_timedelta, read_timedelta, key="sort", canonical=always)
DATE = ExactCodec(
    date,
    "S",
    date.isoformat,
    _read_date,
    key="sort",
    canonical=re.compile(r"\d{4}-\d\d-\d\d").fullmatch,
)
TIME = ExactCodec(time, "S", _write_time, _read_time)
AWARE = ExactCodec(
    datetime,
    "S",
    _write_aware,
    _read_aware,
    name="aware datetime",
    key="sort",
    canonical=re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z").fullmatch,
)
NAIVE = ExactCodec(
    datetime,
    "S",
    _write_naive,
    _read_naive,
    name="naive datetime",
    key="sort",
    canonical=re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}").fullmatch,
)
EPOCH_SECONDS = ExactCodec(
    datetime, "N", _write_epoch, _read_epoch, name="time to live", key="sort", canonical=always
)
TIMES_TO_LIVE: dict[Any, Codec] = {
    AWARE: EPOCH_SECONDS,
    INT: NumberCodec(int, _write_epoch_number, read_int, canonical=always),
}
"""The codec of a time to live, in place of the one that its type has elsewhere."""

TIMES: dict[Any, ExactCodec] = {
    date: DATE,
    PastDate: DATE,
    time: TIME,
    timedelta: DURATION,
    datetime: AWARE,
    AwareDatetime: AWARE,
    PastDatetime: AWARE,
    NaiveDatetime: NAIVE,
}
"""The codec of each class of the module `datetime`."""
