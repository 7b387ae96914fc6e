"""Numbers as DynamoDB holds them, whatever the decimal context of the thread.

Up to 38 significant digits, and magnitudes from 1E-130 to less than 1E+126.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

import re
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, Final

from dynrepo.testing.refusals import invalid, refused

DIGITS: Final = 38
_LARGEST, _SMALLEST = 125, -130

# Every setting is given: what is left out is taken from `decimal.DefaultContext`, which a program
# may have changed. The sum of any two numbers that DynamoDB can hold has fewer digits than this.
_EXACT: Final = Context(
    prec=300,
    rounding=ROUND_HALF_EVEN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[InvalidOperation],
)

# `Decimal` takes more: spaces around, underscores within, NaN, digits of other scripts.
_FORM: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_TOO_LARGE: Final = (
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
)
_TOO_SMALL: Final = (
    "Number underflow. Attempting to store a number with magnitude smaller than supported range"
)


def number(content: Any) -> str:
    """The one text of a number: without exponent, without zeros at its ends."""
    if not isinstance(content, str):
        raise refused("SerializationException", "N takes a string")
    if _FORM.fullmatch(content) is None:
        raise invalid("The parameter cannot be converted to a numeric value")
    try:
        return number_text(Decimal(content, _EXACT))
    except InvalidOperation:
        raise invalid(_TOO_LARGE) from None


def number_text(value: Decimal) -> str:
    """The one text of a decimal; a refusal when DynamoDB cannot hold it."""
    if not value:
        return "0"
    if digits_of(value) > DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if value.adjusted() > _LARGEST:
        raise invalid(_TOO_LARGE)
    if value.adjusted() < _SMALLEST:
        raise invalid(_TOO_SMALL)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def digits_of(value: Decimal) -> int:
    """How many digits of a decimal are significant: zeros at its ends are not."""
    return len("".join(map(str, value.as_tuple().digits)).strip("0"))


def total(left: str, right: str) -> str:
    """The exact sum of two numbers; refuses one that DynamoDB cannot hold."""
    return _stored(_EXACT.add(Decimal(left), Decimal(right)))


def difference(left: str, right: str) -> str:
    """The first number less the second, exactly; refuses what DynamoDB cannot hold."""
    return _stored(_EXACT.subtract(Decimal(left), Decimal(right)))


def _stored(value: Decimal) -> str:
    # A sum of more digits is no rounded sum, it is an overflow: so answers DynamoDB, as recorded in
    # test_number.py of Scylla Alternator's tests, test_update_expression_plus_imprecise.
    if digits_of(value) > DIGITS:
        raise invalid(_TOO_LARGE)
    return number_text(value)
