"""What an encoding makes for each tag is checked, and given back to it in the same form."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict

from dynrepo.codec import codec_for
from dynrepo.codec.foreign import CustomCodec
from dynrepo.codec.payloads import PAYLOADS
from dynrepo.codec.value import TAGS
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Encoding
from dynrepo.schema.entity import Fields

PLAIN: list[tuple[Any, Any, Any]] = [
    ("S", "a", "a"),
    ("N", "1.50", "1.50"),
    ("B", b"a", "YQ=="),
    ("BOOL", False, False),
    ("NULL", None, True),
    ("L", [{"S": "a"}, {"L": []}], [{"S": "a"}, {"L": []}]),
    ("M", {"a": {"B": "YQ=="}}, {"a": {"B": "YQ=="}}),
    ("SS", ["b", "a"], ["b", "a"]),
    ("NS", ["1", "2.5"], ["1", "2.5"]),
    ("BS", [b"a"], ["YQ=="]),
]
REFUSED: list[tuple[Any, Any]] = [
    *(("BOOL", value) for value in (1, "true", None)),
    *(("NULL", value) for value in (True, False, "")),
    *(("L", value) for value in ((), [1], [{"S": 1}], [{}], [{"X": "a"}], [{"SS": []}])),
    *(("M", value) for value in ([], {"a": "b"}, {"": {"S": "a"}}, {"a": {"N": "x"}})),
    *(("SS", value) for value in ([], ["a", "a"], {"a"}, [1], "a")),
    *(("NS", value) for value in (["x"], [1], ["1", "1"])),
    ("BS", ["a"]),
]


class Opaque:
    """A type that nothing is known of."""

    def __init__(self, payload: Any) -> None:
        self.payload = payload


def encoding(tag: Any) -> Encoding:
    """The encoding that stores what an instance holds."""
    return Encoding(tag, encode=lambda value: value.payload, decode=Opaque)


@pytest.mark.parametrize(("tag", "plain", "payload"), PLAIN)
def test_each_tag_has_its_plain_python(tag: Any, plain: Any, payload: Any) -> None:
    """Which the functions make and take."""
    codec = CustomCodec(encoding(tag))

    assert codec.encode(Opaque(plain)) == {tag: payload}
    assert codec.decode({tag: payload}).payload == plain


def test_there_is_no_other_tag() -> None:
    """The table is of all."""
    assert PAYLOADS.keys() == TAGS


@pytest.mark.parametrize(("tag", "made"), REFUSED)
def test_what_dynamodb_would_refuse_is_not_sent(tag: Any, made: Any) -> None:
    """Nor what would come back in another form."""
    with pytest.raises(CodecError):
        CustomCodec(encoding(tag)).encode(Opaque(made))


def test_a_map_of_its_own_form_is_a_field_like_any_other() -> None:
    """In an optional field, in a list, with its default; too deep a one is refused."""

    class Shape(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        one: Annotated[Opaque, encoding("M")]
        more: list[Annotated[Opaque, encoding("L")]] = []
        none: Annotated[Opaque, encoding("SS")] | None = None

    fields = Fields(Shape)
    item = fields.encode(Shape(one=Opaque({"x": {"N": "1"}}), more=[Opaque([])]))

    assert item == {"one": {"M": {"x": {"N": "1"}}}, "more": {"L": [{"L": []}]}}
    assert fields.decode(item).one.payload == {"x": {"N": "1"}}
    deep: Any = {"S": "a"}
    for _ in range(40):
        deep = {"M": {"a": deep}}
    with pytest.raises(CodecError, match="32"):
        fields.encode(Shape(one=Opaque(deep["M"])))


def test_a_set_of_its_own_form_may_not_be_absent() -> None:
    """For nobody knows what the empty set is in it."""

    class Shape(BaseModel):
        tags: Annotated[set[str], Encoding("SS", encode=sorted, decode=set)]

    (field,) = Fields(Shape).fields
    assert field.needed
    assert field.encode({"b", "a"}) == {"SS": ["a", "b"]}
    with pytest.raises(CodecError, match=r"Shape\.tags: .* is empty"):
        field.encode(set())


def test_null_is_the_value_or_none() -> None:
    """Not both."""

    class Nothing(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        it: Annotated[Opaque, encoding("NULL")]

    (field,) = Fields(Nothing).fields
    assert field.needed
    assert field.encode(Opaque(None)) == {"NULL": True}
    with pytest.raises(SchemaError, match="both stored as NULL"):
        codec_for(Annotated[Opaque, encoding("NULL")] | None)
