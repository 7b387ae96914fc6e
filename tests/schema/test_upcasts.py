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


def test_what_a_hook_leaves_as_it_is_stays_as_it_is() -> None:
    """And what stands in the place of a text of another attribute is written anew."""
    item = {"a": {"S": "x"}, "b": {"N": "1.0"}, "c": {"L": [{"S": "y"}]}, "d": {"NULL": True}}
    assert upcasted(item, dict, "User") == {**item, "b": {"N": "1"}}
    moved = upcasted(item, lambda old: {"a": old["c"][0], "new": old["a"]}, "User")
    assert moved == {"a": {"S": "y"}, "new": {"S": "x"}}


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
