"""A discriminator tells the members of a union apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.codec import codec_for
from dynrepo.codec.unions import UnionByField, UnionByFunction
from dynrepo.errors import CodecError
from tests.encodings import Cat, Dog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.codec.value import Codec

CAT, DOG = codec_for(Cat), codec_for(Dog)
TABLES: Mapping[str, Mapping[Any, Codec]] = {"kind": {("S", "cat"): CAT, ("S", "dog"): DOG}}
BY_FIELD = UnionByField([CAT, DOG], TABLES, "kind", {})


def choose(value: Any) -> str:
    """The name of the member of an animal, made or stored."""
    held = value if isinstance(value, dict) else vars(value)
    return "cat" if "lives" in held else str(held.get("name"))


BY_FUNCTION = UnionByFunction({"cat": CAT, "d": DOG}, choose)
STORED_DOG = {"M": {"kind": {"S": "dog"}, "name": {"S": "d"}}}


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (BY_FIELD, Dog(name="d"), STORED_DOG),
        (BY_FUNCTION, Dog(name="d"), STORED_DOG),
    ],
)
def test_a_value_is_written_by_its_class_and_read_by_its_form(
    codec: Any, value: Any, stored: Any
) -> None:
    """Fast and carefully; of a model what is read are its values."""
    assert codec.encode(value) == codec.fast_encode(value) == stored
    read = codec.decode(stored)
    assert read == codec.fast_decode(stored) == getattr(value, "__dict__", value)


@pytest.mark.parametrize(
    ("codec", "value", "says"),
    [
        (BY_FIELD, {"kind": "cat"}, "expected Cat | Dog, found dict"),
        (BY_FUNCTION, Dog(name="x"), "names no member for the value"),
    ],
)
def test_a_value_of_no_member_is_refused(codec: Any, value: Any, says: str) -> None:
    """It would not be read back."""
    with pytest.raises(CodecError) as raised:
        codec.encode(value)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("codec", "stored", "says"),
    [
        (BY_FIELD, {"M": {"kind": {"S": "cow"}}}, "the discriminator found names no member"),
        (BY_FIELD, {"S": "cat"}, "the discriminator found names no member"),
        (BY_FUNCTION, {"M": {"name": {"S": "x"}}}, "names no member for what is stored"),
    ],
)
def test_a_form_of_no_member_is_refused(codec: Any, stored: Any, says: str) -> None:
    """Whoever stored it."""
    with pytest.raises(CodecError, match=says):
        codec.decode(stored)


def test_a_function_that_would_name_another_member_is_found_out() -> None:
    """When the value is written, not when it is read."""
    fickle = UnionByFunction(
        {"cat": CAT, "d": DOG}, lambda value: "cat" if isinstance(value, Cat) else "d"
    )

    with pytest.raises(CodecError, match="another member for the stored form"):
        fickle.encode(Cat(lives=9))


def test_a_union_by_field_knows_its_discriminators() -> None:
    """For a table whose items are of such a union."""
    assert (BY_FIELD.discriminator, BY_FIELD.tables) == ("kind", TABLES)


def test_an_instance_of_a_subclass_is_written_by_the_member_of_its_base() -> None:
    """Which refuses it: it would come back as less than it is."""

    class Lion(Cat):
        """A cat with more to it."""

    with pytest.raises(CodecError, match="expected Cat, found Lion"):
        BY_FIELD.encode(Lion(lives=1))


def test_the_parts_of_a_value_are_those_of_its_member() -> None:
    """A value of no member has none."""
    assert BY_FUNCTION.parts(Cat(lives=1)) == BY_FIELD.parts(Cat(lives=1)) == []
    assert not BY_FIELD.parts("a")
    assert not BY_FUNCTION.parts({"name": "x"})
