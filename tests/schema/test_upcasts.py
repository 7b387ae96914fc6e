"""Older items become those of today before they are read."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.errors import CodecError
from dynrepo.schema.upcasts import upcasted

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = {"id": {"S": "hunter2"}, "years": {"N": "3"}}


def test_a_hook_is_given_plain_values_and_returns_those_of_today() -> None:
    """In a mapping of any class."""
    seen: list[Any] = []

    def upcast(old: dict[str, Any]) -> Any:
        seen.append(dict(old))
        return MappingProxyType({"id": old["id"], "age": old["years"] + 1})

    assert upcasted(OLD, upcast, "User") == {"id": {"S": "hunter2"}, "age": {"N": "4"}}
    assert seen == [{"id": "hunter2", "years": Decimal(3)}]


ITEM = {
    "a": {"S": "x"},
    "b": {"N": "1.0"},
    "c": {"L": [{"S": "y"}, {"M": {"d": {"BOOL": True}, "e": {"L": []}}}]},
    "f": {"NULL": True},
    "g": {"SS": ["y"]},
}


@pytest.mark.parametrize("leave", [lambda old: old, dict], ids=["it", "copy"])
def test_an_item_that_a_hook_leaves_alone_stays_as_it_is_stored(leave: Any) -> None:
    """To the letter: it costs no more than the look at it."""
    assert upcasted(ITEM, leave, "User") is ITEM


@pytest.mark.parametrize(
    ("change", "made"),
    [
        (lambda old: {"a": old["c"][0], "new": old["a"]}, {"a": {"S": "y"}, "new": {"S": "x"}}),
        (lambda old: {"b": old["a"], "a": old["b"]}, {"b": {"S": "x"}, "a": {"N": "1"}}),
        (lambda old: {"b": old["b"] == 1}, {"b": {"BOOL": True}}),
        (lambda old: MappingProxyType({"a": old["a"]}), {"a": {"S": "x"}}),
    ],
    ids=["moves", "swaps", "an equal value", "another mapping"],
)
def test_what_a_hook_changes_is_written_anew(change: Any, made: Any) -> None:
    """By another value, or by one that is equal to it; a text that stays is stored as it was."""
    assert upcasted(ITEM, change, "User") == made


def test_an_item_whose_names_are_swapped_is_not_left_alone() -> None:
    """Though it has the same names and the same values."""
    item = {"a": {"S": "x"}, "b": {"S": "y"}}
    swapped = upcasted(item, lambda old: {"b": old["a"], "a": old["b"]}, "User")
    assert swapped == {"a": {"S": "y"}, "b": {"S": "x"}}


@pytest.mark.parametrize(
    "change",
    [
        lambda old: old["c"][1].update(d=1),
        lambda old: old["c"][1].update(d=True, h=None),
        lambda old: old["c"][1].pop("e"),
        lambda old: old["c"][1]["e"].append("z"),
        lambda old: old["c"].reverse(),
        lambda old: old["g"].add("z"),
    ],
    ids=["equal", "more", "less", "deeper", "order", "set"],
)
def test_what_is_changed_in_place_is_seen(change: Any) -> None:
    """However deep it is, and if it is equal to what it was."""

    def hook(old: dict[str, Any]) -> dict[str, Any]:
        change(old)
        return old

    assert repr(upcasted(ITEM, hook, "User")) != repr(upcasted(ITEM, dict, "User"))


@pytest.mark.parametrize("stored", ["text", 1, None, {}, {"S": 1}, {"S": "x", "N": "1"}])
def test_what_is_no_attribute_value_is_none_of_an_older_item(stored: Any) -> None:
    """Whatever an answer holds in its place."""
    with pytest.raises(CodecError, match=r"attribute value|text"):
        upcasted({"id": stored}, dict, "User")


@pytest.mark.parametrize(
    ("upcast", "says"),
    [
        (lambda old: old["gone"], "User: its upcast raised KeyError"),
        (lambda old: int(old["id"]), "User: its upcast raised ValueError"),
        (lambda old: old.clear(), "User: its upcast returned NoneType, which is no mapping"),
        (lambda old: old | {"at": datetime.now(UTC)}, "User: its upcast made .*datetime has no"),
    ],
    ids=["raises", "raises with a value", "returns nothing", "returns no stored values"],
)
def test_a_hook_that_fails_is_told_without_the_item(
    upcast: Callable[[Any], Any], says: str
) -> None:
    """Neither the error nor its context quotes what was stored."""
    with pytest.raises(CodecError, match=says) as caught:
        upcasted(OLD, upcast, "User")
    assert caught.value.__context__ is None
    assert "hunter2" not in str(caught.value)
