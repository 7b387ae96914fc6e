"""Several models in one table, over memory, moto and MiniStack: verbs of items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from dynrepo import CodecError, ItemExists, ItemNotFound, TransactionCanceled, VersionConflict
from dynrepo.operations.operation import Operation, nothing
from dynrepo.testing.contract import RepositoryContract
from tests.shop import (
    ADA,
    CUSTOMER,
    LINE,
    NOW,
    ORDER,
    Customers,
    Line,
    Lines,
    Order,
    Orders,
    Setting,
    Settings,
)

if TYPE_CHECKING:
    from dynrepo import Store

OTHERS = [ORDER.model_copy(update={"number": number}) for number in range(8, 40)]


class TestOrders(RepositoryContract):
    """The contract of every repository, for one of several in a table, over each engine."""

    repository = Orders

    @pytest.fixture
    def store(self, stores: Store) -> Store:
        """Each of them in turn."""
        return stores

    def make_item(self, number: int) -> Order:
        """An order."""
        return ORDER.model_copy(update={"number": number})


PROFILE = {"pk": {"S": f"USER#{ADA}"}, "sk": {"S": "PROFILE"}}


class ShopOf(NamedTuple):
    """The repositories of one table, over one store."""

    store: Store
    customers: Customers
    orders: Orders
    lines: Lines
    settings: Settings

    def put(self, item: dict[str, Any]) -> None:
        """Stores a row as others may."""
        table = self.customers.mapper.table
        self.store.execute(Operation("PutItem", table, {"TableName": table, "Item": item}, nothing))


@pytest.fixture
def shop(stores: Store) -> ShopOf:
    """A shop with a table, made by a repository that has no index itself."""
    repositories = (kind(stores) for kind in (Customers, Orders, Lines, Settings))
    made = ShopOf(stores, *repositories)  # type: ignore[arg-type]
    made.settings.create_table()
    return made


def test_items_of_several_models_live_in_one_table(shop: ShopOf) -> None:
    """Each is found by the fields of its own key, and by nothing else."""
    assert shop.customers.create(CUSTOMER) == CUSTOMER
    assert shop.orders.set(ORDER) == ORDER
    assert shop.settings.save(Setting(currency="CHF")) == Setting(currency="CHF")
    line = shop.lines.save(LINE)

    assert shop.customers.get(ADA) == shop.customers.require(CUSTOMER) == CUSTOMER
    assert shop.orders.get((ADA, NOW, 7), consistent=True) == ORDER
    assert shop.settings.get(()) == Setting(currency="CHF")
    assert shop.lines.get((ADA, 7, "a#b")) == line
    assert (line.version, line.__pydantic_extra__) == (1, {})
    assert shop.orders.get((ADA, NOW, 8)) is None
    assert shop.orders.exists(ORDER)
    assert not shop.orders.exists((ADA, NOW, 8))
    with pytest.raises(ItemNotFound):
        shop.lines.require((ADA, 8, "a"))


def test_a_key_that_is_taken_is_taken(shop: ShopOf) -> None:
    """By an item of the entity, which the error shows, or by a row of others."""
    shop.customers.create(CUSTOMER)
    with pytest.raises(ItemExists) as raised:
        shop.customers.create(CUSTOMER.model_copy(update={"name": "x"}))
    assert raised.value.item == CUSTOMER

    shop.put({**PROFILE, "theirs": {"S": "x"}})
    with pytest.raises(ItemExists) as raised:
        shop.customers.create(CUSTOMER)
    assert raised.value.item is None
    with pytest.raises(CodecError):
        shop.customers.get(ADA)


def test_a_row_whose_fields_make_another_key_is_none_of_the_model(shop: ShopOf) -> None:
    """By every verb that reads it; the error says under which key it is stored."""
    row = shop.orders.schema.encode(OTHERS[0])
    shop.put({**row, **shop.orders.schema.key(ORDER)})
    with pytest.raises(CodecError, match="make another key than the stored one") as raised:
        shop.orders.get(ORDER)
    assert raised.value.key == shop.orders.schema.key(ORDER)
    with pytest.raises(CodecError, match="make another key"):
        shop.orders.get_many([ORDER, OTHERS[1]])
    with pytest.raises(CodecError, match="make another key"):
        shop.orders.get_together(shop.orders.lookup(ORDER))
    with pytest.raises(CodecError, match="make another key"):
        shop.orders.delete(ORDER)


def test_writes_keep_the_keys_of_indexes(shop: ShopOf) -> None:
    """Of what they change, stale ones included."""
    stale = {"gsi1pk": {"S": "STATUS#gone"}, "theirs": {"S": "x"}}
    shop.put({**shop.orders.schema.encode(ORDER), **stale})
    assert shop.orders.get(ORDER) == ORDER

    def stored() -> dict[str, Any]:
        assert shop.orders.get(ORDER) is not None
        key = shop.orders.schema.key(ORDER)
        table = shop.orders.mapper.table
        request = {"TableName": table, "Key": key, "ConsistentRead": True}
        got = Operation("GetItem", table, request, lambda answer: answer.body["Item"])
        return dict(got.read(shop.store.execute(got)))

    whole = shop.orders.schema.encode(ORDER)
    assert shop.orders.save(ORDER) == ORDER
    assert stored() == {**whole, "theirs": {"S": "x"}}
    bare = ORDER.model_copy(update={"status": None})
    assert shop.orders.save(bare) == bare
    assert stored() == {**shop.orders.schema.encode(bare), "theirs": {"S": "x"}}
    assert shop.orders.update(ORDER, shop.orders.fields.status.set("open")) == ORDER
    assert stored() == {**whole, "theirs": {"S": "x"}}
    shop.orders.set(ORDER)
    assert stored() == whole


def test_many_items_are_read_and_written_together(shop: ShopOf) -> None:
    """By any form of key."""
    shop.orders.set_many(OTHERS)
    with shop.lines.batch() as batch:
        batch.set(LINE)
    keys: list[Any] = [ORDER, *OTHERS, (ADA, NOW, 8)]
    assert shop.orders.get_many(keys) == [None, *OTHERS, OTHERS[0]]
    (line,) = shop.lines.get_many([LINE])
    assert line is not None
    assert (line.version, line.sku) == (1, "a#b")
    shop.orders.delete_many(OTHERS[2:])
    assert shop.orders.get_many(OTHERS[1:4]) == [OTHERS[1], None, None]


def test_deletes_return_what_was_there(shop: ShopOf) -> None:
    """And touch no other entity."""
    shop.customers.set(CUSTOMER)
    shop.orders.set(ORDER)
    assert shop.customers.delete(ADA) == CUSTOMER
    assert shop.customers.delete(ADA) is None
    assert shop.orders.get(ORDER) == ORDER
    line = shop.lines.save(LINE)
    shop.lines.save(line)
    with pytest.raises(VersionConflict):
        shop.lines.delete(line)


def test_a_transaction_writes_several_entities(shop: ShopOf) -> None:
    """All or none; of one item once."""
    with shop.customers.transaction() as tx:
        tx.create(shop.customers, CUSTOMER)
        tx.set(shop.orders, ORDER)
        tx.save(shop.settings, Setting())
    read = shop.orders.get_together(
        shop.orders.lookup(ORDER), shop.customers.lookup(ADA), shop.settings.lookup(())
    )
    assert read == (ORDER, CUSTOMER, Setting())

    def taken_twice() -> None:
        with shop.customers.transaction() as tx:
            tx.create(shop.customers, CUSTOMER)
            tx.update(shop.orders, ORDER, shop.orders.fields.status.set("paid"))

    with pytest.raises(TransactionCanceled):
        taken_twice()
    assert shop.orders.require(ORDER).status == "open"

    def delete_twice() -> None:
        with shop.customers.transaction() as tx:
            tx.delete(shop.orders, ORDER)
            tx.delete(shop.orders, (ADA, NOW, 7))

    with pytest.raises(ValueError, match="one write of an item"):
        delete_twice()


def test_an_update_is_made_exactly_once_where_that_is_asked(shop: ShopOf) -> None:
    """As in any table."""
    shop.lines.save(LINE)
    amount = shop.lines.fields.amount
    assert shop.lines.update(LINE, amount.add(1), exactly_once=True).amount == 2
    made: Line = shop.lines.update((ADA, 9, "z"), amount.set(4), upsert=True)
    assert (made.amount, shop.lines.get((ADA, 9, "z"))) == (4, made)
    upserted: Order = shop.orders.update(ORDER, shop.orders.fields.status.set("x"), upsert=True)
    assert shop.orders.get(ORDER) == upserted


def test_the_table_has_the_indexes_of_all_its_repositories(shop: ShopOf) -> None:
    """Whichever of them made it."""
    for repository in (shop.customers, shop.orders, shop.settings):
        assert not repository.verify_table()
        assert repository.health_check().status == "UP"


def test_a_query_reads_the_items_of_one_entity(shop: ShopOf) -> None:
    """Of a partition that several share: in order, page by page, counted, up to a limit."""
    shop.customers.set(CUSTOMER)
    shop.orders.set_many(OTHERS)
    fields = shop.orders.fields
    of_ada = fields.user_id == ADA
    query = shop.orders.query(of_ada)

    assert query.all() == OTHERS
    assert shop.orders.query(of_ada, descending=True).all() == OTHERS[::-1]
    assert (query.count(), shop.orders.query(of_ada, limit=5).count()) == (32, 5)
    assert (query.first(), shop.orders.query(of_ada, limit=2).all()) == (OTHERS[0], OTHERS[:2])
    first = query.page(20)
    second = query.page(20, after=first.cursor)
    assert [*first, *second] == OTHERS
    assert (first.read, second.read, second.cursor) == (20, 12, None)
    assert query.keys().first() == (ADA, NOW, 8)
    one = shop.orders.query(of_ada & (fields.placed == NOW) & (fields.number == 9))
    assert one.all() == [OTHERS[1]]
    assert shop.orders.query(of_ada & (fields.placed > NOW)).all() == []
    ranged = of_ada & (fields.placed == NOW) & fields.number.between(10, 12)
    assert [order.number for order in shop.orders.query(ranged)] == [10, 11, 12]
    noted = shop.orders.query(of_ada, where=fields.note.exists())
    assert noted.all() == []


def test_an_index_holds_several_entities(shop: ShopOf) -> None:
    """Each found by the fields of its own templates there."""
    shop.customers.set(CUSTOMER)
    shop.orders.set_many([ORDER, *OTHERS[:3], OTHERS[4].model_copy(update={"status": "paid"})])
    shop.lines.set(LINE)
    fields = shop.orders.fields
    day = fields.placed.between(
        NOW.replace(hour=0, minute=0, second=0, microsecond=0),
        NOW.replace(hour=23, minute=59, second=59, microsecond=999_999),
    )
    found = shop.orders.query((fields.status == "open") & day, index="by_status")
    assert {order.number for order in found} == {7, 8, 9, 10}
    customers = shop.customers.fields
    by_mail = shop.customers.query(customers.email == "ADA@EXAMPLE.ORG", index="by_mail")
    assert by_mail.all() == [CUSTOMER]
    assert shop.customers.query(customers.score >= 3, index="by_score").all() == [CUSTOMER]
    assert shop.customers.query(customers.score > 3, index="by_score").all() == []
    (line,) = shop.lines.query(shop.lines.fields.sku == "a#b", index="by_change")
    assert line.sku == "a#b"


def test_a_scan_reads_the_items_of_one_entity(shop: ShopOf) -> None:
    """Of the table, in segments or not."""
    shop.customers.set(CUSTOMER)
    shop.orders.set_many(OTHERS)
    shop.settings.set(Setting())
    shop.put({"pk": {"S": "theirs"}, "sk": {"S": "theirs"}})
    numbers = sorted(order.number for order in shop.orders.scan(segments=2))
    assert numbers == [order.number for order in OTHERS]
    assert shop.orders.scan().count() == 32
    assert shop.settings.scan().all() == [Setting()]
    assert shop.customers.scan().keys().all() == [ADA]


def test_a_row_of_others_in_the_partition_is_an_error(shop: ShopOf) -> None:
    """Where the prefix of the entity reads it; the rest is read on with `bad_rows`."""
    shop.orders.set_many(OTHERS[:2])
    key = {"pk": {"S": f"USER#{ADA}"}, "sk": {"S": "ORDER#theirs"}}
    shop.put({**key, "theirs": {"S": "x"}})
    last = ORDER.model_copy(update={"number": 99})
    shop.put({**shop.orders.schema.encode(last), "sk": {"S": "ORDER#2026#"}})
    query = shop.orders.query(shop.orders.fields.user_id == ADA)
    with pytest.raises(CodecError):
        query.all()
    errors: list[CodecError] = []
    bad = shop.orders.query(shop.orders.fields.user_id == ADA, bad_rows=errors.append)
    assert bad.all() == OTHERS[:2]
    assert [error.key for error in errors] == [{**key, "sk": {"S": "ORDER#2026#"}}, key]


def test_a_sample_tells_of_one_entity(shop: ShopOf) -> None:
    """Of its rows, and of keys of indexes that are not what their fields make."""
    shop.customers.set(CUSTOMER)
    shop.orders.set_many(OTHERS[:3])
    clean = shop.orders.verify_table(sample="all")
    assert clean.sample is not None
    assert (clean.sample.rows, bool(clean)) == (3, False)

    shop.put({**shop.orders.schema.encode(ORDER), "gsi1pk": {"S": "STATUS#gone"}})
    without = shop.orders.schema.encode(OTHERS[5])
    del without["gsi1sk"]
    shop.put(without)
    found = shop.orders.verify_table(sample="all").sample
    assert found is not None
    assert (found.rows, found.bad_rows, dict(found.undeclared)) == (5, 0, {})
    assert found.other_forms == {}
    assert found.index_keys == {
        "gsi1pk": {"another than the fields make": 1},
        "gsi1sk": {"absent": 1},
    }
