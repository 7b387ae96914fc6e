"""Key conditions lead to a stretch of one partition, in order."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.operand import Path, Value

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.key_conditions import range_of
from dynrepo.testing.rules import admitted
from dynrepo.testing.tables import Keys, Row, View

KEYS = Keys("p", "s", {"p": "S", "s": "S"})
p, s = Path("p"), Path("s")


def text(value: str) -> Value:
    """A text."""
    return Value({"S": value})


@pytest.fixture
def view() -> View:
    """Six rows of one partition, and one of another."""
    made = View(KEYS)
    for partition, sort in [
        ("y", "a"),
        *(("x", sort) for sort in ("a", "aa", "ab", "b", "c", "ca")),
    ]:
        item, bytes_of_item = admitted({"p": {"S": partition}, "s": {"S": sort}})
        made.put(KEYS.position(item), Row(item, bytes_of_item))
    return made


IN_X = p == text("x")


@pytest.mark.parametrize(
    ("condition", "sorts"),
    [
        (IN_X, ["a", "aa", "ab", "b", "c", "ca"]),
        (IN_X & (s == text("b")), ["b"]),
        (IN_X & (s < text("b")), ["a", "aa", "ab"]),
        (IN_X & (s <= text("b")), ["a", "aa", "ab", "b"]),
        (IN_X & (s > text("b")), ["c", "ca"]),
        (IN_X & (s >= text("b")), ["b", "c", "ca"]),
        (IN_X & s.between(text("aa"), text("b")), ["aa", "ab", "b"]),
        (IN_X & s.startswith(text("a")), ["a", "aa", "ab"]),
        (s.startswith(text("c")) & IN_X, ["c", "ca"]),
        (p == text("z"), []),
    ],
    ids=str,
)
def test_a_stretch_is_read_in_order(view: View, condition: Condition, sorts: list[str]) -> None:
    """Forwards and backwards, from its start or after one of its rows."""
    stretch = range_of(KEYS, condition)

    def read(after: Any = None, *, forward: bool = True) -> list[str]:
        positions = stretch.positions(view, after, forward=forward)
        return [view.rows[position].item["s"]["S"] for position in positions]

    assert read() == sorts
    assert read(forward=False) == sorts[::-1]
    if sorts:
        first = KEYS.position({"p": {"S": "x"}, "s": {"S": sorts[0]}})
        assert read(first) == sorts[1:]
        assert read(first, forward=False) == []


@pytest.mark.parametrize(
    "condition",
    [
        s == text("a"),
        p < text("x"),
        p.between(text("w"), text("x")),
        IN_X & (p == text("y")),
        IN_X & (Path("other") == text("a")),
        IN_X & (s != text("a")),
        IN_X & s.contains(text("a")),
        IN_X & s.exists(),
        IN_X & (Path("s")["inner"] == text("a")),
        IN_X & (size("s") == Value({"N": "1"})),
        p == Value({"N": "1"}),
        p == text(""),
    ],
    ids=str,
)
def test_what_is_no_key_condition_is_refused(condition: Condition) -> None:
    """The partition is equal to one value, and the sort key has one condition that it can have."""
    with pytest.raises(Refused):
        range_of(KEYS, condition)


def test_a_table_without_sort_key_has_one_condition() -> None:
    """Anything else is no key of it."""
    keys = Keys("p", None, {"p": "S"})
    assert range_of(keys, IN_X).low == range_of(KEYS, IN_X).low
    with pytest.raises(Refused):
        range_of(keys, IN_X & (s == text("a")))
