"""What may be None, is secret, or refers to a type in the making, is stored as another type."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, JsonValue, NameEmail, RootModel, Secret, SecretStr

from dynrepo.codec import codec_for
from dynrepo.codec.scalars import INT, NONE, STR
from dynrepo.codec.sets import set_of
from dynrepo.codec.untyped import ANY_IN_LIST
from dynrepo.codec.wrappers import ReferenceCodec, RootCodec, SecretCodec, optional
from dynrepo.errors import CodecError, SchemaError
from dynrepo.schema.entity import Fields
from tests.encodings import Node, Pair


class Tags(RootModel[list[Any]]):
    """A model that is its root."""


ROOT = RootCodec(Tags, codec_for(list[Any]))
HIDDEN = SecretCodec(Secret, codec_for(list[Any]))


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (optional(INT), 1, {"N": "1"}),
        (optional(INT), None, {"NULL": True}),
        (SecretCodec(SecretStr, STR), SecretStr("s"), {"S": "s"}),
        (HIDDEN, Secret[list[Any]]([1]), {"L": [{"N": "1"}]}),
        (ReferenceCodec(int, [INT]), 1, {"N": "1"}),
    ],
)
def test_a_value_comes_back(codec: Any, value: Any, stored: dict[str, Any]) -> None:
    """As the type within, fast and carefully."""
    assert codec.encode(value) == codec.fast_encode(value) == stored
    assert codec.decode(stored) == codec.fast_decode(stored)
    read = codec.decode(stored)
    assert (
        getattr(read, "get_secret_value", lambda: read)()
        == getattr(value, "get_secret_value", lambda: value)()
    )


def test_a_root_is_what_pydantic_makes_the_model_of() -> None:
    """So the root is what is read."""
    assert ROOT.encode(Tags([1])) == {"L": [{"N": "1"}]}
    assert ROOT.decode({"L": [{"N": "1"}]}) == [1]
    assert ROOT.made


@pytest.mark.parametrize(("codec", "value"), [(ROOT, [1]), (SecretCodec(SecretStr, STR), "s")])
def test_a_value_of_another_class_is_refused(codec: Any, value: Any) -> None:
    """It would come back as another."""
    with pytest.raises(CodecError):
        codec.encode(value)


def test_none_has_one_meaning() -> None:
    """A root of None, and None in its place, would both be NULL."""

    class Nothing(RootModel[int | None]):
        """May hold None."""

    assert optional(NONE).tags == {"NULL"}
    assert optional(optional(INT)).tags == {"N", "NULL"}
    with pytest.raises(SchemaError, match="both stored as NULL"):
        optional(codec_for(Nothing))


def test_an_optional_type_is_the_type_where_there_is_a_value() -> None:
    """In a key, in a set, in an expression."""
    codec = optional(STR)

    assert (codec.tag, codec.key, codec.present) == ("S", "sort", STR)
    assert STR.present is STR
    assert optional(set_of(set, INT)).element is INT
    assert optional(codec_for(list[int])).child(0) == (0, INT)


def test_the_parts_are_those_of_the_type_within() -> None:
    """None, and a value of another class, have none."""
    entry = [1]
    for codec, value in (
        (optional(ANY_IN_LIST), entry),
        (ROOT, Tags(entry)),
        (HIDDEN, Secret(entry)),
        (ReferenceCodec(list, [ANY_IN_LIST]), entry),
    ):
        ((inner, parts),) = codec.parts(value)
        assert (inner, parts) == (ANY_IN_LIST, entry)
    assert not optional(ANY_IN_LIST).parts(None)
    assert not ROOT.parts(entry)
    assert not HIDDEN.parts(entry)


def test_the_form_of_a_reference_is_known_as_far_as_its_class_tells() -> None:
    """A union has to tell it from its other members before it is made."""
    tags = [ReferenceCodec(kind, []).tags for kind in (Node, Pair, Tags, "X", dict[str, Any])]

    assert tags == [{"M"}, {"L"}, set(), set(), {"M"}]
    assert ReferenceCodec(dict[str, Any], []).kinds == (dict,)


def test_a_recursive_codec_leads_to_its_parts() -> None:
    """Expressions step into a type inside itself as into any other."""
    children = Fields(Node).field("children").codec
    _, node = children.child(0)

    assert node.child("name") == ("name", codec_for(str))
    assert codec_for(NameEmail).child("email") == ("email", codec_for(str))
    assert codec_for(JsonValue).child(0) == (0, codec_for(JsonValue))
    assert ROOT.child(0) == (0, ANY_IN_LIST)


def test_a_recursive_model_is_written_and_read_fast_and_carefully() -> None:
    """With equal results, at every level."""
    node = Node(name="a", children=[Node(name="b", children=[Node(name="c")])])
    codec = codec_for(Node)
    stored = codec.encode(node)

    assert codec.fast_encode(node) == stored
    assert codec.fast_decode(stored) == codec.decode(stored)
    assert Node.model_validate(codec.decode(stored)) == node


def test_a_root_inside_itself_is_refused() -> None:
    """As any value without end."""

    class Endless(RootModel["Endless | None"]):
        """May hold itself."""

    class Holder(BaseModel):
        """A model with one."""

        root: Endless

    root = Endless(None)
    root.root = root
    with pytest.raises(CodecError, match=r"^Holder\.root: "):
        Fields(Holder).encode(Holder.model_construct(root=root))
