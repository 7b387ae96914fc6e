"""How a field stands in a key text."""

from __future__ import annotations

from random import Random

import pytest

from dynrepo.errors import CodecError, SchemaError
from dynrepo.templates.cuts import CutForm
from dynrepo.templates.forms import (
    ChoiceForm,
    EscapedForm,
    KeyForm,
    MillisecondForm,
    PaddedForm,
    ShapedForm,
    TextForm,
    WholeForm,
)
from dynrepo.templates.languages import Language, common_text
from dynrepo.templates.shapes import AWARE_SHAPE, DATE_SHAPE
from tests.templates.made import text_of

NOON = "2026-11-29T12:00:00.250000Z"


@pytest.mark.parametrize(
    ("form", "payload", "text"),
    [
        (TextForm(ordered=True), "Ann", "Ann"),
        (TextForm(ordered=True), "", ""),
        (ShapedForm(AWARE_SHAPE, is_time=True), NOON, NOON),
        (MillisecondForm(), NOON, "2026-11-29T12:00:00.250Z"),
        (WholeForm(), "-7", "-7"),
        (WholeForm(), "10000000000000000000000000000000000000000", "1" + "0" * 40),
        (PaddedForm(8), "7", "00000007"),
        (PaddedForm(8), "0", "00000000"),
        (PaddedForm(8), "99999999", "99999999"),
        (EscapedForm("#"), "C#", "C%23"),
        (EscapedForm("#"), "100%23#", "100%2523%23"),
        (EscapedForm(""), "a#%", "a#%25"),
        (EscapedForm("é"), "né", "n%C3%A9"),
    ],
)
def test_a_text_is_made_of_what_is_stored_and_read_again(
    form: KeyForm, payload: str, text: str
) -> None:
    """Where the form is not lossy."""
    assert form.write(payload) == text
    assert form.read(text) == payload
    assert not form.lossy


@pytest.mark.parametrize(
    ("payload", "text"), [("1E+40", "1" + "0" * 40), ("5.00", "5"), ("007", "7"), ("-0", "0")]
)
def test_one_number_has_one_text(payload: str, text: str) -> None:
    """However a writer, or DynamoDB, has written it."""
    assert WholeForm().write(payload) == text


@pytest.mark.parametrize("payload", ["-1", "100000000", "1E+40", "1.5"])
def test_a_number_that_outgrows_its_width_is_refused(payload: str) -> None:
    """As is one below zero, or with a fraction: no text of this width stands for it."""
    with pytest.raises(CodecError, match=r"0 to 99999999|fraction"):
        PaddedForm(8).write(payload)


@pytest.mark.parametrize("width", [4, 7, 10, 13])
def test_a_time_is_cut_from_its_stored_text(width: int) -> None:
    """So that one instant has one day, whatever the zone."""
    form = CutForm(AWARE_SHAPE, width)
    assert form.write(NOON) == NOON[:width]
    assert form.lossy
    assert form.shape is not None
    assert form.shape.width == width


@pytest.mark.parametrize(
    "form",
    [ShapedForm(AWARE_SHAPE, is_time=True), CutForm(AWARE_SHAPE, 10), MillisecondForm()],
    ids=["whole", "cut", "ms"],
)
@pytest.mark.parametrize("payload", ["2026-11-29T12:00:00Z", "2026-11-29", f"{NOON} ", ""])
def test_a_time_of_another_width_is_refused(form: KeyForm, payload: str) -> None:
    """Its text would stand in another place than its instant."""
    with pytest.raises(CodecError, match="width and shape"):
        form.write(payload)


def test_a_time_finer_than_its_form_is_refused() -> None:
    """Else two times had one key."""
    with pytest.raises(CodecError, match="finer than milliseconds"):
        MillisecondForm().write("2026-11-29T12:00:00.250001Z")


@pytest.mark.parametrize(
    "form",
    [TextForm(ordered=True), EscapedForm("#")],
    ids=["text", "escaped"],
)
@pytest.mark.parametrize("payload", ["a\U0010ffff", "a\ud800"])
def test_what_no_key_can_hold_is_refused(form: KeyForm, payload: str) -> None:
    """The greatest character ends ranges, and a lone surrogate has no UTF-8 form."""
    with pytest.raises(CodecError, match=r"U\+10FFFF|surrogate"):
        form.write(payload)


@pytest.mark.parametrize("stop", ["%", "2", "3"])
def test_an_escape_holds_nothing_of_what_follows(stop: str) -> None:
    """Or the field would end inside it."""
    with pytest.raises(SchemaError, match="cannot follow an escaped field"):
        EscapedForm(stop)


def test_different_texts_have_different_escapes() -> None:
    """Each of which reads as its own text, and is without the character that follows."""
    random, form = Random(18), EscapedForm("#")  # noqa: S311 - a test
    texts = {text_of(random, 6) for _ in range(2_000)}
    escaped = {form.write(text): text for text in texts}
    assert len(escaped) == len(texts)
    assert all("#" not in text and form.read(text) == plain for text, plain in escaped.items())


@pytest.mark.parametrize(
    ("form", "ordered", "prefixes"),
    [
        (TextForm(ordered=True), True, True),
        (TextForm(ordered=False), False, False),
        (ShapedForm(DATE_SHAPE, is_time=True), True, True),
        (ShapedForm(DATE_SHAPE, is_time=False), True, False),
        (CutForm(AWARE_SHAPE, 10), True, True),
        (MillisecondForm(), True, True),
        (PaddedForm(8), True, False),
        (WholeForm(), False, False),
        (EscapedForm("#"), False, False),
    ],
)
def test_a_form_says_what_may_be_asked_of_it(
    form: KeyForm, *, ordered: bool, prefixes: bool
) -> None:
    """Ranges where it has the order of the values, beginnings where it begins as they do."""
    assert (form.ordered, form.prefixes) == (ordered, prefixes)


def test_every_text_of_one_shape_fits() -> None:
    """The shape is asked before."""
    assert CutForm(AWARE_SHAPE, 10).fits("2026-11-29")


@pytest.mark.parametrize(
    ("form", "payload"),
    [
        (TextForm(ordered=True), "Ann"),
        (ChoiceForm(["open", "opened"]), "opened"),
        (ShapedForm(DATE_SHAPE, is_time=True), "2026-11-29"),
        (CutForm(AWARE_SHAPE, 10), NOON),
        (WholeForm(), "-70"),
        (PaddedForm(3), "7"),
        (EscapedForm("#"), "C#"),
    ],
)
def test_what_is_written_is_among_the_texts_of_the_form(form: KeyForm, payload: str) -> None:
    """By which templates are told apart; none of them holds what follows the field."""
    language, written, stop = Language(), Language(), Language()
    form.spell(language, "#")
    written.text(form.write(payload))
    stop.text("a#")
    assert common_text(language, written) == form.write(payload)
    assert common_text(language, stop) is None
