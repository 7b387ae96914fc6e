"""What type checkers see of a repository of several models: a union all the way, in both faces.

Checked, never run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, assert_type

from pydantic import Field

from dynrepo import Change, Page, Query, Repository
from dynrepo.aio.repository import AsyncRepository
from tests.animals import Animal, Animals, AsyncAnimals, Cat, Dog

if TYPE_CHECKING:
    from dynrepo.aio.query import AsyncQuery

Pet: TypeAlias = Annotated[Cat | Dog, Field(discriminator="kind")]


class Pets(Repository[Pet]):
    """By an alias."""

    table = "pets"


class AsyncPets(AsyncRepository[Animal]):
    """By an alias of another module."""

    table = "pets"


def verbs(animals: Animals, pets: Pets, tom: Cat, rex: Dog) -> None:
    """Each verb takes an item of any model, and gives one."""
    fields, key = animals.fields, ("ada", "tom")
    assert_type(animals.get(key), Cat | Dog | None)
    assert_type(pets.get(key), Cat | Dog | None)
    assert_type(animals.require(tom), Cat | Dog)
    assert_type(animals.get_many([tom, rex, key]), list[Cat | Dog | None])
    query = animals.query(fields.owner == "ada")
    assert_type(query, Query[Cat | Dog])
    assert_type(query.first(), Cat | Dog | None)
    assert_type(query.all(), list[Cat | Dog])
    assert_type(iter(query), Iterator[Cat | Dog])
    assert_type(query.page(10), Page[Cat | Dog])
    for written in (animals.create(tom), animals.set(rex), animals.save(tom)):
        assert_type(written, Cat | Dog)
    assert_type(animals.update(rex, fields.tricks.add("sit")), Cat | Dog)
    assert_type(animals.delete(tom), Cat | Dog | None)
    animals.set_many([tom, rex])
    with animals.batch() as batch:
        batch.set(tom)
        batch.set(rex)
    with animals.transaction() as transaction:
        assert_type(transaction.create(animals, rex), Cat | Dog)
        transaction.delete(animals, tom)
    assert_type(animals.get_together(animals.lookup(key)), tuple[Cat | Dog | None])


def others(animals: Animals, record: dict[str, Any]) -> None:
    """What comes by another way, and what narrows."""
    assert_type(animals.decode(record), Cat | Dog)
    assert_type(animals.decode_change(record), Change[Cat | Dog])
    item = animals.require(("ada", "tom"))
    match item.kind:
        case "dog":
            assert_type(item, Dog)
        case _:
            assert_type(item, Cat)
    if isinstance(item, Cat):
        item.lives.bit_length()
    else:
        item.tricks.union()


async def awaited(animals: AsyncAnimals, pets: AsyncPets, tom: Cat, rex: Dog) -> None:
    """The same of the asynchronous face."""
    fields = animals.fields
    query: AsyncQuery[Cat | Dog] = animals.query(fields.owner == "ada")
    assert_type(await query.first(), Cat | Dog | None)
    async for item in query:
        assert_type(item, Cat | Dog)
    assert_type(await animals.get(("ada", "tom")), Cat | Dog | None)
    assert_type(await pets.require(tom), Cat | Dog)
    assert_type(await animals.create(rex), Cat | Dog)
    assert_type(await animals.update(tom, fields.lives.add(-1)), Cat | Dog)
    assert_type(await animals.get_many([tom, rex]), list[Cat | Dog | None])


def wrong(animals: Animals, query: Query[Cat | Dog]) -> None:
    """An item of no model, and a field that not all models have."""
    animals.create("tom")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    item = query.all()[0]
    item.lives.bit_length()  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
