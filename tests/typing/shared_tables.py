"""What type checkers know of a table that several models share; checked, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, assert_type

from dynrepo import AsyncRepository, Index, Key, Place, Query, Repository, SharedTable
from tests.shop import (
    ADA,
    NOW,
    ORDER,
    AsyncOrders,
    Customer,
    Customers,
    Order,
    Orders,
    Setting,
    Settings,
    Shop,
)

if TYPE_CHECKING:
    from dynrepo.aio.query import AsyncQuery
    from dynrepo.places.table_keys import IndexPlace


class Bazaar(SharedTable):
    """Every part of a declaration."""

    table = "bazaar"
    key = Key("pk", "sk")
    by_score = Index("board", "score", types=("S", "N"), name="GSI-2")
    by_town = Index("town")
    mark = ("__edb_e__", "__edb_v__")


class CustomersPlace:
    """Where customers live, for repositories of both faces."""

    place: ClassVar[Place] = Bazaar.place(
        "USER#{user_id}",
        "PROFILE",
        entity={"__edb_e__": "user", "__edb_v__": "1"},
        lossy=False,
        by_score=Bazaar.by_score("BOARD", "{score}"),
        by_town=Bazaar.by_town("TOWN#{name}"),
    )


class BazaarCustomers(CustomersPlace, Repository[Customer]):
    """By the place of another class."""


class AsyncBazaarCustomers(CustomersPlace, AsyncRepository[Customer]):
    """In the same place."""


class SameOrders(Repository[Order]):
    """In the place of another repository."""

    place = Orders.place

    def of_status(self, status: str) -> Order | None:
        """A finder, under the name that an index may have as well."""
        return self.query(self.fields.status == status, index="by_status").first()


def declared() -> None:
    """A place is a value, and so is what is given for an index."""
    assert_type(Orders.place, Place)
    assert_type(SameOrders.place, Place)
    assert_type(BazaarCustomers.place, Place)
    assert_type(Shop.place("A#{user_id}", "-", entity="A"), Place)
    place: IndexPlace = Shop.gsi1("MAIL#{email:lower}", "USER")
    assert_type(place.templates, tuple[str, ...])
    assert_type(Shop.gsi1, Index)
    assert_type(Shop.key, Key)
    assert_type(Shop.gsi1.names, tuple[str, ...])


def verbs(customers: Customers, orders: SameOrders, settings: Settings) -> None:
    """Those of a repository in a place are typed as of any other."""
    fields = orders.fields
    assert_type(customers.get(ADA), Customer | None)
    assert_type(orders.require((ADA, NOW, 7)), Order)
    assert_type(settings.get(()), Setting | None)
    asked = orders.query((fields.user_id == ADA) & (fields.placed >= NOW))
    assert_type(asked, Query[Order])
    assert_type(orders.of_status("open"), Order | None)
    assert_type(orders.update(ORDER, fields.status.set("paid")), Order)
    assert_type(orders.get_many([ORDER, (ADA, NOW, 8)]), list[Order | None])


async def awaited(customers: AsyncBazaarCustomers, orders: AsyncOrders) -> None:
    """The same of the asynchronous face."""
    assert_type(await customers.get(ADA), Customer | None)
    query: AsyncQuery[Order] = orders.query(orders.fields.user_id == ADA)
    assert_type(await query.first(), Order | None)
    assert_type(AsyncBazaarCustomers.place, Place)


class Wrong(SharedTable):
    """A declaration has the types that it needs."""

    table = 1  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    key = ("pk", "sk")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    mark = 1  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    first = Index(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    second = Index()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    third = Key("pk", types=("X",))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    fourth = Key("pk", types="S")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def wrong_places() -> None:
    """What a place is not made of."""
    Shop.place()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Shop.place("A", 1, entity="A")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Shop.place("A", "B", entity=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Shop.place("A", "B", "C")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Shop.place("A", "B", entity="A", by="C")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Shop.place("A", "B", entity="A", by=Shop.gsi1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Shop.place("A", "B", entity=Shop.gsi1("C", "D"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Shop.place("A", "B", entity="A", lossy=Shop.gsi1("C", "D"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Shop.gsi1()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Shop.gsi1("A", 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Shop.gsi3("A", "B")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    Shop.key("A", "B")  # type: ignore[operator]  # pyright: ignore[reportCallIssue]
    place: Place = Shop.gsi1("A", "B")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    place.key = Shop.key  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
