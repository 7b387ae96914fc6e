"""A template is constants and fields, each field with one form at most."""

from __future__ import annotations

from typing import Any, cast

import pytest

from dynrepo.errors import SchemaError
from dynrepo.templates.syntax import Placeholder, parsed


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("PROFILE", ("PROFILE",)),
        ("{user_id}", (Placeholder("user_id"),)),
        ("USER#{user_id}", ("USER#", Placeholder("user_id"))),
        ("{a}{b:08d}", (Placeholder("a"), Placeholder("b", "08d"))),
        ("{at:.10}#{at}", (Placeholder("at", ".10"), "#", Placeholder("at"))),
        ("{{x}}{a}}}", ("{x}", Placeholder("a"), "}")),
        ("a\n{a}\n", ("a\n", Placeholder("a"), "\n")),
    ],
)
def test_a_template_is_taken_apart(text: str, pieces: tuple[Any, ...]) -> None:
    """Into constants and fields; a brace that is written twice is a character."""
    assert parsed(text) == pieces


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{a.b}",
        "{a[0]}",
        "{a!r}",
        "{0}",
        "{a:}",
        "{:08d}",
        "{ a }",
        "{a",
        "a}",
        "{a{b}}",
        "}{",
    ],
)
def test_what_is_no_field_is_refused(text: str) -> None:
    """Also what Python's own format would take, with the whole template in the message."""
    with pytest.raises(SchemaError, match="the template"):
        parsed(text)


@pytest.mark.parametrize("text", ["", None, 7, b"a"])
def test_a_template_is_a_text(text: Any) -> None:
    """And not empty, for no key is."""
    with pytest.raises(SchemaError, match="a template is a text"):
        parsed(cast("str", text))


@pytest.mark.parametrize("text", ["a\U0010ffff", "\ud800{a}"])
def test_a_constant_is_made_of_characters_that_a_key_can_hold(text: str) -> None:
    """The greatest character ends ranges, and a lone surrogate has no UTF-8 form."""
    with pytest.raises(SchemaError, match="the template"):
        parsed(text)
