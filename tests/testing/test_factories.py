"""Made-up instances are valid, can be stored, and are the same for the same seed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("polyfactory", reason="the extra 'factories' is not installed")

from dynrepo.testing.factories import factory_for, items_for
from dynrepo.testing.memory import MemoryStore
from models.document import Documents
from models.order import Order, Orders
from models.shop import Customers, Lines
from models.user import User, Users

REPOSITORIES = (Users, Orders, Documents, Customers, Lines)


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_what_is_made_up_can_be_stored(repository: Any) -> None:
    """A hundred of them, and they come back equal."""
    items = repository(MemoryStore(repository), instruments=())
    for item in factory_for(repository.schema.model, seed=1).batch(100):
        assert items.get(stored := items.set(item)) == stored


def test_a_seed_makes_the_same() -> None:
    """Whatever was made between, and another seed makes others."""
    one, other = factory_for(Order, seed=7), factory_for(Order, seed=7)
    factory_for(User, seed=3).build()
    assert one.batch(5) == other.batch(5)
    assert factory_for(Order, seed=8).build() != factory_for(Order, seed=7).build()


def test_fields_can_be_given() -> None:
    """The rest is made up around them."""
    assert factory_for(User).build(name="Ada").name == "Ada"


@given(st.sampled_from(REPOSITORIES).flatmap(lambda one: items_for(one.schema.model)))
@settings(max_examples=25)
def test_a_strategy_makes_valid_items(item: Any) -> None:
    """Each is encoded and decoded without loss."""
    schema = next(one.schema for one in REPOSITORIES if isinstance(item, one.schema.model))
    assert schema.decode(schema.encode(item)) == item
