"""A codec reads what it writes under its tag; attribute values are equal where DynamoDB says so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynrepo.codec.untyped import ANY
from dynrepo.codec.value import Codec, SingleTag, canonical, canonical_item, tag_of
from dynrepo.errors import CodecError

EQUAL = [
    ({"N": "1"}, {"N": "1.0"}),
    ({"N": "100"}, {"N": "1E+2"}),
    ({"N": "0"}, {"N": "-0.00"}),
    ({"NS": ["1", "2"]}, {"NS": ["2.0", "1"]}),
    ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
    ({"BS": ["YQ==", "Yg=="]}, {"BS": ["Yg==", "YQ=="]}),
    ({"L": [{"N": "1"}]}, {"L": [{"N": "1.00"}]}),
    ({"M": {"a": {"N": "1"}, "b": {"S": "x"}}}, {"M": {"b": {"S": "x"}, "a": {"N": "1.0"}}}),
    ({"NULL": True}, {"NULL": True}),
]
DIFFERENT = [
    ({"S": "1"}, {"N": "1"}),
    ({"S": "a"}, {"B": "a"}),
    ({"S": "a"}, {"S": "A"}),
    ({"S": "é"}, {"S": "e\u0301"}),
    ({"N": "1"}, {"N": "1.00000000000000000000000000000000000001"}),
    ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
    ({"L": [{"S": "a"}]}, {"SS": ["a"]}),
    ({"M": {"a": {"S": "x"}}}, {"M": {"b": {"S": "x"}}}),
    ({"BOOL": True}, {"N": "1"}),
    ({"BOOL": False}, {"BOOL": True}),
    ({"NULL": True}, {"BOOL": True}),
    ({"SS": ["a"]}, {"SS": ["a", "b"]}),
]

scalars = st.one_of(
    st.builds(lambda text: {"S": text}, st.text(max_size=3)),
    st.builds(lambda number: {"N": str(number)}, st.integers(-3, 3)),
    st.builds(lambda truth: {"BOOL": truth}, st.booleans()),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda many: {"L": many}, st.lists(inner, max_size=3)),
        st.builds(
            lambda many: {"M": many}, st.dictionaries(st.text(max_size=2), inner, max_size=3)
        ),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_values(one: dict[str, Any], other: dict[str, Any]) -> None:
    """However they are written."""
    assert canonical(one) == canonical(other)
    assert hash(canonical(one)) == hash(canonical(other))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_values(one: dict[str, Any], other: dict[str, Any]) -> None:
    """However alike they look."""
    assert canonical(one) != canonical(other)


@given(item=st.dictionaries(st.text(max_size=3), values, max_size=4))
def test_an_item_has_no_order(item: dict[str, Any]) -> None:
    """Its attributes may come in any."""
    turned = dict(reversed(item.items()))
    assert canonical_item(item) == canonical_item(turned)
    assert len({canonical_item(item), canonical_item(turned)}) == 1


@given(one=values, other=values)
def test_equality_is_of_type_and_content(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Two values written alike, and only they, are equal where no number is written in two ways."""
    assert (canonical(one) == canonical(other)) == (one == other)


class Shout(SingleTag):
    """The codec of texts that are stored in capitals."""

    def write(self, value: str) -> str:
        """The text in capitals."""
        return value.upper()

    def read(self, payload: str) -> str:
        """The text in small letters; an error of Python for what is no text."""
        return payload.lower()


SHOUT = Shout("S", "shout", (str,))


class Either(Codec):
    """The codec of shouts and whatever else."""

    def encode_part(self, value: Any) -> dict[str, Any]:
        """As its class says."""
        return SHOUT.encode_part(value) if isinstance(value, str) else ANY.encode_part(value)

    def decode(self, stored: dict[str, Any]) -> Any:
        """As its tag says."""
        return SHOUT.decode(stored) if "S" in stored else ANY.decode(stored)


EITHER = Either("either", ANY.tags)


@pytest.mark.parametrize("codec", [SHOUT, EITHER])
def test_one_value_or_each_of_many_are_stored_alike(codec: Codec) -> None:
    """Fast and carefully."""
    stored = {"S": "A"}

    assert codec.encode("a") == codec.fast_encode("a") == stored
    assert codec.encode_each(["a"]) == [stored]
    assert codec.encode_entries(str, {1: "a"}) == {"1": stored}
    assert codec.decode(stored) == codec.fast_decode(stored) == "a"
    assert codec.decode_each([stored]) == ["a"]
    assert codec.decode_entries({"x": stored}) == {"x": "a"}


def test_what_stands_under_another_tag_or_breaks_the_reader_is_refused() -> None:
    """With the name of the type, and no value."""
    with pytest.raises(CodecError, match=r"^expected S for shout, found N$"):
        SHOUT.decode({"N": "1"})
    with pytest.raises(CodecError, match=r"^the S found is no shout \(AttributeError\)$") as raised:
        SHOUT.decode({"S": 1})
    assert raised.value.__context__ is None


def test_a_value_is_checked_for_its_nesting_where_it_may_be_nested() -> None:
    """Before anything of it is written."""
    cycle: list[Any] = []
    cycle.append(cycle)

    with pytest.raises(CodecError, match="nested deeper"):
        ANY.encode(cycle)
    assert not SHOUT.deep
    assert not SHOUT.parts("a")


def test_a_type_without_parts_leads_nowhere() -> None:
    """Expressions cannot step into it."""
    with pytest.raises(CodecError, match=r"^shout has no parts to step into$"):
        SHOUT.child("a")
    assert SHOUT.present is SHOUT


def test_a_family_says_how_it_is_stored() -> None:
    """The base class does not know."""
    codec = Codec("nothing", frozenset())

    with pytest.raises(NotImplementedError):
        codec.encode(1)
    with pytest.raises(NotImplementedError):
        codec.decode({"S": "a"})


@pytest.mark.parametrize("stored", [{}, {"X": 1}, {"S": "a", "N": "1"}])
def test_what_has_no_one_tag_is_no_attribute_value(stored: dict[str, Any]) -> None:
    """An attribute value has one of DynamoDB's tags."""
    assert tag_of(stored) == "no attribute value"
    assert tag_of({"SS": ["a"]}) == "SS"
