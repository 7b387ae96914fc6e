"""Attribute values are equal where DynamoDB says so, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynrepo.codec.value import canonical, canonical_item

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
