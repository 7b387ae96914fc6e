"""Values of operands are written by the codec of the field that they are compared with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel
from pynamodb.expressions.operand import Path, Value

from dynrepo import CodecError, PartitionKey, schema_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.operands import Fallback, FieldSize
from dynrepo.expressions.trees import render

WHEN = datetime(2026, 1, 2, tzinfo=UTC)


class Thing(BaseModel):
    """A field of some kinds."""

    name: Annotated[str, PartitionKey()]
    count: int = 0
    when: AwareDatetime | None = None
    tags: frozenset[str] = frozenset()
    words: list[str] = []


f = FieldPaths(schema_of(Thing))


def value_of(condition: Any) -> Any:
    """The one value in a condition, as it is sent."""
    (value,) = render({"ConditionExpression": condition})["ExpressionAttributeValues"].values()
    return value


def test_a_value_is_written_by_the_codec_of_the_field() -> None:
    """On either side of an operator, and beside a default or an amount."""
    assert value_of(f.when == WHEN) == {"S": "2026-01-02T00:00:00.000000Z"}
    assert value_of(f.count + 1 == f.count) == {"N": "1"}
    assert value_of((f.count | 7) == f.count) == {"N": "7"}


@pytest.mark.parametrize("nothing", [None, frozenset[str]()], ids=["None", "empty"])
def test_what_is_stored_by_its_absence_is_compared_with_nothing(nothing: Any) -> None:
    """The error names the question that is meant."""
    field = f.when if nothing is None else f.tags
    with pytest.raises(CodecError, match=r"ask exists\(\) or does_not_exist\(\)"):
        _ = field == nothing


def test_a_wrong_value_is_named_by_its_field_once() -> None:
    """Also where the codec does not know of which field the value is; no value is in the error."""
    with pytest.raises(CodecError, match=r"^Thing\.count: ") as caught:
        _ = f.count == "much"
    assert caught.value.__context__ is None
    with pytest.raises(CodecError, match=r"^Thing\.words\[0\]: "):
        _ = f.words[0] == 1


def test_a_default_is_written_like_the_field() -> None:
    """And takes part in sums."""
    fallback = f.count.if_not_exists(1)
    assert isinstance(fallback, Fallback)
    assert fallback.label == "Thing.count"
    with pytest.raises(CodecError, match=r"Thing\.count: "):
        _ = fallback + "2"
    assert value_of(f.count == (fallback + 2).values[1]) == {"N": "2"}


def test_a_size_is_compared_with_an_int() -> None:
    """Whatever the type of the field."""
    size = f.tags.size()
    assert isinstance(size, FieldSize)
    assert value_of(size > 2) == {"N": "2"}
    for wrong in ("2", 2.0, True):
        with pytest.raises(CodecError, match=r"size of Thing\.tags: expected int, found "):
            _ = size > wrong


def test_an_operator_needs_a_type_that_it_is_for() -> None:
    """The error names the types."""
    with pytest.raises(CodecError, match=r"Thing\.name: \+ needs one of N"):
        _ = f.name + 1


@pytest.mark.parametrize("method", ["_to_value", "_to_operand"])
def test_pynamodb_asks_for_every_value(method: str) -> None:
    """The private methods that our paths override still are what makes PynamoDB's values."""
    asked = []

    def to_value(_: Path, value: Any) -> Value:
        asked.append(value)
        return Value({"S": str(value)})

    path = type("Asking", (Path,), {method: to_value})(["a"])
    _ = [path == 1, path != 2, path < 3, path <= 4, path > 5, path >= 6]
    path.between(7, 8)
    path.is_in(9)
    _ = path | 10
    path.set(11)
    assert asked == list(range(1, 12))
