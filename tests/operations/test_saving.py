"""What a save sends is what its trees say, whoever saved before it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import CodecError, CreatedAt, PartitionKey, Version
from dynrepo.expressions.trees import render
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.saving import saving
from dynrepo.operations.writes import encoded_item
from dynrepo.schema.entity import schema_of

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Note(BaseModel, extra="allow"):
    """An item whose attributes are seldom the same."""

    name: Annotated[str, PartitionKey()]
    text: str | None = None
    tags: frozenset[str] = frozenset()
    created: Annotated[AwareDatetime | None, CreatedAt()] = None
    version: Annotated[int, Version()] = 0


class Key(BaseModel):
    """Nothing but a key."""

    name: Annotated[str, PartitionKey()]


def saved(item: BaseModel) -> tuple[dict[str, Any], Any]:
    """The parameters and the trees of a save."""
    table: Mapper[Any] = Mapper("notes", schema_of(type(item)), clock=lambda: NOON)
    return saving(table, item, encoded_item(table, item)[0], table.schema.key(item))


@pytest.mark.parametrize(
    "item",
    [
        Note(name="a"),
        Note(name="a", text="x", tags=frozenset({"b"})),
        Note(name="b", text="y", version=3),
        Note(name="b", text="z", version=4, created=NOON),
        Note(name="b", version=1, others=7),  # type: ignore[call-arg]
        Key(name="c"),
    ],
)
def test_the_text_is_that_of_the_trees(item: BaseModel) -> None:
    """First, and again with the values of the second item in it."""
    for one in (item, item.model_copy()):
        parameters, trees = saved(one)
        assert parameters == render(trees)
        assert list(trees) == [one for one in parameters if one.endswith("Expression")]


def test_values_are_those_of_the_item() -> None:
    """Not those of the item for which the text was made."""
    first, second = (saved(Note(name="a", text=text, version=2))[0] for text in ("x", "y"))
    assert first["UpdateExpression"] == second["UpdateExpression"]
    values = second["ExpressionAttributeValues"]
    assert {"S": "y"} in values.values()
    assert {"S": "x"} not in values.values()
    assert {"N": "2"} in values.values()


def test_a_name_that_cannot_stand_in_an_expression_is_told_each_time() -> None:
    """What was refused is not remembered as made."""
    for _ in range(2):
        with pytest.raises(CodecError, match="brackets"):
            saved(Note.model_validate({"name": "a", "x[0]": 1}))
