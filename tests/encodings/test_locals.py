"""Texts without an offset are naive, or the time of the zone that the field names."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, NaiveDatetime

from dynrepo import CodecError, SchemaError, encodings
from dynrepo.codec import codec_for

NOON = datetime(2024, 2, 29, 12, 30)  # noqa: DTZ001
BERLIN = ZoneInfo("Europe/Berlin")


def naive(encoding: Any) -> Any:
    """The codec of a naive datetime in a form."""
    return codec_for(Annotated[NaiveDatetime, encoding])


def aware(encoding: Any) -> Any:
    """The codec of an instant in a form."""
    return codec_for(Annotated[AwareDatetime, encoding])


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("NAIVE_ISO", "2024-02-29T12:30:00", NOON),
        ("NAIVE_ISO", "2024-02-29T12:30:00.000005", NOON.replace(microsecond=5)),
        ("NAIVE_SPACED", "2024-02-29 12:30:00", NOON),
        ("LOCAL_DATE_TIME", "2024-02-29T12:30", NOON),
        ("LOCAL_DATE_TIME", "2024-02-29T12:30:01", NOON.replace(second=1)),
        ("LOCAL_DATE_TIME", "2024-02-29T12:30:00.500", NOON.replace(microsecond=500_000)),
        ("LOCAL_DATE_TIME", "2024-02-29T12:30:00.000005", NOON.replace(microsecond=5)),
    ],
)
def test_a_naive_datetime_is_one_of_its_writer(name: str, text: str, value: datetime) -> None:
    """Python, SQL, and Java, which leaves the seconds out."""
    codec = naive(getattr(encodings, name))

    assert codec.encode(value) == {"S": text}
    assert codec.decode({"S": text}) == value
    assert codec.ordered
    with pytest.raises(CodecError, match="found an aware one"):
        codec.encode(value.replace(tzinfo=UTC))


@given(st.datetimes())
def test_every_naive_datetime_comes_back(value: datetime) -> None:
    """In each form, and in its text."""
    for encoding in (encodings.NAIVE_ISO, encodings.NAIVE_SPACED, encodings.LOCAL_DATE_TIME):
        codec = naive(encoding)
        assert codec.decode(codec.encode(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29T12:30:00Z",
        "2024-02-29",
        "2024-02-29T12:30:00.1234567",
        "20240229T123000Z",
        "noon",
    ],
)
def test_what_is_no_naive_datetime_is_refused(text: str) -> None:
    """A date has no time."""
    with pytest.raises(CodecError):
        naive(encodings.NAIVE_ISO).decode({"S": text})


def test_what_is_finer_is_dropped_where_the_field_says_so() -> None:
    """As Java's nanoseconds."""
    codec = naive(encodings.truncated(encodings.LOCAL_DATE_TIME))

    assert codec.decode({"S": "2024-02-29T12:30:00.000000999"}) == NOON
    for text in ("2024-02-29", "2024-02-29T12:30:00Z"):
        with pytest.raises(CodecError, match="expected a naive datetime"):
            codec.decode({"S": text})
    clock = codec_for(Annotated[time, encodings.truncated(encodings.LOCAL_TIME)])
    assert clock.decode({"S": "05:30:00.000000001"}) == time(5, 30)


def test_an_instant_needs_a_zone_in_its_encoding() -> None:
    """A naive text alone is none."""
    with pytest.raises(SchemaError, match="NAIVE_ISO is a form of naive datetime"):
        aware(encodings.NAIVE_ISO)
    with pytest.raises(SchemaError, match="takes an encoding of naive datetimes"):
        encodings.in_zone("UTC", encodings.ISO_Z)  # type: ignore[arg-type]
    with pytest.raises(SchemaError, match=r"'Nowhere/Else' is not known here: .* tzdata"):
        encodings.in_zone("Nowhere/Else")


@pytest.mark.parametrize(
    ("zone", "text", "ordered"),
    [
        ("UTC", "2024-02-29T12:30:00", True),
        (timezone(timedelta(hours=2)), "2024-02-29T14:30:00", True),
        ("Europe/Berlin", "2024-02-29T13:30:00", False),
    ],
)
def test_the_clocks_of_a_zone_show_an_instant(zone: Any, text: str, *, ordered: bool) -> None:
    """In the order of time where they are never changed."""
    codec = aware(encodings.in_zone(zone))

    assert codec.encode(NOON.replace(tzinfo=UTC)) == {"S": text}
    assert codec.decode({"S": text}) == NOON.replace(tzinfo=UTC)
    assert codec.ordered is ordered
    assert codec.key == "sort"


