"""Where the fields of a model stand in the keys of a shared table."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from dynrepo.errors import SchemaError
from dynrepo.markers import Attribute
from dynrepo.places.schema import PlacedSchema, placed_schema_of
from dynrepo.places.shared_table import Index, Key, SharedTable


class Table(SharedTable):
    """Two indexes over attributes that items have by themselves."""

    table = "table"
    key = Key("pk", "sk")
    by_owner = Index("owner", "opened")
    by_rank = Index("kind", "rank", types=("S", "N"))


class Case(BaseModel):
    """In both."""

    number: str
    owned_by: Annotated[str | None, Attribute("owner")] = None
    opened: str | None = None
    rank: int = 0


SCHEMA: PlacedSchema[Case] = placed_schema_of(
    Case,
    Table.place(
        "C#{number}",
        "CASE",
        by_owner=Table.by_owner("{owned_by}", "{opened}"),
        by_rank=Table.by_rank("CASE", "{rank}"),
    ),
)


def test_a_field_is_the_key_of_an_index_as_it_is() -> None:
    """Nothing is added for it, and None takes the item out."""
    case = Case(number="7", owned_by="Ada", opened="2026", rank=3)
    assert SCHEMA.encode(case) == {
        "pk": {"S": "C#7"},
        "sk": {"S": "CASE"},
        "number": {"S": "7"},
        "owner": {"S": "Ada"},
        "opened": {"S": "2026"},
        "rank": {"N": "3"},
        "kind": {"S": "CASE"},
    }
    assert SCHEMA.encode(Case(number="7", opened="2026")).keys().isdisjoint({"owner"})
    assert SCHEMA.decode(SCHEMA.encode(case)) == case


def test_no_write_names_an_attribute_twice() -> None:
    """The field's own is left to the field."""
    assert SCHEMA.added == {"pk", "sk", "kind"}
    assert list(SCHEMA.index_templates) == ["kind"]
    assert SCHEMA.templated == {}
    assert sorted(SCHEMA.attributes) == ["kind", "number", "opened", "owner", "rank"]
    owner = next(field for field in SCHEMA.fields if field.name == "owned_by")
    assert SCHEMA.attributes_of(owner) == ("owner",)


class Loose(BaseModel):
    """With all attributes of an index."""

    number: str
    owner: str
    opened: str


class Partly(BaseModel):
    """With one of them."""

    number: str
    owner: str


def test_an_item_with_the_attributes_is_in_the_index_unasked() -> None:
    """So that queries of others leave it out; one with some of them is not."""
    loose = placed_schema_of(Loose, Table.place("L#{number}", "LOOSE"))
    partly = placed_schema_of(Partly, Table.place("P#{number}", "PARTLY"))
    assert loose.template_keys.keys() == {"", "by_owner"}
    assert partly.template_keys.keys() == {""}
    assert loose.indexes == {}
    assert SCHEMA.neighbours.are_reached(SCHEMA, "by_owner")
    assert not SCHEMA.neighbours.are_reached(SCHEMA, "by_rank")


class Nullable(BaseModel):
    """None is stored as NULL."""

    number: str
    owner: str | None = Field(default_factory=lambda: None)


class Numbered(BaseModel):
    """A number where the index has a text."""

    number: str
    owner: int


class Loosely(BaseModel):
    """A text where the index has a number."""

    number: str
    rank: str


@pytest.mark.parametrize(
    ("model", "index", "message"),
    [
        (Nullable, "{owner}", r"Nullable.owner: the key of an index may be absent, but no NULL"),
        (Nullable, "", r"Nullable.owner: the key of an index may be absent, but no NULL"),
        (Numbered, "", r"Numbered.owner: .* of the type S, and the field is stored as N"),
        (Numbered, "{owner}", r"Numbered.owner: Table stores a key .*let its template be {owner}"),
        (Numbered, "#{owner}", r"Numbered.owner: Table stores a key"),
        (Loosely, "", r"Loosely.rank: .* of the type N, and the field is stored as S"),
    ],
)
def test_what_dynamodb_takes_for_no_key_is_refused(
    model: type[BaseModel], index: str, message: str
) -> None:
    """Whether the place names the index, or the attribute has its name by chance."""
    indexes = {"by_owner": Table.by_owner(index, "{number}")} if index else {}
    with pytest.raises(SchemaError, match=message):
        placed_schema_of(model, Table.place("X#{number}", "X", **indexes))


def test_a_field_in_the_key_alone_is_no_attribute() -> None:
    """Nothing is stored under its name."""
    place = Table.place("Y#{owner}", "Y#{opened}#{number}", stored=False)
    assert placed_schema_of(Loose, place).template_keys.keys() == {""}
