"""Rows of others among those that are asked for: cursors that stand on them, and upcasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, Index, InvalidCursor, Key, Repository, SharedTable
from dynrepo.operations.operation import Operation, nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo import Store


class Works(SharedTable):
    """A table in which keys of one kind go on as those of another."""

    table = "works"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = "kind"


class Order(BaseModel):
    """One of a user's."""

    user: str
    number: int
    status: str = "open"


class Line(BaseModel):
    """One of an order's."""

    user: str
    number: int
    sku: str
    status: str = "open"


class Orders(Repository[Order]):
    """Read with the lines among them."""

    place = Works.place(
        "USER#{user}",
        "ORDER#{number:04d}",
        entity="ORDER",
        by_status=Works.gsi1("STATUS#{status}", "{number:04d}"),
    )


class Lines(Repository[Line]):
    """After their orders."""

    place = Works.place(
        "USER#{user}",
        "ORDER#{number:04d}#LINE#{sku}",
        entity="LINE",
        by_status=Works.gsi1("STATUS#{status}", "{number:04d}#{sku}"),
    )


def put(repository: Any, item: Mapping[str, Any]) -> None:
    """Stores a row as others may."""
    table = repository.mapper.table
    request = {"TableName": table, "Item": item}
    repository.store.execute(Operation("PutItem", table, request, nothing))


class Shop(NamedTuple):
    """Repositories of one table."""

    orders: Orders
    lines: Lines


@pytest.fixture
def shop(stores: Store) -> Shop:
    """Orders with lines, and a row of somebody's, over each engine."""
    made = Shop(Orders(stores), Lines(stores))
    made.orders.create_table()
    for number in range(3):
        made.orders.set(Order(user="a", number=number))
        for sku in ("x", "y"):
            made.lines.set(Line(user="a", number=number, sku=sku))
    theirs = {"pk": {"S": "USER#a"}, "sk": {"S": "ORDER#theirs"}}
    put(made.orders, {**theirs, "gsi1pk": {"S": "STATUS#open"}, "gsi1sk": {"S": "0001#theirs"}})
    return made


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_page_may_end_on_a_row_of_others(shop: Shop, size: int) -> None:
    """The next one goes on after it: in a partition, in an index, in a scan, both ways."""
    orders, f = shop.orders, shop.orders.fields
    of_index = f.status == "open"
    for query in (
        orders.query(f.user == "a"),
        orders.query(f.user == "a", descending=True),
        orders.query(of_index, index="by_status"),
        orders.query(of_index, index="by_status", descending=True),
        orders.scan(),
    ):
        wanted, cursor = query.all(), None
        assert sorted(order.number for order in wanted) == [0, 1, 2]
        found: list[Order] = []
        empty = 0
        while True:
            page = query.page(size, after=cursor)
            found += page.items
            cursor = page.cursor
            if cursor is None:
                break
            empty += not page.items
        assert found == wanted
        assert empty or size > 1
        assert [order for page in query.pages(size) for order in page] == wanted


def test_a_cursor_is_of_its_query(shop: Shop) -> None:
    """Though its key may be of any entity."""
    orders, f = shop.orders, shop.orders.fields
    of_user = orders.query(f.user == "a")
    cursor = of_user.page(2).cursor  # which stands on a line
    assert cursor is not None
    for other in (
        orders.query(f.user == "b"),
        orders.query(f.user == "a", descending=True),
        orders.query(f.status == "open", index="by_status"),
        shop.lines.query(shop.lines.fields.user == "b"),
    ):
        with pytest.raises(InvalidCursor):
            other.page(2, after=cursor)
    assert of_user.page(20, after=cursor).items == [Order(user="a", number=n) for n in (1, 2)]


class Seen(NamedTuple):
    """A repository with an upcast, and what that was given."""

    orders: Any
    attributes: list[dict[str, Any]]


def older(store: Store, changes: Mapping[str, Any], *, stored: bool = True) -> Seen:
    """A repository of orders that an upcast changes."""
    seen: list[dict[str, Any]] = []

    class Table(SharedTable):
        table = "older"
        key = Key("pk", "sk")
        gsi1 = Index("gsi1pk", "gsi1sk")
        mark = ("kind", "release")

    class Older(Repository[Order]):
        place = Table.place(
            "USER#{user}",
            "ORDER#{number:04d}",
            entity={"kind": "ORDER", "release": "1"},
            stored=stored,
            by_status=Table.gsi1("STATUS#{status}", "X"),
        )

        def upcast(self, attributes: dict[str, Any]) -> Mapping[str, Any]:
            """Changes some."""
            seen.append(dict(attributes))
            return {**attributes, **changes} if changes else attributes

    made = Older(store)
    made.create_table()
    return Seen(made, seen)


@pytest.mark.parametrize("stored", [True, False])
def test_an_upcast_is_given_no_keys_and_no_marks(stores: Store, stored: bool) -> None:  # noqa: FBT001
    """By whatever reads; what it leaves out of the key is read from the key."""
    orders, seen = older(stores, {"status": "new"}, stored=stored)
    item = {**orders.schema.encode(Order(user="a", number=7)), "theirs": {"S": "x"}}
    put(orders, item)
    new = Order(user="a", number=7, status="new")
    assert orders.get(("a", 7)) == new
    assert orders.query(orders.fields.user == "a").all() == [new]
    assert orders.get_many([("a", 7)]) == [new]
    assert orders.scan().all() == [new]
    assert orders.decode(item) == new
    keys = {"Keys": orders.schema.key(new), "NewImage": item}
    assert orders.decode_change({"eventName": "INSERT", "dynamodb": keys}).new == new
    assert orders.verify_table(sample="all").sample.rows == 1
    own = {"user", "number", "status", "theirs"} if stored else {"status", "theirs"}
    assert {frozenset(attributes) for attributes in seen} == {frozenset(own)}


def test_the_key_is_compared_with_what_an_upcast_makes(stores: Store) -> None:
    """Not before it: it may mend a field, and it may not move an item."""
    orders, _ = older(stores, {"number": 8})
    row = orders.schema.encode(Order(user="a", number=8))
    put(orders, {**row, "number": {"N": "7"}})
    assert orders.get(("a", 8)) == Order(user="a", number=8)

    put(orders, orders.schema.encode(Order(user="a", number=7)))
    with pytest.raises(CodecError, match="make another key than the stored one") as raised:
        orders.get(("a", 7))
    assert raised.value.key == orders.schema.key(("a", 7))
    bad = orders.verify_table(sample="all").sample
    assert (bad.rows, bad.bad_rows) == (2, 1)


def test_what_an_upcast_breaks_is_told_of_the_model_alone(stores: Store) -> None:
    """A sample gives it no keys, either."""
    orders, seen = older(stores, {"status": 7})
    put(orders, orders.schema.encode(Order(user="a", number=7)))
    sample = orders.verify_table(sample="all").sample
    assert (sample.bad_rows, list(sample.reasons)) == (1, ["status"])
    assert {frozenset(attributes) for attributes in seen} == {
        frozenset({"user", "number", "status"})
    }
