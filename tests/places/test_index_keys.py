"""Which keys of indexes a row has otherwise than its fields make."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.places.index_keys import stale_keys
from tests.shop import CUSTOMER, ORDER, Customers, Orders

WRITTEN = {"a": {"S": "x"}, "b": {"N": "1"}}


@pytest.mark.parametrize(
    ("row", "stale"),
    [
        (WRITTEN, {}),
        ({"a": {"S": "x"}, "b": {"N": "1.0"}, "other": {"S": "y"}}, {}),
        ({"a": {"S": "X"}, "b": {"N": "1"}}, {"a": {"S": "x"}}),
        ({"a": {"S": "x"}}, {"b": {"N": "1"}}),
        (WRITTEN | {"c": {"S": "old"}}, {"c": None}),
        ({}, WRITTEN),
    ],
)
def test_what_is_absent_or_other_is_stale(row: Any, stale: Any) -> None:
    """And what is there and should not be; a number in another form is none."""
    assert stale_keys(["a", "b", "c"], row, WRITTEN) == stale


def test_the_key_of_the_table_is_never_stale() -> None:
    """Nor is the mark: only what indexes are made of is repaired."""
    schema = Orders.schema
    written = schema.encode(ORDER)
    assert schema.stale_keys({}, written).keys() == {"gsi1pk", "gsi1sk"}
    no_score = CUSTOMER.model_copy(update={"score": None})
    row, bare = Customers.schema.encode(CUSTOMER), Customers.schema.encode(no_score)
    assert Customers.schema.stale_keys(row, bare) == {"gsi2sk": None}
