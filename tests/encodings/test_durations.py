"""Durations are read in the texts of ISO 8601 that have one length."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from dynrepo import CodecError, PartitionKey, encodings, schema_of
from dynrepo.codec import codec_for

DAYS = codec_for(Annotated[timedelta, encodings.ISO_DURATION])
HOURS = codec_for(Annotated[timedelta, encodings.ISO_DURATION_HOURS])
CUT = codec_for(Annotated[timedelta, encodings.truncated(encodings.ISO_DURATION_HOURS)])
# As Pydantic's JSON has them, and as Java's `Duration.toString()`.
TEXTS = [
    (timedelta(0), "PT0S", "PT0S"),
    (timedelta(days=1), "P1D", "PT24H"),
    (timedelta(days=1, hours=2, seconds=3.5), "P1DT2H3.5S", "PT26H3.5S"),
    (timedelta(hours=1, minutes=1, seconds=1), "PT1H1M1S", "PT1H1M1S"),
    (timedelta(microseconds=1), "PT0.000001S", "PT0.000001S"),
    (timedelta(days=-1, seconds=-1), "-P1DT1S", "PT-24H-1S"),
    (timedelta(seconds=-0.5), "-PT0.5S", "PT-0.5S"),
    (timedelta(minutes=-90), "-PT1H30M", "PT-1H-30M"),
]


@pytest.mark.parametrize(("value", "days", "hours"), TEXTS, ids=[days for _, days, _ in TEXTS])
def test_a_duration_has_the_text_of_its_writer(value: timedelta, days: str, hours: str) -> None:
    """And either is read as the other."""
    assert DAYS.encode(value) == {"S": days}
    assert HOURS.encode(value) == {"S": hours}
    assert TypeAdapter(timedelta).dump_json(value).decode() == f'"{days}"'
    for codec in (DAYS, HOURS, CUT):
        for text in (days, hours):
            assert codec.decode({"S": text}) == codec.fast_decode({"S": text}) == value


@given(st.timedeltas())
def test_every_duration_comes_back(value: timedelta) -> None:
    """To the microsecond."""
    for codec in (DAYS, HOURS):
        stored = codec.encode(value)
        assert codec.decode(stored) == value
        assert codec.encode(codec.decode(stored)) == stored
        assert not codec.ordered


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("P1W", timedelta(days=7)),
        ("P2W3D", timedelta(days=17)),
        ("+PT1S", timedelta(seconds=1)),
        ("P-1D", timedelta(days=-1)),
        ("PT1H-30M", timedelta(minutes=30)),
        ("-PT-1S", timedelta(seconds=1)),
        ("PT1.500000000S", timedelta(seconds=1.5)),
    ],
)
def test_other_texts_of_one_length_are_read(text: str, value: timedelta) -> None:
    """Weeks, and a sign for each part."""
    assert DAYS.decode({"S": text}) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1DT", "1D", "PT1", "P1", "1", "xP1D", "PTS", "PT.S", "PT.5S", "PT1.S5"),
        *(
            "P1Y",
            "P1M",
            "P1Y2M",
            "P1.5D",
            "PT1.5H",
            "PT1.5M",
            "P1DT1D",
            "P1H",
            "PT1,5S",
            "P\u0661D",
        ),
        *("PT1.0000001S", "PT1S ", "PT--1S", "00:00:01", "P99999999999D"),
    ],
)
def test_what_has_no_one_length_is_refused(text: str) -> None:
    """A month is none; nor are parts of a microsecond."""
    with pytest.raises(CodecError):
        DAYS.decode({"S": text})


def test_what_is_finer_is_dropped_where_the_field_says_so() -> None:
    """As Java's nanoseconds."""
    assert CUT.decode({"S": "PT1.000000999S"}) == timedelta(seconds=1)
    assert CUT.decode({"S": "PT-1.000000999S"}) == timedelta(seconds=-1)


def test_a_duration_is_found_by_its_text() -> None:
    """The one that is written."""

    class Slot(BaseModel):
        length: Annotated[timedelta, encodings.ISO_DURATION, PartitionKey()]

    schema: Any = schema_of(Slot)
    assert schema.key(timedelta(hours=36)) == {"length": {"S": "P1DT12H"}}
    with pytest.raises(CodecError, match="the stored form is another"):
        schema.decode({"length": {"S": "PT36H"}})
