"""Which form a field has in a template: by its type, and by what the template asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dynrepo.codec.choices import choices_of
from dynrepo.codec.forms import FormCodec
from dynrepo.codec.number import DIGITS
from dynrepo.codec.scalars import DECIMAL, FLOAT, IDENTIFIER
from dynrepo.codec.times import AWARE, DATE, DURATION, NAIVE
from dynrepo.codec.value import KEY_TAGS
from dynrepo.errors import SchemaError
from dynrepo.templates.cuts import UNITS, CutForm
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
from dynrepo.templates.shapes import AWARE_SHAPE, DATE_SHAPE, NAIVE_SHAPE, UUID_SHAPE, Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec import Codec, Field
    from dynrepo.templates.forms import KeyForm

TIMES: Mapping[Codec, Shape] = {AWARE: AWARE_SHAPE, NAIVE: NAIVE_SHAPE, DATE: DATE_SHAPE}
_SHAPES: Mapping[Codec, Shape] = {**TIMES, IDENTIFIER: UUID_SHAPE}
_FRACTIONS = (DECIMAL, FLOAT, DURATION)
_PADDED = re.compile(r"0([1-9][0-9]?)d")
_CUT = re.compile(r"\.([1-9][0-9]?)")


def form_of(field: Field, asked: str, stop: str) -> KeyForm:
    """The form of a field in a template; SchemaError where its type has none, or not this one.

    `stop` is the character after the field, "" where it comes last.
    """
    codec = field.present
    if len(codec.tags) > 1 or codec.tag not in KEY_TAGS or not codec.key:
        raise SchemaError(
            f"{field.label}: {codec.name} has no form in a key text, which is made of texts, whole"
            " numbers, times and the like: give it an Encoding"
        )
    if codec.tag == "B":
        raise SchemaError(
            f"{field.label}: bytes are no part of a key text: give the field an Encoding to text"
        )
    form = _asked(codec, asked, stop) if asked else _own(codec)
    if form is None:
        raise SchemaError(f"{field.label}: {_refusal(codec, asked)}")
    return form


def _own(codec: Codec) -> KeyForm | None:
    if codec.tag == "N":
        return None if codec in _FRACTIONS else WholeForm()
    if (shape := _shape_of(codec)) is not None:
        return ShapedForm(shape, is_time=codec.plain in TIMES)
    choices = choices_of(codec)
    if choices is not None:
        return ChoiceForm([text for _, text in choices.by_stored])
    return TextForm(ordered=codec.key == "sort" and codec.ordered)


def _shape_of(codec: Codec) -> Shape | None:
    """What all texts of a type look like, where they have one width."""
    if isinstance(codec, FormCodec):
        return Shape(codec.shape) if codec.shape else None
    return _SHAPES.get(codec)


def _asked(codec: Codec, asked: str, stop: str) -> KeyForm | None:
    if (match := _PADDED.fullmatch(asked)) and int(match[1]) <= DIGITS:
        return PaddedForm(int(match[1])) if codec.tag == "N" else None
    whole, is_time = _shape_of(codec), codec.plain in TIMES
    if match := _CUT.fullmatch(asked):
        width = int(match[1])
        has_it = is_time and width in UNITS
        return CutForm(whole, width) if whole and has_it and width < whole.width else None
    if asked == "ms":
        return MillisecondForm() if codec is AWARE else None
    if whole is not None:
        return FoldedShapeForm(whole, is_time=is_time) if asked == "lower" else None
    return _OF_TEXTS[asked](stop) if codec.tag == "S" and asked in _OF_TEXTS else None


_OF_TEXTS: Mapping[str, Callable[[str], KeyForm]] = {
    "lower": lambda _: FoldedForm(),
    "escaped": EscapedForm,
}


def _refusal(codec: Codec, asked: str) -> str:
    if not asked:
        return (
            f"equal values of {codec.name} may have several texts, as 1 and 1.00: give it a"
            " form, as {price:08d} for whole numbers, or an Encoding to text"
        )
    cuts = ", ".join(f".{width}" for width in UNITS)
    return (
        f"{codec.name} has no form {asked!r}: there are 08d, of any width to {DIGITS}, for numbers,"
        f" lower for texts, times and UUIDs, escaped for texts, {cuts} for times and dates that are"
        " longer, and ms for aware datetimes"
    )
