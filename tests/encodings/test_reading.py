"""The page of types says who reads a type, what else is read, and which forms have a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dynrepo import encodings
from dynrepo.codec import codec_for
from tests import encodings as examples
from tests.accelerator import if_accelerated
from tests.encodings import ALSO_READ, CORE, ENCODINGS, READ_BY
from tests.encodings.reading import CORE as BY_CORE
from tests.encodings.reading import read_by

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "types.md"
OTHERS: dict[str, dict[str, Any]] = {
    "int": {"N": "1E+3"},
    "Decimal": {"N": "1E+3"},
    "timedelta": {"N": "1E+3"},
    "ByteSize": {"N": "1E+3"},
    "Flag": {"N": "1.0"},
    "float": {"N": "0." + "3" * 38},
    "datetime, AwareDatetime": {"S": "2024-02-29T12:00:00+01:00"},
    "PastDatetime": {"S": "2020-01-01T00:00:00.000000000Z"},
    "NaiveDatetime": {"S": "2024-01-01 00:00"},
    "time": {"S": "01:02:03"},
    "UUID": {"S": "123E4567-E89B-12D3-A456-426614174000"},
    "IPv6Address": {"S": "::0001"},
    "Path": {"S": "a//b"},
    "Json[T]": {"S": "[ 1 ]"},
    "T | None": {"NULL": True},
    "set, frozenset of S": {"L": []},
    "set, frozenset of N": {"L": []},
    "set, frozenset of B": {"L": []},
}


@if_accelerated
@pytest.mark.parametrize("name", CORE)
def test_what_is_read_by_the_core_calls_no_function(name: str) -> None:
    """In the form that is written."""
    for example in ENCODINGS:
        if example.name == name:
            assert read_by(example.annotation, example.stored) == BY_CORE


@pytest.mark.parametrize("name", OTHERS)
def test_another_form_is_read(name: str) -> None:
    """Of those that the page names."""
    example = next(example for example in ENCODINGS if example.name == name)
    assert name in ALSO_READ
    codec_for(example.annotation).decode(OTHERS[name])


def test_the_page_speaks_of_types_that_there_are() -> None:
    """In the table."""
    names = {example.name for example in ENCODINGS}
    assert {*ALSO_READ, *READ_BY, *examples.KEY_SPELLINGS} <= names


@pytest.mark.parametrize("name", encodings.__all__)
def test_every_named_form_is_on_the_page(name: str) -> None:
    """With what it writes."""
    assert name == "NamedEncoding" or f"{name}" in PAGE.read_text(encoding="utf-8")
