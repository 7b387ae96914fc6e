"""Forms in lower case."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest

from dynrepo.errors import CodecError
from dynrepo.templates.folding import FoldedForm, FoldedShapeForm, folded
from dynrepo.templates.languages import Language, common_text
from dynrepo.templates.shapes import AWARE_SHAPE, MILLISECOND_SHAPE, UUID_SHAPE, Shape

if TYPE_CHECKING:
    from dynrepo.templates.forms import KeyForm

UPPER_UUID = Shape(UUID_SHAPE.text.upper())
UUID = "0000000a-000b-4000-8000-00000000000f"
NOON = "2026-11-29T12:00:00.250Z"


def test_two_spellings_are_folded_to_one() -> None:
    """And cannot be read from it."""
    form = FoldedForm()
    assert form.write("Ada@Example.ORG") == form.write("ada@example.org") == "ada@example.org"
    assert form.lossy
    assert form.fits("ada")
    assert not form.fits("Ada")
    assert (form.ordered, form.prefixes) == (False, False)


@pytest.mark.parametrize("payload", ["a\U0010ffff", "a\ud800"])
def test_what_no_key_can_hold_is_refused(payload: str) -> None:
    """As of a text that is not folded."""
    with pytest.raises(CodecError, match=r"U\+10FFFF|surrogate"):
        FoldedForm().write(payload)


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("\u1c89", "\u1c8a"),
        ("\ua7cb", "\u0264"),
        ("\ua7cc", "\ua7cd"),
        ("\ua7ce", "\ua7cf"),
        ("\ua7d2", "\ua7d3"),
        ("\ua7d4", "\ua7d5"),
        ("\ua7da", "\ua7db"),
        ("\ua7dc", "\u019b"),
        ("\U00010d50", "\U00010d70"),
        ("\U00010d65", "\U00010d85"),
        ("\U00016ea0", "\U00016ebb"),
        ("\U00016eb8", "\U00016ed3"),
        ("É", "é"),
        ("İ", "i̇"),
        ("\u0391\u03a3 \u03a3\u0391", "\u03b1\u03c2 \u03c3\u03b1"),
    ],
)
def test_capitals_are_folded_that_this_python_does_not_know(upper: str, lower: str) -> None:
    """So that every Python makes one key of a value, and JavaScript the same."""
    assert folded(f"A{upper}") == f"a{lower}"
    assert folded(lower) == lower


def test_no_other_character_is_folded_otherwise_than_by_python() -> None:
    """The table has what the oldest Python does not assign, and nothing else."""
    others = [c for c in map(chr, range(0xD800)) if folded(c) != c.lower()]
    others += [c for c in map(chr, range(0xE000, 0x110000)) if folded(c) != c.lower()]
    assert [c for c in others if unicodedata.category(c) != "Cn"] == []


@pytest.mark.parametrize(
    ("form", "payload", "text"),
    [
        (FoldedShapeForm(MILLISECOND_SHAPE, is_time=True), NOON, "2026-11-29t12:00:00.250z"),
        (FoldedShapeForm(UPPER_UUID, is_time=False), UUID.upper(), UUID),
        (FoldedShapeForm(UUID_SHAPE, is_time=False), UUID, UUID),
    ],
)
def test_a_text_whose_letters_are_known_is_read_again(
    form: KeyForm, payload: str, text: str
) -> None:
    """It has the order of the values too."""
    written = Language()
    written.text(text)
    language = Language()
    form.spell(language, "")
    assert (form.write(payload), form.read(text)) == (text, payload)
    assert (form.lossy, form.ordered) == (False, True)
    assert common_text(language, written) == text


def test_a_beginning_is_one_of_what_is_stored() -> None:
    """In lower case: a fragment in another case than what is stored begins none."""
    form = FoldedShapeForm(AWARE_SHAPE, is_time=True)
    assert form.prefixes
    assert form.beginning("2026-11-29T1") == "2026-11-29t1"
    assert form.beginning("2026-11-29t1") is None


def test_a_time_of_another_width_is_refused() -> None:
    """As one that is not folded."""
    with pytest.raises(CodecError, match="width and shape"):
        FoldedShapeForm(AWARE_SHAPE, is_time=True).write(NOON)
