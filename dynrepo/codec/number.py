"""Numbers: 38 digits, magnitudes from 1E-130 to 9.9E+125, no NaN, no infinity.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from decimal import Decimal
from math import copysign, nextafter
from typing import TYPE_CHECKING, Any

from dynrepo.codec.value import SingleTag, expected
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.value import AttributeValue

DIGITS = 38
HIGHEST_EXPONENT, LOWEST_EXPONENT = 125, -130
_BEYOND = 10**DIGITS
_LEAST_FLOAT, _BEYOND_FLOATS = 1e-130, 1e126
_GREATEST_FLOAT = nextafter(_BEYOND_FLOATS, 0)
_FLOAT_DIGITS = sys.float_info.dig
# `int`, `float` and `Decimal` take spaces, underscores, the digits of all scripts, NaN and
# infinity. Of the texts of these characters alone they take those only that are numbers.
_WHOLE = "0123456789-"
_PLAIN = "0123456789-."
_NONZERO = "123456789"
_is_number = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?", re.ASCII).fullmatch
_SECOND = 1_000_000
_MICROSECOND = timedelta(microseconds=1)
_MICROSECOND_DIGITS = 6


class NumberCodec(SingleTag):
    """The codec of a class of numbers. DynamoDB compares numbers, not their texts.

    `canonical` says that equal values have one stored form only.
    """

    def __init__(
        self,
        kind: type[Any],
        write: Callable[[Any], str],
        read: Callable[[str], Any],
        *,
        canonical: Callable[[Any], bool],
    ) -> None:
        super().__init__("N", kind.__name__, (kind,), key="sort", canonical=canonical)
        self.write = write
        self.read = read

    def encode_part(self, value: Any) -> AttributeValue:
        """The number, as text."""
        return {"N": self.write(value)}

    fast_encode = encode_part


def write_int(value: Any) -> str:
    """The text of an int, exactly."""
    if type(value) is not int:
        raise expected("int", value)
    if -_BEYOND < value < _BEYOND:
        return str(value)
    return _checked(Decimal(value))


def is_number(value: Any) -> bool:
    """Whether a value is a number, which a bool is not."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def read_int(text: str) -> int:
    """The int that a number is; an error for a number with a fraction."""
    if text and len(text) <= DIGITS and not text.strip(_WHOLE):
        return int(text)
    number = read_decimal(text)
    # An engine may hand out `1E+2` as another writer wrote it.
    if number != number.to_integral_value():
        raise CodecError("expected a whole number, found a fraction")
    return int(number)


def read_decimal(text: str) -> Decimal:
    """The Decimal that a number is."""
    if text and len(text) <= DIGITS and not text.strip(_PLAIN):
        return Decimal(text)
    if not _is_number(text):
        raise CodecError("the N found is no number")
    number = Decimal(text)
    exponent = number.adjusted()
    if exponent > HIGHEST_EXPONENT:  # of 1E+999999999 the digits would fill the memory
        raise CodecError("the N found is out of the range of a DynamoDB number")
    if exponent < LOWEST_EXPONENT or len(number.as_tuple().digits) > DIGITS:
        _checked(number)  # zeros are no digits of it
    return number


def read_float(text: str) -> float:
    """The float nearest to a number, of those that can be stored.

    DynamoDB adds decimally: a sum of floats may have more digits than any float.
    """
    if len(text) <= _FLOAT_DIGITS and not text.strip(_PLAIN):
        return float(text)
    number = float(read_decimal(text))
    return number if abs(number) < _BEYOND_FLOATS else copysign(_GREATEST_FLOAT, number)


def is_exact_float(text: str) -> bool:
    """Whether a number is the one that is written for the float that is read of it."""
    exact = read_decimal(text)
    return Decimal(repr(float(exact))) == exact


def write_float(value: Any) -> str:
    """The shortest text that reads back as the same float."""
    if type(value) is float:
        # Doubles have 17 digits at most, so their range alone is to be checked.
        if _LEAST_FLOAT <= abs(value) < _BEYOND_FLOATS or value == 0:
            return repr(value)
        raise CodecError("a float is not finite, or out of the range of a DynamoDB number")
    if type(value) is int and _exact_float(value):
        return write_int(value)  # `x: float = 0` is as old as Python
    raise expected("float", value)


def _exact_float(value: int) -> bool:
    try:
        return float(value) == value
    except OverflowError:
        return False


def write_decimal(value: Any) -> str:
    """The text of a Decimal, exactly; zeros at its end are not kept by DynamoDB."""
    if type(value) is Decimal:
        text = str(value)
        if len(text) <= DIGITS and value.is_finite() and "E" not in text:
            return text
        return _checked(value)
    if type(value) is int:
        return write_int(value)
    raise expected("Decimal", value)


def _checked(value: Decimal) -> str:
    if not value.is_finite():
        raise CodecError("NaN and infinities are no DynamoDB numbers")
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101  # finite numbers have no other
    text = "".join(map(str, digits))
    significant = text.strip("0")
    if len(significant) > DIGITS:
        raise CodecError(f"a number has more than {DIGITS} digits")
    exponent += len(text) - len(text.rstrip("0"))
    if significant and not LOWEST_EXPONENT <= exponent + len(significant) - 1 <= HIGHEST_EXPONENT:
        raise CodecError("a number is out of the range of a DynamoDB number")
    return str(Decimal((sign, tuple(map(int, significant)), exponent if significant else 0)))


def write_timedelta(value: Any) -> str:
    """The seconds of a timedelta, with the microseconds as their fraction."""
    whole, fraction = divmod(abs(value) // _MICROSECOND, _SECOND)
    sign = "-" if value.days < 0 else ""
    return f"{sign}{whole}.{fraction:06}" if fraction else f"{sign}{whole}"


def read_timedelta(text: str) -> timedelta:
    """The timedelta of a number of seconds."""
    # As text, for arithmetic would round to the precision of the caller's decimal context.
    whole, _, fraction = format(read_decimal(text), "f").lstrip("-").partition(".")
    if len(fraction.rstrip("0")) > _MICROSECOND_DIGITS:
        raise CodecError("expected whole microseconds, found a fraction")
    duration = timedelta(seconds=int(whole), microseconds=int(fraction[:6].ljust(6, "0")))
    return -duration if text.startswith("-") else duration


def read_number(text: str) -> int | Decimal:
    """A number without a declared type: int when it is whole, Decimal otherwise."""
    if text and len(text) <= DIGITS and not text.strip(_PLAIN):
        if "." not in text:
            return int(text)
        number = Decimal(text)
        if text[-1] in _NONZERO:  # which shows, and takes less than to compare
            return number
    else:
        number = read_decimal(text)
    return int(number) if number == number.to_integral_value() else number
