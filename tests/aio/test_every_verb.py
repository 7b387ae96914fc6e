"""Whatever is asked of a repository, the loop goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from dynrepo import AsyncDynamoStore, StoreError, many, one
from dynrepo.aio.repository import AsyncRepository
from dynrepo.operations.operation import Operation
from dynrepo.testing.memory import MemoryStore
from models.order import Line, Order, Orders, Status
from tests.aio import loops
from tests.aio.blocking_calls import none_allowed
from tests.loopback import CAPACITY, Loopback, Received, answer
from tests.members import AsyncMembers, Member, Members, Rows
from tests.shop import Customer, Customers
from tests.shop import Order as ShopOrder
from tests.shop import Orders as ShopOrders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.loopback import Step

ADA = UUID("9a3c1c2e-0000-4000-8000-00000000ada0")


class AsyncOrders(AsyncRepository[Order]):
    """The orders of everybody, awaited."""

    table = "orders"


def order(number: int) -> Order:
    """An order of Ada's."""
    placed = datetime(2026, 1, 1, tzinfo=UTC)
    line = Line(sku="sku", quantity=1, price=Decimal(5))
    return Order(user_id=ADA, number=number, placed=placed, lines=[line], total=Decimal(5))


def served_by(store: MemoryStore) -> Step:
    """Answers a request as a store in memory does, or where that needs expressions as one order."""

    def step(connection: Any, request: Received) -> None:
        name = request.headers["x-amz-target"].rpartition(".")[2]
        table = request.json.get("TableName", "")
        operation: Operation[Any] = Operation(name, table, request.json, lambda found: found)
        if b"Transact" in request.body:
            return connection.sendall(answer(together(request.json["TransactItems"])))
        if b"Expression" in request.body:
            return connection.sendall(answer(one_order(request.json)))
        try:
            connection.sendall(answer(dict(store.execute(operation).body)))
        except StoreError as error:
            connection.sendall(answer({"__type": f"x#{error.code}"}, status=400))

    return step


def together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """What is answered to writes together, and to reads."""
    found = [one_order(part["Get"]) for part in parts if "Get" in part]
    capacity = {"ConsumedCapacity": list(CAPACITY.values())}
    return {**capacity, "Responses": [{"Item": each["Item"]} for each in found]}


def one_order(request: Any) -> dict[str, Any]:
    """What is answered about an order, if it is the only one, and what is asked for."""
    item = Orders.schema.encode(order(1)) | request.get("Key", {})
    rows = {"Items": [item], "Count": 1, "ScannedCount": 1}
    return {**CAPACITY, "Item": item, "Attributes": item, **rows}


async def transact(orders: AsyncOrders) -> None:
    """Two writes together."""
    async with orders.transaction() as tx:
        tx.create(orders, order(90))
        tx.delete(orders, (ADA, 2))


async def batch(orders: AsyncOrders) -> None:
    """Thirty writes, in two requests."""
    async with orders.batch() as writes:
        for number in range(100, 130):
            await writes.set(order(number))


async def one_more(found: Order) -> Order:
    """An order of a total that is one more."""
    return found.model_copy(update={"total": found.total + 1})


async def pages(orders: AsyncOrders) -> None:
    """Page after page."""
    async for page in orders.query(FIELDS.user_id == ADA).pages(2):
        assert page.items


async def rows(orders: AsyncOrders) -> None:
    """Row after row, left early."""
    async for _ in orders.scan(segments=3):
        break


class AsyncShopCustomers(AsyncRepository[Customer]):
    """The customers of a shared table, awaited."""

    place = Customers.place


class AsyncShopOrders(AsyncRepository[ShopOrder]):
    """Their orders."""

    place = ShopOrders.place


async def read_together(orders: AsyncOrders) -> None:
    """A customer with their orders, among which there is a row of neither."""
    customers, theirs = AsyncShopCustomers(orders.store), AsyncShopOrders(orders.store)
    condition = customers.fields.user_id == ADA
    found = await customers.grouped(
        one(customers), many(theirs), condition=condition, unknown=[].append
    )
    assert found == (None, [])


