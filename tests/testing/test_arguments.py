"""Arguments are compared by what they say, and written so that a message can be read."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest
from pynamodb.expressions.update import Update

from dynrepo.testing.arguments import call_text, class_name, matches, text_of
from models.user import Users

f = Users.fields


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


def test_values_are_written_so_that_they_can_be_read() -> None:
    """As code, expressions as they are, functions by name, long ones cut."""
    assert text_of("x") == "'x'"
    assert text_of(text_of) == "<text_of>"
    assert text_of(f.visits < 9) == "visits < {'N': '9'}"
    assert text_of("x" * 300).endswith("xxx...")
    assert call_text("get", (1,), {"consistent": True}) == "get(1, consistent=True)"
    assert (class_name(None), class_name(1)) == ("None", "int")
