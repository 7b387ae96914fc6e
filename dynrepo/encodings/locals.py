"""Datetimes and times of day as texts without an offset."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dynrepo.codec.forms import FormCodec, ScalarEncoding
from dynrepo.codec.times import AWARE, NAIVE, TIME, in_utc
from dynrepo.encodings.instants import spec_of
from dynrepo.errors import CodecError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

_from_iso = datetime.fromisoformat
_DATE_LENGTH = len("2024-01-31")
_DAYS = 4096
"""The days of which a zone's offsets are kept."""


def _read(text: str) -> datetime:
    value = _from_iso(text)
    if text[13:14] == ":" and value.tzinfo is None and not text[26:27].isdigit():
        return value
    return NAIVE.read(text)  # type: ignore[no-any-return]


def _read_in_utc(text: str) -> datetime:
    value = _from_iso(text)
    if text[13:14] == ":" and value.tzinfo is None and not text[26:27].isdigit():
        return value.replace(tzinfo=UTC)
    return _read(text).replace(tzinfo=UTC)


def _read_cut(text: str) -> datetime:
    value = _from_iso(text)
    if value.tzinfo is not None or len(text) <= _DATE_LENGTH:
        raise CodecError("expected a naive datetime")
    return value


def _java_spec(value: datetime | time) -> str:
    if value.second or value.microsecond:
        return spec_of(value.microsecond)
    return "minutes"


def _write_java(value: datetime | time) -> str:
    return value.isoformat(timespec=_java_spec(value))


def _write_time(value: time) -> str:
    if value.tzinfo is not None:
        raise CodecError("expected a time without a zone, found one with a zone")
    return _write_java(value)


def _read_time(text: str) -> time:
    if text[15:16].isdigit() and text[15:].strip("0"):
        raise CodecError("expected a time of whole microseconds")
    return _read_time_cut(text)


def _read_time_cut(text: str) -> time:
    value = time.fromisoformat(text)
    if text[2:3] != ":" or value.tzinfo is not None:
        raise CodecError("expected a time without a zone, with colons")
    return value


def _written(text: Callable[[datetime], str]) -> Callable[[datetime], str]:
    def write(value: datetime) -> str:
        if value.tzinfo is not None:
            raise CodecError("expected a naive datetime, found an aware one")
        return text(value)

    return write


class NaiveEncoding(ScalarEncoding):
    """An encoding of naive datetimes, which can be one of aware ones in a zone."""

    def __init__(self, name: str, text: Callable[[datetime], str]) -> None:
        write = _written(text)
        super().__init__(
            name,
            {NAIVE: FormCodec(NAIVE, "S", write, _read, form=name, key="sort")},
            {NAIVE: FormCodec(NAIVE, "S", write, _read_cut, form=name, key="sort")},
        )
        self._text = text

    def zoned(self, zone: tzinfo, name: str) -> ScalarEncoding:
        """The encoding of aware datetimes that are written as the clocks of a zone show them."""
        clock = _WallClock(zone, self._text)
        ordered = zone.utcoffset(None) is not None
        return ScalarEncoding(
            name,
            {AWARE: _form_of(name, clock.write, clock.reader(_read), ordered=ordered)},
            {AWARE: _form_of(name, clock.write, clock.reader(_read_cut), ordered=ordered)},
        )


def _form_of(
    name: str,
    write: Callable[[datetime], str],
    read: Callable[[str], datetime],
    *,
    ordered: bool,
) -> FormCodec:
    return FormCodec(AWARE, "S", write, read, form=name, key="sort", ordered=ordered)


