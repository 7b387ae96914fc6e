"""Identifiers, decimals, bytes and bools are read and written as other programs have them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pynamodb.attributes import BinaryAttribute

from dynrepo import CodecError, PartitionKey, SchemaError, SortKey, encodings, schema_of
from dynrepo.codec import codec_for

ID = UUID("123e4567-e89b-12d3-a456-426614174000")
FORMS: list[tuple[Any, Any, Any, dict[str, str]]] = [
    (UUID, encodings.UUID_UPPER, ID, {"S": "123E4567-E89B-12D3-A456-426614174000"}),
    (UUID, encodings.UUID_HEX, ID, {"S": "123e4567e89b12d3a456426614174000"}),
    (UUID, encodings.UUID_BYTES, ID, {"B": "Ej5FZ+ibEtOkVkJmFBdAAA=="}),
    (Decimal, encodings.DECIMAL_TEXT, Decimal("12.50"), {"S": "12.50"}),
    (Decimal, encodings.DECIMAL_TEXT, Decimal("-1E+500"), {"S": "-1E+500"}),
    (bool, encodings.ZERO_ONE, True, {"N": "1"}),
    (bool, encodings.ZERO_ONE, False, {"N": "0"}),
    (bool, encodings.YES_NO, True, {"S": "Y"}),
    (bool, encodings.bool_text("on", "off"), False, {"S": "off"}),
    (bytes, encodings.LEGACY_BINARY, b"abc", {"B": "WVdKag=="}),
]
IDS = [str(number) for number in range(len(FORMS))]


@pytest.mark.parametrize(("kind", "encoding", "value", "stored"), FORMS, ids=IDS)
def test_a_value_has_the_form_of_its_writer(
    kind: Any, encoding: Any, value: Any, stored: dict[str, str]
) -> None:
    """And comes back from it."""
    codec = codec_for(Annotated[kind, encoding])

    assert codec.encode(value) == stored
    assert codec.decode(stored) == codec.fast_decode(stored) == value
    assert str(codec.decode(stored)) == str(value)
    with pytest.raises(CodecError, match="expected"):
        codec.encode(object())


@pytest.mark.parametrize(
    ("kind", "encoding", "stored"),
    [
        (UUID, encodings.UUID_HEX, {"S": str(ID)}),
        (UUID, encodings.UUID_HEX, {"S": "1_3e4567e89b12d3a456426614174000"}),
        (UUID, encodings.UUID_UPPER, {"S": ID.hex}),
        (UUID, encodings.UUID_BYTES, {"B": "Ej5FZw=="}),
        (Decimal, encodings.DECIMAL_TEXT, {"S": "NaN"}),
        (Decimal, encodings.DECIMAL_TEXT, {"S": "1_0"}),
        (Decimal, encodings.DECIMAL_TEXT, {"S": ""}),
        (bool, encodings.ZERO_ONE, {"N": "2"}),
        (bool, encodings.ZERO_ONE, {"N": "0.5"}),
        (bool, encodings.YES_NO, {"S": "y"}),
        (bytes, encodings.LEGACY_BINARY, {"B": "YWJj"}),
        (bytes, encodings.LEGACY_BINARY, {"B": "?"}),
    ],
    ids=[str(number) for number in range(12)],
)
def test_another_form_is_refused(kind: Any, encoding: Any, stored: dict[str, str]) -> None:
    """Nothing is guessed."""
    with pytest.raises(CodecError):
        codec_for(Annotated[kind, encoding]).decode(stored)


@given(st.uuids(), st.decimals(allow_nan=False, allow_infinity=False), st.binary())
def test_every_value_comes_back(identifier: UUID, number: Decimal, data: bytes) -> None:
    """With the zeros of a decimal."""
    for encoding in (encodings.UUID_UPPER, encodings.UUID_HEX, encodings.UUID_BYTES):
        codec = codec_for(Annotated[UUID, encoding])
        assert codec.decode(codec.encode(identifier)) == identifier
    text = codec_for(Annotated[Decimal, encodings.DECIMAL_TEXT])
    assert str(text.decode(text.encode(number))) == str(number)
    legacy = codec_for(Annotated[bytes, encodings.LEGACY_BINARY])
    assert legacy.decode(legacy.encode(data)) == data


@given(st.binary())
def test_pynamodb_reads_and_writes_the_same_bytes(data: bytes) -> None:
    """By its attribute of that encoding, below the base64 of the wire."""
    legacy = codec_for(Annotated[bytes, encodings.LEGACY_BINARY])
    written = BinaryAttribute(legacy_encoding=True).serialize(data)  # type: ignore[no-untyped-call]

    assert codec_for(bytes).decode(legacy.encode(data)) == written
    assert legacy.decode(codec_for(bytes).encode(written)) == data


def test_a_number_of_one_value_is_a_bool_in_any_digits() -> None:
    """For DynamoDB it is the same number."""
    codec = codec_for(Annotated[bool, encodings.ZERO_ONE])

    assert [codec.decode({"N": text}) for text in ("1.0", "0.00", "1E+0")] == [True, False, True]


class Device(BaseModel):
    """Forms of others in a key."""

    id: Annotated[UUID, encodings.UUID_UPPER, PartitionKey()]
    on: Annotated[bool, encodings.YES_NO, SortKey()]


def test_a_key_is_found_in_the_form_of_the_table() -> None:
    """And in that alone."""
    schema = schema_of(Device)
    key = {"id": {"S": "123E4567-E89B-12D3-A456-426614174000"}, "on": {"S": "Y"}}

    assert schema.key((ID, True)) == key
    assert schema.decode(key) == Device(id=ID, on=True)
    with pytest.raises(CodecError, match=r"Device\.id: the stored form is another"):
        schema.decode({**key, "id": {"S": str(ID)}})


def test_what_cannot_be_told_is_refused() -> None:
    """Two bools of one text, numbers that are no numbers, a key of several texts."""
    with pytest.raises(SchemaError, match="one text for both"):
        encodings.bool_text("x", "x")
    with pytest.raises(CodecError, match="NaN"):
        codec_for(Annotated[Decimal, encodings.DECIMAL_TEXT]).encode(Decimal("NaN"))
    assert not codec_for(Annotated[Decimal, encodings.DECIMAL_TEXT]).key
    assert codec_for(Annotated[bool, encodings.YES_NO]).ordered
    assert not codec_for(Annotated[bool, encodings.bool_text("a", "b")]).ordered