FIELDS = AsyncOrders.fields
VERBS: dict[str, Callable[[AsyncOrders], Awaitable[Any]]] = {
    "get": lambda orders: orders.get((ADA, 1)),
    "require": lambda orders: orders.require((ADA, 1)),
    "exists": lambda orders: orders.exists((ADA, 1)),
    "get_many": lambda orders: orders.get_many([(ADA, n) for n in range(150)], concurrency=2),
    "query": lambda orders: orders.query(FIELDS.user_id == ADA).all(),
    "query by index": lambda orders: orders.query(
        FIELDS.status == Status.OPEN, index="by_status"
    ).all(),
    "pages": pages,
    "count": lambda orders: orders.query(FIELDS.user_id == ADA).count(),
    "first": lambda orders: orders.query(FIELDS.user_id == ADA).first(),
    "page": lambda orders: orders.query(FIELDS.user_id == ADA).page(2),
    "scan": lambda orders: orders.scan().all(),
    "scan in segments": rows,
    "create": lambda orders: orders.create(order(10)),
    "set": lambda orders: orders.set(order(1)),
    "save": lambda orders: orders.save(order(11)),
    "update": lambda orders: orders.update((ADA, 1), FIELDS.total.add(1)),
    "update exactly once": lambda orders: orders.update(
        (ADA, 1), FIELDS.total.add(1), exactly_once=True
    ),
    "edit": lambda orders: orders.edit((ADA, 1), one_more),
    "delete": lambda orders: orders.delete((ADA, 1)),
    "set_many": lambda orders: orders.set_many(map(order, range(60)), concurrency=2),
    "delete_many": lambda orders: orders.delete_many((ADA, n) for n in range(60)),
    "batch": batch,
    "transaction": transact,
    "get_together": lambda orders: orders.get_together(
        orders.lookup((ADA, 1)), orders.lookup((ADA, 2))
    ),
    "connect": lambda orders: orders.connect(),
    "health_check": lambda orders: orders.health_check(),
    "ensure_table": lambda orders: orders.ensure_table(),
    "claim_unique": lambda orders: AsyncMembers(orders.store).claim_unique(),
    "verify_table": lambda orders: orders.verify_table(sample=5),
    "grouped": read_together,
    "rekey": lambda orders: AsyncShopCustomers(orders.store).rekey(bad_rows=[].append),
    "drop_table": lambda orders: orders.drop_table(confirm="orders"),
    "create_table": lambda orders: orders.create_table(),
}


async def asked_of(store: MemoryStore, transport: Any) -> list[str]:
    """The verbs that were asked, each in its first call, and most in another."""
    asked: list[str] = []
    with Loopback(served_by(store)) as server, none_allowed():
        async with AsyncDynamoStore(
            region="eu-west-1", endpoint=server.url, transport=transport
        ) as awaited:
            for name, verb in VERBS.items():
                for _ in range(1 if name in {"create", "save"} or "table" in name else 2):
                    await verb(AsyncOrders(awaited))
                asked.append(name)
    return asked


def filled() -> MemoryStore:
    """Five orders, and a member."""
    store = MemoryStore(Orders, Members)
    Rows(store, instruments=()).set(Member(member_id="a", nick="n"))
    Orders(store, instruments=()).set_many(map(order, range(1, 6)))
    return store


FIRST_CALLS = """
import asyncio
import sys
from tests.aio.test_every_verb import VERBS, asked_of, filled
assert {"dynrepo.instrumentation.otel", "opentelemetry", "botocore.session"}.isdisjoint(sys.modules)
import opentelemetry  # as an application does that configures it last
assert asyncio.run(asked_of(filled(), "auto")) == list(VERBS)
assert "dynrepo.instrumentation.otel" in sys.modules
"""


def test_no_first_call_of_a_process_reads_files() -> None:
    """What it needs is imported in threads, OpenTelemetry's part too where that came late."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    command = [sys.executable, "-c", FIRST_CALLS]
    subprocess.run(command, env=kept, check=True, timeout=120, cwd=Path(__file__).parents[2])


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_no_verb_holds_up_the_loop(transport: Any) -> None:
    """Each in its first call, and in another; whoever sends."""
    assert loops.run(lambda: asked_of(filled(), transport)) == list(VERBS)


def test_every_verb_is_asked() -> None:
    """None is forgotten: a new one is put on the list."""
    verbs = {
        name
        for name in dir(AsyncRepository)
        if iscoroutinefunction(getattr(AsyncRepository, name)) and not name.startswith("_")
    }
    assert verbs - {name.partition(" ")[0] for name in VERBS} == set()
