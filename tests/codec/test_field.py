"""A field names itself in every error, and says what absence stands for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dynrepo.codec.field import Field
from dynrepo.codec.foreign import CustomCodec
from dynrepo.codec.scalars import INT
from dynrepo.codec.sets import set_of
from dynrepo.codec.untyped import ANY
from dynrepo.codec.wrappers import optional
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Encoding, Version

AGE = Field("age", "a", INT, owner="User")
MAYBE = Field("age", "age", optional(INT), owner="User", none="absent")
STORED = Field("age", "age", optional(INT), owner="User", none="stored")
TAGS = Field("tags", "tags", set_of(set, INT), owner="User", empty="absent")
FREE = Field("free", "free", ANY, owner="User")


@pytest.mark.parametrize(
    ("field", "value", "stored"),
    [
        (AGE, 1, {"N": "1"}),
        (MAYBE, 1, {"N": "1"}),
        (MAYBE, None, None),
        (STORED, None, {"NULL": True}),
        (TAGS, {1}, {"NS": ["1"]}),
        (TAGS, set(), None),
        (FREE, [1], {"L": [{"N": "1"}]}),
    ],
)
def test_a_value_is_stored_or_left_out(field: Field, value: Any, stored: Any) -> None:
    """None and the empty set by absence, where absence reads back as that."""
    assert field.encode(value) == field.stored(value) == stored
    if stored is not None:
        assert field.decode(stored) == value


def test_an_error_names_model_field_and_attribute_once() -> None:
    """However deep in a recursive value it was."""
    with pytest.raises(CodecError, match=r"^User\.age \(attribute a\): expected int, found str$"):
        AGE.encode("x")
    with pytest.raises(CodecError, match=r"^User\.age \(attribute a\): expected N for int"):
        AGE.decode({"S": "x"})

    def fail(_value: Any) -> str:
        raise CodecError("User.age (attribute a): Other.field: User.age (attribute a): wrong")

    again = Field("age", "a", CustomCodec(Encoding("S", encode=str, decode=fail)), owner="User")
    with pytest.raises(CodecError, match=r"^User\.age \(attribute a\): Other\.field: "):
        again.decode({"S": "x"})


def test_whatever_a_codec_raises_is_a_codec_error() -> None:
    """Of which only the name of its class is told."""

    class Broken(type(INT)):  # type: ignore[misc]
        """A codec that fails."""

        def encode_part(self, value: Any) -> Any:
            """Fails."""
            raise LookupError(value)

        decode = encode_part

    broken = Field("age", "age", Broken(int, str, int, canonical=bool), owner="User")
    with pytest.raises(CodecError, match=r"^User\.age: its encoding raised LookupError$"):
        broken.encode(1)
    with pytest.raises(CodecError, match=r"^User\.age: what is stored is no int \(LookupError\)$"):
        broken.decode({"N": "1"})


def test_a_value_nested_without_end_is_refused_by_name() -> None:
    """As a value, and as a default."""
    cycle: list[Any] = []
    cycle.append(cycle)

    with pytest.raises(CodecError, match=r"^User\.free: a value is nested deeper"):
        FREE.encode(cycle)
    with pytest.raises(SchemaError, match="nested deeper"):
        Field("free", "free", ANY, owner="User", default=cycle).check_default()


def test_a_default_is_of_the_type_of_the_field() -> None:
    """Else it could never be stored."""
    Field("age", "age", INT, default=1).check_default()
    Field("free", "free", ANY, default=[1]).check_default()
    AGE.check_default()
    with pytest.raises(SchemaError, match=r"^User\.age: its default cannot be stored"):
        Field("age", "age", INT, owner="User", default="x").check_default()


def test_what_is_absent_is_made_where_pydantic_would_not_make_it() -> None:
    """A required None and a required empty set; a default is Pydantic's affair."""
    assert TAGS.absent is set
    assert MAYBE.absent is not None
    assert MAYBE.absent() is None
    assert AGE.absent is None
    assert Field("age", "age", optional(INT), none="absent", required=False).absent is None


def test_the_codec_of_a_value_that_is_there_is_known() -> None:
    """Under its one tag."""
    assert (MAYBE.present, AGE.present) == (INT, INT)


def test_null_stands_for_a_default_but_not_for_a_version() -> None:
    """Which a write would look for in vain."""
    count = Field("count", "count", INT, required=False, default=0)

    assert count.null_is_absent
    for other in (
        AGE,
        replace(MAYBE, required=False),
        replace(count, computed=True),
        replace(count, markers=(Version(),)),
    ):
        assert not other.null_is_absent
