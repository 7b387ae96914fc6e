"""The stored form of a member of a union tells which member it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from dynrepo.codec import codec_for
from dynrepo.codec.choices import literal
from dynrepo.codec.scalars import INT, STR
from dynrepo.codec.unions import UnionByField, UnionByFunction, union_by_tag
from dynrepo.codec.untyped import ANY
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Encoding
from tests.encodings import Cat, Dog, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.codec.value import Codec

CAT, DOG = codec_for(Cat), codec_for(Dog)
TABLES: Mapping[str, Mapping[Any, Codec]] = {"kind": {("S", "cat"): CAT, ("S", "dog"): DOG}}
BY_FIELD = UnionByField([CAT, DOG], TABLES, {})
BY_TAG = union_by_tag([INT, codec_for(list[Any]), CAT])


def choose(value: Any) -> str:
    """The name of the member of an animal, made or stored."""
    held = value if isinstance(value, dict) else vars(value)
    return "cat" if "lives" in held else str(held.get("name"))


BY_FUNCTION = UnionByFunction({"cat": CAT, "d": DOG}, choose)
STORED_DOG = {"M": {"kind": {"S": "dog"}, "name": {"S": "d"}}}


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (BY_TAG, 1, {"N": "1"}),
        (BY_TAG, [1], {"L": [{"N": "1"}]}),
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
        (BY_TAG, "a", "expected int | list of Any | Cat, found str"),
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
        (BY_TAG, {"BOOL": True}, "found BOOL, which no member of the union is stored as"),
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


def test_members_that_read_alike_are_one() -> None:
    """A class twice, Literals of one tag, a Literal and the class of its values."""
    either = codec_for(Annotated[int, Field(gt=0)] | Annotated[int, Field(lt=0)])

    assert either is INT
    assert union_by_tag([STR, literal(["a"])]) is STR
    assert union_by_tag([literal(["a"]), literal(["b"])]).decode({"S": "b"}) == "b"
    with pytest.raises(SchemaError, match="both stored as S"):
        union_by_tag([codec_for(Status), STR])


def test_an_instance_of_a_subclass_is_written_by_the_member_of_its_base() -> None:
    """Which may refuse it."""

    class Exact(int):
        """An int with more to it."""

    with pytest.raises(CodecError, match="expected int, found Exact"):
        BY_TAG.encode(Exact(1))


def test_the_parts_of_a_value_are_those_of_its_member() -> None:
    """A value of no member has none."""
    assert BY_TAG.deep
    assert BY_TAG.parts([1]) == ((ANY, [1]),)
    assert not BY_TAG.parts("a")


def test_a_union_by_field_knows_its_discriminators() -> None:
    """For a union that it is a member of."""
    assert BY_FIELD.forms() == [("kind", ("S", "cat")), ("kind", ("S", "dog"))]


SHOUTED = Encoding(
    "S", encode=lambda word: word.text.upper(), decode=lambda text: Word(text.lower())
)


class Word:
    """A class that only its Encoding knows."""

    def __init__(self, text: str) -> None:
        self.text = text


def test_a_member_with_an_encoding_takes_what_is_of_no_other() -> None:
    """Whose class nothing is known of."""
    codec = codec_for(int | Annotated[Word, SHOUTED])
    assert codec.encode(1) == codec.fast_encode(1) == {"N": "1"}
    assert codec.encode(Word("a")) == codec.fast_encode(Word("a")) == {"S": "A"}
    assert codec.decode({"S": "A"}).text == "a"


def test_two_members_of_any_class_are_refused() -> None:
    """A value could be of either."""
    number = Encoding("N", encode=str, decode=int)
    with pytest.raises(SchemaError, match="give the whole union one Encoding"):
        codec_for(Annotated[Word, SHOUTED] | Annotated[int, number])
