"""A type that is known by itself has a codec, or a reason why it has none."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.codec import codec_for
from dynrepo.codec.catalogue import KNOWN, REFUSED
from dynrepo.errors import SchemaError


@pytest.mark.parametrize("annotation", KNOWN, ids=repr)
def test_a_known_type_has_its_codec(annotation: Any) -> None:
    """The same for everyone."""
    assert codec_for(annotation) is KNOWN[annotation]


@pytest.mark.parametrize("annotation", REFUSED, ids=repr)
def test_a_refused_type_says_what_to_declare(annotation: Any) -> None:
    """Since what is stored would not come back."""
    with pytest.raises(SchemaError, match=r"declare|give it functions of its own"):
        codec_for(annotation)
