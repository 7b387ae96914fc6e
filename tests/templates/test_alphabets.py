"""Sets of characters, some or all but some."""

from __future__ import annotations

import pytest

from dynrepo.templates.alphabets import ANY, DIGITS, FOLDED, LAST, Alphabet, alphabet_of


def test_all_characters_but_the_greatest_may_stand_in_a_key() -> None:
    """It stands above all that a key holds."""
    assert chr(0x10FFFF) == LAST
    assert LAST not in ANY
    assert all(it in ANY for it in "a#\0\uffff\U0010fffe")


def test_a_folded_text_has_no_capitals() -> None:
    """Of those of ASCII."""
    assert "A" not in FOLDED
    assert "a" in FOLDED


def test_characters_can_be_taken_out() -> None:
    """Of either kind of set."""
    assert "#" not in ANY.without("#")
    assert "a" in ANY.without("#")
    assert "7" not in DIGITS.without("7")
    assert "8" in DIGITS.without("7")


@pytest.mark.parametrize(
    ("one", "other", "character"),
    [
        (DIGITS, ANY, "0"),
        (ANY, DIGITS, "0"),
        (DIGITS, ANY.without("0"), "1"),
        (DIGITS, alphabet_of("abc"), None),
        (alphabet_of("#"), ANY.without("#"), None),
        (alphabet_of("ab", "bc"), alphabet_of("c"), "c"),
        (ANY, FOLDED, "a"),
        (ANY.without("a"), FOLDED.without("b"), "c"),
        (Alphabet(frozenset()), ANY, None),
    ],
)
def test_two_sets_have_characters_in_common(
    one: Alphabet, other: Alphabet, character: str | None
) -> None:
    """Or none; whichever is asked."""
    assert one.common(other) == other.common(one) == character
