"""A shop in one table, as tests see it: customers, orders, their lines, settings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from dynrepo import AsyncRepository, Index, Key, Repository, SharedTable, UpdatedAt, Version

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
ADA = UUID(int=7)


class Shop(SharedTable):
    """The table, with two overloaded indexes."""

    table = "shop"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    gsi2 = Index("gsi2pk", "gsi2sk", types=("S", "N"))
    mark = "_et"


class Customer(BaseModel):
    """One of a partition, found by e-mail too."""

    user_id: UUID
    email: str
    name: str | None = None
    score: int | None = None


class Order(BaseModel):
    """Many of a partition, in the order of time, found by status and day."""

    user_id: UUID
    placed: AwareDatetime
    number: int
    status: str | None = None
    note: str | None = None


class Line(BaseModel):
    """A part of an order, with a version and the time of its last write, by which it is found."""

    model_config = ConfigDict(extra="allow")

    user_id: UUID
    number: int
    sku: str
    amount: int = 1
    version: Annotated[int, Version()] = 0
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Setting(BaseModel):
    """The only one of its kind in the table."""

    currency: str = "EUR"


class Customers(Repository[Customer]):
    """A customer is the profile in the partition of the user."""

    place = Shop.place(
        "USER#{user_id}",
        "PROFILE",
        entity="USER",
        by_mail=Shop.gsi1("MAIL#{email:lower}", "USER"),
        by_score=Shop.gsi2("BOARD", "{score}"),
    )


class Orders(Repository[Order]):
    """Orders stand beside the profile."""

    place = Shop.place(
        "USER#{user_id}",
        "ORDER#{placed}#{number:08d}",
        entity="ORDER",
        by_status=Shop.gsi1("STATUS#{status}#{placed:.10}", "{placed}"),
    )


class Lines(Repository[Line]):
    """Lines have partitions of their own."""

    place = Shop.place(
        "LINES#{user_id}#{number:08d}",
        "SKU#{sku}",
        entity="LINE",
        by_change=Shop.gsi1("SKU#{sku}", "{changed}"),
    )


class AsyncCustomers(AsyncRepository[Customer]):
    """The customers, awaited."""

    place = Customers.place


class AsyncOrders(AsyncRepository[Order]):
    """The orders, awaited."""

    place = Orders.place


class Settings(Repository[Setting]):
    """A key without a field."""

    place = Shop.place("SETTINGS", "SHOP", entity="SETTING")


class Handmade(SharedTable):
    """A table as it is made by hand: without a mark, and what a key tells is not stored again."""

    table = "handmade"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")


class HandmadeOrders(Repository[Order]):
    """Orders with user, time and number in their keys alone."""

    place = Handmade.place(
        "USER#{user_id}",
        "ORDER#{placed}#{number:08d}",
        stored=False,
        by_status=Handmade.gsi1("STATUS#{status}#{placed:.10}", "{placed}"),
    )


class HandmadeCustomers(Repository[Customer]):
    """Customers beside them."""

    place = Handmade.place("USER#{user_id}", "PROFILE", stored=False)


ORDER = Order(user_id=ADA, placed=NOW, number=7, status="open")
CUSTOMER = Customer(user_id=ADA, email="Ada@Example.org", score=3)
LINE = Line(user_id=ADA, number=7, sku="a#b")
