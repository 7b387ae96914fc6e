"""The kinds of rows in a table."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.modelling.kinds import kinds_of


def row(key: str, sort: str = "", **attributes: str) -> dict[str, Any]:
    """A row of texts."""
    values = {"pk": key, "sk": sort, **attributes}
    return {name: {"S": value} for name, value in values.items()}


CATS = [row("a", type="cat", lives="9"), row("b", type="cat", lives="8")]
DOGS = [row("c", type="dog", name="x")]
USERS = [row("USER#1", "PROFILE", name="a"), row("USER#2", "PROFILE", name="b")]
ORDERS = [row("USER#1", "ORDER#1", total="5"), row("USER#1", "ORDER#2", total="6", note="n")]


@pytest.mark.parametrize(
    ("rows", "kinds", "told_by"),
    [
        ([*CATS, *DOGS], [CATS, DOGS], "the attribute type"),
        ([*USERS, *ORDERS], [USERS, ORDERS], "how their keys begin"),
        (CATS, [CATS], ""),
        ([], [[]], ""),
        ([row("a", type="x"), row("b", type="y")], None, ""),  # of the same attributes
        ([row("a", type="x", b="1"), row("b", c="1")], None, ""),  # without a kind
        ([row("a", state="x", b="1"), row("b", state="y", c="1")], None, ""),  # by another name
        ([row("a", "b"), row("c", "d", e="1")], None, ""),
        ([row(str(n), type=str(n), **{f"a{n}": "1"}) for n in range(30)], None, ""),
    ],
)
def test_rows_are_of_kinds_where_something_tells_them(rows: Any, kinds: Any, told_by: str) -> None:
    """And where each kind has attributes of its own; there are not many of them."""
    found = kinds_of(rows, ["pk", "sk"])
    assert found.rows == ([rows] if kinds is None else kinds)
    assert found.told_by == told_by


def test_keys_that_are_no_texts_tell_nothing() -> None:
    """As a number, or a UUID."""
    rows: Any = [{"pk": {"N": "1"}, "a": {"S": "x"}}, {"pk": {"N": "2"}}]
    assert kinds_of(rows, ["pk"]).rows == [rows]
