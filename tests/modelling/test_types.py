"""Types as they stand in the text of a module."""

from __future__ import annotations

from dynrepo.modelling.types import TypeText


def test_a_type_stands_within_another() -> None:
    """With what it needs, and with its doubts, to which others are added."""
    found = TypeText("UUID", frozenset({("uuid", "UUID")}), ("a",))
    within = found.within("list[{}]").doubted("b")
    assert within == TypeText("list[UUID]", frozenset({("uuid", "UUID")}), ("a", "b"))


def test_an_encoding_stands_beside_its_type() -> None:
    """Within another type in an Annotated; None is said of the type."""
    found = TypeText("datetime", frozenset({("datetime", "datetime")}), (), "encodings.ISO_Z")
    assert found.nullable().text == "datetime | None"
    assert found.nullable().encoding == "encodings.ISO_Z"
    within = found.within("list[{}]")
    assert within.text == "list[Annotated[datetime, encodings.ISO_Z]]"
    assert within.encoding == ""
    assert within.imports - found.imports == {("typing", "Annotated"), ("dynrepo", "encodings")}
