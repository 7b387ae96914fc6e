"""Each value of one tag is written as one text, and only that is read back."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from pydantic import ByteSize

from dynrepo.codec.scalars import (
    BOOL,
    BYTE_SIZE,
    BYTES,
    IDENTIFIER,
    NONE,
    STR,
    TEXTS,
    PatternCodec,
)
from dynrepo.errors import CodecError

ID = UUID("123e4567-e89b-12d3-a456-426614174000")


class Initials(UUID):
    """A UUID that holds no more than one."""


class Labelled(bytes):
    """Bytes that are no equal of what is read back."""

    def __eq__(self, other: object) -> bool:
        return type(other) is Labelled

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (STR, "é", {"S": "é"}),
        (BYTES, b"\x00", {"B": "AA=="}),
        (BOOL, False, {"BOOL": False}),
        (NONE, None, {"NULL": True}),
        (IDENTIFIER, ID, {"S": str(ID)}),
        (BYTE_SIZE, ByteSize(2), {"N": "2"}),
        (TEXTS[IPv4Address], IPv4Address("10.0.0.1"), {"S": "10.0.0.1"}),
        (TEXTS[PurePosixPath], PurePosixPath("a/b"), {"S": "a/b"}),
        (PatternCodec(STR), re.compile("a+"), {"S": "a+"}),
        (PatternCodec(BYTES), re.compile(b"a"), {"B": "YQ=="}),
    ],
)
def test_a_value_comes_back(codec: Any, value: Any, stored: dict[str, Any]) -> None:
    """From the text that it is written as."""
    assert codec.encode(value) == stored
    assert codec.decode(stored) == value


@pytest.mark.parametrize(
    ("codec", "value"),
    [
        (STR, b"a"),
        (STR, "\ud800"),
        (BYTES, "a"),
        (BOOL, 1),
        (IDENTIFIER, str(ID)),
        (BYTES, Labelled(b"a")),
        (TEXTS[IPv4Address], "10.0.0.1"),
        (TEXTS[PurePosixPath], PurePosixPath("\ud800")),
        (PatternCodec(STR), "a"),
        (PatternCodec(STR), re.compile("a", re.IGNORECASE)),
    ],
)
def test_a_value_of_another_class_is_refused(codec: Any, value: Any) -> None:
    """And one that would not come back as an equal."""
    with pytest.raises(CodecError):
        codec.encode(value)


@pytest.mark.parametrize(
    ("codec", "stored"),
    [
        (STR, {"S": 1}),
        (BYTES, {"B": "a"}),
        (BYTES, {"B": "YQ==\n"}),
        (BOOL, {"BOOL": "no"}),
        (IDENTIFIER, {"S": ID.hex}),
        (IDENTIFIER, {"S": f"{{{ID}}}"}),
        (IDENTIFIER, {"S": "x" * 36}),
        (TEXTS[IPv4Address], {"S": 1}),
        (PatternCodec(STR), {"S": "("}),
    ],
)
def test_what_is_written_in_no_such_form_is_refused(codec: Any, stored: dict[str, Any]) -> None:
    """Although a constructor of Python might take it."""
    with pytest.raises(CodecError):
        codec.decode(stored)


def test_a_subclass_is_stored_if_it_reads_back_as_an_equal() -> None:
    """So Pydantic may have let it pass."""
    assert IDENTIFIER.encode(Initials(int=1)) == {"S": str(UUID(int=1))}


def test_a_uuid_in_capitals_is_read_and_is_not_canonical() -> None:
    """By such a key the item would not be found again."""
    assert IDENTIFIER.decode({"S": str(ID).upper()}) == ID
    assert IDENTIFIER.canonical is not None
    assert not IDENTIFIER.canonical(str(ID).upper())
    assert IDENTIFIER.canonical(str(ID))
