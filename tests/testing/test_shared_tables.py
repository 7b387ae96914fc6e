"""Several repositories of one table: it is made once, for all of them."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import PartitionKey, Repository, SchemaError, SortKey, TimeToLive
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mock_container import MockContainer
from dynrepo.testing.shared_tables import widened
from tests.testing.test_tables import DEFINITION


class Order(BaseModel):
    """An order, found by its state and, within a user, by its day."""

    user: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    state: Annotated[str, PartitionKey(index="by_state")] = "open"
    day: Annotated[int, SortKey(index="by_day")] = 0


class Orders(Repository[Order]):
    """The orders."""

    table = "shop"


class Letter(BaseModel, extra="allow"):
    """A letter in the same table, found by its town and gone one day."""

    user: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    town: Annotated[str, PartitionKey(index="by_town")] = "Graz"
    rank: Annotated[int, SortKey(index="by_rank")] = 0
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Letters(Repository[Letter]):
    """The letters."""

    table = "shop"


class Bare(BaseModel):
    """A user, by the partition key alone."""

    user: Annotated[str, PartitionKey()]


class Users(Repository[Bare]):
    """What cannot be in the same table."""

    table = "shop"


@pytest.mark.parametrize("kinds", [(Orders, Letters), (Letters, Orders), (Orders, Letters, Orders)])
def test_one_table_serves_several_repositories(kinds: tuple[Any, ...]) -> None:
    """With the indexes and the end of life of all, in whatever order they are given."""
    store = MemoryStore(*kinds)
    orders, letters = Orders(store), Letters(store)
    assert store.tables == ("shop",)
    assert orders.verify_table().unknown_indexes == ("by_rank", "by_town")
    assert letters.verify_table().unknown_indexes == ("by_day", "by_state")
    assert not letters.verify_table().time_to_live
    order = orders.set(Order(user="ada", number=1, day=7))
    letter = letters.set(Letter(user="ada", number=2, rank=3))
    assert orders.query(Orders.fields.state == "open", index="by_state").all() == [order]
    by_day = (Orders.fields.user == "ada") & (Orders.fields.day > 1)
    assert orders.query(by_day, index="by_day").all() == [order]
    assert letters.query(Letters.fields.town == "Graz", index="by_town").all() == [letter]
    assert letters.scan().count() == 2


def test_a_container_may_hold_them() -> None:
    """As it may in production."""
    with MockContainer(Orders, Letters) as container:
        container.repository(Orders).set(Order(user="ada", number=1))
        assert container.repository(Letters).exists(("ada", 1))


def test_different_keys_are_refused() -> None:
    """The message names the table and both keys."""
    reason = r"shop .* different keys: user \(S\) and number \(N\); user \(S\)"
    with pytest.raises(SchemaError, match=reason):
        MemoryStore(Orders, Users)


def test_different_ends_of_life_are_refused() -> None:
    """A table has one."""

    class Note(BaseModel):
        user: Annotated[str, PartitionKey()]
        number: Annotated[int, SortKey()]
        until: Annotated[AwareDatetime | None, TimeToLive()] = None

    class Notes(Repository[Note]):
        table = "shop"

    with pytest.raises(SchemaError, match="different ends of life: ends; until"):
        MemoryStore(Letters, Notes)


GLOBAL = DEFINITION["GlobalSecondaryIndexes"][0]
OTHER_KEY = [{"AttributeName": "l", "KeyType": "HASH"}]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"GlobalSecondaryIndexes": [{**GLOBAL, "KeySchema": OTHER_KEY}]}, "the index by_g"),
        (
            {"GlobalSecondaryIndexes": [], "LocalSecondaryIndexes": [GLOBAL]},
            "keys of the index by_g",
        ),
        (
            {
                "AttributeDefinitions": [
                    *DEFINITION["AttributeDefinitions"][:2],
                    {"AttributeName": "g", "AttributeType": "N"},
                ]
            },
            "types of g: S; N",
        ),
    ],
)
def test_a_contradiction_is_named(changes: dict[str, Any], reason: str) -> None:
    """Of one index with two keys, of one attribute with two types."""
    with pytest.raises(SchemaError, match=reason):
        widened(DEFINITION, {**DEFINITION, **changes})
    assert widened(DEFINITION, DEFINITION)["KeySchema"] == DEFINITION["KeySchema"]
