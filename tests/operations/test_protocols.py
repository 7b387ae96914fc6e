"""What domain code may ask for is what every repository has."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from dynrepo import AsyncItemStoreProvider, AsyncStore, ItemStoreProvider, Store
from dynrepo.aio.repository import AsyncRepository
from dynrepo.testing import MemoryStore, mock_of
from models.user import Users

ASKED = [name for name in dir(ItemStoreProvider) if not name.startswith("_")]


def test_the_contract_is_what_it_was_agreed_to_be() -> None:
    """Four verbs for domain code, four words for wiring."""
    verbs = {"get", "set", "delete", "health_check"}
    assert set(ASKED) == verbs | {"use_logger", "use_metrics", "use_tracer", "connect"}


@pytest.mark.parametrize("name", ASKED)
def test_a_repository_and_its_mock_have_it(name: str) -> None:
    """Called as the contract says, without a word more."""
    asked = [
        one
        for one in inspect.signature(getattr(ItemStoreProvider, name)).parameters.values()
        if one.name != "self" and one.default is inspect.Parameter.empty
    ]
    stores: list[Any] = [Users(MemoryStore(Users)), mock_of(Users)]
    for store in stores:
        inspect.signature(getattr(store, name)).bind(*asked)


@pytest.mark.parametrize("name", ASKED)
def test_the_asynchronous_contract_is_the_same_awaited(name: str) -> None:
    """What sends is awaited, with the same parameters and the same words; the rest is plain."""
    asked, awaited = getattr(ItemStoreProvider, name), getattr(AsyncItemStoreProvider, name)
    assert inspect.signature(awaited) == inspect.signature(asked)
    assert awaited.__doc__ == asked.__doc__
    assert inspect.iscoroutinefunction(awaited) is not name.startswith("use_")
    offered = getattr(AsyncRepository, name)
    assert inspect.iscoroutinefunction(offered) is inspect.iscoroutinefunction(awaited)


def test_an_asynchronous_store_has_what_a_store_has() -> None:
    """What waits by another name, so that one store may be both."""
    names = {name for name in dir(Store) if not name.startswith("_")}
    waits = {"sleep", "execute"}
    awaited = {name for name in dir(AsyncStore) if not name.startswith("_")}
    assert awaited == names - waits | {f"{name}_async" for name in waits}
    for name in waits:
        plain, waiting = getattr(Store, name), getattr(AsyncStore, f"{name}_async")
        assert (inspect.signature(plain), plain.__doc__) == (
            inspect.signature(waiting),
            waiting.__doc__,
        )
