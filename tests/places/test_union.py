"""Several models under one key schema in a shared table."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from dynrepo import CodecError, ConditionFailed, Repository, SchemaError
from dynrepo.testing import MemoryStore
from tests.depot import Depot, put_row, row_of
from tests.pets import REX, TOM, Animal, Cat, Dog, KeyedPets, Pets
from tests.shop import CUSTOMER, Customers, Shop


@pytest.fixture
def pets() -> Pets:
    """A cat and a dog of one owner, beside a customer."""
    made = Pets(MemoryStore(Pets, Customers))
    Customers(made.store).set(CUSTOMER)
    for pet in (TOM, REX):
        made.create(pet)
    return made


def test_an_item_has_one_key_whichever_model_it_is_of(pets: Pets) -> None:
    """And is read as the model that it was."""
    tom, rex = pets.require(("a", "tom")), pets.require(REX)
    assert (type(tom), type(rex)) == (Cat, Dog)
    row = row_of(pets, TOM)
    assert row["gsi1sk"] == {"S": "cat#tom"}
    assert row == pets.schema.encode(tom)
    fields = pets.fields
    assert pets.query(fields.owner == "a").all() == [rex, tom]
    assert pets.query((fields.town == "Bern") & (fields.kind == "cat"), index="by_town").all() == [
        tom
    ]
    assert sorted(pet.name for pet in pets.scan()) == ["rex", "tom"]
    assert pets.get_many([("a", "tom"), ("a", "x"), REX]) == [tom, None, rex]
    assert pets.query(fields.owner == "a").keys().all() == [("a", "rex"), ("a", "tom")]
    assert pets.unaccelerated == {}
    put_row(pets, {**row, "kind": {"S": "cow"}})
    with pytest.raises(CodecError, match="kind"):
        pets.get(TOM)


def test_a_save_makes_another_model_of_an_item(pets: Pets) -> None:
    """The attributes of the other go, and the keys of indexes are those of the new one."""
    rex = pets.require(REX)
    saved = pets.save(Cat(owner="a", name="rex", town="Basel", version=rex.version))
    row = row_of(pets, REX)
    assert row == pets.schema.encode(saved)
    assert row["gsi1pk"] == {"S": "TOWN#Basel"}
    assert "tricks" not in row


def test_an_action_on_a_field_of_some_asks_for_the_model(pets: Pets) -> None:
    """And writes the keys that are made of it."""
    fields = pets.fields
    with pytest.raises(ConditionFailed, match="of a model without this field"):
        pets.update(("a", "rex"), fields.lives.set(3))
    moved = pets.update(pets.require(REX), fields.town.set("Bern"), fields.trainer.set("u"))
    assert isinstance(moved, Dog)
    row = row_of(pets, REX)
    assert (row["gsi1pk"], row["trainer"]) == ({"S": "TOWN#Bern"}, {"S": "u"})
    assert pets.edit(TOM, lambda pet: pet.model_copy(update={"town": None})).town is None
    assert "gsi1pk" not in row_of(pets, TOM)
    assert isinstance(pets.delete(("a", "tom")), Cat)


def test_rows_are_counted_and_repaired(pets: Pets) -> None:
    """Of all its models."""
    row = row_of(pets, TOM)
    del row["gsi1pk"]
    put_row(pets, row)
    sample = pets.verify_table(sample="all").sample
    assert sample is not None
    assert (sample.rows, sample.index_keys) == (2, {"gsi1pk": {"absent": 1}})
    assert pets.rekey().repaired == 1


def test_fields_may_live_in_the_key_alone() -> None:
    """But for the discriminator."""
    pets = KeyedPets(MemoryStore(KeyedPets))
    tom = pets.create(TOM)
    assert row_of(pets, tom).keys() == {
        "pk",
        "sk",
        "_et",
        "_ev",
        "kind",
        "lives",
        "town",
        "version",
    }
    assert pets.get(("a", "tom")) == pets.query(pets.fields.owner == "a").first() == tom

    def refused() -> None:
        class Kinds(Repository[Animal]):
            place = Depot.place(
                "P#{owner}", "{kind}#{name}", entity={"_et": "k", "_ev": "1"}, stored=False
            )

    with pytest.raises(SchemaError, match="kind tells the models apart"):
        refused()


def test_templates_name_fields_that_all_have() -> None:
    """Else no key could be made of some; the union is no neighbour of its own members."""

    def refused(partition: str) -> Any:
        class Some(Repository[Animal]):
            place = Shop.place(partition, "X", entity="SOME")

        return Some

    with pytest.raises(SchemaError, match=r"Dog: the template .* has no field lives"):
        refused("S#{name}#{lives}")
    assert refused("S#{name}").schema.name == "Cat | Dog"

    class AsOne(Repository[Annotated[Cat, "alone"]]):
        place = Shop.place("ONE#{name}", "X", entity="ONE")

    assert AsOne.schema.models == (Cat,)


class OldPets(Pets):
    """Pets whose kind had another name."""

    def upcast(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """By the old name; no key is among what it is given."""
        assert attributes.keys().isdisjoint({"pk", "sk", "_et", "gsi1sk"})
        return {**attributes, "kind": attributes.get("kind", "cat")}


def test_an_upcast_is_given_no_key(pets: Pets) -> None:
    """Which is compared after it."""
    row = row_of(pets, TOM)
    del row["kind"]
    put_row(pets, row)
    old = OldPets(pets.store)
    assert isinstance(old.require(TOM), Cat)
    put_row(pets, {**row, "name": {"S": "other"}})
    with pytest.raises(CodecError, match="another key"):
        old.get(TOM)
