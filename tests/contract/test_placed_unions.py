"""Several models under one key schema of a shared table, over memory, moto and MiniStack."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import (
    AsyncRepository,
    ConditionFailed,
    ItemExists,
    ItemNotFound,
    VersionConflict,
)
from dynrepo.testing import MemoryStore
from dynrepo.testing.contract import RepositoryContract
from tests.depot import row_of
from tests.pets import TOM, Animal, Cat, Dog, Pets
from tests.shop import CUSTOMER, Customers

if TYPE_CHECKING:
    from dynrepo import Store


class TestPets(RepositoryContract):
    """The contract of every repository."""

    repository = Pets

    @pytest.fixture
    def store(self, stores: Store) -> Store:
        """Each of them in turn."""
        return stores

    def make_item(self, number: int) -> Cat | Dog:
        """A cat or a dog."""
        kind = Dog if number == 3 else Cat
        return kind(owner="owner", name=f"pet{number:04d}", town="Bern")


class Program:
    """Writes pets at random, and knows what is stored."""

    def __init__(self, store: Store) -> None:
        self.pets = Pets(store)
        self.choose = Random(20261203).choice  # noqa: S311 - the same program each time
        self.stored: dict[tuple[str, str], Cat | Dog] = {}

    def pet(self) -> Cat | Dog:
        """Some pet, of few that there can be."""
        choose = self.choose
        same = {"owner": choose("ab"), "name": choose("xyz"), "town": choose([None, "Bern", "B#l"])}
        if choose([True, False]):
            return Cat(**same, lives=choose([1, 9]))
        return Dog(**same, tricks=choose([[], ["sit"]]), trainer=choose([None, "t"]))

    def step(self) -> None:
        """Makes one write, and looks at the row that it left."""
        pet = self.pet()
        key = (pet.owner, pet.name)
        self.choose([self._create, self._set, self._save, self._update, self._delete])(key, pet)
        expected = self.stored.get(key)
        assert row_of(self.pets, key) == ((expected and self.pets.schema.encode(expected)) or {})
        assert self.pets.get(key) == expected

    def _create(self, key: Any, pet: Cat | Dog) -> None:
        if key not in self.stored:
            self.stored[key] = self.pets.create(pet)
            return
        with pytest.raises(ItemExists) as raised:
            self.pets.create(pet)
        assert raised.value.item == self.stored[key]

    def _set(self, key: Any, pet: Cat | Dog) -> None:
        self.stored[key] = self.pets.set(pet)

    def _save(self, key: Any, pet: Cat | Dog) -> None:
        known = self.stored.get(key)
        version = self.choose([0, known.version if known else 0])
        changed = pet.model_copy(update={"version": version})
        if version == (known.version if known else 0):
            self.stored[key] = self.pets.save(changed)
            assert type(self.stored[key]) is type(pet)
            return
        with pytest.raises(VersionConflict):
            self.pets.save(changed)

    def _update(self, key: Any, pet: Cat | Dog) -> None:
        fields, known = self.pets.fields, self.stored.get(key)
        of_one = {"lives": 3} if isinstance(pet, Cat) else {"trainer": "u"}
        change = self.choose([{}, of_one]) | {"town": pet.town}
        actions = [fields[name].set(value) for name, value in change.items()]
        if known is None:
            with pytest.raises(ItemNotFound):
                self.pets.update(key, *actions)
        elif len(change) > 1 and type(known) is not type(pet):
            with pytest.raises(ConditionFailed):
                self.pets.update(key, *actions)
        else:
            self.stored[key] = self.pets.update(key, *actions)
            wanted = known.model_copy(update={**change, "version": known.version + 1})
            assert self.stored[key] == wanted

    def _delete(self, key: Any, _: Cat | Dog) -> None:
        assert self.pets.delete(key) == self.stored.pop(key, None)

    def ask(self) -> None:
        """Asks for a partition and for a town, and compares with what is known."""
        fields, owner = self.pets.fields, self.choose("ab")
        found = self.pets.query(fields.owner == owner)
        wanted = [pet for key, pet in sorted(self.stored.items()) if key[0] == owner]
        assert (found.all(), found.count()) == (wanted, len(wanted))
        kind, town = self.choose(["cat", "dog"]), self.choose(["Bern", "B#l"])
        asked = (fields.town == town) & (fields.kind == kind)
        names = sorted(
            pet.name for pet in self.stored.values() if (pet.town, pet.kind) == (town, kind)
        )
        assert [pet.name for pet in self.pets.query(asked, index="by_town")] == names


def test_what_is_written_is_what_is_read(stores: Store) -> None:
    """Whichever model it is of, and was before: rows with their keys, partitions, an index."""
    program = Program(stores)
    program.pets.create_table()
    Customers(stores).set(CUSTOMER)
    for number in range(300 if isinstance(stores, MemoryStore) else 60):
        program.step()
        if number % 4 == 0:
            program.ask()
    assert program.stored
    assert program.pets.scan().count() == len(program.stored)
    assert not program.pets.verify_table(sample="all")
    assert program.pets.rekey().repaired == 0


class AsyncPets(AsyncRepository[Animal]):
    """Pets, of the other face."""

    place = Pets.place


def test_both_faces_have_one_place(memory: MemoryStore) -> None:
    """With the same models."""
    Pets(memory).create_table()

    async def main() -> tuple[Any, Any]:
        pets = AsyncPets(memory)
        return await pets.create(TOM), await pets.require(("a", "tom"))

    created, read = asyncio.run(main())
    assert created == read == Pets(memory).require(TOM)
