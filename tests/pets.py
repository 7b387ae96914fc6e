"""Cats and dogs under one key schema of a shared table, as tests see them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from dynrepo import Repository, Version
from tests.depot import Depot
from tests.shop import Shop


class Pet(BaseModel):
    """What all have."""

    owner: str
    name: str
    town: str | None = None
    version: Annotated[int, Version()] = 0


class Cat(Pet):
    """With lives."""

    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(Pet):
    """With tricks."""

    kind: Literal["dog"] = "dog"
    tricks: list[str] = []
    trainer: str | None = None


Animal = Annotated[Cat | Dog, Field(discriminator="kind")]


class Pets(Repository[Animal]):
    """Pets of an owner, and those of a town."""

    place = Shop.place(
        "OWNER#{owner}",
        "PET#{name}",
        entity="PET",
        by_town=Shop.gsi1("TOWN#{town}", "{kind}#{name}"),
    )


class KeyedPets(Repository[Animal]):
    """Their owner and name are in the key alone."""

    place = Depot.place("{owner}", "PET#{name}", entity={"_et": "pet", "_ev": "1"}, stored=False)


TOM = Cat(owner="a", name="tom", town="Bern")
REX = Dog(owner="a", name="rex", tricks=["sit"], trainer="t")
