"""What tells of what entity an item is: attributes with a constant text each."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.errors import SchemaError
from dynrepo.places.marks import mark_names, mark_of


def test_a_mark_has_one_attribute_or_several_or_none() -> None:
    """A tuple of names, in any case."""
    assert mark_names("Shop", None) == ()
    assert mark_names("Shop", "_et") == ("_et",)
    assert mark_names("Shop", ("a", "b")) == ("a", "b")


@pytest.mark.parametrize("mark", [["_et"], 1, {"_et"}])
def test_a_mark_of_another_kind_is_refused(mark: Any) -> None:
    """It names the class that declares it."""
    with pytest.raises(SchemaError, match=r"^Shop\.mark is the name of an attribute"):
        mark_names("Shop", mark)


def test_a_mark_holds_a_text_for_each_attribute() -> None:
    """In the order of the attributes; of a table without one an entity may have a name only."""
    assert mark_of("Shop", ("_et",), "ORDER") == (("_et", "ORDER"),)
    assert mark_of("Shop", ("_et",), {"_et": "ORDER"}) == (("_et", "ORDER"),)
    assert mark_of("Shop", ("a", "b"), {"b": "1", "a": "x"}) == (("a", "x"), ("b", "1"))
    assert mark_of("Shop", (), "") == mark_of("Shop", (), "ORDER") == ()
    assert mark_of("Shop", (), {}) == ()


@pytest.mark.parametrize(
    ("names", "entity", "cure"),
    [
        (("_et",), "", r'the mark _et holds, as in entity="ORDER"'),
        (("_et",), 1, r'as in entity="ORDER"'),
        (("_et",), str, r'as in entity="ORDER"'),
        (("_et",), None, r'as in entity="ORDER"'),
        (("_et",), {"other": "x"}, r'as in entity="ORDER"'),
        (("a", "b"), "x", r'as in entity=\{"a": "\.\.\.", "b": "\.\.\."\}'),
        (("a", "b"), {"a": "x"}, r'as in entity=\{"a"'),
        (("a", "b"), {"a": "x", "b": ""}, r'as in entity=\{"a"'),
        ((), 1, "the table declares no mark"),
        ((), {"_et": "x"}, "the table declares no mark"),
    ],
)
def test_what_a_mark_cannot_hold_is_refused(names: tuple[str, ...], entity: Any, cure: str) -> None:
    """With an example of what it takes."""
    with pytest.raises(SchemaError, match=rf"^Shop\.place: entity= .*{cure}"):
        mark_of("Shop", names, entity)
