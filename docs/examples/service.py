"""An HTTP service over two repositories: what domain code with dynrepo looks like.

It holds no table name, no region and no key format: models and repositories come from `models/`,
the rest from the environment. From the checkout it runs on its own, too::

    uvicorn docs.examples.service:app
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from pydantic import BaseModel

from docs.examples import telemetry
from dynrepo import Container
from dynrepo.integrations.fastapi import install, repository
from models.order import Line, Order, Orders
from models.user import User, Users

telemetry.configure()
app = FastAPI(title="A shop on dynrepo")
install(app, Container(Users, Orders))  # life, health, errors and costs
FastAPIInstrumentor.instrument_app(app, exclude_spans=["receive", "send"])

UsersHere = Annotated[Users, repository(Users)]
OrdersHere = Annotated[Orders, repository(Orders)]


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
def sign_up(form: Profile, users: UsersHere) -> User:
    """Makes an account."""
    return users.create(User(user_id=uuid4(), joined=datetime.now(UTC), **form.model_dump()))


@app.get("/users/{user_id}")
def profile(user_id: UUID, users: UsersHere) -> User:
    """Shows an account; 404 when there is none."""
    return users.require(user_id)


@app.put("/users/{user_id}")
def change_profile(user_id: UUID, form: Profile, users: UsersHere) -> User:
    """Replaces what somebody told about themselves."""
    known = users.require(user_id)
    return users.set(User.model_validate(dict(known) | dict(form), extra="forbid"))


@app.delete("/users/{user_id}")
def close_account(user_id: UUID, users: UsersHere) -> User | None:
    """Removes an account and shows what it was; null when there was none."""
    return users.delete(user_id)


@app.put("/users/{user_id}/orders/{number}", status_code=201)
def place_order(
    user_id: UUID, number: int, basket: Basket, users: UsersHere, orders: OrdersHere
) -> Order:
    """Places an order, once: 409 when its number is taken."""
    users.require(user_id)
    order = Order(
        user_id=user_id,
        number=number,
        placed=datetime.now(UTC),
        lines=basket.lines,
        total=basket.total,
    )
    return orders.create(order)


@app.get("/users/{user_id}/orders")
def list_orders(user_id: UUID, orders: OrdersHere, at_least: Decimal = Decimal()) -> list[Order]:
    """Lists somebody's orders by number, those worth at least so much."""
    return orders.large(user_id, at_least)


@app.delete("/users/{user_id}/orders/{number}")
def cancel_order(user_id: UUID, number: int, orders: OrdersHere) -> Order | None:
    """Removes an order and shows what it was; null when there was none."""
    return orders.delete((user_id, number))
