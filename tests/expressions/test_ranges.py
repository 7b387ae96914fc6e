"""Ranges are asked for only where what is stored has the order of the values."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.codec.scalars import INT, ScalarCodec, read_str, write_str
from dynrepo.errors import CodecError
from dynrepo.expressions.paths import FieldPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec import Codec

UNORDERED = ScalarCodec("S", write_str, read_str, name="odd text", key="sort", ordered=False)
RANGES: list[Callable[[Any, Any], Any]] = [
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    lambda path, value: path.between(value, value),
    lambda path, value: operator.lt(value, path),
]


def path(codec: Codec) -> FieldPath:
    """The path of a field with a codec."""
    return FieldPath(["a"], codec, "Item.a", name="a")


@pytest.mark.parametrize("compare", RANGES, ids=["<", "<=", ">", ">=", "between", "turned"])
def test_what_is_stored_in_order_is_compared(compare: Callable[[Any, Any], Any]) -> None:
    """With a value that is written as the field's."""
    assert compare(path(INT), 1).values[1].value == {"N": "1"}


@pytest.mark.parametrize("compare", RANGES, ids=["<", "<=", ">", ">=", "between", "turned"])
def test_what_is_stored_in_another_order_is_not(compare: Callable[[Any, Any], Any]) -> None:
    """DynamoDB would compare the texts, and answer with other items than are asked for."""
    with pytest.raises(CodecError, match=r"Item\.a: odd text is stored in another order"):
        compare(path(UNORDERED), "x")


def test_single_values_and_beginnings_need_no_order() -> None:
    """Nor do lengths."""
    odd = path(UNORDERED)

    assert [odd == "x", odd != "x", odd.is_in("x"), odd.startswith("x"), odd.size() > 1]
