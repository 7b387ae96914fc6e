"""Keys: which fields make them, how a value becomes one, when two are the same."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, HttpUrl, create_model

from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import (
    Attribute,
    CreatedAt,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)
from dynrepo.schema.entity import schema_of

Id = Annotated[str, PartitionKey()]
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


def test_an_item_is_checked_for_its_key() -> None:
    """It has to be there, and in the form in which it is looked for."""
    schema = schema_of(Order)
    stored = schema.encode(Order(user=UUID(int=1), number=2))

    assert schema.decode(stored).number == 2
    with pytest.raises(CodecError, match=r"Order\.number: the stored item lacks this part"):
        schema.decode({"user": stored["user"]})
    with pytest.raises(CodecError, match=r"Order\.user: the stored form is another"):
        schema.decode(stored | {"user": {"S": f"{UUID(int=10)}".upper()}})


class Visit(BaseModel):
    """A key whose type says nothing of its forms."""

    page: Annotated[HttpUrl, PartitionKey()]


def test_a_key_is_compared_with_what_would_be_written() -> None:
    """Where its type has no shorter way to tell."""
    schema = schema_of(Visit)

    assert schema.decode({"page": {"S": "http://x.org/"}}).page == HttpUrl("http://x.org/")
    with pytest.raises(CodecError, match="the stored form is another"):
        schema.decode({"page": {"S": "HTTP://x.org/"}})


def test_some_identities_are_each_its_own() -> None:
    """Of instances or of items, also where one lacks a part of its key."""
    schema = schema_of(Pair)
    pairs = [Pair(name="a", amount=Decimal(1)), Pair(name="b", amount=Decimal(1))]
    items: list[Any] = [schema.encode(pair) for pair in pairs]

    assert schema.identities(pairs) == schema.identities(items)
    assert len(set(schema.identities([*items, {}, {}]))) == 4
    assert schema.identities([]) == []


def test_the_key_of_an_index_may_be_absent() -> None:
    """Where it is there it may be as long as a key is."""
    model = create_model(
        "Sample",
        id=(Id, ...),
        perhaps=(Annotated[str | None, PartitionKey(index="by_it")], None),
    )
    schema = schema_of(model)

    assert schema.encode(model(id="a")) == {"id": {"S": "a"}}
    with pytest.raises(CodecError, match="a key has 2048 bytes at most"):
        schema.encode(model(id="a", perhaps="x" * 2049))


KEYS = [
    ({"id": (str, ...)}, "Sample has no partition key: mark one field"),
    (
        {"id": (Id, ...), "other": (Id, ...)},
        r"id and other are both PartitionKey\(index=None\): mark one",
    ),
    (
        {"id": (Annotated[str | None, PartitionKey()], None)},
        r"Sample\.id: the key of an item is never",
    ),
    ({"id": (Annotated[bool, PartitionKey()], ...)}, r"Sample\.id: bool cannot be a key"),
    ({"id": (Annotated[list[int], PartitionKey()], ...)}, "cannot be a key"),
    ({"id": (Annotated[int | str, PartitionKey()], ...)}, "cannot be a key"),
    ({"id": (Annotated[time, PartitionKey()], ...)}, "time cannot be a key"),
    ({"id": (Annotated[Pair, PartitionKey()], ...)}, "Pair cannot be a key"),
    (
        {"id": (Id, ...), "at": (Annotated[IPv4Address, SortKey()], ...)},
        "IPv4Address cannot be a sort key",
    ),
    (
        {"id": (Id, ...), "at": (Annotated[Path, SortKey()], ...)},
        "its order in DynamoDB is not its",
    ),
    (
        {"id": (Id, ...), "x": (Annotated[int, PartitionKey(index="a b")], ...)},
        "the name of an index",
    ),
    ({"id": (Id, ...), "x": (Annotated[int, SortKey(index="by_x")], ...)}, "so it is a local one"),
    (
        {"id": (Id, ...), "x": (Annotated[int, PartitionKey("by_x"), SortKey("by_x")], ...)},
        "one field for both keys",
    ),
    (
        {"id": (Id, ...), "x": (Annotated[int | None, PartitionKey("by_x")], 5)},
        r"Sample\.x: the key of an index may be absent, but no NULL",
    ),
    (
        {"id": (Id, ...), "s": (Annotated[int, SortKey()], ...)}
        | {f"x{n}": (Annotated[int, SortKey(index=f"by_{n}")], ...) for n in range(6)},
        "5 local indexes at most",
    ),
    ({"id": (Id, ...), "v": (Annotated[int | None, Version()], None)}, r"a Version\(\) is an int"),
    (
        {"id": (Id, ...), "v": (Annotated[int, Version()], 0), "w": (Annotated[int, Version()], 0)},
        "both marked",
    ),
    (
        {"id": (Id, ...), "t": (Annotated[str, TimeToLive()], ...)},
        r"a TimeToLive\(\) is an aware datetime",
    ),
    (
        {"id": (Id, ...), "t": (Annotated[int, CreatedAt()], ...)},
        r"a CreatedAt\(\) is an aware datetime",
    ),
]


@pytest.mark.parametrize(("fields", "says"), KEYS, ids=[str(n) for n in range(len(KEYS))])
def test_markers_that_make_no_table_are_refused(fields: dict[str, Any], says: str) -> None:
    """What would fail on the first call, or never, fails when the class is defined."""
    with pytest.raises(SchemaError, match=says):
        schema_of(create_model("Sample", **fields))


@pytest.mark.parametrize("kind", [bool, time, list[str]])
def test_a_type_that_is_no_key_has_a_way_out(kind: Any) -> None:
    """The error says what could be a key instead."""
    with pytest.raises(SchemaError, match=r"cannot be a key: .* or give the field an Encoding"):
        schema_of(create_model("Sample", id=(Annotated[kind, PartitionKey()], ...)))


def test_the_name_of_a_key_is_short() -> None:
    """DynamoDB takes 255 bytes, for the keys of indexes too."""
    for marker in (SortKey(), PartitionKey(index="by_it")):
        key = Annotated[str, marker, Attribute("n" * 256)]
        with pytest.raises(SchemaError, match="the name of a key has 255 bytes at most"):
            schema_of(create_model("Sample", id=(Id, ...), field=(key, ...)))
    longest = Annotated[str, PartitionKey(), Attribute("n" * 255)]
    assert schema_of(create_model("Sample", field=(longest, ...))).fields[0].name == "field"


def test_the_name_of_an_index_is_text() -> None:
    """Another value is refused as an odd name is."""
    model = create_model("Sample", id=(Annotated[str, PartitionKey(index=5)], ...))  # type: ignore[arg-type]
    with pytest.raises(SchemaError):
        schema_of(model)
