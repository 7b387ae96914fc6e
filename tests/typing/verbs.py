"""What type checkers know of the verbs, and what they catch; checked, never run.

What they cannot catch, for a class has no type of "its field names as paths": an unknown field in
`users.fields.nope` (an AttributeError at once), a value of a wrong type in a condition (a
CodecError at once), a key of a wrong type (a CodecError before anything is sent).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_type

from pydantic import BaseModel

from dynrepo import (
    Batch,
    Change,
    CodecError,
    Difference,
    FieldPath,
    Page,
    Query,
    Sample,
    Transaction,
)
from models.order import Order, Orders
from models.user import User, Users

if TYPE_CHECKING:
    from uuid import UUID


class Name(BaseModel):
    """A part of a user."""

    name: str


def reads(users: Users, orders: Orders, key: UUID) -> None:
    """Each read gives the model, or the part asked for."""
    assert_type(users.get(key), User | None)
    assert_type(users.get(key, consistent=True), User | None)
    assert_type(users.get(key, only=Name), Name | None)
    assert_type(users.require(key), User)
    assert_type(users.exists(key), bool)
    assert_type(users.get_many([key]), list[User | None])
    assert_type(orders.get((key, 1)), Order | None)
    pair = users.get_together(users.lookup(key), orders.lookup((key, 1)))
    assert_type(pair, tuple[User | None, Order | None])


def queries(users: Users, orders: Orders, key: UUID) -> None:
    """A query knows its model all the way."""
    query = orders.query(orders.fields.user_id == key, where=orders.fields.total >= Decimal(1))
    assert_type(query, Query[Order])
    assert_type(iter(query), Iterator[Order])
    assert_type(query.first(), Order | None)
    assert_type(query.all(), list[Order])
    assert_type(query.count(), int)
    assert_type(query.page(20), Page[Order])
    assert_type(query.page(20).items, list[Order])
    assert_type(query.page(20).cursor, str | None)
    assert_type(query.pages(), Iterator[Page[Order]])
    assert_type(users.scan(segments=4).only(Name).first(), Name | None)
    assert_type(users.fields.name, FieldPath)


def writes(users: Users, key: UUID, ada: User) -> None:
    """Each write gives the model."""
    fields = users.fields
    assert_type(users.create(ada), User)
    assert_type(users.set(ada), User)
    assert_type(users.save(ada), User)
    assert_type(users.update(key, fields.visits.add(1), fields.name.set("a"), upsert=True), User)
    assert_type(users.edit(key, lambda user: user.model_copy(update={"name": "a"})), User)
    assert_type(users.delete(ada, condition=fields.name == "a"), User | None)
    users.set_many(one for one in [ada])
    users.delete_many([key, ada])
    assert_type(users.batch(), Batch[User])


def transactions(users: Users, orders: Orders, ada: User, order: Order) -> None:
    """A write of a transaction fits its repository."""
    with users.transaction() as tx:
        assert_type(tx, Transaction)
        assert_type(tx.create(users, ada), User)
        assert_type(tx.set(orders, order), Order)


def tables(users: Users, record: dict[str, Any]) -> None:
    """The rest."""
    assert_type(users.verify_table(), Difference)
    assert_type(users.verify_table(sample=100).sample, Sample | None)
    assert_type(users.verify_table(sample="all", progress=print), Difference)
    assert_type(users.ensure_table(), Difference)
    assert_type(users.decode(record), User)
    assert_type(users.decode_change(record), Change[User])
    errors: list[CodecError] = []
    handler: Callable[[CodecError], object] = errors.append
    users.scan(bad_rows=handler)


def caught(users: Users, orders: Orders, key: UUID, ada: User, order: Order) -> None:
    """What is an error before the program runs."""
    users.query("ada")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    users.query(key == ada.user_id)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    users.query()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    users.create(order)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    users.get([key])  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    users.get(key, True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    users.update(key, users.fields.visits == 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    users.delete(key, condition=users.fields.visits.add(1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    users.set_many([order])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    users.nope  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    users.drop_table()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with users.transaction() as tx:
        tx.create(orders, ada)  # type: ignore[misc]  # pyright: ignore[reportArgumentType]
