"""Types as they stand in the text of a module."""

from __future__ import annotations

from dynrepo.modelling.types import TypeText


def test_a_type_stands_within_another() -> None:
    """With what it needs, and with its doubts, to which others are added."""
    found = TypeText("UUID", frozenset({("uuid", "UUID")}), ("a",))
    within = found.within("list[{}]").doubted("b")
    assert within == TypeText("list[UUID]", frozenset({("uuid", "UUID")}), ("a", "b"))