class _WallClock:
    """What the clocks of a zone show; an hour that they show twice, or skip, is no instant."""

    def __init__(self, zone: tzinfo, text: Callable[[datetime], str]) -> None:
        self._zone = zone
        self._text = text

    def write(self, value: datetime) -> str:
        """What is shown at an instant."""
        try:
            shown = in_utc(value).astimezone(self._zone).replace(tzinfo=None, fold=0)
            self._instant(shown)
        except OverflowError:
            reason = "a datetime is before the year 1 or after 9999 in its zone"
        else:
            return self._text(shown)
        raise CodecError(reason)

    def reader(self, read: Callable[[str], datetime]) -> Callable[[str], datetime]:
        """A function from what is shown to the instant."""
        if self._zone is UTC:
            return _read_in_utc if read is _read else lambda text: read(text).replace(tzinfo=UTC)
        if type(self._zone) is not ZoneInfo:  # one of another class may change its mind
            return lambda text: self._instant(read(text))
        offset_on = lru_cache(_DAYS)(self._offset_on)

        def read_instant(text: str) -> datetime:
            shown = read(text)
            offset = offset_on(shown.toordinal())
            return self._instant(shown) if offset is None else (shown - offset).replace(tzinfo=UTC)

        return read_instant

    def _offset_on(self, ordinal: int) -> timedelta | None:
        """The offset that the zone has on a day from its first to its last moment, if it is one.

        No zone has had its clocks changed twice within three days.
        """
        try:
            midnight, next_one = map(datetime.fromordinal, (ordinal, ordinal + 1))
        except ValueError:  # there is no day after the last one
            return None
        offset = midnight.replace(tzinfo=self._zone).utcoffset()
        return offset if offset == next_one.replace(tzinfo=self._zone).utcoffset() else None

    def _instant(self, shown: datetime) -> datetime:
        first = shown.replace(tzinfo=self._zone)
        offset = first.utcoffset()
        if offset is None or offset != first.replace(fold=1).utcoffset():
            raise CodecError(
                "a datetime without an offset is in an hour that its zone repeats or skips, so it"
                " is no one instant"
            )
        return (shown - offset).replace(tzinfo=UTC)


def _spaced(value: datetime) -> str:
    return value.isoformat(" ")


NAIVE_ISO = NaiveEncoding("NAIVE_ISO", datetime.isoformat)
"""A naive `datetime` as a text: `2024-01-31T23:59:59`, or with six digits.

Python's `isoformat()` of a naive datetime.
"""
NAIVE_SPACED = NaiveEncoding("NAIVE_SPACED", _spaced)
"""A naive `datetime` as a text: `2024-01-31 23:59:59`, or with six digits.

Python's `str()`, SQL.
"""
LOCAL_DATE_TIME = NaiveEncoding("LOCAL_DATE_TIME", _write_java)
"""A naive `datetime` as a text: `2024-01-31T23:59`, with seconds, and three or six digits, if any.

Java's `LocalDateTime`.
"""
LOCAL_TIME = ScalarEncoding(
    "LOCAL_TIME",
    {TIME: FormCodec(TIME, "S", _write_time, _read_time, form="LOCAL_TIME", key="sort")},
    {TIME: FormCodec(TIME, "S", _write_time, _read_time_cut, form="LOCAL_TIME", key="sort")},
)
"""A `time` as a text: `23:59`, with seconds, and three or six digits, if any.

Java's `LocalTime`.
"""


def in_zone(zone: str | tzinfo, encoding: NaiveEncoding = NAIVE_ISO) -> ScalarEncoding:
    """The encoding of an aware datetime as a text without an offset, in the time of a zone.

    An instant in an hour that the zone repeats or skips is a `CodecError` when it is read or
    written. Where the zone changes its offset, the text is in no order.

    Args:
        zone: Its name, as in `Europe/Berlin`, or a `tzinfo`.
        encoding: How the text looks: `NAIVE_ISO`, `NAIVE_SPACED` or `LOCAL_DATE_TIME`.

    Returns:
        An encoding for `Annotated`.

    Raises:
        SchemaError: The zone is not known here, or the encoding is another one.
    """
    if not isinstance(encoding, NaiveEncoding):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise SchemaError(
            f"in_zone(...) takes an encoding of naive datetimes, and not {encoding!r}"
        )
    name = f"in_zone({str(zone)!r}, {encoding.name})"
    return encoding.zoned(zone if isinstance(zone, tzinfo) else _zone_of(zone), name)


def _zone_of(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        pass
    raise SchemaError(f"the zone {name!r} is not known here: install or update the package tzdata")
