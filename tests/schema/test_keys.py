"""Keys: which fields make them, how a value becomes one, when two are the same."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo.errors import CodecError
from dynrepo.markers import Attribute, CreatedAt, PartitionKey, SortKey, UpdatedAt, Version
from dynrepo.schema.entity import schema_of

NOW = datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


class Order(BaseModel):
    """A composite key, indexes, a version."""

    user: Annotated[UUID, PartitionKey()]
    number: Annotated[int, SortKey()]
    status: Annotated[str | None, PartitionKey(index="by_status"), Attribute("st")] = None
    placed: Annotated[AwareDatetime, SortKey(index="by_status"), SortKey(index="by_time")] = NOW
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Pair(BaseModel):
    """A text and a number."""

    name: Annotated[str, PartitionKey(), Attribute("n")]
    amount: Annotated[Decimal, SortKey()]


class Special(Pair):
    """Another model with the same key."""


def test_keys_and_indexes_are_read_from_the_markers() -> None:
    """The table, a global and a local index."""
    schema = schema_of(Order)

    assert [one.name for one in schema.key_schema.fields] == ["user", "number"]
    by_status, by_time = schema.indexes["by_status"], schema.indexes["by_time"]
    assert [one.attribute for one in by_status.fields] == ["st", "placed"]
    assert [one.attribute for one in by_time.fields] == ["user", "placed"]
    assert (by_status.local, by_time.local) == (False, True)
    assert schema.version is schema.field("version")
    assert schema.ttl is None


def test_a_key_is_a_tuple_or_an_instance() -> None:
    """Both make the same attributes; anything else says what is expected."""
    schema = schema_of(Order)
    order = Order(user=UUID(int=1), number=2)
    key = {"user": {"S": str(UUID(int=1))}, "number": {"N": "2"}}

    assert schema.key(order) == schema.key((UUID(int=1), 2)) == key
    assert schema.key_of(schema.encode(order)) == key
    for wrong, says in [
        (UUID(int=1), r"the key is \(user, number\), found 1"),
        ((UUID(int=1), 2, 3), r"the key is \(user, number\), found 3"),
        ((UUID(int=1), "2"), r"Order\.number: expected int, found str"),
        ((None, 2), r"Order\.user: expected UUID, found NoneType"),
    ]:
        with pytest.raises(CodecError, match=says):
            schema.key(wrong)


def test_an_instance_of_a_subclass_is_a_key() -> None:
    """It has the fields; an instance of the base class may have others."""
    special = Special(name="a", amount=Decimal(1))

    assert schema_of(Pair).key(special) == schema_of(Special).key(special)
    with pytest.raises(CodecError, match="found 1 value"):
        schema_of(Special).key(Pair(name="a", amount=Decimal(1)))


@pytest.mark.parametrize("name", ["a" * 2048, "\u00e9" * 1024, "\U0001f600" * 512])
def test_a_key_is_as_long_as_dynamodb_takes_it(name: str) -> None:
    """2,048 bytes of UTF-8 for a partition key, whatever its characters."""
    key = schema_of(Pair).key

    assert key((name, Decimal(1))) == {"n": {"S": name}, "amount": {"N": "1"}}
    with pytest.raises(CodecError, match="a key has 2048 bytes at most"):
        key((name + "a", Decimal(1)))
    with pytest.raises(CodecError, match="a key cannot be empty"):
        key(("", Decimal(1)))


def test_an_item_a_key_and_an_instance_are_the_same() -> None:
    """When they are of one key, though the number is written in another way."""
    schema = schema_of(Pair)
    items: list[Any] = [
        Pair(name="a", amount=Decimal(100)),
        schema.key(("a", Decimal(100))),
        {"n": {"S": "a"}, "amount": {"N": "1E+2"}, "more": {"S": "x"}},
        {"n": {"S": "a"}, "amount": {"N": "100.0"}},
    ]
    others: list[Any] = [
        Pair(name="b", amount=Decimal(100)),
        {"n": {"S": "a"}, "amount": {"N": "1"}},
        {"n": {"S": "a"}},
        {},
        {},
    ]

    assert len({schema.identity(one) for one in items}) == 1
    assert len({schema.identity(one) for one in [*items, *others]}) == 1 + len(others)
