"""Which types a template takes, and in which forms."""

from __future__ import annotations

import pytest

from dynrepo.errors import SchemaError
from dynrepo.templates.catalogue import form_of
from dynrepo.templates.cuts import CutForm
from dynrepo.templates.folding import FoldedForm, FoldedShapeForm
from dynrepo.templates.forms import (
    ChoiceForm,
    EscapedForm,
    MillisecondForm,
    PaddedForm,
    ShapedForm,
    TextForm,
    WholeForm,
)
from tests.templates.made import FIELDS


@pytest.mark.parametrize(
    ("name", "asked", "kind"),
    [
        ("name", "", TextForm),
        ("maybe", "", TextForm),
        ("status", "", ChoiceForm),
        ("address", "", TextForm),
        ("number", "", WholeForm),
        ("level", "", WholeForm),
        ("uid", "", ShapedForm),
        ("at", "", ShapedForm),
        ("day", "", ShapedForm),
        ("iso", "", ShapedForm),
        ("short", "", ShapedForm),
        ("upper", "", ShapedForm),
        ("iso", ".10", CutForm),
        ("local", "", ShapedForm),
        ("number", "08d", PaddedForm),
        ("number", "038d", PaddedForm),
        ("price", "08d", PaddedForm),
        ("expires", "010d", PaddedForm),
        ("at", ".10", CutForm),
        ("at", ".7", CutForm),
        ("day", ".7", CutForm),
        ("local", ".16", CutForm),
        ("at", "ms", MillisecondForm),
        ("name", "lower", FoldedForm),
        ("name", "escaped", EscapedForm),
        ("status", "lower", FoldedForm),
        ("at", "lower", FoldedShapeForm),
        ("uid", "lower", FoldedShapeForm),
        ("upper", "lower", FoldedShapeForm),
    ],
)
def test_a_field_has_the_form_of_its_type_or_the_one_asked_for(
    name: str, asked: str, kind: type[object]
) -> None:
    """What may be None has the form of what is not."""
    assert type(form_of(FIELDS[name], asked, "#")) is kind


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("number", "8d"),
        ("number", "00d"),
        ("number", "039d"),
        ("number", "x"),
        ("number", "lower"),
        ("number", ".10"),
        ("name", "08d"),
        ("name", ".10"),
        ("name", "upper"),
        ("name", "ms"),
        ("day", ".10"),
        ("day", "ms"),
        ("local", "ms"),
        ("at", ".9"),
        ("at", ".27"),
        ("at", "%Y-%m-%d"),
        ("uid", ".4"),
        ("iso", "ms"),
        ("short", ".4"),
    ],
)
def test_a_form_of_another_type_is_refused(name: str, asked: str) -> None:
    """The message names field, form and those that there are."""
    with pytest.raises(SchemaError, match=rf"Made\.{name}: .* has no form .*there are 08d"):
        form_of(FIELDS[name], asked, "#")


@pytest.mark.parametrize("name", ["is_open", "clock", "parts"])
def test_a_type_without_one_text_needs_an_encoding(name: str) -> None:
    """As bools and times of the day."""
    with pytest.raises(SchemaError, match=rf"Made\.{name}: .*give it an Encoding"):
        form_of(FIELDS[name], "", "#")


def test_bytes_need_an_encoding_to_text() -> None:
    """What is stored of them is no text."""
    with pytest.raises(SchemaError, match=r"Made\.data: bytes .*Encoding to text"):
        form_of(FIELDS["data"], "", "#")


@pytest.mark.parametrize("name", ["price", "ratio", "took"])
def test_numbers_with_fractions_need_a_form(name: str) -> None:
    """Equal ones have several texts, and would make several keys."""
    with pytest.raises(SchemaError, match=rf"Made\.{name}: .*give it a form"):
        form_of(FIELDS[name], "", "#")


def test_only_texts_in_the_order_of_their_values_have_ranges() -> None:
    """An address is after another as a number, not as a text."""
    assert form_of(FIELDS["name"], "", "").ordered
    assert not form_of(FIELDS["address"], "", "").ordered


def test_the_characters_of_an_enum_are_known() -> None:
    """So that what may follow it is decided at definition."""
    alphabet = form_of(FIELDS["status"], "", "#").alphabet
    assert "-" in alphabet
    assert "#" not in alphabet
