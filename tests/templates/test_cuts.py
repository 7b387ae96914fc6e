"""The beginnings of times, and the times that begin so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from dynrepo.codec.times import AWARE, DATE
from dynrepo.errors import CodecError
from dynrepo.templates.asked import Asked
from dynrepo.templates.cuts import UNITS, CutForm
from dynrepo.templates.shapes import AWARE_SHAPE, DATE_SHAPE, MILLISECOND_SHAPE, NAIVE_SHAPE

if TYPE_CHECKING:
    from collections.abc import Callable

MICROSECOND = timedelta(microseconds=1)
NOON = datetime(2024, 2, 28, 12, 34, 56, 789, tzinfo=UTC)
STARTS: dict[int, Callable[[datetime], datetime]] = {
    4: lambda at: at.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0),
    7: lambda at: at.replace(day=1, hour=0, minute=0, second=0, microsecond=0),
    10: lambda at: at.replace(hour=0, minute=0, second=0, microsecond=0),
    13: lambda at: at.replace(minute=0, second=0, microsecond=0),
    16: lambda at: at.replace(second=0, microsecond=0),
    19: lambda at: at.replace(microsecond=0),
}
NEXT: dict[int, Callable[[datetime], datetime]] = {
    4: lambda at: at.replace(year=at.year + 1),
    7: lambda at: (at + timedelta(days=31)).replace(day=1),
    10: lambda at: at + timedelta(days=1),
    13: lambda at: at + timedelta(hours=1),
    16: lambda at: at + timedelta(minutes=1),
    19: lambda at: at + timedelta(seconds=1),
}


def asked(operator: str, *times: datetime) -> Asked:
    """A comparison with times."""
    return Asked(operator, tuple({"S": AWARE.write(at)} for at in times))


def cut(width: int) -> CutForm:
    """The form of so many characters."""
    return CutForm(AWARE_SHAPE, width)


@pytest.mark.parametrize("width", UNITS)
@pytest.mark.parametrize(
    "at", [NOON, datetime(2023, 2, 3, tzinfo=UTC), datetime(9998, 12, 31, 23, tzinfo=UTC)]
)
def test_a_range_of_times_is_one_of_beginnings(width: int, at: datetime) -> None:
    """From the first time of one to the last time of one, and no others."""
    first = STARTS[width](at)
    last = NEXT[width](first) - MICROSECOND
    form = cut(width)
    for operator, end, is_end in (
        (">=", first, True),
        ("<", first, True),
        ("<=", last, True),
        (">", last, True),
        (">=", first + MICROSECOND, False),
        ("<", last, False),
        ("<=", last - MICROSECOND, False),
        (">", first, False),
    ):
        assert form.says_all(asked(operator, end)) is is_end
    assert form.says_all(asked("BETWEEN", first, last))
    assert not form.says_all(asked("BETWEEN", first, first))
    assert not form.says_all(asked("BETWEEN", last, last))
    assert form.says_all(asked("=", at))


@pytest.mark.parametrize("width", UNITS)
def test_the_beginnings_of_a_range_are_counted(width: int) -> None:
    """One after the other, over ends of months and years."""
    form, at = cut(width), STARTS[width](datetime(2023, 12, 31, 23, 59, 59, tzinfo=UTC))
    end = at
    for count in range(1, 15):
        assert form.count(asked("BETWEEN", at, end)) == count
        end = NEXT[width](end)
    assert form.count(asked("BETWEEN", end, at)) == 0
    assert form.count(asked(">=", at)) is None


def test_times_that_begin_alike_have_one_text() -> None:
    """By which a query finds its partition."""
    form = cut(10)
    later = NOON + timedelta(hours=3)
    assert form.one_text(asked("=", NOON)) == "2024-02-28"
    assert form.one_text(asked("BETWEEN", NOON, later)) == "2024-02-28"
    assert form.one_text(asked("BETWEEN", NOON, NOON + timedelta(days=1))) is None
    assert form.one_text(asked(">=", NOON)) is None


@pytest.mark.parametrize(
    ("start", "text", "says_all"),
    [
        ("2024-02-28", "2024-02-28", True),
        ("2024-02-28T1", "2024-02-28", False),
        ("2024-02", None, True),
        ("2024/02/28", None, True),
    ],
)
def test_a_beginning_of_the_width_or_longer_has_one_text(
    start: str, text: str | None, *, says_all: bool
) -> None:
    """A longer one says more than the text does."""
    begins = Asked("begins_with", ({"S": start},))
    assert cut(10).one_text(begins) == text
    assert cut(10).says_all(begins) is says_all


def test_dates_and_naive_times_are_cut_too() -> None:
    """By their own shapes."""
    month = CutForm(DATE_SHAPE, 7)
    first, last = (Asked(">=", ({"S": DATE.write(date(2024, 2, day))},)) for day in (1, 29))
    assert month.says_all(first)
    assert not month.says_all(last)
    assert month.says_all(Asked("<=", last.values))
    assert month.write("2024-02-29") == "2024-02"
    day = CutForm(NAIVE_SHAPE, 10)
    assert day.says_all(Asked("<=", ({"S": "2024-02-29T23:59:59.999999"},)))
    iso = CutForm(MILLISECOND_SHAPE, 7)
    assert iso.says_all(Asked("<=", ({"S": "2024-02-29T23:59:59.999Z"},)))
    assert iso.says_all(Asked("<", ({"S": "2024-02-01T00:00:00.000Z"},)))


def test_a_time_of_another_shape_is_refused() -> None:
    """Its beginning would say nothing."""
    with pytest.raises(CodecError, match="shape"):
        cut(10).one_text(Asked("=", ({"S": "2024-02-28"},)))
