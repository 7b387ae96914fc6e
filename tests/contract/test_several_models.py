"""Several models under one key: every verb, over memory, moto and an engine, in both faces."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import (
    CodecError,
    ConditionFailed,
    ItemExists,
    OutcomeUnknown,
    TransactionCanceled,
    VersionConflict,
)
from dynrepo.operations.operation import Effect, Operation, nothing
from dynrepo.testing.contract import RepositoryContract
from dynrepo.testing.faults import lost_reply
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mock import mock_of
from tests.animals import Animals, AsyncAnimals, Cat, Cats, Dog

if TYPE_CHECKING:
    from dynrepo import Store

TOM = Cat(owner="ada", name="tom", town="Graz", lives=7)
REX = Dog(owner="ada", name="rex", town="Graz", tricks=frozenset({"sit"}))
FIELDS = Animals.fields


class OfAnimals(RepositoryContract):
    """The contract over every store, with cats and dogs in turn."""

    repository = Animals

    @pytest.fixture
    def store(self, stores: Store) -> Store:
        """Each of them in turn."""
        return stores

    def make_item(self, number: int) -> Cat | Dog:
        """A cat or a dog."""
        kind = Dog if number % 2 else Cat
        return kind(owner=f"owner number {number}", name=f"animal number {number}")


class TestAnimals(OfAnimals):
    """What every repository keeps, one of several models keeps."""


class TestAsyncAnimals(OfAnimals):
    """The same, awaited."""

    repository = AsyncAnimals

    @pytest.fixture
    def store(self) -> MemoryStore:  # type: ignore[override]
        """In memory."""
        return MemoryStore()


@pytest.fixture
def animals(stores: Store) -> Animals:
    """The repository, with an empty table."""
    made = Animals(stores)
    made.ensure_table()
    return made


def stored(animals: Animals, item: Any) -> dict[str, Any]:
    """What is stored of an item, in DynamoDB JSON."""
    request = {"TableName": animals.mapper.table, "Key": animals.schema.key(item)}
    reading = Operation("GetItem", animals.mapper.table, request, nothing)
    found: dict[str, Any] = animals.store.execute(reading).body.get("Item", {})
    return found


def put_raw(animals: Animals, item: dict[str, Any]) -> None:
    """Stores an item as another program would."""
    request = {"TableName": animals.mapper.table, "Item": item}
    name = animals.mapper.table
    animals.store.execute(Operation("PutItem", name, request, nothing, Effect.REPEATABLE))


def test_items_of_all_models_are_read_together(animals: Animals) -> None:
    """Each as an instance of its own model, by every read."""
    tom, rex = animals.create(TOM), animals.set(REX)
    assert (type(tom), type(rex)) == (Cat, Dog)
    assert animals.get(("ada", "tom")) == tom
    assert animals.require(rex, consistent=True) == rex
    assert animals.get_many([tom, ("ada", "none"), rex]) == [tom, None, rex]
    assert animals.query(FIELDS.owner == "ada").all() == [rex, tom]
    assert animals.query(FIELDS.owner == "ada", descending=True).first() == tom
    in_town = list(animals.query(FIELDS.town == "Graz", index="by_town"))
    assert sorted(in_town, key=lambda item: item.name) == [rex, tom]
    assert animals.get_together(animals.lookup(tom), animals.lookup(rex)) == (tom, rex)
    with pytest.raises(ItemExists) as raised:
        animals.create(Dog(owner="ada", name="tom"))
    assert raised.value.item == tom


def test_conditions_name_the_fields_of_any_model(animals: Animals) -> None:
    """And the discriminator."""
    tom, rex = animals.create(TOM), animals.create(REX)
    for where, found in (
        (FIELDS.lives < 9, [tom]),
        (FIELDS.tricks.contains("sit"), [rex]),
        (FIELDS.kind == "dog", [rex]),
        (FIELDS.kind.is_in("kitten", "cat"), [tom]),
        (FIELDS.lives.exists() | FIELDS.tricks.exists(), [rex, tom]),
    ):
        assert animals.query(FIELDS.owner == "ada", where=where).all() == found
        assert animals.query(FIELDS.owner == "ada", where=where).count() == len(found)
    with pytest.raises(CodecError, match=r"Cat \| Dog\.kind"):
        _ = FIELDS.kind == "cow"


def test_an_update_of_what_some_have_changes_no_others(animals: Animals) -> None:
    """The error names the field, and has the item as it is."""
    tom, rex = animals.create(TOM), animals.create(REX)
    assert animals.update(tom, FIELDS.lives.add(-1), FIELDS.weight.add(1)).lives == 6
    assert animals.update(rex, FIELDS.tricks.add("beg"), FIELDS.weight.set(3)).weight == 3
    for condition in (None, FIELDS.weight == 3):
        with pytest.raises(ConditionFailed, match=r"Cat\.lives: .* without this field") as raised:
            animals.update(rex, FIELDS.lives.set(1), condition=condition)
        assert raised.value.field == "lives"
        assert raised.value.item == animals.get(rex)
    with pytest.raises(ConditionFailed, match=r"Cat\.lives"):
        animals.update(rex, FIELDS.lives.add(-1), exactly_once=True)
    with pytest.raises(ConditionFailed, match=r"Cat\.lives: the update would pass its bounds"):
        animals.update(tom, FIELDS.lives.add(5))
    with pytest.raises(TransactionCanceled) as canceled, animals.transaction() as refused:  # noqa: PT012 - a block
        refused.update(animals, tom, FIELDS.weight.set(9))
        refused.update(animals, rex, FIELDS.lives.add(-1))
    assert isinstance(canceled.value.reasons[1], ConditionFailed)
    assert canceled.value.reasons[1].field == "lives"
    assert animals.require(tom).weight == 2


def test_no_update_makes_another_model_of_an_item(animals: Animals) -> None:
    """Nor an item where there is none, for nothing says of which model it would be."""
    tom = animals.create(TOM)
    for action in (FIELDS.kind.set("dog"), FIELDS.kind.remove()):
        with pytest.raises(ValueError, match="no action makes an item of another model"):
            animals.update(tom, action)
    with pytest.raises(ValueError, match=r"no model has all .*: Cat\.lives, Dog\.tricks"):
        animals.update(tom, FIELDS.lives.add(-1), FIELDS.tricks.add("sit"))
    with pytest.raises(CodecError, match="upsert where nothing is stored"):
        animals.update(("ada", "new"), FIELDS.weight.set(1), upsert=True)
    assert animals.get(("ada", "new")) is None


def test_what_is_saved_as_another_model_has_nothing_left_of_the_first(animals: Animals) -> None:
    """What no model declares stays; a stale instance is refused, whatever it is."""
    tom = animals.create(TOM)
    put_raw(animals, {**stored(animals, tom), "other": {"S": "kept"}})
    as_dog = Dog(owner="ada", name="tom", version=tom.version, tricks=frozenset({"sit"}))
    dog = animals.save(as_dog)
    assert type(dog) is Dog
    assert stored(animals, dog).keys() == {
        *("owner", "name", "weight", "version", "seen", "kind", "tricks", "other")
    }
    for stale in (tom, as_dog):
        with pytest.raises(VersionConflict):
            animals.save(stale)
        with pytest.raises(VersionConflict):
            animals.delete(stale)
    assert animals.delete(dog) == dog


def test_many_of_all_models_are_written_together(animals: Animals) -> None:
    """By batches and in transactions."""
    items = [
        kind(owner="many", name=f"{kind.__name__} {number}")
        for number in range(20)
        for kind in (Cat, Dog)
    ]
    animals.set_many(items)
    with animals.batch() as batch:
        batch.set(TOM)
        batch.delete(items[0])
    with animals.transaction() as transaction:
        rex = transaction.create(animals, REX)
        transaction.delete(animals, ("many", "Dog 0"))
    assert animals.get(rex) == rex
    assert [type(item) for item in animals.query(FIELDS.owner == "many")] == [Cat] * 19 + [Dog] * 19
    animals.delete_many(items)
    assert animals.query(FIELDS.owner == "many").count() == 0
    assert animals.scan().count() == 2


def test_a_row_of_no_model_is_a_bad_row_of_its_own(animals: Animals) -> None:
    """It is raised in its turn, or reported, and the rows around it are read."""
    tom, rex = animals.create(TOM), animals.create(REX)
    cow = {**stored(animals, rex), "name": {"S": "sam"}, "kind": {"S": "cow"}}
    put_raw(animals, cow)
    told: list[CodecError] = []
    assert animals.query(FIELDS.owner == "ada", bad_rows=told.append).all() == [rex, tom]
    assert [str(error) for error in told] == [
        "Cat | Dog.kind: what is stored names none of the models"
    ]
    assert told[0].key == animals.schema.key(("ada", "sam"))
    rows = iter(animals.query(FIELDS.owner == "ada"))
    assert next(rows) == rex
    with pytest.raises(CodecError, match=r"Cat \| Dog\.kind"):
        next(rows)
    for read in (lambda: animals.get(("ada", "sam")), lambda: animals.get_many([("ada", "sam")])):
        with pytest.raises(CodecError, match=r"Cat \| Dog\.kind"):
            read()


def test_a_sample_tells_what_is_amiss_in_rows_of_each_model(animals: Animals) -> None:
    """By the fields of its own model."""
    animals.create(TOM)
    rex = stored(animals, animals.create(REX))
    put_raw(animals, {**rex, "name": {"S": "a"}, "kind": {"S": "cow"}})
    put_raw(animals, {**rex, "name": {"S": "b"}, "lives": {"N": "9"}})
    put_raw(animals, {**rex, "name": {"S": "c"}, "tricks": {"S": "sit"}})
    found = animals.verify_table(sample="all").sample
    assert found is not None
    assert (found.rows, found.bad_rows) == (5, 2)
    assert found.reasons.keys() == {"kind", "tricks"}
    assert found.undeclared == {"lives": 1}


def test_a_model_alone_shares_the_table(animals: Animals) -> None:
    """What it reads and writes are the same items."""
    cats = Cats(animals.store)
    tom, _ = animals.create(TOM), animals.create(REX)
    assert cats.get(tom) == tom
    saved = cats.save(tom.model_copy(update={"lives": 1}))
    assert animals.get(tom) == saved
    with pytest.raises(CodecError, match=r"Cat\.kind"):
        cats.get(("ada", "rex"))
    assert not animals.verify_table()
    assert not cats.verify_table()


def test_items_that_come_by_another_way_are_of_their_models() -> None:
    """Lines of an export and records of a stream, old and new."""
    animals = Animals(MemoryStore(Animals, Cats))
    old, new = map(Animals.schema.encode, (TOM, Dog(owner="ada", name="tom")))
    assert animals.decode({"Item": old}) == TOM
    images = {"Keys": animals.schema.key(TOM), "OldImage": old, "NewImage": new}
    change = animals.decode_change({"eventName": "MODIFY", "dynamodb": images})
    assert (type(change.old), type(change.new)) == (Cat, Dog)
    assert animals.unaccelerated == {}


def test_a_lost_answer_to_a_guarded_update_is_in_doubt() -> None:
    """Sent again it might fail on an item that others have made another model of since."""
    store = MemoryStore(Animals)
    animals = Animals(store)
    tom = animals.create(TOM)
    store.inject(lost_reply())
    with pytest.raises(OutcomeUnknown):
        animals.update(tom, FIELDS.lives.set(1))
    assert animals.require(tom).version == 2


def test_a_mock_takes_and_gives_items_of_each_model() -> None:
    """And of no other."""
    animals: Any = mock_of(Animals)
    animals.expect.get(("ada", "tom")).returns(TOM)
    animals.expect.query(FIELDS.owner == "ada").returns([REX, TOM])
    assert animals.get(TOM) == TOM
    assert animals.query(FIELDS.owner == "ada").all() == [REX, TOM]
    animals.verify()
    with pytest.raises(TypeError, match=r"returns Cat \| Dog \| None, not int"):
        animals.expect.get(("ada", "tom")).returns(1)


def test_the_asynchronous_face_does_the_same() -> None:
    """By the same definitions."""

    async def used() -> None:
        animals = AsyncAnimals(MemoryStore(AsyncAnimals))
        tom, rex = await animals.create(TOM), await animals.set(REX)
        assert [item async for item in animals.query(FIELDS.owner == "ada")] == [rex, tom]
        assert (await animals.update(tom, FIELDS.lives.add(-1))).lives == 6
        with pytest.raises(ConditionFailed, match=r"Cat\.lives"):
            await animals.update(rex, FIELDS.lives.add(-1))
        assert (await animals.health_check()).details["table"] == "animals"

    asyncio.run(used())
