"""Values nested without end: cyclic, too deep, or with more parts than any item can hold.

They are found before anything of a value is written, for what stands beside them may be as long as
an item: each part is looked at once, however often it is met, and none is written for that.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

MAX_DEPTH = 32
MAX_SIZE = 400 * 1024
CONTAINER = 3
"""The bytes of a list or a map without its entries, each of which takes one at least."""
SCALARS = frozenset({str, int, float, bool, bytes, Decimal, type(None)})
"""The classes of most values that hold nothing."""

Measure: TypeAlias = tuple[int, int, Any]
"""The levels and the bytes of a value, and the value itself, so that its id stays its own."""


class Nested(Protocol):
    """What is asked for the parts of a value: a codec."""

    def parts(self, value: Any) -> Sequence[tuple[Nested, Collection[Any]]]:
        """The parts of a value that may be nested without end, by what is asked for theirs."""
        ...


def check_nesting(codec: Nested, value: Any) -> None:
    """CodecError for a value that is nested without end."""
    if type(value) not in SCALARS:
        _measure(codec, value, {}, 1)


def _measure(codec: Nested, value: Any, known: dict[int, Measure], depth: int) -> Measure:
    """The levels of a value, and the bytes that it takes at least."""
    known[id(value)] = measure = MAX_DEPTH, 0, value  # as deep as can be, should it hold itself
    if depth <= MAX_DEPTH:
        known[id(value)] = measure = *_sum(codec.parts(value), known, depth), value
    return measure


def _sum(
    groups: Sequence[tuple[Nested, Collection[Any]]], known: dict[int, Measure], depth: int
) -> tuple[int, int]:
    levels, size = 1, CONTAINER if groups else 0
    for codec, parts in groups:
        size += len(parts)
        for part in parts:
            if type(part) not in SCALARS:
                found = known.get(id(part)) or _measure(codec, part, known, depth + 1)
                levels = max(levels, found[0] + 1)
                size += found[1]
    if size > CONTAINER:
        levels = max(levels, 2)
    if depth + levels - 1 > MAX_DEPTH:
        raise CodecError(f"a value is nested deeper than {MAX_DEPTH} levels")
    if size > MAX_SIZE:
        raise CodecError(f"a value holds more than {MAX_SIZE} bytes, and an item has no more")
    return levels, size
