"""A repository of the application's container is a dependency of FastAPI."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import httpx
from fastapi import FastAPI

from dynrepo import Container
from dynrepo.integrations.fastapi import install, repository
from dynrepo.testing.memory import MemoryStore
from models.document import Document, Documents

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
