"""Cursors that come back over HTTP: what is none of a list is an answer 422, whoever made it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr

from dynrepo import (
    AsyncContainer,
    AsyncRepository,
    PartitionKey,
    Repository,
    Settings,
    SortKey,
)
from dynrepo.integrations.fastapi import install, repository
from dynrepo.operations.cursor import text_of
from dynrepo.testing import MemoryStore
from tests.operations.test_cursor import BROKEN, digest_of


class Line(BaseModel):
    """One of a page of a book."""

    book: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]


class Lines(Repository[Line]):
    """All."""

    table = "lines"


class AsyncLines(AsyncRepository[Line]):
    """All, for tasks."""

    table = "lines"


LONGEST_URL = 60_000
"""What the client sends at most; a server takes less."""

STORE = MemoryStore(Lines)
Lines(STORE).set_many(Line(book="b", number=number) for number in range(5))


def application(secret: str) -> FastAPI:
    """A list of lines in each face, with one container."""
    app = FastAPI()
    settings = Settings(cursor_secret=SecretStr(secret) if secret else None)
    install(app, AsyncContainer(AsyncLines, Lines, settings=settings, store=STORE))

    @app.get("/async")
    async def listed(
        lines: Annotated[AsyncLines, repository(AsyncLines)], after: str | None = None
    ) -> dict[str, Any]:
        page = await lines.query(AsyncLines.fields.book == "b").page(2, after)
        return {"numbers": [line.number for line in page], "next": page.cursor}

    @app.get("/blocking")
    def also_listed(
        lines: Annotated[Lines, repository(Lines)], after: str | None = None
    ) -> dict[str, Any]:
        page = lines.query(Lines.fields.book == "b").page(2, after)
        return {"numbers": [line.number for line in page], "next": page.cursor}

    return app


async def answers(app: FastAPI, path: str, cursors: list[Any]) -> list[httpx.Response]:
    """What the application answers to each cursor."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://lines") as client:
        asked = [{} if cursor is None else {"after": cursor} for cursor in cursors]
        return [await client.get(path, params=params) for params in asked]


@pytest.mark.parametrize("secret", ["", "s" * 32], ids=["open", "encrypted"])
@pytest.mark.parametrize("path", ["/async", "/blocking"])
def test_a_list_goes_on_and_refuses_what_is_no_cursor_of_it(path: str, secret: str) -> None:
    """With 422, a fixed sentence, and no 500, whatever a client sends."""
    app = application(secret)
    query = Lines(STORE).query(Lines.fields.book == "b")

    async def ask() -> tuple[list[httpx.Response], list[httpx.Response]]:
        (first,) = await answers(app, path, [None])
        cursor = first.json()["next"]
        forged = [
            text_of(b"\x02" + digest_of(payload, query._identity()) + payload)
            for payload in (*BROKEN.values(), b"null", b'{"book":{"S":"c"},"number":{"N":"1"}}')
        ]
        forged = [cursor for cursor in forged if len(cursor) < LONGEST_URL]
        wrong = [*forged, "x", "", cursor[:-1], cursor + "A", text_of(b"\x01" * 60)]
        return [first, *await answers(app, path, [cursor])], await answers(app, path, wrong)

    right, wrong = asyncio.run(ask())
    assert [response.json()["numbers"] for response in right] == [[0, 1], [2, 3]]
    assert {response.status_code for response in wrong} == {422}
    assert {response.json()["error"] for response in wrong} == {"InvalidCursor"}
