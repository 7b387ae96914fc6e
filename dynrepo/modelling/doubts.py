"""What values may be that are taken for texts, numbers or bytes: a bare one does not say it."""

from __future__ import annotations

import re
from binascii import a2b_base64
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_MANY = 8
"""How many values tell whether there are a few only."""


def doubts_of(text: str, payloads: Sequence[Any]) -> Iterator[str]:
    """What else the values of a type may be, by what they look like."""
    for looks_like, doubt in _LOOKS.get(text, ()):
        if payloads and all(map(looks_like, payloads)):
            yield _FINE if looks_like is _is_time and any(map(_is_fine, payloads)) else doubt
            return
    if len(payloads) < _MANY:
        return
    if text == "str" and len(set(payloads)) <= len(payloads) / 4:
        yield "a few texts only: perhaps an Enum, or a Literal"
    elif text == "int" and set(payloads) == {"0", "1"}:
        yield "zeros and ones only: perhaps flags, encodings.ZERO_ONE"


def _pattern(pattern: str) -> Callable[[Any], Any]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch


def _between(least: float, most: float, step: int = 1) -> Callable[[Any], bool]:
    """Whether a number is in a range, and its whole part a multiple of a step."""
    return lambda text: least <= Decimal(text) < most and int(Decimal(text)) % step == 0


_SECONDS = 900_000_000, 5_000_000_000
"""From 1998 to 2128, since 1970."""


def _since_1970(per_second: int, encoding: str) -> tuple[Callable[[Any], bool], str]:
    least, most = (each * per_second for each in _SECONDS)
    doubt = f"perhaps times, encodings.{encoding}: nothing in a number says so"
    return _between(least, most), doubt


_is_time = _pattern(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_is_fine = _pattern(r".*\.\d{6}\d*[1-9].*")
_FINE = "texts of times finer than microseconds, which encodings.truncated(...) would cut"


def _is_base64_twice(text: str) -> bool:
    """Whether bytes, which travel as base64, are base64 themselves."""
    try:
        return bool(a2b_base64(a2b_base64(text), strict_mode=True))
    except ValueError:
        return False


_LOOKS: dict[str, tuple[tuple[Callable[[Any], Any], str], ...]] = {
    "str": (
        (_is_time, "texts of times in no one form, or with another offset than that of UTC"),
        (
            _pattern(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}"),
            "perhaps texts of UUIDs: encodings.UUID_HEX is the form without hyphens",
        ),
        (
            _pattern(r"[-+]?\d+(\.\d+)?"),
            "texts of numbers: encodings.DECIMAL_TEXT has them as a Decimal",
        ),
        (
            _pattern(r"y|n|yes|no|true|false"),
            "texts of flags: encodings.bool_text(...) has them as bool",
        ),
        (
            _pattern(r"(?s)\s*[\[{].*[\]}]\s*"),
            "perhaps texts of JSON: encodings.JSON_TEXT has them as a type of your own",
        ),
    ),
    "int": (
        _since_1970(1, "EPOCH_SECONDS"),
        _since_1970(1_000, "EPOCH_MILLISECONDS"),
        _since_1970(1_000_000, "EPOCH_MICROSECONDS"),
        _since_1970(1_000_000_000, "EPOCH_NANOSECONDS"),
        (
            _between(1_000_000, 10**17, 1_000_000),
            "perhaps durations, encodings.NANOSECONDS: nothing in a number says so",
        ),
    ),
    "Decimal": (_since_1970(1, "EPOCH_FRACTION"),),
    "bytes": (
        (
            _pattern(r"[A-Za-z0-9+/]{22}=="),
            "sixteen bytes each: perhaps UUIDs, encodings.UUID_BYTES",
        ),
        (_is_base64_twice, "base64 of bytes: perhaps PynamoDB's, encodings.LEGACY_BINARY"),
    ),
}
"""What else all the values of a type may be."""
