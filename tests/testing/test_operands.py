"""The values of operands: what DynamoDB computes, and what it refuses to."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.expressions.condition import size
from pynamodb.expressions.operand import Path, Value

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.operands import (
    equal,
    precedes,
    segments,
    value_at,
    value_of,
)

ITEM: dict[str, Any] = {
    "text": {"S": "aé😀"},
    "bytes": {"B": "AAEC"},
    "number": {"N": "2"},
    "numbers": {"NS": ["1", "2"]},
    "list": {"L": [{"N": "5"}, {"M": {"name": {"S": "x"}}}]},
    "map": {"M": {"list": {"L": [{"S": "y"}]}}},
    "flag": {"BOOL": True},
}
ONE, LIST = Value({"N": "1"}), Value({"L": [{"S": "z"}]})


@pytest.mark.parametrize(
    ("path", "steps", "value"),
    [
        (Path("number"), ("number",), {"N": "2"}),
        (Path("list")[0], ("list", 0), {"N": "5"}),
        (Path("list")[1]["name"], ("list", 1, "name"), {"S": "x"}),
        (Path("map")["list"][0], ("map", "list", 0), {"S": "y"}),
        (Path("list")[2], ("list", 2), None),
        (Path("map")["other"], ("map", "other"), None),
        (Path("number")["inner"], ("number", "inner"), None),
        (Path("number")[0], ("number", 0), None),
        (Path("missing")["inner"], ("missing", "inner"), None),
    ],
    ids=str,
)
def test_a_path_leads_to_a_value_or_nowhere(path: Path, steps: Any, value: Any) -> None:
    """By names into maps, by numbers into lists."""
    assert segments(path) == steps
    assert value_at(steps, ITEM) == value_of(path, ITEM) == value


@pytest.mark.parametrize(
    ("operand", "value"),
    [
        (Value({"S": "x"}), {"S": "x"}),
        (size("text"), {"N": "4"}),  # UTF-16, as Java counts
        (size("bytes"), {"N": "3"}),
        (size("numbers"), {"N": "2"}),
        (size("list"), {"N": "2"}),
        (size("number"), None),
        (size("missing"), None),
        (Path("number") | ONE, {"N": "2"}),
        (Path("missing") | ONE, {"N": "1"}),
        (Path("number") + ONE, {"N": "3"}),
        (Path("number") - ONE, {"N": "1"}),
        (Value({"N": "9" * 38}) - Value({"N": "9" * 38}), {"N": "0"}),
        (LIST.append(LIST), {"L": [{"S": "z"}, {"S": "z"}]}),
        (Path("list").prepend(LIST), {"L": [{"S": "z"}, *ITEM["list"]["L"]]}),
    ],
    ids=str,
)
def test_an_operand_has_a_value_or_none(operand: Any, value: Any) -> None:
    """Whatever it is made of."""
    assert value_of(operand, ITEM) == value


@pytest.mark.parametrize(
    "operand",
    [
        Path("missing") + ONE,
        Path("text") - ONE,
        Path("missing") | Path("missing"),
        Path("number").append(LIST),
        Path("list").append(Path("number")),
        Value({"N": "9" * 38}) + Value({"N": "0.5"}),
        Value({"N": "9E125"}) + Value({"N": "9E125"}),
    ],
    ids=str,
)
def test_what_has_no_exact_value_is_refused(operand: Any) -> None:
    """A missing operand, one of another type, a sum that cannot be held."""
    with pytest.raises(Refused) as caught:
        value_of(operand, ITEM)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_what_is_no_operand_is_a_fault_of_the_library() -> None:
    """It is not refused as a request of the caller's would be."""
    with pytest.raises(TypeError, match="int is no operand"):
        value_of(1, ITEM)


@pytest.mark.parametrize(
    ("left", "right", "alike", "order"),
    [
        ({"S": "a"}, {"S": "b"}, False, True),
        ({"S": "a"}, {"S": "a"}, True, False),
        ({"N": "10"}, {"N": "9"}, False, False),
        ({"N": "1.0"}, {"N": "1"}, True, False),
        ({"B": "/w=="}, {"B": "AA=="}, False, False),
        ({"NS": ["1", "2"]}, {"NS": ["2", "1.0"]}, True, None),
        ({"N": "1"}, {"S": "1"}, False, None),
        ({"BOOL": True}, {"BOOL": True}, True, None),
        (None, {"S": "a"}, False, None),
        (None, None, False, None),
    ],
)
def test_values_are_compared_as_dynamodb_does(
    left: Any,
    right: Any,
    alike: bool,  # noqa: FBT001
    order: bool | None,  # noqa: FBT001
) -> None:
    """By type and content; what is missing equals nothing and has no order."""
    assert equal(left, right) is alike
    assert precedes(left, right) is order
