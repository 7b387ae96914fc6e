"""Expression trees: their text, its limits, and what is found in them."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from pynamodb.expressions.condition import Exists
from pynamodb.expressions.operand import Value
from pynamodb.expressions.update import Update

from dynrepo import CodecError, PartitionKey, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.trees import (
    LazyTrees,
    actions_of,
    attribute_of,
    both,
    default,
    default_of,
    path_to,
    paths_of,
    render,
    steps_of,
    stored_at,
    target_of,
    values_of,
)


class Line(BaseModel):
    """A nested model."""

    sku: str


class Thing(BaseModel):
    """A model."""

    name: Annotated[str, PartitionKey()]
    count: int = 0
    note: str | None = None
    lines: list[Line] = []


f = FieldPaths(schema_of(Thing))


def test_what_is_no_condition_is_refused() -> None:
    """With what was expected."""
    wrong: Any = "a = 1"
    with pytest.raises(TypeError, match=r"a condition such as fields\.x == 1, found str"):
        render({"ConditionExpression": wrong})


@pytest.mark.parametrize("wrong", [f.count, f.lines.size(), f.count.set(1)])
def test_what_only_has_a_text_is_no_condition(wrong: Any) -> None:
    """DynamoDB would refuse it, and not say of what it is made."""
    with pytest.raises(TypeError, match=r"a condition such as fields\.x == 1, found \w+"):
        render({"FilterExpression": wrong})


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


@pytest.mark.parametrize("name", ["", "\udc5b", "é\udc5d"])
def test_a_name_that_no_attribute_can_have_is_refused(name: str) -> None:
    """It would address something else."""
    with pytest.raises(CodecError, match="attribute: "):
        path_to(name)


@pytest.mark.parametrize("name", ["a[0]", "]", "é[", "[[1]]", "a.b[2].c"])
def test_brackets_in_a_name_are_part_of_it(name: str) -> None:
    """And those behind it mean an index, as ever."""
    path = path_to(name)
    assert attribute_of(path) == name
    assert steps_of(path) == (name,)
    assert steps_of(path[3]["x"]) == (name, "3", "x")
    assert stored_at({name: {"L": [{"S": "t"}]}}, path[0]) == {"S": "t"}
    rendered = render({"ConditionExpression": (path == Value({"N": "1"})) & path[3]["x"].exists()})
    assert set(rendered["ExpressionAttributeNames"].values()) == {name, "x"}
    assert rendered["ConditionExpression"] == "(#0 = :0 AND attribute_exists (#0[3].#1))"


def test_trees_that_nobody_asks_for_are_not_made() -> None:
    """They are made once, when the first is asked for."""
    made: list[int] = []

    def make() -> dict[str, Any]:
        made.append(1)
        return {"ConditionExpression": f.count > 1}

    trees = LazyTrees(make)
    assert made == []
    assert (list(trees), len(trees)) == (["ConditionExpression"], 1)
    assert render(trees)["ConditionExpression"] == "#0 > :0"
    assert made == [1]


def test_nothing_is_rendered_of_no_trees() -> None:
    """Nor is a projection without values given any."""
    assert render({}) == {}
    projection: Any = (f.name, f.lines[0]["sku"])
    assert render({"ProjectionExpression": projection}) == {
        "ProjectionExpression": "#0, #1[0].#2",
        "ExpressionAttributeNames": {"#0": "name", "#1": "lines", "#2": "sku"},
    }


def test_a_tree_without_end_is_no_tree_with_too_many_operators() -> None:
    """What made the text fail is raised as it is."""

    class Deep(Exists):
        def serialize(self, *_: Any) -> str:
            raise RecursionError

    with pytest.raises(RecursionError):
        render({"ConditionExpression": Deep(f.count)})


def test_an_update_is_looked_into() -> None:
    """Its actions, what they write to, what is in them."""
    actions = [f.count.set(f.count.if_not_exists(3) + 4), f.note.remove(), f.lines.append()]
    update = Update(*actions)
    assert sorted(map(str, actions_of(update))) == sorted(map(str, actions))
    assert sorted({attribute_of(path) for path in paths_of(update)}) == ["count", "lines", "note"]
    assert [steps_of(target_of(action)) for action in actions] == [
        ("count",),
        ("note",),
        ("lines",),
    ]
    assert values_of(actions[0]) == [{"N": "4"}, {"N": "3"}]
    assert (values_of(Value({"N": "1"})), values_of(None)) == ([{"N": "1"}], [])


def test_a_default_is_told_from_other_operands() -> None:
    """With what it stands for."""
    action = default(path_to("count"), {"N": "7"})
    path, value = default_of(action.values[1]) or (None, None)
    assert (str(path), value.value) == ("count", {"N": "7"})
    assert default_of(f.count + 1) is None


ITEM: Any = {"lines": {"L": [{"M": {"sku": {"S": "a"}}}]}, "count": {"N": "1"}}
FOUND = [
    (f.count, {"N": "1"}),
    (f.lines[0]["sku"], {"S": "a"}),
    (f.lines[1]["sku"], None),
    (f.note, None),
    (path_to("count")["x"], None),
    (path_to("lines")["x"], None),
]


@pytest.mark.parametrize(("path", "stored"), FOUND, ids=range(len(FOUND)))
def test_what_a_path_leads_to_is_found_in_an_item(path: Any, stored: Any) -> None:
    """Nothing, where it leads nowhere."""
    assert stored_at(ITEM, path) == stored


def test_a_value_is_written_by_the_codec_of_the_field_that_it_stands_beside() -> None:
    """A wrong one is named by the field, and what is stored by absence by what is meant."""
    assert (f.count == 1).values[1].value == {"N": "1"}
    assert (f.count + f.count).values[1] is f.count
    with pytest.raises(CodecError, match=r"^Thing\.count: expected int, found str$"):
        _ = f.count == "much"
    with pytest.raises(CodecError, match=r"^Thing\.lines\[0\].*: expected"):
        f.lines[0].set(1)
    with pytest.raises(CodecError, match=r"Thing\.note: None .* ask exists\(\)"):
        _ = f.note == None  # noqa: E711 - that is what is refused
