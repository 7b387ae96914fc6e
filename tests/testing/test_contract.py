"""The contract to inherit: a repository keeps it, and one that does not is found."""

from __future__ import annotations

from inspect import signature
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, Version
from dynrepo.aio.repository import AsyncRepository
from dynrepo.testing.blocking_calls import blocking_calls
from dynrepo.testing.contract import RepositoryContract
from dynrepo.testing.memory import MemoryStore


class Letter(BaseModel):
    """A letter, with a version."""

    name: Annotated[str, PartitionKey()]
    text: str = "a text that telemetry must not show"
    version: Annotated[int, Version()] = 0


class Letters(Repository[Letter]):
    """The letters."""

    table = "letters"


class TestLetters(RepositoryContract):
    """The contract in memory."""

    repository = Letters

    def make_item(self, number: int) -> Letter:
        """A letter."""
        return Letter(name=f"letter number {number}")


class AsyncLetters(AsyncRepository[Letter]):
    """The letters, awaited."""

    table = "letters"


class TestAsyncLetters(TestLetters):
    """The same contract, by the same tests."""

    repository = AsyncLetters


def test_items_have_to_be_made() -> None:
    """A contract that makes none says so."""
    with pytest.raises(NotImplementedError, match="Contract needs make_item"):
        RepositoryContract().make_item(1)


class Name(BaseModel):
    """A name, and nothing else."""

    name: Annotated[str, PartitionKey()]


class Names(Repository[Name]):
    """The names."""

    table = "names"


NEEDS = {
    "test_a_stale_instance_is_not_saved": "Name has no Version field",
    "test_an_update_makes_no_item": "Name has nothing but its key",
}


class NamesContract(RepositoryContract):
    """The contract of what has nothing but its key; not collected, by its name."""

    repository = Names

    def make_item(self, number: int) -> Name:
        """A name."""
        return Name(name=f"name number {number}")


@pytest.mark.parametrize("test", [name for name in dir(NamesContract) if name.startswith("test_")])
def test_it_holds_for_what_is_nothing_but_its_key(test: str) -> None:
    """And skips what such a model cannot do, saying so."""
    store = MemoryStore(Names)
    function = getattr(NamesContract(), test)
    parameters = {"tested": Names(store), "store": store}
    arguments = [parameters[name] for name in signature(function).parameters]
    if test not in NEEDS:
        function(*arguments)
        return
    with pytest.raises(pytest.skip.Exception, match=NEEDS[test]):
        function(*arguments)


class Forgetful(Letters):
    """A repository that breaks its promises."""

    def set(self, item: Letter) -> Letter:
        """Leaves what is there, where it should replace."""
        return self.get(item) or super().set(item)

    def get_many(self, keys: Any, **options: Any) -> list[Letter | None]:
        """In the order of the table."""
        return sorted(super().get_many(keys, **options), key=repr)


class AsyncForgetful(AsyncLetters):
    """The same, awaited."""

    async def set(self, item: Letter) -> Letter:
        """Leaves what is there, where it should replace."""
        return await self.get(item) or await super().set(item)

    async def get_many(self, keys: Any, **options: Any) -> list[Letter | None]:
        """In the order of the table."""
        return sorted(await super().get_many(keys, **options), key=repr)


@pytest.mark.parametrize("test", ["test_set_replaces", "test_batches_keep_the_order_of_keys"])
@pytest.mark.parametrize(("good", "bad"), [(Letters, Forgetful), (AsyncLetters, AsyncForgetful)])
def test_a_broken_promise_fails_a_test(test: str, good: type[Any], bad: type[Any]) -> None:
    """The one that is named after it, which passes where the promise is kept."""
    contract = TestLetters()
    with blocking_calls(good(MemoryStore(good))) as kept:
        getattr(contract, test)(kept)
    with blocking_calls(bad(MemoryStore(bad))) as broken, pytest.raises(AssertionError):
        getattr(contract, test)(broken)
