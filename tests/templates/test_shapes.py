"""Texts of one width."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime

from dynrepo import encodings
from dynrepo.codec import codec_for
from dynrepo.codec.scalars import IDENTIFIER
from dynrepo.codec.times import AWARE, DATE, NAIVE
from dynrepo.templates.shapes import (
    AWARE_SHAPE,
    DATE_SHAPE,
    NAIVE_SHAPE,
    UUID_SHAPE,
    Shape,
)
from tests.templates.made import FIELDS, Made

ENCODED: list[tuple[Any, Any]] = [
    (FIELDS["iso"].codec, Made().at),
    (FIELDS["short"].codec, Made().uid),
    (FIELDS["upper"].codec, UUID(int=2**128 - 1)),
    (codec_for(Annotated[AwareDatetime, encodings.ISO_BASIC_OFFSET]), Made().at),
]


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (DATE_SHAPE, DATE.write(Made().day)),
        (AWARE_SHAPE, AWARE.write(Made().at)),
        (AWARE_SHAPE, AWARE.write(Made().at.replace(year=1, microsecond=0))),
        (NAIVE_SHAPE, NAIVE.write(Made().local)),
        (UUID_SHAPE, IDENTIFIER.write(Made().uid)),
        *((Shape(codec.shape), codec.write(value)) for codec, value in ENCODED),
    ],
)
def test_what_is_written_is_of_its_shape(shape: Shape, text: str) -> None:
    """Whatever the value."""
    assert shape.fits(text)
    assert len(text) == shape.width
    assert all(it in alphabet for it, alphabet in zip(text, shape.alphabets, strict=True))


@pytest.mark.parametrize("text", ["", "2026-11-2", "2026-11-290", "2026-11-29\n", "2026x11x29"])
def test_what_is_of_another_width_or_has_another_character_does_not_fit(text: str) -> None:
    """Also by a line end."""
    assert not DATE_SHAPE.fits(text)


def test_only_the_digits_of_ascii_are_digits() -> None:
    """Those of other scripts have another order."""
    assert not DATE_SHAPE.fits("\u0662\u0660\u0662\u0666-11-29")


def test_characters_that_mean_something_in_a_pattern_are_themselves() -> None:
    """As the dot before a fraction."""
    assert not AWARE_SHAPE.fits("2026-11-29T12:30:05x250000Z")
