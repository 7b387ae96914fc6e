"""A datetime of Java keeps its zone."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from dynrepo import CodecError, PartitionKey, SchemaError, encodings, schema_of
from dynrepo.codec import codec_for

CODEC = codec_for(Annotated[AwareDatetime, encodings.ISO_ZONED_DATE_TIME])
CUT = codec_for(Annotated[AwareDatetime, encodings.truncated(encodings.ISO_ZONED_DATE_TIME)])
BERLIN = ZoneInfo("Europe/Berlin")
TEXTS = [
    ("2024-01-01T00:00:00+01:00[Europe/Berlin]", datetime(2024, 1, 1, tzinfo=BERLIN)),
    ("2024-07-01T00:00:00.5+02:00[Europe/Berlin]", datetime(2024, 7, 1, 0, 0, 0, 500_000, BERLIN)),
    ("2024-10-27T02:30:00+02:00[Europe/Berlin]", datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN)),
    (
        "2024-10-27T02:30:00+01:00[Europe/Berlin]",
        datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
    ),
    ("2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
    ("2024-01-01T00:00:00Z[UTC]", datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC"))),
    ("2024-01-01T00:00:00-05:30", datetime(2024, 1, 1, tzinfo=timezone(-timedelta(hours=5.5)))),
]


@pytest.mark.parametrize(("text", "value"), TEXTS, ids=[text for text, _ in TEXTS])
def test_the_zone_is_read_and_written_again(text: str, value: datetime) -> None:
    """Also in an hour that it repeats, by the offset."""
    read = CODEC.decode({"S": text})

    assert (read, read.fold, read.utcoffset()) == (value, value.fold, value.utcoffset())
    assert getattr(read.tzinfo, "key", None) == getattr(value.tzinfo, "key", None)
    assert CODEC.encode(value) == CODEC.encode(read) == {"S": text}


@given(st.datetimes(datetime(1900, 1, 1), timezones=st.timezones(no_cache=False)))  # noqa: DTZ001
def test_every_time_that_a_clock_shows_comes_back(value: datetime) -> None:
    """With its zone; a time that the clocks skip is shown by none."""
    value = value.astimezone(UTC).astimezone(value.tzinfo)
    read = CODEC.decode(CODEC.encode(value))

    assert (read, read.fold, read.tzinfo) == (value, value.fold, value.tzinfo)


def test_java_may_leave_the_seconds_out() -> None:
    """As `toString()` does where they are 0."""
    value = datetime(2024, 1, 1, tzinfo=BERLIN)

    assert CODEC.decode({"S": "2024-01-01T00:00+01:00[Europe/Berlin]"}) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2024-01-01T00:00:00[Europe/Berlin]", "expected an aware datetime"),
        ("20240101T000000.1234567Z", "expected an aware datetime with hyphens"),
        ("2024-01-01T00:00:00+02:00[Europe/Berlin]", "offset of a datetime is not .* tzdata"),
        ("2024-01-01T00:00:00+01:00[Europe/Atlantis]", "zone .* is not known here: .* tzdata"),
        ("2024-01-01T00:00:00+01:00[../../etc]", "zone .* is not known here: .* tzdata"),
        ("2024-01-01T00:00:00+01:00[]", "zone .* is not known here: .* tzdata"),
        ("2024-01-01T00:00:00+01:00[Europe/Berlin", "is no aware datetime as ISO_ZONED_DATE_TIME"),
        ("2024-01-01T00:00:00.123456789+01:00[Europe/Berlin]", "whole microseconds"),
    ],
)
def test_what_is_no_time_of_a_zone_is_refused(text: str, says: str) -> None:
    """And the message says what may cure it, without the value."""
    with pytest.raises(CodecError, match=says) as raised:
        CODEC.decode({"S": text})
    assert "Atlantis" not in str(raised.value)


def test_a_machine_without_zones_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package tzdata."""

    def lacking(key: str) -> ZoneInfo:
        raise zoneinfo.ZoneInfoNotFoundError(key)

    monkeypatch.setattr("dynrepo.encodings.zoned.ZoneInfo", lacking)
    with pytest.raises(CodecError, match="install or update tzdata"):
        CODEC.decode({"S": TEXTS[0][0]})


def test_what_is_finer_is_dropped_where_the_field_says_so() -> None:
    """Java has nanoseconds."""
    text = "2024-07-01T00:00:00.500000999+02:00[Europe/Berlin]"
    assert CUT.decode({"S": text}) == TEXTS[1][1]


class Nameless(tzinfo):
    """A zone of nobody's database."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """An hour, in winter."""
        return when and timedelta(hours=1)

    def dst(self, when: datetime | None) -> timedelta | None:
        """Nothing."""
        del when


def test_a_zone_that_has_no_name_is_refused() -> None:
    """It would not come back; nor would a naive datetime be an instant."""
    with pytest.raises(CodecError, match="give it a ZoneInfo"):
        CODEC.encode(datetime(2024, 1, 1, tzinfo=Nameless()))
    with pytest.raises(CodecError, match="found a naive one"):
        CODEC.encode(datetime(2024, 1, 1))  # noqa: DTZ001


def test_it_is_no_key() -> None:
    """Times that are equal have a text in each zone."""

    class Event(BaseModel):
        at: Annotated[AwareDatetime, encodings.ISO_ZONED_DATE_TIME, PartitionKey()]

    with pytest.raises(SchemaError, match=r"Event\.at: .* cannot be a key"):
        schema_of(Event)
