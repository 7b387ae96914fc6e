"""The members of an answer have their types, or it is none."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.protocol.shapes import is_shaped

KEY = {"id": {"S": "a"}}
PAGE = {"Items": [KEY], "Count": 1, "ScannedCount": 1}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("GetItem", {}),
        ("GetItem", {"Item": KEY, "New": 1}),
        ("Query", {**PAGE, "LastEvaluatedKey": KEY}),
        ("BatchGetItem", {"Responses": {"a": [KEY]}, "UnprocessedKeys": {"a": {"Keys": [KEY]}}}),
        ("BatchWriteItem", {"UnprocessedItems": {"a": [{"DeleteRequest": {"Key": KEY}}]}}),
        ("UntagResource", {"x": 1}),
    ],
)
def test_what_is_shaped(name: str, body: Any) -> None:
    """With what is optional or not, and what nobody knows yet."""
    assert is_shaped(name, body)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("GetItem", {"Item": None}),
        ("UpdateItem", {}),
        ("Query", {"Items": [KEY], "ScannedCount": 1}),
        ("Query", {**PAGE, "Count": True}),
        ("Scan", {**PAGE, "LastEvaluatedKey": {"id": {"S": "a", "N": "1"}}}),
        ("Scan", {**PAGE, "Items": [None]}),
        ("BatchGetItem", {"Responses": {"a": KEY}}),
        ("BatchGetItem", {"Responses": {}, "UnprocessedKeys": {"a": {}}}),
        ("TransactGetItems", {"Responses": [None]}),
        ("DescribeTable", {"Table": {"TableStatus": 1}}),
    ],
)
def test_what_is_not(name: str, body: Any) -> None:
    """Nothing is taken for something else: no null, no bool for a count."""
    assert not is_shaped(name, body)
