"""The schema of a class of repositories: of a model or of several, in a table or a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest
from pydantic import BaseModel, Field

from dynrepo import PartitionKey, Repository, SchemaError
from tests.animals import Animals
from tests.pets import Pets
from tests.shop import Order, Orders
from tests.wire import send

if TYPE_CHECKING:
    from dynrepo import DynamoStore


class Note(BaseModel):
    """A note."""

    note_id: Annotated[str, PartitionKey()]
    text: str = ""


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


def test_attributes_can_have_the_names_of_the_aliases(moto: DynamoStore) -> None:
    """For every verb, conditions included."""

    class Aliased(BaseModel, validate_by_name=True):
        key: Annotated[str, PartitionKey(), Field(alias="theKey")]
        size: Annotated[int, Field(alias="theSize")] = 0

    class Named(Repository[Aliased]):
        table = "named"
        by_alias = True

    class Part(BaseModel):
        size: Annotated[int, Field(alias="theSize")]

    named = Named(moto)
    named.create_table()
    named.set(Aliased(key="a", size=1))
    assert named.update("a", named.fields.size.add(1)).size == 2
    assert named.query(named.fields.key == "a", where=named.fields.size == 2).count() == 1
    found = cast("Any", named.get("a", only=Part))
    assert found.size == 2
    key = {"theKey": {"S": "a"}}
    stored = send(moto._opened(), "GetItem", {"TableName": "named", "Key": key})
    assert stored.body["Item"] == {"theKey": {"S": "a"}, "theSize": {"N": "2"}}


def test_a_place_gives_the_table_and_the_keys() -> None:
    """Both come from the shared table; another name beside it is refused."""
    assert Orders.table == "shop"
    assert [field.name for field in Orders.schema.key_fields] == ["user_id", "placed", "number"]

    class Archived(Orders):
        """A subclass lives where its base does."""

    assert Archived.schema is Orders.schema
    with pytest.raises(SchemaError, match="its place is in the table shop, and `table` names"):

        class Elsewhere(Repository[Order]):
            table = "elsewhere"
            place = Orders.place


def test_a_method_called_place_is_a_method() -> None:
    """A place is what a shared table makes."""

    class Placing(Repository[Note]):
        table = "notes"

        def place(self, note: Note) -> Note:
            return self.create(note)

    assert Placing.schema is Notes.schema


def test_unique_values_are_of_the_class() -> None:
    """Where it names some; they are judged when it is defined."""

    class Titled(Notes):
        """Notes of different texts."""

        table = "titled"
        unique = ("text",)

    assert Titled._unique is not None
    assert Notes._unique is None
    with pytest.raises(SchemaError, match="nope"):

        class Wrong(Notes):
            table = "wrongly_titled"
            unique = ("nope",)


def test_several_models_have_a_schema_each() -> None:
    """In a table of their own, and in a place of a shared one."""
    assert [each.__name__ for each in Animals.schema.models] == ["Cat", "Dog"]
    assert [each.__name__ for each in Pets.schema.models] == ["Cat", "Dog"]
    assert Pets.table == "shop"
