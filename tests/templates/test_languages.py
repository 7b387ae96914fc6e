"""Sets of texts, and what two of them share."""

from __future__ import annotations

import re
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import pytest

from dynrepo.templates.alphabets import ANY, DIGITS, alphabet_of
from dynrepo.templates.languages import Language, common_text, texts_with

if TYPE_CHECKING:
    from collections.abc import Callable

    Steps = tuple[tuple[Callable[[Language], None], str], ...]

STEPS: Steps = (
    (lambda it: it.text("ab"), "ab"),
    (lambda it: it.text("1"), "1"),
    (lambda it: it.character(alphabet_of("ab")), "[ab]"),
    (lambda it: it.character(DIGITS), "[0-9]"),
    (lambda it: it.one_of(["a", "ab", "-"]), "(a|ab|-)"),
    (lambda it: it.one_of(["", "b"]), "(|b)"),
    (lambda it: it.whole_number(), "(0|-?[1-9][0-9]*)"),
    (lambda it: it.run(ANY.without("1")), "[^1]*"),
)
"""What a text goes on with, and the same as a regular expression."""

TEXTS = ["".join(it) for width in range(1, 6) for it in product("ab1-0", repeat=width)]


def made(random: Random) -> tuple[Language, re.Pattern[str]]:
    """A language of some steps, one run among them at most, and its regular expression."""
    steps = random.choices(STEPS[:-1], k=random.randint(0, 3))
    if random.random() < 0.5:
        steps.insert(random.randint(0, len(steps)), STEPS[-1])
    language = Language()
    for step, _ in steps:
        step(language)
    return language, re.compile("".join(pattern for _, pattern in steps))


def test_a_common_text_is_a_shortest_one() -> None:
    """Of all texts that both languages hold; there is none where they share none."""
    random = Random(18)  # noqa: S311 - a test
    shared = 0
    for _ in range(60):
        (one, mine), (other, yours) = made(random), made(random)
        texts = (it for it in TEXTS if mine.fullmatch(it) and yours.fullmatch(it))
        shortest, found = next(texts, None), common_text(one, other)
        if shortest is not None:
            shared += 1
            assert found is not None
            assert len(found) == len(shortest)
        if found is not None:
            assert mine.fullmatch(found)
            assert yours.fullmatch(found)
    assert 10 < shared < 50


@pytest.mark.parametrize(
    ("prefix", "text", "is_there"), [("a", "ab", True), ("", "ab", True), ("b", "ab", False)]
)
def test_the_texts_with_a_prefix(prefix: str, text: str, *, is_there: bool) -> None:
    """All that begin so, and no others."""
    language = Language()
    language.text(text)
    assert common_text(texts_with(prefix), language) == (text if is_there else None)


def test_the_empty_text_is_no_common_one() -> None:
    """No key is empty."""
    one, other = Language(), Language()
    assert common_text(one, other) is None
    one.run(DIGITS)
    other.run(ANY)
    assert common_text(one, other) == "0"
