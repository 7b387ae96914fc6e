"""A part of a model is made as the model would make it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ConfigDict, HttpUrl, PydanticUserError

from dynrepo.codec.adapters import adapter_of, maker_of
from tests.encodings import Line


def test_a_part_has_the_settings_of_its_model() -> None:
    """A model in it has its own."""
    keeps = ConfigDict(url_preserve_empty_path=True)

    assert str(adapter_of(HttpUrl, keeps).validate_python("http://x.org")) == "http://x.org"
    assert adapter_of(Line, keeps).validate_python({"sku": "a"}) == Line(sku="a")


def test_a_value_is_made_of_what_is_read_by_the_names_of_fields() -> None:
    """Strict models are made of dicts too, as they are within an item."""
    assert maker_of(Line, ConfigDict())({"sku": "a"}) == Line(sku="a")


def test_a_type_that_pydantic_does_not_know_has_no_adapter() -> None:
    """Whatever the settings."""
    unknown: Any = type("Unknown", (), {})
    with pytest.raises(PydanticUserError):
        adapter_of(unknown, ConfigDict())
