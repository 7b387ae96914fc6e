"""Records of the stream of a shared table, by the entity that they are of."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from dynrepo import AsyncRepository, Change, CodecError, Repository
from dynrepo.operations.guard_rows import OWNER
from dynrepo.places.shared_table import SharedTable
from dynrepo.places.table_keys import Key
from dynrepo.testing import MemoryStore
from tests.animals import Animals
from tests.shop import (
    CUSTOMER,
    LINE,
    ORDER,
    Customers,
    Handmade,
    HandmadeCustomers,
    HandmadeOrders,
    Lines,
    Order,
    Orders,
    Settings,
    Shop,
)

STORE = MemoryStore(Customers, Orders, Lines, Settings)
customers, orders, lines = Customers(STORE), Orders(STORE), Lines(STORE)


def record_of(repository: Any, item: Any, *, images: bool = True, kind: str = "INSERT") -> Any:
    """A record of the stream, as a Lambda function gets it."""
    schema = repository.schema
    new = {"NewImage": schema.encode(item)} if images else {}
    return {"eventName": kind, "dynamodb": {"Keys": schema.key(item), **new}}


def records_of(row: Any, key: tuple[str, ...]) -> list[Any]:
    """The records of a row that is written and removed, with images and without."""
    data = {"Keys": {name: row[name] for name in key}}
    return [
        {"eventName": "INSERT", "dynamodb": {**data, "NewImage": row}},
        {"eventName": "REMOVE", "dynamodb": {**data, "OldImage": row}},
        {"eventName": "REMOVE", "dynamodb": data},
    ]


def test_a_record_is_of_the_repository_whose_key_it_has() -> None:
    """In whatever order they are given."""
    change = Shop.change_of(record_of(orders, ORDER), customers, orders)
    assert change == orders.decode_change(record_of(orders, ORDER))
    assert change is not None
    assert change.new == ORDER
    assert Shop.change_of(record_of(orders, ORDER), orders, customers) == change
    found = Shop.change_of(record_of(customers, CUSTOMER), orders, customers)
    assert found is not None
    assert found.new == CUSTOMER


def test_a_record_without_images_is_told_by_its_key() -> None:
    """As the views of a stream that has keys alone, and what expires."""
    removed = {
        **record_of(orders, ORDER, images=False, kind="REMOVE"),
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
    }
    assert Shop.change_of(removed, customers, orders) == Change(
        "REMOVE", orders.schema.key(ORDER), expired=True
    )


def test_a_record_of_none_of_them_is_none() -> None:
    """Of an entity that is not asked for, and of what others have written."""
    assert Shop.change_of(record_of(lines, LINE), customers, orders) is None
    theirs = {"eventName": "INSERT", "dynamodb": {"Keys": {"pk": {"S": "x"}, "sk": {"S": "y"}}}}
    assert Shop.change_of(theirs, customers, orders) is None
    for key in ({}, {"pk": {"S": "x"}}, {"pk": {"N": "1"}, "sk": None}, {"pk": {"S": 7}}):
        assert Shop.change_of({"dynamodb": {"Keys": key}}, orders) is None


def test_an_item_that_is_not_the_model_is_an_error() -> None:
    """And so is what is no record at all."""
    record = record_of(orders, ORDER)
    record["dynamodb"]["NewImage"]["status"] = {"N": "1"}
    with pytest.raises(CodecError, match="status"):
        Shop.change_of(record, customers, orders)
    for wrong in ({}, {"dynamodb": 7}, {"dynamodb": {"Keys": []}}, None, "record"):
        with pytest.raises(CodecError):
            Shop.change_of(wrong, customers, orders)  # type: ignore[arg-type]


def test_a_repository_reads_records_of_its_own() -> None:
    """With images or without; of another entity it says so, with the key that is stored."""
    for images in (True, False):
        with pytest.raises(CodecError, match="Order: the template") as raised:
            orders.decode_change(record_of(customers, CUSTOMER, images=images))
        assert raised.value.key == customers.schema.key(CUSTOMER)
    assert orders.decode_change(record_of(orders, ORDER, images=False)).new is None


def test_fields_that_are_in_the_key_alone_are_read_from_it() -> None:
    """In the images, too."""
    store = MemoryStore(HandmadeOrders, HandmadeCustomers)
    repositories = HandmadeCustomers(store), HandmadeOrders(store)
    record = record_of(repositories[1], ORDER)
    assert "number" not in record["dynamodb"]["NewImage"]
    change = Handmade.change_of(record, *repositories)
    assert change is not None
    assert change.new == ORDER


def test_repositories_are_of_the_table() -> None:
    """Made, of either face, and one at least."""

    class AsyncOrders(AsyncRepository[Order]):
        place = Orders.place

    record = record_of(orders, ORDER)
    change = Shop.change_of(record, AsyncOrders(object.__new__(_Nowhere)))
    assert change is not None
    assert change.new == ORDER
    for wrong in (Orders, Animals(MemoryStore()), HandmadeOrders(MemoryStore()), None):
        with pytest.raises(TypeError, match="repositories with a place in Shop"):
            Shop.change_of(record, orders, wrong)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="one repository or more"):
        Shop.change_of(record)  # type: ignore[call-overload]


class _Nowhere:
    """A store that is not asked."""

    table_prefix = ""
    deadline = 10.0
    location: Any = None

    async def sleep_async(self, seconds: float) -> None:
        """Does not wait."""

    async def execute_async(self, operation: Any) -> Any:
        """Is not asked."""


class Mail(BaseModel):
    """With a key that folds."""

    address: str


def test_a_key_that_folds_tells_its_entity() -> None:
    """Though its fields cannot be read from it."""

    class Table(SharedTable):
        table = "mails"
        key = Key("pk", "sk")

    class Mails(Repository[Mail]):
        place = Table.place("M#{address:lower}", "M#{address:lower}", lossy=True)

    mails = Mails(MemoryStore())
    record = record_of(mails, Mail(address="Ada@Example.org"))
    change = Table.change_of(record, mails)
    assert change is not None
    assert change.new == Mail(address="Ada@Example.org")
    record["dynamodb"]["Keys"]["sk"] = {"S": "M#Ada"}
    assert Table.change_of(record, mails) is None


def test_a_guard_of_a_unique_value_is_an_item_of_none() -> None:
    """Written, or removed; with a mark, or without."""

    class Marked(SharedTable):
        table = "marked"
        key = Key("pk", "sk")
        mark = "_et"

    class Unmarked(Marked):
        table = "unmarked"
        mark = None

    class MarkedMails(Repository[Mail]):
        place = Marked.place("M#{address}", "MAIL", entity="MAIL")
        unique = ("{address:lower}",)

    class UnmarkedMails(Repository[Mail]):
        place = Unmarked.place("M#{address}", "MAIL")
        unique = ("{address:lower}",)

    for table, repository in ((Marked, MarkedMails), (Unmarked, UnmarkedMails)):
        store = MemoryStore(repository)
        mails = repository(store)
        mails.create(Mail(address="Ada@x"))
        (guard,) = [row for row in store.items(table.table) if OWNER in row]
        for record in records_of(guard, ("pk", "sk")):
            assert table.change_of(record, mails) is None
            change = mails.decode_change(record)
            assert (change.kind, change.old, change.new) == (record["eventName"], None, None)
