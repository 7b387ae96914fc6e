"""Instants, dates and durations keep their order where they are stored, and their microseconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dynrepo.codec.times import AWARE, DATE, DURATION, EPOCH_SECONDS, NAIVE, TIME
from dynrepo.errors import CodecError

EAST = timezone(timedelta(hours=2))
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (AWARE, NOON, {"S": "2024-02-29T12:00:00.000000Z"}),
        (AWARE, NOON.astimezone(EAST), {"S": "2024-02-29T12:00:00.000000Z"}),
        (AWARE, NOON.replace(microsecond=5), {"S": "2024-02-29T12:00:00.000005Z"}),
        (NAIVE, datetime(2024, 1, 1), {"S": "2024-01-01T00:00:00.000000"}),  # noqa: DTZ001
        (DATE, date(987, 6, 5), {"S": "0987-06-05"}),
        (TIME, time(1, 2, tzinfo=EAST), {"S": "01:02:00.000000+02:00"}),
        (DURATION, timedelta(seconds=-1.5), {"N": "-1.500000"}),
        (EPOCH_SECONDS, datetime(1970, 1, 2, tzinfo=UTC), {"N": "86400"}),
    ],
)
def test_a_time_comes_back(codec: Any, value: Any, stored: dict[str, str]) -> None:
    """From its form in DynamoDB, as an equal."""
    assert codec.encode(value) == stored
    assert codec.decode(stored) == value


@pytest.mark.parametrize(
    ("codec", "value", "says"),
    [
        (AWARE, NOON.replace(tzinfo=None), "found a naive one"),
        (AWARE, datetime.min.replace(tzinfo=EAST), "before the year 1 or after 9999"),
        (AWARE, "2024", "expected aware datetime, found str"),
        (NAIVE, NOON, "found an aware one"),
        (TIME, time(1, tzinfo=ZoneInfo("Europe/Paris")), "no offset without a date"),
        (EPOCH_SECONDS, NOON.replace(tzinfo=None), "found a naive one"),
        (DATE, "2024-01-01", "expected date, found str"),
    ],
)
def test_a_time_that_would_be_another_is_refused(codec: Any, value: Any, says: str) -> None:
    """A zone that is not known, or an instant that UTC has no name for."""
    with pytest.raises(CodecError, match=says):
        codec.encode(value)


@pytest.mark.parametrize(
    ("codec", "stored", "says"),
    [
        (AWARE, {"S": "2024-01-01T00:00:00"}, "expected an aware datetime"),
        (AWARE, {"S": "2024-01-01T00:00:00.1234567Z"}, "whole microseconds"),
        (AWARE, {"S": "2024-01-01T00:00:00.000000001Z"}, "whole microseconds"),
        (AWARE, {"S": "2024-01-01T00:00:00.12345xZ"}, "the S found is no aware datetime"),
        (NAIVE, {"S": "2024-01-01T00:00:00Z"}, "expected a naive datetime"),
        (NAIVE, {"S": "2024-01-01"}, "expected a naive datetime"),
        (TIME, {"S": "12:30"}, "the S found is no time"),
        (TIME, {"S": "00:00:00.1234567"}, "whole microseconds"),
        (DATE, {"S": "20200101"}, "the S found is no date"),
        (DURATION, {"N": "0.0000001"}, "whole microseconds"),
        (EPOCH_SECONDS, {"N": "0.5"}, "found a fraction"),
    ],
)
def test_a_text_that_says_less_or_more_is_refused(
    codec: Any, stored: dict[str, str], says: str
) -> None:
    """It may be finer than Python's classes, or mean another type."""
    with pytest.raises(CodecError, match=says):
        codec.decode(stored)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-29T14:00:00+02:00",
        "2024-02-29T12:00:00Z",
        "2024-02-29 12:00:00.000000Z",
        "2024-02-29T12:00:00.000000000Z",
        "2024-02-29T12:00:00.000000+0000",
    ],
)
def test_an_instant_is_read_in_the_words_of_others(text: str) -> None:
    """And is not canonical, so it is no key."""
    assert AWARE.decode({"S": text}) == NOON
    assert AWARE.canonical is not None
    assert not AWARE.canonical(text)


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Australia/Lord_Howe"])
def test_a_repeated_and_a_skipped_hour_are_instants(zone: str) -> None:
    """Each of the two is stored as its own, in order, and read as that instant in UTC."""
    year = [
        datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * step) for step in range(17568)
    ]
    known = [each.astimezone(ZoneInfo(zone)) for each in year]
    repeated = [
        each for each in known if each.utcoffset() != each.replace(fold=not each.fold).utcoffset()
    ]
    assert any(each.fold for each in repeated)
    texts = [AWARE.write(each) for each in repeated]
    assert texts == sorted(set(texts))
    for value, text in zip(repeated, texts, strict=True):
        assert AWARE.read(text) == value.astimezone(UTC)
        assert AWARE.read(text).timestamp() == value.timestamp()
    skipped = [
        each.replace(fold=fold) + timedelta(days=182) for each in repeated for fold in (0, 1)
    ]
    assert all(AWARE.read(AWARE.write(each)).timestamp() == each.timestamp() for each in skipped)


def test_the_fold_of_a_time_without_a_zone_says_nothing() -> None:
    """To Python both are equal, and so is what is read."""
    for codec, value in (
        (NAIVE, datetime(2024, 10, 27, 2, 30, fold=1)),  # noqa: DTZ001
        (TIME, time(2, 30, fold=1)),
        (TIME, time(2, 30, fold=1, tzinfo=EAST)),
    ):
        assert codec.decode(codec.encode(value)) == value
