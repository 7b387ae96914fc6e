"""What type checkers know of the changes of a shared table: those of each repository given.

Checked, never run.
"""

from __future__ import annotations

from typing import Any, assert_type

from dynrepo import Change
from tests.shop import (
    Customer,
    Customers,
    Line,
    Lines,
    Order,
    Orders,
    Setting,
    Settings,
    Shop,
)


def changes(
    record: dict[str, Any], customers: Customers, orders: Orders, lines: Lines, settings: Settings
) -> None:
    """One, two, up to six."""
    assert_type(Shop.change_of(record, orders), Change[Order] | None)
    assert_type(Shop.change_of(record, customers, orders), Change[Customer] | Change[Order] | None)
    assert_type(
        Shop.change_of(record, customers, orders, lines, settings),
        Change[Customer] | Change[Order] | Change[Line] | Change[Setting] | None,
    )
    assert_type(
        Shop.change_of(record, customers, orders, lines, settings, orders, lines),
        Change[Customer] | Change[Order] | Change[Line] | Change[Setting] | None,
    )


def wrong(record: dict[str, Any], orders: Orders) -> None:
    """No repository, a class of them, or what is none."""
    Shop.change_of(record)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    Shop.change_of(record, Orders)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    Shop.change_of(record, orders, 7)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


def narrowed(record: dict[str, Any], customers: Customers, orders: Orders) -> None:
    """The model tells which it is."""
    change = Shop.change_of(record, customers, orders)
    if change is not None and isinstance(change.new, Order):
        assert_type(change.new.number, int)
