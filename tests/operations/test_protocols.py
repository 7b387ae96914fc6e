"""What domain code may ask for is what every repository has."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from dynrepo import ItemStoreProvider
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
