"""An update of fields that not all models have changes items of those that do, and no others."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from dynrepo import PartitionKey
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.trees import render
from dynrepo.operations.guards import Guard, kind_guards, models_having
from dynrepo.schema.union import schema_for
from tests.animals import Animals, Cat, Cats, Dog

FIELDS, SCHEMA = Animals.fields, Animals.schema


def guard_of(*actions: Any) -> Guard:
    """The one guard of an update."""
    (guard,) = kind_guards(SCHEMA, actions)
    return guard


def test_what_all_models_have_needs_no_guard() -> None:
    """Nor do the items of one model."""
    assert kind_guards(SCHEMA, [FIELDS.weight.add(1), FIELDS.note.set("x")]) == ()
    assert kind_guards(Cats.schema, [Cats.fields.lives.add(-1)]) == ()


def test_what_some_have_asks_for_one_of_their_kinds() -> None:
    """Each that their discriminator may have."""
    rendered = render({"ConditionExpression": guard_of(FIELDS.lives.add(-1)).condition})
    assert rendered["ConditionExpression"] == "(#0 = :0 OR #0 = :1)"
    assert rendered["ExpressionAttributeNames"] == {"#0": "kind"}
    assert rendered["ExpressionAttributeValues"] == {":0": {"S": "cat"}, ":1": {"S": "kitten"}}


@pytest.mark.parametrize(
    ("stored", "holds"),
    [
        ({"kind": {"S": "kitten"}}, True),
        ({"kind": {"S": "dog"}}, False),
        ({"kind": {"S": "cow"}}, False),
        (None, False),
    ],
)
def test_a_guard_tells_what_it_failed_on(stored: Any, holds: bool) -> None:  # noqa: FBT001
    """By the item that is stored."""
    guard = guard_of(FIELDS.weight.add(1), FIELDS.lives.add(-1))
    assert guard.holds(stored) is holds
    assert guard.reason == "Cat.lives: the stored item is of a model without this field"
    assert guard.path.name == "lives"


def test_fields_that_no_model_has_together_are_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match=r"no model has all the fields .*: Cat.lives, Dog.tricks"):
        kind_guards(SCHEMA, [FIELDS.lives.add(-1), FIELDS.tricks.add("sit")])


def test_models_are_found_by_attributes() -> None:
    """All of them where all have each."""
    assert models_having(SCHEMA, []) == models_having(SCHEMA, ["weight"]) == {Cat, Dog}
    assert models_having(SCHEMA, ["weight", "tricks"]) == {Dog}


def test_models_that_several_discriminators_tell_are_asked_for_by_all() -> None:
    """Each item has all marks of its model."""

    class Lynx(BaseModel):
        id: Annotated[str, PartitionKey()]
        kind: Literal["cat"] = "cat"
        species: Literal["lynx"] = "lynx"
        ears: int = 2

    class Puma(Lynx):
        species: Literal["puma"] = "puma"  # type: ignore[assignment]
        tail: int = 1

    class Cow(BaseModel):
        id: Annotated[str, PartitionKey()]
        kind: Literal["cow"] = "cow"

    cats: Any = Annotated[Lynx | Puma, Field(discriminator="species")]
    schema = schema_for(Annotated[cats | Cow, Field(discriminator="kind")])
    (guard,) = kind_guards(schema, [FieldPaths(schema).tail.add(1)])
    assert str(guard.condition) == "(kind = {'S': 'cat'} AND species = {'S': 'puma'})"
