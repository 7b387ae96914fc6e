"""Arguments are compared by what they say, and written so that a message can be read."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import ANY
from uuid import UUID

import pytest
from dirty_equals import IsPositiveInt
from pynamodb.expressions.update import Update

from dynrepo.testing.arguments import call_text, class_name, is_plain, matches, text_of
from dynrepo.testing.memory import MemoryStore
from models.document import Document
from models.user import Users

f = Users.fields
DOCUMENT = Document(name="a")


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (1, 1),
        (ANY, object()),
        ((1, ANY), (1, 2)),
        (lambda value: value > 1, 2),
        (matches, matches),
        (f.visits < 9, f.visits < 9),
        (f.visits, f.visits),
        (f.visits.add(1), f.visits.add(1)),
        (Update(f.visits.add(1)), Update(f.visits.add(1))),
        (~f.tags.contains("x") & (f.visits == 1), ~f.tags.contains("x") & (f.visits == 1)),
    ],
)
def test_an_argument_matches(expected: Any, actual: Any) -> None:
    """By equality, by a function's judgement, or as the same expression."""
    assert matches(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (1, 2),
        (1, f.visits),
        ((1, 2), (1, 2, 3)),
        ((1, 2), (1, 3)),
        (lambda value: value > 1, 1),
        (f.visits < 9, f.visits < 8),
        (f.visits < 9, f.visits <= 9),
        (f.visits < 9, f.visits.exists()),
        (f.visits, f.name),
        (f.visits.add(1), 1),
        (Update(f.visits.add(1)), Update(f.visits.add(1), f.name.set("x"))),
    ],
)
def test_an_argument_does_not_match(expected: Any, actual: Any) -> None:
    """Without a condition being made of it, which has no truth."""
    assert not matches(expected, actual)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 1, 1.5, "x", b"y", UUID(int=1), Decimal(1), date(2026, 1, 1), timedelta(1)),
        *(DOCUMENT, Document, f.visits < 9, f.visits.add(1), (1, "x"), [DOCUMENT], {"a": {1, 2}}),
    ],
)
def test_a_plain_value_stands_for_itself(value: Any) -> None:
    """A number, a text, an instance, an expression, and what is made of them."""
    assert is_plain(value)


JUDGES = [ANY, (1, ANY), [ANY], {"a": ANY}, IsPositiveInt, IsPositiveInt(), matches, object()]


@pytest.mark.parametrize("value", JUDGES)
def test_what_judges_others_is_not_plain(value: Any) -> None:
    """A function, `ANY`, dirty-equals, or anything with an `==` of its own; in a tuple too."""
    assert not is_plain(value)


def test_lookups_match_by_what_they_read() -> None:
    """Each is made anew, and reads its answer by functions of its own."""
    users = Users(MemoryStore())
    lookup = users.lookup(UUID(int=1))
    assert matches(lookup, users.lookup(UUID(int=1)))
    assert matches((lookup, ANY), (users.lookup(UUID(int=1)), lookup))
    assert not matches(lookup, users.lookup(UUID(int=2)))
    assert not matches(lookup, (1, 2))


def test_values_are_written_so_that_they_can_be_read() -> None:
    """As code, expressions as they are, functions by name, long ones cut."""
    assert text_of("x") == "'x'"
    assert text_of(text_of) == "<text_of>"
    assert text_of(f.visits < 9) == "visits < {'N': '9'}"
    assert text_of("x" * 300).endswith("xxx...")
    assert call_text("get", (1,), {"consistent": True}) == "get(1, consistent=True)"
    assert (class_name(None), class_name(1)) == ("None", "int")
