"""Expression trees: their text, its limits, and what is found in them."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from pynamodb.expressions.operand import Value
from pynamodb.expressions.update import Update

from dynrepo import CodecError, PartitionKey, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.trees import attribute_of, both, path_to, paths_of, render, steps_of


class Line(BaseModel):
    """A nested model."""

    sku: str


class Thing(BaseModel):
    """A model."""

    name: Annotated[str, PartitionKey()]
    count: int = 0
    lines: list[Line] = []


f = FieldPaths(schema_of(Thing))


def test_what_is_no_condition_is_refused() -> None:
    """With what was expected."""
    wrong: Any = "a = 1"
    with pytest.raises(TypeError, match=r"a condition such as fields\.x == 1, found str"):
        render({"ConditionExpression": wrong})


def test_too_many_operators_are_refused_before_sending() -> None:
    """Without a RecursionError, however deep the tree is."""
    many = reduce(and_, [f.count == number for number in range(2000)])
    with pytest.raises(CodecError, match="3999 operators; DynamoDB takes 300"):
        render({"ConditionExpression": many})


def test_an_action_is_no_operator() -> None:
    """So a model may have more fields than DynamoDB takes operators; sums in actions count."""
    paths = [path_to(f"f{number}") for number in range(305)]
    update = Update(*(path.set(Value({"N": "1"})) for path in paths))
    assert "f304" in render({"UpdateExpression": update})["ExpressionAttributeNames"].values()
    sums = Update(*(path.set(path + 1) for path in paths))
    with pytest.raises(CodecError, match="305 operators; DynamoDB takes 300"):
        render({"UpdateExpression": sums})


def test_too_long_a_text_is_refused_before_sending() -> None:
    """AWS takes 4 KB."""
    many = reduce(and_, [f.count.is_in(*range(100)) for _ in range(12)])
    with pytest.raises(CodecError, match="bytes of text; DynamoDB takes 4096"):
        render({"FilterExpression": many})


def test_trees_of_one_request_share_their_placeholders() -> None:
    """One map of names and one of values for all of them."""
    assert render({"KeyConditionExpression": f.name == "a", "FilterExpression": f.name != "b"}) == {
        "KeyConditionExpression": "#0 = :0",
        "FilterExpression": "#0 <> :1",
        "ExpressionAttributeNames": {"#0": "name"},
        "ExpressionAttributeValues": {":0": {"S": "a"}, ":1": {"S": "b"}},
    }


def test_a_path_is_taken_apart() -> None:
    """Its attribute, and its steps with the indexes among them."""
    path = f.lines[0]["sku"]
    assert attribute_of(path) == "lines"
    assert steps_of(path) == ("lines", "0", "sku")


def test_the_paths_of_a_condition_are_found() -> None:
    """However deep they are."""
    found = paths_of(~((f.count > 1) & (f.name.exists() | (f.lines[0]["sku"] == "x"))))
    assert sorted(map(attribute_of, found)) == ["count", "lines", "name"]


def test_both_takes_what_there_is() -> None:
    """Two conditions, one or none."""
    one, other = f.count > 1, f.name.exists()
    assert (both(one, None), both(None, other), both(None, None)) == (one, other, None)
    joined = both(one, other)
    assert joined is not None
    assert list(paths_of(joined)) == [*paths_of(other), *paths_of(one)]


@pytest.mark.parametrize("name", ["", "a[0]", "]"])
def test_a_name_that_reads_as_an_index_is_refused(name: str) -> None:
    """It would address something else."""
    with pytest.raises(CodecError, match="cannot stand in an expression"):
        path_to(name)
