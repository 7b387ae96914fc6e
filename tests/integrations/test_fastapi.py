"""A repository of the application's container is a dependency of FastAPI."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from dynrepo import AsyncContainer, Container
from dynrepo.integrations import fastapi as bridge
from dynrepo.integrations.fastapi import install, repository
from dynrepo.testing.memory import MemoryStore
from models.document import Document, Documents
from models.order import Order, Orders
from models.user import AsyncUsers, User, Users

InDocuments = Annotated[Documents, repository(Documents)]


def ask(app: FastAPI, *requests: tuple[str, str]) -> list[Any]:
    """What an application answers, without a server."""

    async def answers() -> list[Any]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
            return [(await client.request(*request)).json() for request in requests]

    return asyncio.run(answers())


def test_an_endpoint_is_given_the_repository_of_the_container() -> None:
    """The same one each time, over the store of the container."""
    store = MemoryStore(Documents)
    app = FastAPI()
    install(app, Container(Documents, store=store, instruments=[]))

    @app.put("/documents/{name}")
    def write(name: str, documents: InDocuments) -> Document:
        return documents.set(Document(name=name))

    @app.get("/documents/{name}")
    async def read(name: str, documents: InDocuments) -> bool:
        return documents.exists(name)

    before, written, after = ask(
        app, ("GET", "/documents/a"), ("PUT", "/documents/a"), ("GET", "/documents/a")
    )
    assert (before, written["name"], after) == (False, "a", True)
    assert len(store.items("documents")) == 1


def test_the_example_of_the_module_runs() -> None:
    """It shows as a block of code, and serves what it says."""
    text, _, code = str(bridge.__doc__).partition("```python\n")
    code, _, rest = code.partition("```\n")
    assert "app = " not in text + rest
    store = MemoryStore(Users, Orders)
    wired = AsyncContainer(AsyncUsers, Orders, store=store, instruments=())
    names: dict[str, Any] = {
        "FastAPI": FastAPI,
        "install": install,
        "repository": repository,
        "UUID": UUID,
        "Annotated": Annotated,
        "AsyncUsers": AsyncUsers,
        "Orders": Orders,
        "User": User,
        "Order": Order,
        "AsyncContainer": lambda *_: wired,
    }
    exec(code, names)  # noqa: S102 - our own
    joined = datetime(2026, 1, 1, tzinfo=UTC)
    user = Users(store).create(User(user_id=uuid4(), email="a@b.c", name="Ada", joined=joined))
    profile, orders = ask(
        names["app"],
        ("GET", f"/users/{user.user_id}"),
        ("GET", f"/users/{user.user_id}/orders"),
    )
    assert (profile["name"], orders) == (user.name, [])
