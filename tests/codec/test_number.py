"""Numbers are what DynamoDB calls numbers, and come back exactly or not at all."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from dynrepo.codec import codec_for
from dynrepo.codec.number import (
    is_exact_float,
    read_decimal,
    read_float,
    read_int,
    read_number,
    read_timedelta,
    write_decimal,
    write_float,
    write_int,
    write_timedelta,
)
from dynrepo.errors import CodecError
from tests.encodings import NO_NUMBERS


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (write_int, -36, "-36"),
        (write_int, 10**38 - 1, "9" * 38),
        (write_int, 10**125, "1E+125"),
        (write_int, 12 * 10**40, "1.2E+41"),
        (write_float, 0.0, "0.0"),
        (write_float, 0.1, "0.1"),
        (write_float, 3, "3"),
        (write_decimal, Decimal("12.50"), "12.50"),
        (write_decimal, Decimal("-0"), "-0"),
        (write_decimal, Decimal("1.000E+5"), "1E+5"),
        (write_decimal, 7, "7"),
        (write_timedelta, timedelta(seconds=90), "90"),
        (write_timedelta, timedelta(microseconds=-1), "-0.000001"),
    ],
)
def test_a_number_is_written_exactly(write: Any, value: Any, text: str) -> None:
    """In the shortest text that reads back as an equal number."""
    assert write(value) == text


@pytest.mark.parametrize(
    ("write", "value"),
    [
        (write_int, True),
        (write_int, 1.0),
        (write_int, 10**126),
        (write_int, 10**38 + 1),
        (write_float, float("nan")),
        (write_float, float("inf")),
        (write_float, 1e126),
        (write_float, 1e-131),
        (write_float, 2**53 + 1),
        (write_float, 10**400),
        (write_float, "1"),
        (write_decimal, Decimal("NaN")),
        (write_decimal, Decimal("-Infinity")),
        (write_decimal, Decimal("1E-131")),
        (write_decimal, Decimal("0." + "1" * 39)),
        (write_decimal, 1.5),
    ],
)
def test_what_is_no_number_of_dynamodb_is_not_written(write: Any, value: Any) -> None:
    """More than 38 digits, too great or too small, no number at all, or one of another type."""
    with pytest.raises(CodecError):
        write(value)


@pytest.mark.parametrize("read", [read_int, read_float, read_decimal, read_number, read_timedelta])
def test_a_text_that_dynamodb_never_stores_is_no_number(read: Any) -> None:
    """Although Python would make a number of many of them."""
    for text in NO_NUMBERS:
        with pytest.raises((ArithmeticError, AttributeError, TypeError, ValueError)):
            read(text)


@pytest.mark.parametrize("text", ["100", "100.0", "1E+2", "1e2", "+100", "0100", "10000E-2"])
def test_a_number_is_read_however_another_engine_spells_it(text: str) -> None:
    """Numbers are equal, or not; their zeros and exponents are not kept by DynamoDB either."""
    for read in (read_int, read_float, read_decimal, read_number):
        assert read(text) == 100
    assert read_timedelta(text) == timedelta(seconds=100)
    assert codec_for(set[int]).decode({"NS": [text]}) == {100}


NEAREST = {
    "0.1": 0.1,
    "0.10000000000000000000": 0.1,
    repr(1 / 3): 1 / 3,
    str(2**53): 2.0**53,
    "0.1" + "0" * 20 + "1": 0.1,
    str(2**53 + 1): 2.0**53,
    "0.33333333333333333333": 1 / 3,
    "-1.0999999999999999999999999999999999999": -1.1,
    "9.9999999999999999999999999999999999999E+125": 9.999999999999998e125,
    "-9.9999999999999999999999999999999999999E+125": -9.999999999999998e125,
    "1E-130": 1e-130,
}


@pytest.mark.parametrize("text", NEAREST)
def test_a_float_is_read_as_the_nearest_to_the_number(text: str) -> None:
    """DynamoDB adds decimally, so what is stored may have more digits than any float."""
    assert read_float(text) == NEAREST[text]
    assert float(write_float(read_float(text))) == NEAREST[text]


def test_a_number_tells_whether_it_is_the_one_that_is_written_for_its_float() -> None:
    """By another one nothing would be found."""
    exact = [text for text in NEAREST if is_exact_float(text)]
    assert exact == [*list(NEAREST)[:4], "1E-130"]
    assert is_exact_float("100.0")


def test_a_fraction_is_no_int() -> None:
    """Nor is it rounded to one."""
    with pytest.raises(CodecError, match="found a fraction"):
        read_int("0.5")


def test_a_duration_has_whole_microseconds() -> None:
    """Zeros behind them are none, and a finer fraction is refused."""
    assert read_timedelta("-1.5000000") == timedelta(seconds=-1.5)
    with pytest.raises(CodecError, match="whole microseconds"):
        read_timedelta("0.0000001")


def test_a_number_without_a_type_is_an_int_if_it_is_whole() -> None:
    """And a Decimal otherwise."""
    assert (type(read_number("2.0")), type(read_number("2.5"))) == (int, Decimal)
