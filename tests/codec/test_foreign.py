"""A type with functions of its own is stored by them, and checked for what they make."""

from __future__ import annotations

from typing import Any, Literal, cast

import pytest
from pydantic import BaseModel, ConfigDict

from dynrepo.codec.foreign import CustomCodec, EncodedCodec, JsonTextCodec
from dynrepo.codec.scalars import BYTES, INT, STR
from dynrepo.codec.untyped import ANY
from dynrepo.codec.value import TAGS
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Encoding


class Line(BaseModel):
    """A model with settings of its own."""

    sku: str


def custom(tag: Literal["S", "N", "B"], encode: Any, decode: Any = str) -> CustomCodec:
    """The codec of a type with these functions."""
    return CustomCodec(Encoding(tag, encode=encode, decode=decode))


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (custom("S", hex, lambda text: int(text, 16)), 255, {"S": "0xff"}),
        (custom("N", str, int), 7, {"N": "7"}),
        (custom("B", str.encode, bytes.decode), "é", {"B": "w6k="}),
    ],
)
def test_a_value_comes_back(codec: CustomCodec, value: Any, stored: dict[str, str]) -> None:
    """By the functions of its type."""
    assert codec.encode(value) == stored
    assert codec.decode(stored) == value


@pytest.mark.parametrize(
    ("codec", "says"),
    [
        (custom("S", lambda _: 1), "expected str, found int"),
        (custom("N", lambda _: "x"), "made no number for the tag N"),
        (custom("N", lambda _: "NaN"), "NaN and infinities"),
        (custom("B", lambda _: "x"), "expected bytes, found str"),
        (custom("S", lambda value: value.nope), "its encoding raised AttributeError"),
    ],
)
def test_what_a_function_makes_is_of_its_tag(codec: CustomCodec, says: str) -> None:
    """Else it is an error before anything is sent."""
    with pytest.raises(CodecError, match=says):
        codec.encode(1)


@pytest.mark.parametrize(
    ("codec", "stored"),
    [
        (custom("S", str), {"S": 1}),
        (custom("N", str, int), {"N": "1_0"}),
        (custom("B", str, bytes), {"B": "a"}),
        (custom("N", str, lambda _: 1 / 0), {"N": "1"}),
    ],
)
def test_a_function_is_given_what_its_tag_holds(codec: CustomCodec, stored: Any) -> None:
    """Not what a foreign writer left there; and what it raises is a CodecError."""
    with pytest.raises(CodecError):
        codec.decode(stored)


def test_a_tag_of_dynamodb_is_asked_for() -> None:
    """No other type is stored."""
    with pytest.raises(SchemaError, match="a tag is one of S, N, B, BOOL, NULL, L, M, SS, NS, BS"):
        custom(cast("Any", "X"), str)


def test_only_a_scalar_can_be_a_key() -> None:
    """DynamoDB has no key of another tag; how deep a list or a map is, is looked at."""
    by_tag = {tag: custom(cast("Any", tag), str) for tag in TAGS}

    assert {tag for tag, codec in by_tag.items() if codec.key} == {"S", "N", "B"}
    assert {tag for tag, codec in by_tag.items() if codec.deep} == {"L", "M"}


def test_the_codec_of_the_type_itself_is_kept() -> None:
    """By which a field says what it holds, however that is stored."""
    encoding = Encoding("N", encode=str, decode=int)

    assert CustomCodec(encoding, INT).plain is INT
    assert (own := CustomCodec(encoding)).plain is own


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [(list[int], [1, 2], "[1,2]"), (Line, Line(sku="a"), '{"sku":"a"}')],
)
def test_json_is_stored_as_its_text(annotation: Any, value: Any, text: str) -> None:
    """Which Pydantic parses, by the settings of the model or of the type itself."""
    codec = JsonTextCodec(annotation, ConfigDict(strict=True))

    assert codec.encode(value) == {"S": text}
    assert codec.decode({"S": text}) == text
    with pytest.raises(CodecError):
        codec.decode({"S": 1})


def test_json_that_would_be_another_value_is_refused() -> None:
    """As well as a value that has no JSON."""
    with pytest.raises(CodecError, match="does not read back as an equal value"):
        JsonTextCodec(Any, ConfigDict()).encode((1,))
    with pytest.raises(CodecError, match="has no JSON text"):
        JsonTextCodec(Any, ConfigDict()).encode(object())


def test_what_pydantic_decodes_is_given_to_it_encoded() -> None:
    """And stored plain."""
    codec = EncodedCodec(STR, str.upper)

    assert codec.encode("a") == {"S": "a"}
    assert codec.decode({"S": "a"}) == "A"
    assert EncodedCodec(BYTES, bytes.hex).decode({"B": "YQ=="}) == "61"
    for other in (INT, ANY):
        with pytest.raises(SchemaError, match="cannot be stored exactly"):
            EncodedCodec(other, str)
