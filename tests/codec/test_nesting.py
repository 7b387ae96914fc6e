"""A value nested without end is found quickly, however it is wound up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.codec import nesting
from dynrepo.codec.nesting import MAX_DEPTH, check_nesting
from dynrepo.codec.untyped import ANY
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from dynrepo.codec.nesting import Nested


class Counted:
    """Lists of lists, that counts how many it is asked about."""

    def __init__(self) -> None:
        self.calls = 0

    def parts(self, value: Any) -> Sequence[tuple[Nested, Collection[Any]]]:
        """The elements of a list."""
        self.calls += 1
        return ((self, value),)


def nested(levels: int, innermost: Any = None) -> Any:
    """A list in a list, and so on."""
    value: Any = [] if innermost is None else [innermost]
    for _ in range(levels - 1):
        value = [value]
    return value


def test_32_levels_may_be_nested() -> None:
    """A scalar in the innermost list is a level of its own."""
    check_nesting(ANY, nested(MAX_DEPTH))
    check_nesting(ANY, nested(MAX_DEPTH - 1, "a"))
    check_nesting(ANY, "a")
    for value in (nested(MAX_DEPTH + 1), nested(MAX_DEPTH, "a"), nested(10_000)):
        with pytest.raises(CodecError, match="nested deeper than 32 levels"):
            check_nesting(ANY, value)


def test_a_value_inside_itself_is_too_deep() -> None:
    """In a list, in a dict, at once or round a corner."""
    cycle: list[Any] = []
    cycle.append({"a": [cycle]})

    for value in (cycle, cycle[0], [1, cycle]):
        with pytest.raises(CodecError, match="nested deeper"):
            check_nesting(ANY, value)


def test_a_value_is_looked_at_once_however_often_it_is_met() -> None:
    """Else what is shared at each of 14 levels would be looked at 16,384 times."""
    counted = Counted()
    shared: list[Any] = []
    for _ in range(14):
        shared = [shared, shared]

    check_nesting(counted, shared)
    assert counted.calls == 15


def test_a_value_that_unfolds_beyond_any_item_is_refused() -> None:
    """What is shared is written as often as it is met."""
    shared: list[Any] = ["a"]
    for _ in range(20):
        shared = [shared, shared]

    with pytest.raises(CodecError, match="more than 409600 bytes"):
        check_nesting(ANY, shared)


def test_a_list_of_many_scalars_is_too_large_before_it_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each takes one byte at least."""
    monkeypatch.setattr(nesting, "MAX_SIZE", 100)

    check_nesting(ANY, [1] * 90)
    with pytest.raises(CodecError, match="more than 100 bytes"):
        check_nesting(ANY, [1] * 101)


def test_what_holds_nothing_is_no_level() -> None:
    """A class that the codec knows no parts of."""
    check_nesting(ANY, nested(MAX_DEPTH - 1, {1}))
