"""Instants and durations as numbers: how many of a unit since 1970, or altogether.

A bare number does not say of which unit it is, so none is guessed: the field names it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING

from dynrepo.codec.forms import FormCodec, ScalarEncoding
from dynrepo.codec.number import read_decimal, read_int, read_timedelta, write_timedelta
from dynrepo.codec.scalars import always
from dynrepo.codec.times import AWARE, DURATION, EPOCH
from dynrepo.codec.times import EPOCH_SECONDS as TIME_TO_LIVE
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.value import Codec

_SECOND = 1_000_000
"""Microseconds, of which Python's times consist."""
_MICROSECOND = timedelta(microseconds=1)
_DIGITS = 6
_EXACT = Context(prec=200)


def _whole(number: Decimal) -> int:
    """The whole number at or below a number."""
    return int(number.to_integral_value(ROUND_FLOOR))


class Unit:
    """A decimal part of a second, and how durations are counted in it."""

    def __init__(self, per_second: int, name: str) -> None:
        self._per_second = per_second
        self._microseconds = max(1, _SECOND // per_second)
        self._name = name
        self.least = timedelta(microseconds=self._microseconds)

    def count(self, duration: timedelta) -> str:
        """How many there are in a duration that is of whole ones."""
        if duration % self.least:
            raise CodecError(
                f"a time is finer than its {self._name}: say truncated(...) of its encoding, or"
                " leave out what is finer"
            )
        return self.count_cut(duration)

    def count_cut(self, duration: timedelta) -> str:
        """How many whole ones there are in a duration."""
        return str(duration // _MICROSECOND * self._per_second // _SECOND)

    def read(self, text: str) -> timedelta:
        """The duration of a whole number of them."""
        return timedelta(0, 0, read_int(text) * self._microseconds)

    def read_cut(self, text: str) -> timedelta:
        """The duration of the whole ones in a number of them."""
        count = _whole(read_decimal(text))
        return timedelta(microseconds=count * _SECOND // self._per_second)


class _Nanosecond(Unit):
    """The unit that is finer than Python's times."""

    def read(self, text: str) -> timedelta:
        """The duration of a number of them that is of whole microseconds."""
        microseconds, finer = divmod(read_int(text), self._per_second // _SECOND)
        if finer:
            raise CodecError("expected nanoseconds that are whole microseconds, found finer ones")
        return timedelta(microseconds=microseconds)


class _Fraction(Unit):
    """Seconds with a fraction."""

    def count(self, duration: timedelta) -> str:
        """The seconds of a duration, with the microseconds as their fraction, if there are any.

        DynamoDB gives a number back without the zeros at its end.
        """
        text = write_timedelta(duration)
        return text.rstrip("0").rstrip(".") if "." in text else text

    count_cut = count

    def read(self, text: str) -> timedelta:
        """The duration of a number of seconds that is of whole microseconds."""
        whole, _, fraction = text.partition(".")
        if (whole + fraction).isdecimal() and len(fraction) <= _DIGITS and text.isascii():
            return timedelta(0, int(whole), int(fraction.ljust(_DIGITS, "0")))
        return read_timedelta(text)

    def read_cut(self, text: str) -> timedelta:
        """The duration of the whole microseconds in a number of seconds."""
        microseconds = _EXACT.multiply(read_decimal(text), Decimal(_SECOND))
        return timedelta(microseconds=_whole(microseconds))


_SECONDS = Unit(1, "seconds")
_FRACTIONS = _Fraction(_SECOND, "seconds with a fraction")
_MILLISECONDS = Unit(1_000, "milliseconds")
_MICROSECONDS = Unit(_SECOND, "microseconds")
_NANOSECONDS = _Nanosecond(1_000_000_000, "nanoseconds")


def _since_1970(name: str, unit: Unit) -> ScalarEncoding:
    """The encoding of an instant; one of seconds is that of a time to live as well."""
    codec = _instants(name, unit, unit.count, unit.read)
    cut = _instants(name, unit, unit.count_cut, unit.read_cut)
    own: dict[Codec, Codec] = {TIME_TO_LIVE: TIME_TO_LIVE} if unit is _SECONDS else {}
    return ScalarEncoding(name, {AWARE: codec, **own}, {AWARE: cut, **own})


def _instants(
    name: str,
    unit: Unit,
    count: Callable[[timedelta], str],
    duration: Callable[[str], timedelta],
) -> FormCodec:
    def write(value: datetime) -> str:
        if value.utcoffset() is None:
            raise CodecError("expected an aware datetime, found a naive one")
        return count(value - EPOCH)

    return FormCodec(
        AWARE,
        "N",
        write,
        lambda text: EPOCH + duration(text),
        form=name,
        unit=unit.least,
        key="sort",
        canonical=always,
    )


def _altogether(name: str, unit: Unit) -> ScalarEncoding:
    """The encoding of a duration."""
    pairs = ((unit.count, unit.read), (unit.count_cut, unit.read_cut))
    codec, cut = (
        FormCodec(DURATION, "N", write, read, form=name, key="sort", canonical=always)
        for write, read in pairs
    )
    return ScalarEncoding(name, {DURATION: codec}, {DURATION: cut})


EPOCH_SECONDS = _since_1970("EPOCH_SECONDS", _SECONDS)
"""An aware `datetime` as whole seconds since 1970, a number: `1706745599`.

PynamoDB's `TTLAttribute`, Go's `unixtime`, Python's `int(time.time())`. A time to live may have it.
"""
EPOCH_FRACTION = _since_1970("EPOCH_FRACTION", _FRACTIONS)
"""An aware `datetime` as seconds since 1970 with a fraction, a number: `1706745599.25`.

Python's `time.time()`, Ruby's Dynamoid.
"""
EPOCH_MILLISECONDS = _since_1970("EPOCH_MILLISECONDS", _MILLISECONDS)
"""An aware `datetime` as whole milliseconds since 1970, a number: `1706745599250`.

JavaScript's `Date.now()`, Java's `toEpochMilli()`.
"""
EPOCH_MICROSECONDS = _since_1970("EPOCH_MICROSECONDS", _MICROSECONDS)
"""An aware `datetime` as microseconds since 1970, a number: `1706745599250000`.

Go's `UnixMicro()`.
"""
EPOCH_NANOSECONDS = _since_1970("EPOCH_NANOSECONDS", _NANOSECONDS)
"""An aware `datetime` as nanoseconds since 1970, a number: `1706745599250000000`.

Go's `UnixNano()`, Python's `time.time_ns()`. Python's times have whole microseconds: finer ones are
refused, or dropped by `truncated`.
"""
MILLISECONDS = _altogether("MILLISECONDS", _MILLISECONDS)
"""A `timedelta` as whole milliseconds, a number: `1500`. JavaScript's durations."""
NANOSECONDS = _altogether("NANOSECONDS", _NANOSECONDS)
"""A `timedelta` as nanoseconds, a number: `1500000000`. Go's `time.Duration`."""
