"""The verbs that read several repositories together, and what they are refused."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import InvalidCursor, Query, many, one
from dynrepo.operations.operation import Operation, nothing
from dynrepo.testing import MemoryStore
from tests.shop import ADA, CUSTOMER, ORDER, Customers, Orders


def shop() -> tuple[Customers, Orders]:
    """Two repositories of a table with an item each."""
    store = MemoryStore()
    customers, orders = Customers(store), Orders(store)
    customers.create_table()
    customers.set(CUSTOMER)
    orders.set(ORDER)
    return customers, orders


OF_ADA = Customers.fields.user_id == ADA


def test_a_query_of_several_repositories_is_a_query() -> None:
    """Which sends nothing before it is read."""
    customers, orders = Customers(MemoryStore()), Orders(MemoryStore())
    orders.store = customers.store
    query = customers.query_with(orders, condition=OF_ADA)
    assert type(query) is Query
    customers, orders = shop()
    query = customers.query_with(orders, condition=OF_ADA, descending=True, limit=1)
    assert query.all() == [CUSTOMER]


def test_its_condition_is_in_the_fields_of_the_first() -> None:
    """And asks for no more than all have alike."""
    customers, orders = shop()
    with pytest.raises(ValueError, match=r"Order \| Customer: a query of several models takes"):
        orders.query_with(customers, condition=OF_ADA & (orders.fields.placed >= ORDER.placed))
    wrong: Any = None
    with pytest.raises(TypeError, match="a query needs a condition"):
        customers.query_with(orders, condition=wrong)
    with pytest.raises(ValueError, match="has no index 'by_status'"):
        customers.query_with(orders, condition=OF_ADA, index="by_status")


def test_cursors_are_encrypted_by_the_first() -> None:
    """With its secret, for this query with these others."""
    customers, orders = shop()
    secret = "s" * 32
    encrypting = Customers(customers.store, cursor_secret=secret)
    page = encrypting.query_with(orders, condition=OF_ADA).page(1)
    assert page.items == [ORDER]
    rest = Customers(customers.store, cursor_secret=secret).query_with(orders, condition=OF_ADA)
    assert rest.page(1, page.cursor).items == [CUSTOMER]
    for other in (
        customers.query_with(orders, condition=OF_ADA),
        encrypting.query_with(orders, condition=OF_ADA, descending=True),
        encrypting.query(OF_ADA),
    ):
        with pytest.raises(InvalidCursor):
            other.page(1, page.cursor)


def test_unknown_rows_are_read_and_no_items() -> None:
    """So that they count in the usage alone."""
    customers, orders = shop()
    other = ORDER.model_copy(update={"number": 8})
    row = {**orders.schema.encode(other), "_et": {"S": "ELSE"}}
    table = orders.mapper.table
    customers.store.execute(Operation("PutItem", table, {"TableName": table, "Item": row}, nothing))
    rows: list[Any] = []
    query = customers.query_with(orders, condition=OF_ADA, unknown=rows.append, limit=2)
    assert query.all() == [ORDER, CUSTOMER]
    assert rows == [row]
    pages = customers.query_with(orders, condition=OF_ADA, unknown="skip").pages(2)
    assert [(len(page), page.read) for page in pages] == [(1, 2), (1, 1)]


def test_there_is_no_filter_by_fields() -> None:
    """It would leave out the items that lack them."""
    customers, orders = shop()
    verb: Any = customers.query_with
    with pytest.raises(TypeError, match="where"):
        verb(orders, condition=OF_ADA, where=orders.fields.note.exists())


def test_a_grouped_read_gives_a_value_for_each() -> None:
    """In the order of the groups."""
    customers, orders = shop()
    found = customers.grouped(one(customers), many(orders), condition=OF_ADA)
    assert found == (CUSTOMER, [ORDER])
    latest = customers.grouped(one(customers), many(orders, latest=1), condition=OF_ADA)
    assert latest == (CUSTOMER, [ORDER])
