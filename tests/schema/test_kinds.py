"""The model of a stored item is told by its discriminator, and by those that this leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from dynrepo import Attribute, CodecError, PartitionKey, SchemaError
from dynrepo.codec.core_schemas import NotAccelerated
from dynrepo.schema.union import schema_for

if TYPE_CHECKING:
    from dynrepo.schema.kinds import StoredKinds


class Lynx(BaseModel):
    """A cat, told by its species."""

    name: Annotated[str, PartitionKey()]
    kind: Annotated[Literal["cat"], Attribute("_et")] = "cat"
    species: Literal["lynx"] = "lynx"


class Puma(BaseModel):
    """Another."""

    name: Annotated[str, PartitionKey()]
    kind: Annotated[Literal["cat"], Attribute("_et")] = "cat"
    species: Literal["puma", "cougar"] = "puma"


class Cow(BaseModel):
    """No cat."""

    name: Annotated[str, PartitionKey()]
    kind: Annotated[Literal["cow"], Attribute("_et")] = "cow"


class Number(BaseModel):
    """One that is told by a text or a number."""

    name: Annotated[str, PartitionKey()]
    kind: Literal["one", 1] = 1


class Letter(BaseModel):
    """One that is told by a text or a number as well."""

    name: Annotated[str, PartitionKey()]
    kind: Literal["a", 2] = "a"


Cats = Annotated[Lynx | Puma, Field(discriminator="species")]
NESTED = schema_for(Annotated[Cats | Cow, Field(discriminator="kind")])
MIXED = schema_for(Annotated[Number | Letter, Field(discriminator="kind")])


def kinds() -> StoredKinds:
    """How the nested models are told apart."""
    assert NESTED.kinds is not None
    return NESTED.kinds


@pytest.mark.parametrize(
    ("stored", "model"),
    [
        ({"_et": {"S": "cow"}}, Cow),
        ({"_et": {"S": "cow"}, "species": {"S": "lynx"}}, Cow),
        ({"_et": {"S": "cat"}, "species": {"S": "lynx"}}, Lynx),
        ({"_et": {"S": "cat"}, "species": {"S": "cougar"}}, Puma),
    ],
)
def test_a_discriminator_may_lead_to_another(stored: Any, model: type[BaseModel]) -> None:
    """Which alone is asked then."""
    assert kinds().model_of(stored) is model


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        ({}, r"kind \(attribute _et\): nothing is stored, which names none"),
        ({"_et": {"S": "dog"}}, r"kind \(attribute _et\): what is stored names none"),
        ({"_et": {"N": "1"}}, "kind .* what is stored names none"),
        ({"_et": {"L": []}}, "kind .* what is stored names none"),
        ({"_et": {"S": "cat", "N": "1"}}, "kind .* what is stored names none"),
        ({"_et": {"S": "cat"}}, r"Lynx \| Puma \| Cow.species|Lynx \| Puma.species"),
    ],
)
def test_an_item_of_no_model_names_the_discriminator(stored: Any, says: str) -> None:
    """And never what is stored."""
    with pytest.raises(CodecError, match=says) as raised:
        kinds().model_of(stored)
    assert "dog" not in str(raised.value)


def test_the_marks_of_a_model_are_all_that_its_items_may_have() -> None:
    """One mark for each discriminator on the way."""
    marks = [(model, [mark.payload for mark in found]) for model, found in kinds().marks()]
    assert marks == [
        (Lynx, ["cat", "lynx"]),
        (Puma, ["cat", "puma"]),
        (Puma, ["cat", "cougar"]),
        (Cow, ["cow"]),
    ]
    assert [field.name for field in kinds().discriminators()] == ["kind", "species"]


def test_texts_and_numbers_together_are_not_told_in_one_pass() -> None:
    """The codec reads such items, and says why."""
    assert MIXED.kinds is not None
    with pytest.raises(NotAccelerated, match="not all of its values are texts, or numbers"):
        MIXED.kinds.schema({})
    assert "Number | Letter.kind: not all" in MIXED.unaccelerated
    assert MIXED.decode({"name": {"S": "n"}, "kind": {"N": "1"}}) == Number(name="n")


def test_a_discriminator_is_stored_under_one_name() -> None:
    """Else no condition could ask for it."""

    class Renamed(BaseModel):
        name: Annotated[str, PartitionKey()]
        kind: Annotated[Literal["renamed"], Attribute("type")] = "renamed"

    with pytest.raises(SchemaError, match="have two attributes"):
        schema_for(Annotated[Cow | Renamed, Field(discriminator="kind")])
