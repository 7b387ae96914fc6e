"""What stands in an item in another form than the one that is written is read by its codec."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from dynrepo.codec import codec_for
from dynrepo.codec.scalars import INT
from dynrepo.codec.value import SingleTag, canonical_of
from dynrepo.errors import CodecError
from dynrepo.reading.odd_values import (
    Given,
    Validator,
    attribute_reader,
    decoder,
    given_by,
    given_default,
    key_reader,
    payload_of,
    payload_reader,
)

at_most_9 = Validator({"type": "nullable", "schema": {"type": "int", "le": 9}}, [], None)


def test_a_value_is_validated_as_its_field_says() -> None:
    """With the settings of the model, and what the schema refers to."""
    assert at_most_9(9) == 9
    with pytest.raises(ValidationError):
        at_most_9(10)
    of_texts = Validator({"type": "str"}, [], {"str_to_upper": True})
    assert of_texts("a") == "A"
    definition = {"type": "int", "ref": "number", "le": 9}
    assert Validator({"type": "definition-ref", "schema_ref": "number"}, [definition], None)(7) == 7


def test_a_payload_and_an_attribute_value_are_told_apart() -> None:
    """By what they look like: a payload of these types is no dict."""
    read = payload_reader(codec_for(int | None), at_most_9)
    assert [read("7"), read("1E0"), read({"NULL": True}), read(Given(3))] == [7, 1, None, 3]
    misplaced = ({"N": "7"}, {"N": {"NULL": True}}, {"NULL": "7"})
    for found in ("a", {"S": "7"}, {}, None, ["7"], True, "10", *misplaced):
        with pytest.raises(ValueError, match=r"\w"):
            read(found)


def test_an_attribute_value_is_read_and_validated() -> None:
    """Or a value that was given in its place."""
    read = attribute_reader(codec_for(int | None), at_most_9)
    assert [read({"N": "7"}), read({"NULL": True}), read(Given(3))] == [7, None, 3]
    for stored in ("7", {"N": "a"}, {"N": "10"}, Given(10)):
        with pytest.raises(ValueError, match=r"\w"):
            read(stored)


def test_a_part_of_a_key_is_read_in_its_one_form() -> None:
    """By which it is found again."""
    codec = codec_for(float)
    read = key_reader(codec, lambda value: value, canonical_of(codec))
    assert read({"N": "1.50"}) == 1.5
    with pytest.raises(CodecError, match="another form"):
        read({"N": "0.12345678901234567890"})
    with pytest.raises(CodecError):
        read({"S": "1.5"})


def test_what_a_codec_raises_is_a_codec_error() -> None:
    """Whatever it was: the schema then refuses what is there, and no more."""

    class Broken(SingleTag):
        def read(self, payload: Any) -> Any:
            raise KeyError(payload)

        def decode(self, stored: Any) -> Any:
            return self.read(stored)

    with pytest.raises(CodecError, match="no thing"):
        decoder(Broken("S", "thing"))({"S": "a"})
    assert decoder(INT)({"N": "1E+1"}) == payload_of(INT)("1E+1") == 10


def test_a_default_stands_for_what_is_not_stored() -> None:
    """A new one each time, where it may be changed."""
    assert given_by(set)["default_factory"]().value == set()
    shared: list[int] = []
    default = given_default({"type": "default", "schema": {}, "default": shared})
    assert default is not None
    assert "default" not in default
    assert default["default_factory"]().value == shared
    assert default["default_factory"]().value is not shared
    fixed = given_default({"type": "default", "schema": {}, "default": "a"})
    assert fixed is not None
    assert fixed["default_factory"]().value == "a"
    made = given_default({"type": "default", "schema": {}, "default_factory": list})
    assert made is not None
    assert made["default_factory"]().value == []
    assert given_default({"default_factory_takes_data": True}) is None
