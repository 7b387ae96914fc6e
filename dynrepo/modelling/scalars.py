"""The type of texts, numbers and binaries: the first that writes each of them as it was read."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, NaiveDatetime

from dynrepo.codec import codec_for
from dynrepo.codec.value import canonical
from dynrepo.errors import CodecError
from dynrepo.modelling.types import Import, TypeText

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from dynrepo.codec import Codec


class Candidate(NamedTuple):
    """A type that values of a tag may be of."""

    text: str
    annotation: Any
    imports: frozenset[Import] = frozenset()


def _imported(module: str, kind: Any, name: str) -> Candidate:
    return Candidate(name, kind, frozenset({(module, name)}))


CANDIDATES: dict[str, tuple[Candidate, ...]] = {
    "S": (
        _imported("uuid", UUID, "UUID"),
        _imported("pydantic", AwareDatetime, "AwareDatetime"),
        _imported("pydantic", NaiveDatetime, "NaiveDatetime"),
        _imported("datetime", date, "date"),
        _imported("datetime", time, "time"),
        Candidate("str", str),
    ),
    "N": (Candidate("int", int), _imported("decimal", Decimal, "Decimal")),
    "B": (Candidate("bytes", bytes),),
    "BOOL": (Candidate("bool", bool),),
}
"""The types by tag, the narrowest first; the last takes every value."""


def scalar_of(tag: str, payloads: Sequence[Any], *, key: str = "") -> TypeText:
    """The type of what stands below a tag; `key` says which kind of key it has to be able to be."""
    widest = CANDIDATES[tag][-1]
    fitting = (
        candidate
        for candidate in CANDIDATES[tag]
        if (not key or _codec(candidate).key in (key, "sort"))
        and keeps(_codec(candidate), tag, payloads)
    )
    found = next(fitting, widest) if payloads else widest
    return TypeText(found.text, found.imports, tuple(_doubts(found.text, payloads)))


@cache
def _codec(candidate: Candidate) -> Codec:
    return codec_for(candidate.annotation)


def keeps(codec: Codec, tag: str, payloads: Collection[Any]) -> bool:
    """Whether a codec reads all that stands below a tag, and would write it as it is."""
    return all(_keeps_one(codec, {tag: payload}) for payload in payloads)


def _keeps_one(codec: Codec, stored: dict[str, Any]) -> bool:
    try:
        return canonical(codec.encode(codec.decode(stored))) == canonical(stored)
    except CodecError:
        return False


def _doubts(text: str, payloads: Sequence[Any]) -> Iterator[str]:
    """What else values may be; a bare number, or a text, is taken for none of it."""
    for looks_like, doubt in _LOOKS.get(text, ()):
        if payloads and all(map(looks_like, payloads)):
            yield doubt
            return
    if len(payloads) < _MANY:
        return
    if text == "str" and len(set(payloads)) <= len(payloads) / 4:
        yield "a few texts only: perhaps an Enum, or a Literal"
    elif text == "int" and set(payloads) == {"0", "1"}:
        yield "zeros and ones only: perhaps flags"


_MANY = 8
"""How many values tell whether there are a few only."""


def _pattern(pattern: str) -> Callable[[Any], Any]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch


def _between(least: float, most: float, step: int = 1) -> Callable[[Any], bool]:
    """Whether a number is in a range, and its whole part a multiple of a step."""
    return lambda text: least <= Decimal(text) < most and int(Decimal(text)) % step == 0


_SECONDS = 900_000_000, 5_000_000_000
"""From 1998 to 2128, since 1970."""

_LOOKS: dict[str, tuple[tuple[Callable[[Any], Any], str], ...]] = {
    "str": (
        (
            _pattern(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"),
            "texts of times in another form than dynrepo writes: kept as they are",
        ),
        (
            _pattern(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}"),
            "texts of UUIDs in another form than dynrepo writes: kept as they are",
        ),
        (_pattern(r"-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T.+)?"), "texts of ISO durations"),
        (_pattern(r"[-+]?\d+(\.\d+)?"), "texts of numbers: kept, as leading zeros count"),
        (_pattern(r"y|n|yes|no|true|false"), "texts of flags"),
        (_pattern(r"\s*[\[{].*[\]}]\s*"), "perhaps texts of JSON: `Json[T]` would read them"),
    ),
    "int": (
        (_between(*_SECONDS), "perhaps times, in seconds since 1970: nothing in a number says so"),
        (
            _between(*(each * 1000 for each in _SECONDS)),
            "perhaps times, in milliseconds since 1970: nothing in a number says so",
        ),
        (
            _between(*(each * 1_000_000 for each in _SECONDS)),
            "perhaps times, in microseconds since 1970: nothing in a number says so",
        ),
        (
            _between(*(each * 1_000_000_000 for each in _SECONDS)),
            "perhaps times, in nanoseconds since 1970: nothing in a number says so",
        ),
        (
            _between(1_000_000, 10**17, 1_000_000),
            "perhaps durations, in nanoseconds: nothing in a number says so",
        ),
    ),
    "Decimal": (
        (_between(*_SECONDS), "perhaps times, in seconds since 1970: nothing in a number says so"),
    ),
}
"""What else all the values of a type may be, by what they look like."""
