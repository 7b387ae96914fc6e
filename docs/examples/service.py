"""An HTTP service over two repositories: what domain code with dynrepo looks like.

It holds no table name, no region and no key format: models and repositories come from `models/`,
the rest from the environment. From the checkout it runs on its own, too::

    uvicorn docs.examples.service:app
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from os import environ
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, Response
from fastapi.responses import JSONResponse
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from pydantic import BaseModel

from docs.examples import telemetry
from dynrepo import DynamoStore, ItemExists, ItemNotFound, StoreError
from models.order import Line, Order, Orders
from models.user import User, Users

telemetry.configure()
app = FastAPI(title="A shop on dynrepo")
FastAPIInstrumentor.instrument_app(app, exclude_spans=["receive", "send"])


@cache
def store() -> DynamoStore:
    """The store of all repositories."""
    return DynamoStore(table_prefix=environ.get("DYNREPO_TABLE_PREFIX", ""))


UsersHere = Annotated[Users, Depends(lambda: Users(store()))]
OrdersHere = Annotated[Orders, Depends(lambda: Orders(store()))]


class SignUp(BaseModel):
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
def sign_up(form: SignUp, users: UsersHere) -> User:
    """Makes an account."""
    return users.create(User(user_id=uuid4(), joined=datetime.now(UTC), **form.model_dump()))


@app.get("/users/{user_id}")
def profile(user_id: UUID, users: UsersHere) -> User:
    """Shows an account."""
    return users.require(user_id)


@app.put("/users/{user_id}")
def change_profile(user_id: UUID, form: SignUp, users: UsersHere) -> User:
    """Replaces what somebody told about themselves."""
    return users.set(users.require(user_id).model_copy(update=form.model_dump()))


@app.put("/users/{user_id}/orders/{number}", status_code=201)
def place_order(
    user_id: UUID, number: int, basket: Basket, users: UsersHere, orders: OrdersHere
) -> Order:
    """Places an order, once: its number cannot be taken twice."""
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
    """Removes an order and shows what it was; nothing, when there was none."""
    return orders.delete((user_id, number))


@app.exception_handler(ItemNotFound)
def not_found(_: Any, error: ItemNotFound) -> JSONResponse:
    """Nothing is stored there."""
    return JSONResponse({"error": "ItemNotFound", "detail": str(error)}, 404)


@app.exception_handler(ItemExists)
def conflict(_: Any, error: ItemExists) -> JSONResponse:
    """Somebody was here before."""
    return JSONResponse({"error": "ItemExists", "detail": str(error)}, 409)


@app.exception_handler(StoreError)
def unavailable(_: Any, error: StoreError) -> JSONResponse:
    """DynamoDB cannot serve."""
    return JSONResponse({"error": type(error).__name__, "detail": str(error)}, 503)


@app.get("/.well-known/alive")
def alive() -> Mapping[str, str]:
    """The process is alive."""
    return {"status": "UP"}


@app.get("/.well-known/health")
def health(response: Response) -> Mapping[str, Any]:
    """Whether every table can serve."""
    parts = {kind.__name__: kind(store()).health_check() for kind in (Users, Orders)}
    up = all(part.status != "DOWN" for part in parts.values())
    response.status_code = 200 if up else 503
    return {
        "status": "UP" if up else "DOWN",
        "details": {n: {"status": p.status, "details": dict(p.details)} for n, p in parts.items()},
    }