@given(st.datetimes(datetime(1995, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_comes_back_or_is_refused(value: datetime) -> None:
    """In an hour that the clocks show twice nobody could tell which it was."""
    codec = aware(encodings.in_zone("Europe/Berlin", encodings.NAIVE_SPACED))
    local = value.astimezone(BERLIN)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        with pytest.raises(CodecError, match="repeats or skips"):
            codec.encode(value)
    else:
        assert codec.decode(codec.encode(value)) == value


def test_an_hour_that_is_repeated_or_skipped_is_no_instant() -> None:
    """Written or found; nor is what is beyond the years that Python has."""
    codec = aware(encodings.in_zone(BERLIN))

    for hour in (0, 1):
        with pytest.raises(CodecError, match="repeats or skips"):
            codec.encode(datetime(2024, 10, 27, hour, 30, tzinfo=UTC))
    for text in ("2024-10-27T02:30:00", "2024-03-31T02:30:00"):
        with pytest.raises(CodecError, match="repeats or skips"):
            codec.decode({"S": text})
    with pytest.raises(CodecError, match="after 9999 in its zone"):
        codec.encode(datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize("key", ["Europe/Berlin", "Pacific/Apia", "Africa/Casablanca", "Etc/GMT+3"])
def test_every_hour_around_a_change_of_the_clocks_is_read(key: str) -> None:
    """Or refused, as the zone says: also where it skips a day, or changes within a month."""
    zone, read = ZoneInfo(key), aware(encodings.in_zone(key)).decode
    for day in (1, *range(4376, 4386), *range(4495, 4510), *range(4580, 4620)):
        for hour in (0, 1, 2, 3, 12, 23):
            shown = datetime(2000, 1, 1, hour, 30) + timedelta(days=day)  # noqa: DTZ001
            offsets = {shown.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
            if len(offsets) > 1:
                with pytest.raises(CodecError, match="repeats or skips"):
                    read({"S": shown.isoformat()})
            else:
                found = read({"S": shown.isoformat()})
                assert found == shown.replace(tzinfo=UTC) - offsets.pop()
                assert found.tzinfo is UTC


class Moved(tzinfo):
    """A zone that is told its offset."""

    hours = 1

    def utcoffset(self, _at: datetime | None) -> timedelta:
        """Hours."""
        return timedelta(hours=self.hours)


def test_a_zone_of_ones_own_is_asked_each_time() -> None:
    """Nobody knows what it says next; and the last day of all has none after it."""
    zone = Moved()
    codec = aware(encodings.in_zone(zone))
    assert codec.decode({"S": "2024-02-29T13:30:00"}) == NOON.replace(tzinfo=UTC)
    zone.hours = 2
    assert codec.decode({"S": "2024-02-29T14:30:00"}) == NOON.replace(tzinfo=UTC)
    last = aware(encodings.in_zone(BERLIN)).decode({"S": "9999-12-31T23:30:00"})
    assert last == datetime(9999, 12, 31, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("05:30", time(5, 30)),
        ("05:30:01", time(5, 30, 1)),
        ("05:30:00.500", time(5, 30, 0, 500_000)),
        ("05:30:00.000001", time(5, 30, 0, 1)),
    ],
)
def test_a_time_of_day_is_one_of_java(text: str, value: time) -> None:
    """As the converter of its DynamoDB client writes a `LocalTime`."""
    codec = codec_for(Annotated[time, encodings.LOCAL_TIME])

    assert codec.encode(value) == {"S": text}
    assert codec.decode({"S": text}) == value
    assert codec.key == "sort"


@pytest.mark.parametrize("text", ["0530", "05:30Z", "05:30:00.1234567", "5", "05:30+01:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    """One with a zone is another thing; zeros beyond the microsecond are none."""
    codec = codec_for(Annotated[time, encodings.LOCAL_TIME])

    with pytest.raises(CodecError):
        codec.decode({"S": text})
    with pytest.raises(CodecError, match="a time without a zone"):
        codec.encode(time(5, 30, tzinfo=UTC))
    assert codec.decode({"S": "05:30:00.500000000"}) == time(5, 30, 0, 500_000)


@given(st.times())
def test_every_time_of_day_comes_back(value: time) -> None:
    """In the order of the day."""
    codec = codec_for(Annotated[time, encodings.LOCAL_TIME])
    assert codec.decode(codec.encode(value)) == value
    assert (codec.encode(value)["S"] > "12:00") == (value > time(12))
