"""What type checkers see of reads of several repositories together: a union, in both faces.

Checked, never run.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, assert_type

from dynrepo import AsyncQuery, AsyncRepository, Group, Page, Query, many, one
from tests.shop import (
    Customer,
    Customers,
    Line,
    Lines,
    Order,
    Orders,
    Setting,
    Settings,
)

if TYPE_CHECKING:
    from uuid import UUID


class AsyncCustomers(AsyncRepository[Customer]):
    """Awaited."""

    place = Customers.place


class AsyncOrders(AsyncRepository[Order]):
    """Awaited."""

    place = Orders.place


def queries(customers: Customers, orders: Orders, uid: UUID) -> None:
    """What is found is of one of the models."""
    of = customers.fields.user_id == uid
    query = customers.query_with(orders, condition=of)
    assert_type(query, Query[Customer | Order])
    assert_type(query.first(), Customer | Order | None)
    assert_type(query.all(), list[Customer | Order])
    assert_type(iter(query), Iterator[Customer | Order])
    assert_type(query.page(10), Page[Customer | Order])
    for item in query:
        if isinstance(item, Order):
            item.number.bit_length()
        else:
            item.email.lower()
    rows: list[dict[str, Any]] = []
    customers.query_with(
        orders,
        condition=of,
        index="by_mail",
        descending=True,
        consistent=False,
        limit=3,
        unknown=rows.append,
        bad_rows=None,
    )
    customers.query_with(orders, condition=of, unknown="skip")
    customers.query_with(orders, condition=of, unknown="ignore")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    customers.query_with(orders)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    customers.query_with(Orders, condition=of)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def up_to_six(
    customers: Customers, orders: Orders, lines: Lines, settings: Settings, uid: UUID
) -> None:
    """Each adds its model."""
    of = customers.fields.user_id == uid
    three = customers.query_with(orders, lines, condition=of)
    assert_type(three, Query[Customer | Order | Line])
    four = customers.query_with(orders, lines, settings, condition=of)
    assert_type(four, Query[Customer | Order | Line | Setting])
    five = customers.query_with(orders, lines, settings, orders, condition=of)
    assert_type(five, Query[Customer | Order | Line | Setting])
    six = customers.query_with(orders, lines, settings, orders, lines, condition=of)
    assert_type(six, Query[Customer | Order | Line | Setting])


def groups(customers: Customers, orders: Orders, lines: Lines, uid: UUID) -> None:
    """A value for each."""
    of = customers.fields.user_id == uid
    assert_type(one(customers), Group[Customer | None])
    assert_type(many(orders, latest=20), Group[list[Order]])
    two = customers.grouped(one(customers), many(orders, latest=20), condition=of)
    assert_type(two, tuple[Customer | None, list[Order]])
    customer, latest = two
    assert_type(customer, Customer | None)
    assert_type(latest, list[Order])
    three = customers.grouped(
        one(customers), many(orders), one(lines), condition=of, index="by_mail", unknown="skip"
    )
    assert_type(three, tuple[Customer | None, list[Order], Line | None])
    six = customers.grouped(
        one(customers),
        many(orders),
        many(lines),
        one(lines),
        one(orders),
        many(customers),
        condition=of,
    )
    assert_type(
        six,
        tuple[Customer | None, list[Order], list[Line], Line | None, Order | None, list[Customer]],
    )
    customers.grouped(customers, orders, condition=of)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    customers.grouped(one(customers), many(orders))  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    many(orders, latest="20")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def awaited(
    customers: AsyncCustomers, orders: AsyncOrders, blocking: Orders, uid: UUID
) -> None:
    """The same, where it is read."""
    of = customers.fields.user_id == uid
    query = customers.query_with(orders, condition=of, limit=3)
    assert_type(query, AsyncQuery[Customer | Order])
    assert_type(await query.all(), list[Customer | Order])
    assert_type(await query.first(), Customer | Order | None)
    assert_type(aiter(query), AsyncIterator[Customer | Order])
    two = await customers.grouped(one(customers), many(orders, latest=20), condition=of)
    assert_type(two, tuple[Customer | None, list[Order]])
    customers.query_with(blocking, condition=of)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
