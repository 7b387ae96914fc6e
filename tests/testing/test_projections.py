"""Projections give the parts asked for, as copies."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.operand import Path

from dynrepo.testing.projections import projected

ITEM: dict[str, Any] = {
    "a": {"S": "x"},
    "m": {"M": {"b": {"N": "1"}, "c": {"N": "2"}}},
    "l": {"L": [{"N": "0"}, {"M": {"d": {"N": "3"}}}, {"N": "2"}]},
}
a, m, listed = Path("a"), Path("m"), Path("l")


@pytest.mark.parametrize(
    ("paths", "parts"),
    [
        (None, ITEM),
        ([a], {"a": {"S": "x"}}),
        ([m["b"]], {"m": {"M": {"b": {"N": "1"}}}}),
        ([m["b"], a], {"a": {"S": "x"}, "m": {"M": {"b": {"N": "1"}}}}),
        ([listed[2], listed[0]], {"l": {"L": [{"N": "0"}, {"N": "2"}]}}),
        ([listed[1]["d"]], {"l": {"L": [{"M": {"d": {"N": "3"}}}]}}),
        ([listed[9]], {}),
        ([listed[0]["d"]], {}),
        ([m["z"]], {}),
        ([m[0]], {}),
        ([listed["d"]], {}),
        ([a["b"]], {}),
        ([Path("z")], {}),
    ],
)
def test_only_what_paths_lead_to_is_given(paths: Any, parts: Any) -> None:
    """In the shape of the item, without what is not there."""
    assert projected(paths, ITEM) == parts


def test_a_projection_is_a_copy() -> None:
    """A change of it is no change of the item."""
    for paths in (None, [m]):
        projected(paths, ITEM)["m"]["M"].clear()
    assert ITEM["m"]["M"]
