"""Aware datetimes with their zone, as Java's `ZonedDateTime`."""

from __future__ import annotations

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from dynrepo.codec.forms import FormCodec, ScalarEncoding
from dynrepo.codec.times import AWARE, is_too_fine
from dynrepo.encodings.instants import trimmed
from dynrepo.errors import CodecError

_from_iso = datetime.fromisoformat


def _write(value: datetime) -> str:
    if value.utcoffset() is None:
        raise CodecError("expected an aware datetime, found a naive one")
    clock = trimmed(value.replace(tzinfo=None))
    offset = value.isoformat(timespec="microseconds")[26:]
    return f"{clock}{'Z' if offset == '+00:00' else offset}{_id_of(value.tzinfo)}"


def _id_of(zone: tzinfo | None) -> str:
    """What follows the offset: the name of a zone, nothing for an offset alone."""
    key = getattr(zone, "key", None)
    if key is not None:
        return f"[{key}]"
    if zone is not None and zone.utcoffset(None) is not None:
        return ""
    raise CodecError("the zone of a datetime has no name that could be stored: give it a ZoneInfo")


def _read(text: str) -> datetime:
    if text[26:27].isdigit() and is_too_fine(text):
        raise CodecError("expected an aware datetime of whole microseconds")
    return _read_cut(text)


def _read_cut(text: str) -> datetime:
    clock, bracket, name = text.partition("[")
    value = _from_iso(clock)
    if value.tzinfo is None or clock[13:14] != ":":
        raise CodecError("expected an aware datetime with hyphens and colons")
    if not bracket:
        return value
    if name[-1:] != "]":
        raise ValueError
    zoned = value.astimezone(_zone_of(name[:-1]))
    if zoned.utcoffset() != value.utcoffset():
        raise CodecError(
            "the offset of a datetime is not the one that its zone has at that time, by the tz"
            " database here: update the package tzdata, if the one that wrote it is newer"
        )
    return zoned


def _zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        pass
    raise CodecError("the zone of a datetime is not known here: install or update tzdata")


ISO_ZONED_DATE_TIME = ScalarEncoding(
    "ISO_ZONED_DATE_TIME",
    {AWARE: FormCodec(AWARE, "S", _write, _read, form="ISO_ZONED_DATE_TIME", ordered=False)},
    {AWARE: FormCodec(AWARE, "S", _write, _read_cut, form="ISO_ZONED_DATE_TIME", ordered=False)},
)
"""An aware `datetime` with its zone, as a text: `2024-01-31T23:59:59.5+01:00[Europe/Berlin]`.

With `Z` for UTC, and without brackets where there is an offset alone: Java's `ZonedDateTime` and
`OffsetDateTime`. In no order, and in no key, for times that are equal have a form in each zone.
"""
