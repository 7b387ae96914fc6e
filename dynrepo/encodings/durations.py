"""Durations as texts of ISO 8601, of days at most: months and years have no one length."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic_core import SchemaValidator, ValidationError
from pydantic_core.core_schema import timedelta_schema

from dynrepo.codec.forms import FormCodec, ScalarEncoding
from dynrepo.codec.times import DURATION
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

_MICROSECOND = timedelta(microseconds=1)
_SECOND, _MINUTE, _HOUR, _DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
_DIGITS = 6
_DATE, _SIGNS = "P0123456789D", frozenset("-,")
# Pydantic reads some forms in a fraction of the time, and takes others that are refused here.
_validated: Callable[[str], timedelta] = SchemaValidator(timedelta_schema()).validate_python


def _write_days(value: timedelta) -> str:
    microseconds = value // _MICROSECOND
    sign = "-" if microseconds < 0 else ""
    days, rest = divmod(abs(microseconds), _DAY)
    date = f"{days}D" if days else ""
    return f"{sign}P{date}{_clock(rest, '')}" if rest or not days else f"{sign}P{date}"


def _write_hours(value: timedelta) -> str:
    microseconds = value // _MICROSECOND
    return "P" + _clock(abs(microseconds), "-" if microseconds < 0 else "")


def _clock(microseconds: int, sign: str) -> str:
    """Hours, minutes and seconds, each with the sign, those that are 0 left out."""
    hours, rest = divmod(microseconds, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    seconds, fraction = divmod(rest, _SECOND)
    text = "T"
    if hours:
        text += f"{sign}{hours}H"
    if minutes:
        text += f"{sign}{minutes}M"
    if fraction:
        text += f"{sign}{seconds}." + f"{fraction:06}".rstrip("0") + "S"
    elif seconds or text == "T":
        text += f"{sign if seconds else ''}{seconds}S"
    return text


def _read(text: str) -> timedelta:
    date, _, clock = text.partition("T")
    if date[:1] == "P" and clock and not date.strip(_DATE) and not _SIGNS.intersection(clock):
        _, dot, fraction = clock.partition(".")
        digits, unit = fraction[:-1], fraction[-1:]
        if not dot or (unit == "S" and digits.isdecimal() and len(digits) <= _DIGITS):
            with suppress(ValidationError):  # of a duration of many days, which is one all the same
                return _validated(text)
    return _read_parts(text, exact=True)


def _read_cut(text: str) -> timedelta:
    return _read_parts(text, exact=False)


def _read_parts(text: str, *, exact: bool) -> timedelta:
    sign, _, parts = text.partition("P")
    date, has_clock, clock = parts.partition("T")
    if not parts or sign not in ("", "-", "+") or (has_clock and not clock):
        raise ValueError
    weeks, date = _leading(date, "W")
    days, date = _leading(date, "D")
    hours, clock = _leading(clock, "H")
    minutes, clock = _leading(clock, "M")
    seconds, clock = _leading(clock, "S") if "." not in clock else (0, clock)
    if date:
        raise CodecError("expected a duration of weeks, days and less, found another part of it")
    fraction = _fraction(clock, exact=exact) if clock else 0
    whole = ((weeks * 7 + days) * 24 + hours) * 60 + minutes
    value = timedelta(minutes=whole, seconds=seconds, microseconds=fraction)
    return -value if sign == "-" else value


def _leading(text: str, unit: str) -> tuple[int, str]:
    """The number before a unit, and what is after it."""
    number, found, rest = text.partition(unit)
    if not found:
        return 0, text
    if not number.lstrip("+-").isdecimal() or not number.isascii():
        raise ValueError
    return int(number), rest


def _fraction(text: str, *, exact: bool) -> int:
    """The microseconds of seconds with a fraction, as `-1.5S`."""
    whole, _, fraction = text.partition(".")
    digits, unit = fraction[:-1], fraction[-1:]
    if unit != "S" or not digits.isdecimal() or not digits.isascii():
        raise ValueError
    if exact and digits[_DIGITS:].strip("0"):
        raise CodecError("expected a duration of whole microseconds")
    seconds, _ = _leading(whole + "S", "S")
    fine = int(digits[:_DIGITS].ljust(_DIGITS, "0"))
    return seconds * _SECOND + (-fine if whole.startswith("-") else fine)


def _durations(name: str, write: Callable[[timedelta], str]) -> ScalarEncoding:
    codec, cut = (
        FormCodec(DURATION, "S", write, read, form=name, key="sort", ordered=False)
        for read in (_read, _read_cut)
    )
    return ScalarEncoding(name, {DURATION: codec}, {DURATION: cut})


ISO_DURATION = _durations("ISO_DURATION", _write_days)
"""A `timedelta` as a text of days and less: `P1DT2H3.5S`, `-P1D`, `PT0S`. In no order.

Pydantic's JSON and dyntastic below a year. https://www.iso.org/iso-8601-date-and-time-format.html
"""
ISO_DURATION_HOURS = _durations("ISO_DURATION_HOURS", _write_hours)
"""A `timedelta` as a text of hours and less: `PT26H3.5S`, `PT-24H`, `PT0S`. In no order.

Java's `Duration.toString()`.
"""
