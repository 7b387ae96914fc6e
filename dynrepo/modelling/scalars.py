"""The type of texts, numbers and binaries: the first that writes each of them as it was read."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, NaiveDatetime

from dynrepo import encodings
from dynrepo.codec import codec_for
from dynrepo.codec.value import canonical
from dynrepo.errors import CodecError
from dynrepo.modelling.doubts import doubts_of
from dynrepo.modelling.types import TypeText

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from dynrepo.codec import Codec
    from dynrepo.encodings import NamedEncoding

_MODULES = {
    AwareDatetime: "pydantic",
    Decimal: "decimal",
    NaiveDatetime: "pydantic",
    UUID: "uuid",
    date: "datetime",
    time: "datetime",
    timedelta: "datetime",
}
"""Where types are imported from that are not built in."""


class Candidate(NamedTuple):
    """A type that values of a tag may be of, and the encoding that it then has, if any."""

    kind: Any
    encoding: NamedEncoding | None = None

    def text(self) -> TypeText:
        """As it stands in a module."""
        name = self.kind.__name__
        imports = {(_MODULES[self.kind], name)} if self.kind in _MODULES else ()
        encoding = "" if self.encoding is None else repr(self.encoding)
        return TypeText(name, frozenset(imports), encoding=encoding)


CANDIDATES: dict[str, tuple[Candidate, ...]] = {
    "S": (
        Candidate(UUID),
        Candidate(UUID, encodings.UUID_UPPER),
        Candidate(AwareDatetime),
        Candidate(AwareDatetime, encodings.ISO_OFFSET),
        Candidate(AwareDatetime, encodings.ISO_BASIC_OFFSET),
        Candidate(AwareDatetime, encodings.ISO_MILLISECONDS),
        Candidate(AwareDatetime, encodings.ISO_Z),
        Candidate(AwareDatetime, encodings.ISO_INSTANT),
        Candidate(AwareDatetime, encodings.RFC3339_NANO),
        Candidate(AwareDatetime, encodings.ISO_SPACED),
        Candidate(NaiveDatetime),
        Candidate(NaiveDatetime, encodings.NAIVE_ISO),
        Candidate(NaiveDatetime, encodings.NAIVE_SPACED),
        Candidate(NaiveDatetime, encodings.LOCAL_DATE_TIME),
        Candidate(date),
        Candidate(time),
        Candidate(time, encodings.LOCAL_TIME),
        Candidate(timedelta, encodings.ISO_DURATION),
        Candidate(timedelta, encodings.ISO_DURATION_HOURS),
        Candidate(str),
    ),
    "N": (Candidate(int), Candidate(Decimal)),
    "B": (Candidate(bytes),),
    "BOOL": (Candidate(bool),),
}
"""The types by tag, the narrowest first; the last takes every value.

None of them is a guess: a text of a time shows what it is, and a number does not.
"""

_UNORDERED = "in this form texts are in no order: as a sort key it has no ranges"


def scalar_of(
    tag: str, payloads: Sequence[Any], *, key: str = "", is_plain: bool = False
) -> TypeText:
    """The type of what stands below a tag.

    `key` says which kind of key it has to be able to be; a plain one has no encoding.
    """
    widest = CANDIDATES[tag][-1]
    fitting = list(_fitting(tag, payloads, key, is_plain=is_plain)) if payloads else [widest]
    found = fitting[0]
    doubts = list(doubts_of(found.text().text, payloads))
    if found.encoding is not None and (others := _others(fitting)):
        doubts.append(f"of the form {', '.join(map(repr, others))} as well")
    if key == "sort" and not _codec(found).ordered:
        doubts.append(_UNORDERED)
    return found.text().doubted(*doubts)


def _fitting(tag: str, payloads: Sequence[Any], key: str, *, is_plain: bool) -> Iterator[Candidate]:
    for candidate in CANDIDATES[tag]:
        is_fit = not key or _codec(candidate).key in (key, "sort")
        is_fit = is_fit and not (is_plain and candidate.encoding)
        if is_fit and keeps(_codec(candidate), tag, payloads):
            yield candidate


def _others(fitting: Sequence[Candidate]) -> list[NamedEncoding]:
    """The other forms of the type that the values are in."""
    first, *rest = fitting
    return [each.encoding for each in rest if each.kind is first.kind and each.encoding]


@cache
def _codec(candidate: Candidate) -> Codec:
    kind, encoding = candidate
    return codec_for(kind if encoding is None else Annotated[kind, encoding])


def keeps(codec: Codec, tag: str, payloads: Collection[Any]) -> bool:
    """Whether a codec reads all that stands below a tag, and would write it as it is."""
    return all(_keeps_one(codec, {tag: payload}) for payload in payloads)


def _keeps_one(codec: Codec, stored: dict[str, Any]) -> bool:
    try:
        return canonical(codec.encode(codec.decode(stored))) == canonical(stored)
    except CodecError:
        return False
