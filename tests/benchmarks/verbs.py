"""What dynrepo does for its users, by public names alone, so that any revision of it can be raced.

`python -m tests.benchmarks.verbs URL` prints the operations and, for each that it reads, the CPU
seconds of a call.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections import deque
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, BaseModel

from dynrepo import PartitionKey, Repository, SortKey
from tests.benchmarks.canned import FOREIGN, FOREIGN_ORDERS, ORDERS, PAGE, table_of
from tests.benchmarks.peers import User, Users, dynrepo_peer, repositories, times
from tests.benchmarks.race import measure

if TYPE_CHECKING:
    from tests.benchmarks.peers import Peer

SLICE = 0.03
"""Seconds of CPU for an operation: short, so that what is compared runs under the same load."""

KEY = ("user-1", "00000000")


class Line(BaseModel):
    """A part of an order."""

    product: str
    count: int
    price: Decimal
    options: dict[str, str] = {}


class Order(BaseModel):
    """Models in a list, sets, and fields that may be missing."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    status: str
    placed: AwareDatetime
    total: Decimal
    labels: frozenset[str] = frozenset()
    ratings: set[int] = set()
    note: str | None = None
    gift: Line | None = None
    lines: list[Line]


class Orders(Repository[Order]):
    """Orders as dynrepo writes them."""

    table = ORDERS


class ForeignOrders(Repository[Order]):
    """Orders as another program writes them."""

    table = FOREIGN_ORDERS


class ForeignUsers(Repository[User]):
    """The items of the other races, as another program writes them."""

    table = FOREIGN


class FivePages(Repository[User]):
    """As many users as five pages of 1 MB hold."""

    table = table_of(5 * PAGE)


def verbs(url: str) -> Peer:
    """The operations by name, on repositories with a StatsD client."""
    parts = (_of_an_item, _of_many_requests, _of_an_order, _of_others)
    return dynrepo_peer(url) | {name: call for part in parts for name, call in part(url).items()}


def _of_an_item(url: str) -> Peer:
    (users,) = repositories(url, Users)
    fields, user = users.fields, users.require(KEY)
    changes = (fields.visits.add(1), fields.name.set("Ada"), fields.age.set(36))
    return {
        "create": times(lambda: users.create(user)),
        "save": times(lambda: users.save(user)),
        "update add": times(lambda: users.update(KEY, fields.visits.add(1))),
        "update of 3": times(lambda: users.update(KEY, *changes, condition=fields.visits > 3)),
        "page of 10, where": times(
            lambda: users.query(fields.pk == "user-1", where=fields.visits > 3).page(10)
        ),
        "batch get 1": times(lambda: users.get_many([KEY])),
        "health check": times(users.health_check),
    }


def _of_many_requests(url: str) -> Peer:
    users, pages = repositories(url, Users, FivePages)
    user = users.require(KEY)
    many = [user.model_copy(update={"sk": f"{number:08d}"}) for number in range(500)]
    return {
        "batch write 500": times(lambda: users.set_many(many)),
        "query of 5 pages": times(lambda: deque(pages.query(pages.fields.pk == "user-1"), 0)),
        "5 pages of 20": times(
            lambda: deque(users.query(users.fields.pk == "user-1").pages(20), 0)
        ),
        "scan, 4 segments": times(lambda: deque(users.scan(segments=4), 0)),
    }


def _of_an_order(url: str) -> Peer:
    (orders,) = repositories(url, Orders)
    order = orders.require(KEY)
    several = [order.model_copy(update={"sk": f"{number:08d}"}) for number in range(25)]
    return {
        "order: get": times(lambda: orders.get(KEY)),
        "order: put": times(lambda: orders.set(order)),
        "order: save": times(lambda: orders.save(order)),
        "order: query 100": times(lambda: list(orders.query(orders.fields.pk == "user-1"))),
        "order: batch write 25": times(lambda: orders.set_many(several)),
    }


def _of_others(url: str) -> Peer:
    users, orders = repositories(url, ForeignUsers, ForeignOrders)
    return {
        "others' item: get": times(lambda: users.get(KEY)),
        "others' item: query 100": times(lambda: list(users.query(users.fields.pk == "user-1"))),
        "others' order: get": times(lambda: orders.get(KEY)),
    }


def main(url: str) -> None:
    """Runs each operation once, then measures what it is asked for."""
    # From a process's first thread on, the C library locks to allocate, a hundredth of a call: a
    # revision that happens to start none is to pay for that as well, as every server does.
    threading.Thread(target=int).start()
    operations = verbs(url)
    for operation in operations.values():
        operation(1)
    # A measurement begins with a collection, which need not walk what imports have made.
    gc.collect()
    gc.freeze()
    measure(operations, SLICE)


if __name__ == "__main__":
    main(*sys.argv[1:])
