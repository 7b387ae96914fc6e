"""Values without end: cyclic, too deep, or of more parts than any item can hold.

They are found before anything of a value is written, for what stands beside them may be as long as
an item: each part is looked at once, however often it is met, and none is written for that.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

R = TypeVar("R")

MAX_DEPTH = 32
MAX_SIZE = 400 * 1024
CONTAINER = 3
"""The bytes of a list or a map without its entries, each of which takes one at least."""

Parts: TypeAlias = "tuple[int, list[tuple[Inside, Any]]]"
"""The bytes that a value takes at least, and what it holds that may be nested without end."""
Inside: TypeAlias = "Callable[[Any], Parts]"

Measure: TypeAlias = tuple[int, int, Any]
"""The levels and the bytes of a value, and the value itself, so that its id stays its own."""

SCALARS = frozenset({str, int, float, bool, bytes, Decimal, type(None)})
"""The classes of most values that hold nothing."""
NO_PARTS: Parts = (0, [])


class _Now(threading.local):
    checked = False
    """Whether what is being written is part of a value that was looked through."""


_now = _Now()


def ended(check: Callable[[Any], None] | None, write: Callable[[Any], R]) -> Callable[[Any], R]:
    """A function that checks a value before it is written, unless that is part of one checked."""
    if check is None:
        return write

    def write_ended(value: Any) -> R:
        if _now.checked:
            return write(value)
        check(value)
        _now.checked = True
        try:
            return write(value)
        finally:
            _now.checked = False

    return write_ended


def check_ends(inside: Inside, value: Any) -> None:
    """CodecError for a value without end, unless it is part of one checked."""
    if not _now.checked:
        _measured(inside(value), {id(value): (MAX_DEPTH, 0, value)}, 1)


def _measured(parts: Parts, known: dict[int, Measure], depth: int) -> tuple[int, int]:
    """The levels of a value, given its parts, and its bytes."""
    size, nested = parts
    levels = 2 if size > CONTAINER else 1
    for inside, part in nested:
        found = known.get(id(part)) or _measure(inside, part, known, depth + 1)
        levels = max(levels, 1 + found[0])
        size += found[1]
    if depth + levels - 1 > MAX_DEPTH:
        raise CodecError(f"a value is nested deeper than {MAX_DEPTH} levels")
    if size > MAX_SIZE:
        raise CodecError(f"a value holds more than {MAX_SIZE} bytes, and an item has no more")
    return levels, size


def _measure(inside: Inside, value: Any, known: dict[int, Measure], depth: int) -> Measure:
    size, nested = inside(value)
    if not nested:  # as most values are
        known[id(value)] = found = (2 if size > CONTAINER else 1), size, value
        return found
    # As deep as can be, should it hold itself.
    known[id(value)] = found = MAX_DEPTH, 0, value
    if depth <= MAX_DEPTH:
        known[id(value)] = found = *_measured((size, nested), known, depth), value
    return found
