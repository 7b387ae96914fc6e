"""An HTTP service over two repositories: what domain code with dynrepo looks like.

It holds no table name, no region and no key format: models and repositories come from `models/`,
the rest from the environment. In a checkout it runs on its own, too::

    pip install ".[http,otel]"
    uvicorn docs.examples.service:app

Where the tables `users` and `orders` are, the AWS environment says; `Users().create_table()` and
`Orders().create_table()` make them.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import FastAPI
from pydantic import BaseModel

from docs.examples import telemetry
from dynrepo import AsyncContainer
from dynrepo.integrations.fastapi import install, repository
from models.order import AsyncOrders, Line, Order
from models.user import AsyncUsers, User

app = FastAPI(title="A shop on dynrepo")
# Life, health, errors, and what each request costs, which clients outside should not be told.
install(app, AsyncContainer(AsyncUsers, AsyncOrders), server_timing=True)
telemetry.configure(app)

UsersHere = Annotated[AsyncUsers, repository(AsyncUsers)]
OrdersHere = Annotated[AsyncOrders, repository(AsyncOrders)]


class Profile(BaseModel):
    """What somebody tells about themselves."""

    email: str
    name: str
    tags: frozenset[str] = frozenset()


class Basket(BaseModel):
    """What somebody wants to buy."""

    lines: list[Line]

    @property
    def total(self) -> Decimal:
        """What all of it costs."""
        return sum((line.price * line.quantity for line in self.lines), Decimal())


@app.post("/users", status_code=201)
async def sign_up(form: Profile, users: UsersHere) -> User:
    """Makes an account."""
    user = User(user_id=uuid4(), joined=datetime.now(UTC), **dict(form))
    return await users.create(user)


@app.get("/users/{user_id}")
async def profile(user_id: UUID, users: UsersHere) -> User:
    """Shows an account; 404 when there is none."""
    return await users.require(user_id)


@app.put("/users/{user_id}")
async def change_profile(user_id: UUID, form: Profile, users: UsersHere) -> User:
    """Replaces what somebody told about themselves."""
    known = await users.require(user_id)
    changed = User.model_validate(dict(known) | dict(form), extra="forbid")
    return await users.set(changed)


@app.delete("/users/{user_id}")
async def close_account(user_id: UUID, users: UsersHere) -> User | None:
    """Removes an account and shows what it was; null when there was none."""
    return await users.delete(user_id)


@app.put("/users/{user_id}/orders/{number}", status_code=201)
async def place_order(
    user_id: UUID, number: int, basket: Basket, users: UsersHere, orders: OrdersHere
) -> Order:
    """Places an order, once: 409 when its number is taken."""
    await users.require(user_id)
    order = Order(
        user_id=user_id,
        number=number,
        placed=datetime.now(UTC),
        lines=basket.lines,
        total=basket.total,
    )
    return await orders.create(order)


@app.get("/users/{user_id}/orders")
async def list_orders(
    user_id: UUID, orders: OrdersHere, at_least: Decimal = Decimal()
) -> list[Order]:
    """Lists somebody's orders by number, those worth at least so much."""
    return await orders.large(user_id, at_least)


@app.delete("/users/{user_id}/orders/{number}")
async def cancel_order(user_id: UUID, number: int, orders: OrdersHere) -> Order | None:
    """Removes an order and shows what it was; null when there was none."""
    return await orders.delete((user_id, number))
