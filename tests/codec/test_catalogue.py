"""A type that is known by itself has a codec, or a reason why it has none."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ImportString, Strict
from pydantic.types import PathType

from dynrepo.codec import codec_for
from dynrepo.codec.catalogue import KNOWN, REFUSED, refuse_one_way
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


@pytest.mark.parametrize(
    ("piece", "cure"),
    [(ImportString(), "takes another value"), (PathType("file"), "declare `Path`")],
)
def test_what_cannot_be_read_back_is_refused(piece: Any, cure: str) -> None:
    """Metadata that take another value than they give, or ask what may change meanwhile."""
    with pytest.raises(SchemaError, match=cure):
        refuse_one_way(piece)
    refuse_one_way(Strict())
