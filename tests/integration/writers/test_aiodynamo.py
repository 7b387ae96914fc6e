"""aiodynamo and dynrepo on one table: each reads what the other has written."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from os import environ
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import httpx
import pytest
from aiodynamo.client import Client
from aiodynamo.credentials import Key, StaticCredentials
from aiodynamo.http.httpx import HTTPX
from aiodynamo.models import KeySchema, KeySpec, KeyType, PayPerRequest
from pydantic import AwareDatetime, BaseModel, Field
from yarl import URL

from dynrepo import PartitionKey, Repository, SortKey, encodings
from tests.integration.writers import REGION, saved_unchanged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dynrepo import DynamoStore

pytestmark = pytest.mark.engine

TABLE = f"aiodynamo-{uuid4().hex[:8]}"


class Moved(BaseModel):
    """The dict that aiodynamo stores, as a model."""

    id: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    price: Decimal
    ratio: float
    at: Annotated[AwareDatetime, encodings.EPOCH_FRACTION]
    data: bytes
    tags: set[str]
    sizes: set[Decimal]
    hashes: set[bytes]
    paid: bool
    more: dict[str, Any]
    empty: str = ""
    nothing: str | None = Field(default_factory=lambda: None)


class AllMoved(Repository[Moved]):
    """The rows of aiodynamo's table."""

    table = TABLE


WRITTEN: dict[str, Any] = {
    "id": "a",
    "number": 7,
    "price": Decimal("12.50"),
    "ratio": 1e-07,
    "at": Decimal("1709208000.250000"),
    "data": b"\x00\xff",
    "tags": {"b", "a"},
    "sizes": {Decimal(1), Decimal("2.5")},
    "hashes": {b"\x00", b"\x01"},
    "paid": True,
    "more": {"list": [Decimal(1), None, {"x": "y"}], "none": {}},
    "empty": "",
    "nothing": None,
}


@asynccontextmanager
async def opened(endpoint: str) -> AsyncIterator[Any]:
    """A client of aiodynamo's."""
    trusted = ssl.create_default_context(cafile=environ.get("AWS_CA_BUNDLE"))
    async with httpx.AsyncClient(verify=trusted) as http:
        yield Client(
            HTTPX(http),
            StaticCredentials(Key("x", "x")),
            REGION,
            endpoint=URL(endpoint),
            numeric_type=Decimal,
        )


def test_every_value_is_read_and_left_as_it_was(
    client: Any, plain_store: DynamoStore, engine_endpoint: str
) -> None:
    """What dynrepo has saved is what aiodynamo wrote."""
    keys = KeySchema(KeySpec("id", KeyType.string), KeySpec("number", KeyType.number))

    async def begin() -> None:
        async with opened(engine_endpoint) as theirs:
            await theirs.create_table(TABLE, PayPerRequest(), keys, wait_for_active=True)
            await theirs.put_item(TABLE, WRITTEN)

    async def end() -> list[Any]:
        async with opened(engine_endpoint) as theirs:
            items = [item async for item in theirs.scan(TABLE)]
            await theirs.delete_table(TABLE)
            return items

    asyncio.run(begin())
    repository = AllMoved(plain_store)
    (moved,) = saved_unchanged(client, repository)
    repository.create(moved.model_copy(update={"number": 8}))
    expected = {**WRITTEN, "at": datetime(2024, 2, 29, 12, 0, 0, 250_000, tzinfo=UTC)}
    assert moved == Moved(**expected)
    assert not repository.verify_table(sample="all")

    ratio = Decimal("1e-07")
    assert asyncio.run(end()) == [
        {**WRITTEN, "ratio": ratio, "number": number} for number in (7, 8)
    ]
