"""Whether a value is another one again: equal, and of its class."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from dynrepo.codec.value import class_of
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_NUMBERS = {int, float, Decimal}
_SEQUENCES = (list, tuple, deque)
_SETS = (set, frozenset)


def is_same(read: Any, value: Any) -> bool:
    """Whether what is read is equal to a value, and of its class, or of one below it.

    Equal numbers are the same: 1 is 1.0.
    """
    try:
        return _is_same(read, value)
    except Exception as error:  # noqa: BLE001  # a class of the user's may compare in its own way
        pass_strike(error)
        return False


def _is_same(read: Any, value: Any) -> bool:
    kind = class_of(value)
    if not isinstance(read, kind) and not {type(read), kind} <= _NUMBERS:
        return False
    return bool(read == value) and all(_is_same(*pair) for pair in _pairs(read, value))


def _pairs(read: Any, value: Any) -> Iterable[tuple[Any, Any]]:
    """The parts of two equal collections."""
    if isinstance(value, dict):
        entries = cast("Mapping[Any, Any]", value)
        return [*_matched(read, entries), *((read[key], entries[key]) for key in entries)]
    if isinstance(value, _SETS):
        return _matched(read, cast("Iterable[Any]", value))
    if isinstance(value, _SEQUENCES):
        return zip(read, cast("Sequence[Any]", value), strict=True)
    return ()


def _matched(read: Iterable[Any], values: Iterable[Any]) -> list[tuple[Any, Any]]:
    by_value = {value: value for value in values}
    return [(element, by_value[element]) for element in read]
