"""Every type of the table is written and read as the table says, and nothing else is let in."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ConfigDict, create_model

from dynrepo.codec import codec_for
from dynrepo.schema import fields_of
from tests.encodings import ENCODINGS, Example, table

each = pytest.mark.parametrize(
    "example",
    [pytest.param(one, id=f"{number}-{one.name}") for number, one in enumerate(ENCODINGS)],
)


@each
def test_a_value_is_written_in_its_form(example: Example) -> None:
    """The codec of a type writes what the table of encodings shows."""
    assert codec_for(example.annotation).encode(example.value) == example.stored


@each
def test_a_stored_form_is_read_as_its_value(example: Example) -> None:
    """A model with the field reads the stored form as the value, of the same type."""
    model = fields_of(example.model)
    read = model.decode({"field": example.stored}).field

    assert read == example.value
    assert type(read) is type(example.value)


@each
def test_a_strict_model_reads_its_value(example: Example) -> None:
    """Pydantic is given values, not texts, so a strict model reads what it wrote."""
    strict = create_model(
        "Strict",
        __config__=ConfigDict(strict=True, arbitrary_types_allowed=True),
        field=(example.annotation, ...),
    )

    assert fields_of(strict).decode({"field": example.stored}).field == example.value


@each
def test_a_type_is_a_key_where_its_order_is_kept(example: Example) -> None:
    """The table says which types may be keys, and the codec agrees."""
    codec = codec_for(example.annotation)

    assert codec.key == example.key


def test_the_documentation_has_the_same_table() -> None:
    """The page of types shows what is tested here."""
    page = Path(__file__).parents[1] / "docs" / "reference" / "types.md"

    assert table() in page.read_text(encoding="utf-8")
