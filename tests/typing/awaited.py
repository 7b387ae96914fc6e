"""What type checkers know of the verbs that are awaited; checked, never run.

The errors that they find are those of verbs.py, and, where an `await` is forgotten, of faces.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_type

from pydantic import BaseModel

from dynrepo import (
    AsyncBatch,
    AsyncQuery,
    AsyncTransaction,
    Difference,
    Health,
    Page,
)
from models.order import AsyncOrders, Order
from models.user import AsyncUsers, User

if TYPE_CHECKING:
    from uuid import UUID


class Name(BaseModel):
    """A part of a user."""

    name: str


async def reads(users: AsyncUsers, orders: AsyncOrders, key: UUID) -> None:
    """Each read gives the model, or the part asked for."""
    assert_type(await users.get(key), User | None)
    assert_type(await users.get(key, consistent=True), User | None)
    assert_type(await users.get(key, only=Name), Name | None)
    assert_type(await users.require(key), User)
    assert_type(await users.exists(key), bool)
    assert_type(await users.get_many([key], concurrency=4), list[User | None])
    pair = await users.get_together(users.lookup(key), orders.lookup((key, 1)))
    assert_type(pair, tuple[User | None, Order | None])
    many = await users.get_together(*[users.lookup(key)] * 4)
    assert_type(many, tuple[User | None, ...])


async def queries(users: AsyncUsers, orders: AsyncOrders, key: UUID) -> None:
    """A query knows its model all the way."""
    query = orders.query(orders.fields.user_id == key, where=orders.fields.total >= Decimal(1))
    assert_type(query, AsyncQuery[Order])
    assert_type(aiter(query), AsyncIterator[Order])
    assert_type(await query.first(), Order | None)
    assert_type(await query.all(), list[Order])
    assert_type(await query.count(), int)
    assert_type(await query.page(20), Page[Order])
    assert_type(query.pages(), AsyncIterator[Page[Order]])
    assert_type(await users.scan(segments=4).only(Name).first(), Name | None)
    async for order in query:
        assert_type(order, Order)
    async for page in query.pages(20):
        assert_type(page.items, list[Order])
    assert_type([part.name async for part in users.scan().only(Name)], list[str])


async def writes(users: AsyncUsers, orders: AsyncOrders, key: UUID, ada: User) -> None:
    """Each write gives the model; what a transaction notes is not awaited."""
    fields = users.fields
    assert_type(await users.create(ada), User)
    assert_type(await users.set(ada), User)
    assert_type(await users.save(ada), User)
    assert_type(await users.update(key, fields.visits.add(1), upsert=True), User)
    assert_type(await users.edit(key, lambda user: user.model_copy()), User)
    assert_type(await users.delete(ada, condition=fields.name == "a"), User | None)
    await users.set_many(user for user in [ada])
    await users.delete_many([key, ada])
    async with users.batch() as batch:
        assert_type(batch, AsyncBatch[User])
        await batch.set(ada)
    async with users.transaction() as tx:
        assert_type(tx, AsyncTransaction)
        assert_type(tx.create(users, ada), User)
        tx.delete(orders, (key, 1))


async def tables(users: AsyncUsers, item: dict[str, Any]) -> None:
    """The rest."""
    assert_type(await users.verify_table(), Difference)
    assert_type(await users.ensure_table(), Difference)
    assert_type(await users.connect(), AsyncUsers)
    assert_type(await users.health_check(), Health)
    assert_type(users.decode(item), User)


async def caught(users: AsyncUsers, key: UUID, order: Order) -> None:
    """What is an error before the program runs."""
    await users.create(order)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await users.get([key])  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    await users.get(key, True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    await users.scan()  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    async with users.batch() as batch:
        await batch.set(order)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
