"""What a changed instance changes of what is stored: the least of it, and nothing undeclared."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, schema_of
from dynrepo.operations.differences import (
    PathChange,
    Versions,
    path_changes,
    whole_changes,
    with_changes,
)


class Room(BaseModel):
    """A part of a house."""

    size: int = 0
    colour: str | None = None


class House(BaseModel):
    """A house, with maps of both kinds, and sets that are stored as lists where they are empty."""

    name: Annotated[str, PartitionKey()]
    floors: int = 1
    kitchen: Room | None = None
    rooms: dict[str, Room] = {}
    kept: list[frozenset[str]] = []
    tree: dict[str, Any] | None = None
    answers: set[bool] = {True}
    all: list[set[bool]] = []


FIELDS = schema_of(House).fields


def attributes(**content: Any) -> dict[str, Any]:
    """An item of numbers, texts, lists and maps."""
    return {name: _stored(value) for name, value in content.items()}


def _stored(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"M": attributes(**value)}
    if isinstance(value, list):
        return {"L": [_stored(each) for each in value]}
    if isinstance(value, tuple):
        return {"SS": list(value)}
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def changes(stored: Any, read: Any, changed: Any, **more: Any) -> dict[str, Any]:
    """The changes as a dict, by dotted paths."""
    found = path_changes(FIELDS, Versions(stored, read, changed, **more))
    return {".".join(change.steps): change.value for change in found}


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "nothing": ({"floors": 1}, {"floors": 1}, {}),
    "a field": ({"floors": 1}, {"floors": 2}, {"floors": 2}),
    "a field more": ({}, {"floors": 2}, {"floors": 2}),
    "a field less": ({"floors": 1}, {}, {"floors": None}),
    "a field of a model": (
        {"kitchen": {"size": 1, "colour": "red"}},
        {"kitchen": {"size": 2, "colour": "red"}},
        {"kitchen.size": 2},
    ),
    "a field less of a model": (
        {"kitchen": {"size": 1, "colour": "red"}},
        {"kitchen": {"size": 1}},
        {"kitchen.colour": None},
    ),
    "a model less": ({"kitchen": {"size": 1}}, {}, {"kitchen": None}),
    "a model more": ({}, {"kitchen": {"size": 1}}, {"kitchen": {"size": 1}}),
    "an entry of a map": (
        {"rooms": {"a": {"size": 1}, "b": {"size": 1}}},
        {"rooms": {"a": {"size": 2}, "c": {"size": 1}}},
        {"rooms.a.size": 2, "rooms.b": None, "rooms.c": {"size": 1}},
    ),
    "an untyped map": (
        {"tree": {"a": {"b": 1, "c": 1}}},
        {"tree": {"a": {"b": 2, "c": 1}}},
        {"tree.a.b": 2},
    ),
    "a list": ({"kept": [["a"], ["b"]]}, {"kept": [["a"]]}, {"kept": [["a"]]}),
    "what was no map": ({"tree": "x"}, {"tree": {"a": 1}}, {"tree": {"a": 1}}),
    "a set in another order": ({"kept": [("a", "b")]}, {"kept": [("b", "a")]}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_differs_is_changed(case: str) -> None:
    """By the shortest path that has all of it; lists as a whole."""
    read, changed, expected = CASES[case]
    stored = attributes(**read)
    found = changes(stored, stored, attributes(**changed))
    assert found == {path: value and _stored(value) for path, value in expected.items()}


@pytest.mark.parametrize("case", CASES)
def test_the_changes_make_the_changed_item(case: str) -> None:
    """And leave the one that was read as it was, with what no field declares beside."""
    read, changed, _ = (attributes(**each) for each in CASES[case])
    stored = {**read, "foreign": {"S": "x"}}
    copy = repr(stored)
    left = with_changes(stored, path_changes(FIELDS, Versions(stored, read, changed)))
    assert not changes(left, {**changed, "foreign": {"S": "x"}}, left)
    assert repr(stored) == copy


def test_a_set_that_is_stored_as_a_list_has_no_order() -> None:
    """Wherever it stands."""
    forms = [{"L": [{"BOOL": flag} for flag in flags]} for flags in ((True, False), (False, True))]
    first, second = ({"answers": each, "all": {"L": [each]}} for each in forms)
    assert changes(first, first, second) == {}
    assert changes(first, first, {**second, "answers": {"L": []}}) == {"answers": {"L": []}}


def test_what_is_stored_in_another_form_is_left_as_it_is() -> None:
    """Unless it is changed, and then written as a whole where it is no map."""
    stored = {"kitchen": {"S": "a text of JSON"}, "floors": {"N": "1.0"}}
    read = attributes(kitchen={"size": 1}, floors=1)
    assert changes(stored, read, attributes(kitchen={"size": 1}, floors=1)) == {}
    changed = attributes(kitchen={"size": 2}, floors=1)
    assert changes(stored, read, changed) == {"kitchen": changed["kitchen"]}


def test_what_is_read_where_nothing_is_stored_is_not_removed() -> None:
    """A default, for instance."""
    assert changes({}, attributes(floors=1), {}) == {}


def test_what_was_translated_is_written_anew() -> None:
    """All that is stored in another way than it is read, also what nobody changed."""
    stored = attributes(storeys=3, kitchen={"size": "large", "colour": "red", "foreign": 1})
    read = attributes(floors=3, kitchen={"size": 9, "colour": "red"})
    changed = attributes(floors=3, kitchen={"size": 9, "colour": "blue"})
    assert changes(stored, read, changed) == {"kitchen.colour": {"S": "blue"}}
    assert changes(stored, read, changed, is_translated=True) == {
        "floors": {"N": "3"},
        "kitchen.size": {"N": "9"},
        "kitchen.colour": {"S": "blue"},
    }


def test_whole_changes_have_each_attribute_once() -> None:
    """As an item has it, or removed where it has none."""
    steps = [("kitchen", "size"), ("kitchen", "colour"), ("floors",)]
    item = attributes(kitchen={"size": 1})
    whole = whole_changes([PathChange(each, None) for each in steps], item)
    assert whole == [PathChange(("kitchen",), item["kitchen"]), PathChange(("floors",), None)]
