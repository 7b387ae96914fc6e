"""Indexes that hold less than whole items: what is read of them in a shared table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, Index, Key, PartitionKey, Repository, SharedTable, SortKey
from dynrepo.operations.operation import Operation, nothing

if TYPE_CHECKING:
    from dynrepo import Store


class Works(SharedTable):
    """A table with an index of keys, and one that holds an attribute more."""

    table = "works"
    key = Key("pk", "sk")
    keys = Index("kpk", "ksk", name="keys")
    more = Index("mpk", "msk", name="more")
    mark = "kind"


class Order(BaseModel):
    """One of a user's."""

    user: str
    number: int
    status: str
    total: int


class Line(BaseModel):
    """One of an order's, found where orders are."""

    user: str
    number: int
    sku: str
    status: str = "open"


class Orders(Repository[Order]):
    """Their fields are attributes too."""

    place = Works.place(
        "USER#{user}",
        "ORDER#{number:04d}",
        entity="ORDER",
        by_status=Works.keys("STATUS#{status}", "{number:04d}"),
        by_total=Works.more("ALL", "{total:04d}"),
    )


class Lines(Repository[Line]):
    """Their fields are in their keys alone."""

    place = Works.place(
        "USER#{user}",
        "LINE#{number:04d}#{sku}",
        entity="LINE",
        stored=False,
        by_status=Works.keys("STATUS#{status}", "{number:04d}#{sku}"),
    )


class Note(BaseModel):
    """Something else of a status."""

    user: str
    status: str
    text: str


class Notes(Repository[Note]):
    """Told from others by their keys."""

    place = Works.place(
        "NOTE#{user}", "NOTE", entity="NOTE", by_status=Works.keys("STATUS#{status}", "{user}")
    )


class Plain(BaseModel):
    """The same without a shared table."""

    user: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    status: Annotated[str, PartitionKey(index="keys")]
    total: int


class Plains(Repository[Plain]):
    """With an index of keys."""

    table = "plains"


class Part(BaseModel):
    """What a line has in its key."""

    user: str
    number: int


PROJECTIONS = {
    "keys": {"ProjectionType": "KEYS_ONLY"},
    "more": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"]},
}


def create(repository: Any) -> None:
    """Makes the table of a repository, with indexes that hold less."""
    schema = repository.schema
    keys = [schema.key_schema, *schema.table_indexes.values()]
    names = {field.attribute: field.codec.tag for key in keys for field in key.fields}
    elements = [
        [
            {"AttributeName": field.attribute, "KeyType": kind}
            for field, kind in zip(key.fields, ("HASH", "RANGE"), strict=False)
        ]
        for key in keys
    ]
    request = {
        "TableName": repository.mapper.table,
        "KeySchema": elements[0],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": tag} for name, tag in names.items()
        ],
        "GlobalSecondaryIndexes": [
            {"IndexName": key.name, "KeySchema": each, "Projection": PROJECTIONS[key.name]}
            for key, each in zip(keys[1:], elements[1:], strict=True)
        ],
        "BillingMode": "PAY_PER_REQUEST",
    }
    repository.store.execute(Operation("CreateTable", request["TableName"], request, nothing))


class Shop(NamedTuple):
    """Repositories of one table."""

    orders: Orders
    lines: Lines
    notes: Notes


@pytest.fixture
def shop(stores: Store) -> Shop:
    """Orders and lines of one status, over each engine."""
    made = Shop(Orders(stores), Lines(stores), Notes(stores))
    create(made.orders)
    for number in range(3):
        made.orders.set(Order(user="a", number=number, status="open", total=9 - number))
    for number in range(2):
        made.lines.set(Line(user="a", number=number, sku="x", status="paid"))
    made.notes.set(Note(user="b", status="open", text="x"))
    return made


def test_an_index_of_keys_gives_keys(shop: Shop) -> None:
    """As `get` takes them, in the order of the index; the items are read by them."""
    orders, f = shop.orders, shop.orders.fields
    by_total = orders.query(f.total >= 0, index="by_total")
    assert by_total.keys().all() == [("a", 2), ("a", 1), ("a", 0)]
    assert [it.number for it in orders.get_many(by_total.keys()) if it] == [2, 1, 0]
    descending = orders.query(f.total >= 8, index="by_total", descending=True)
    assert descending.keys().all() == [("a", 0), ("a", 1)]


def test_what_an_index_lacks_is_said(shop: Shop) -> None:
    """As of any table: fields that are required are missed, with the ways to read them."""
    plains = Plains(shop.orders.store)
    create(plains)
    plains.set(Plain(user="a", number=1, status="open", total=1))
    f, p = shop.orders.fields, plains.fields
    for query in (
        plains.query(p.status == "open", index="keys"),
        shop.orders.query(f.total == 9, index="by_total"),
        shop.orders.query((f.status == "open") & (f.number == 2), index="by_status"),
    ):
        with pytest.raises(CodecError, match=r"total.*get_many\(query\.keys\(\)\)"):
            query.all()
    one = shop.orders.query((f.status == "open") & (f.number == 2), index="by_status")
    assert one.keys().all() == [("a", 2)]


def test_a_field_of_the_key_is_read_where_only_the_key_is(shop: Shop) -> None:
    """With what stands by default for the rest, as for any item that lacks it."""
    lines = shop.lines
    query = lines.query(
        (lines.fields.status == "paid") & (lines.fields.number == 0), index="by_status"
    )
    assert query.all() == [Line(user="a", number=0, sku="x", status="open")]
    assert query.only(Part).all() == [Part(user="a", number=0)]


def test_rows_of_others_in_an_index_of_keys_are_left_out_by_their_keys(shop: Shop) -> None:
    """For it has no mark to ask for."""
    notes, f = shop.notes, shop.notes.fields
    of_status = notes.query(f.status == "open", index="by_status")
    assert of_status.keys().all() == ["b"]
    assert of_status.count() == 1
    assert [it.text for it in notes.get_many(of_status.keys()) if it] == ["x"]


def test_an_index_that_has_all_that_is_stored_is_whole(shop: Shop) -> None:
    """What a model has in its key alone is in no index, and missed in none."""
    assert shop.lines.verify_table().partial_indexes == ("keys",)
    assert shop.orders.verify_table().partial_indexes == ("keys", "more")
