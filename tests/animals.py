"""Cats and dogs in one table, for tests of several models under one key."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, Field

from dynrepo import PartitionKey, Repository, SortKey, TimeToLive, UpdatedAt, Version
from dynrepo.aio.repository import AsyncRepository


class Pet(BaseModel):
    """What all animals have."""

    owner: Annotated[str, PartitionKey()]
    name: Annotated[str, SortKey()]
    town: Annotated[str | None, PartitionKey(index="by_town")] = None
    weight: Annotated[int, Field(ge=0)] = 1
    version: Annotated[int, Version()] = 0
    seen: Annotated[AwareDatetime | None, UpdatedAt()] = None
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Cat(Pet):
    """A cat, which has lives and no tricks."""

    kind: Literal["cat", "kitten"] = "cat"
    lives: Annotated[int, Field(le=9)] = 9
    note: str | None = None


class Dog(Pet):
    """A dog, which has tricks and no lives."""

    kind: Literal["dog"] = "dog"
    tricks: frozenset[str] = frozenset()
    note: str | None = None


Animal: TypeAlias = Annotated[Cat | Dog, Field(discriminator="kind")]


class Animals(Repository[Annotated[Cat | Dog, Field(discriminator="kind")]]):
    """The animals."""

    table = "animals"


class AsyncAnimals(AsyncRepository[Annotated[Cat | Dog, Field(discriminator="kind")]]):
    """The animals, awaited."""

    table = "animals"


class Cats(Repository[Cat]):
    """The cats alone, in the table of all."""

    table = "animals"
