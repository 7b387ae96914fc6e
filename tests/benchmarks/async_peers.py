"""The asynchronous libraries, each doing the same seven things in its own way.

Each makes coroutine functions by operation, in the loop that they are to run in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Annotated, Any, TypeAlias

from tests.benchmarks.canned import PAGED, TABLE
from tests.benchmarks.peers import (
    KEY,
    KEYS,
    OPERATIONS,
    WIRE,
    Peer,
    User,
    pydynox_client,
    pydynox_model,
    serializers,
    statsd_client,
)

Made: TypeAlias = tuple[Callable[[], Awaitable[Any]], ...]
AsyncPeer: TypeAlias = Callable[[str], Awaitable[Made]]
"""Makes what does the seven things, in the order of their names."""

MANY = 100
"""Calls at once."""

PAIRS = [(key["pk"], key["sk"]) for key in KEYS]
_kept: list[Any] = []


def one_at_a_time(make: AsyncPeer, url: str) -> Peer:
    """Functions that do each of the things, one after the other, on a loop of asyncio."""
    loop = asyncio.new_event_loop()
    made = loop.run_until_complete(make(url))
    return {name: repeated(loop, function) for name, function in zip(OPERATIONS, made, strict=True)}


def repeated(loop: asyncio.AbstractEventLoop, call: Callable[[], Awaitable[Any]]) -> Any:
    """A function that awaits the same a given number of times."""

    async def repeat(number: int) -> None:
        for _ in range(number):
            await call()

    return lambda number: loop.run_until_complete(repeat(number))


def at_once(call: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """The same a hundred times at once."""

    async def gather() -> None:
        await asyncio.gather(*[call() for _ in range(MANY)])

    return gather


async def dynrepo(url: str) -> Made:
    """This library: validated models out, timed and counted as the blocking face is."""
    from dynrepo import AsyncDynamoStore, AsyncRepository  # noqa: PLC0415 - old ones have none

    class AsyncUsers(AsyncRepository[User]):
        table = TABLE

    class AsyncPages(AsyncRepository[User]):
        table = PAGED

    store, metrics = AsyncDynamoStore(endpoint=url), statsd_client()
    users, pages = AsyncUsers(store), AsyncPages(store)
    users.use_metrics(metrics)
    pages.use_metrics(metrics)
    ada = await users.require(PAIRS[0])
    several = [ada.model_copy(update=key) for key in KEYS[:25]]

    async def query(repository: Any) -> Any:
        return [user async for user in repository.query(repository.fields.pk == "user-1")]

    return (
        lambda: users.get(PAIRS[0]),
        lambda: users.set(ada),
        lambda: users.delete(PAIRS[0]),
        lambda: query(users),
        lambda: query(pages),
        lambda: users.get_many(PAIRS),
        lambda: users.set_many(several),
    )


async def aiobotocore(url: str) -> Made:
    """The asynchronous botocore, with boto3's serializers and a Pydantic model."""
    from aiobotocore.session import get_session  # noqa: PLC0415

    ending = AsyncExitStack()
    client = await ending.enter_async_context(
        get_session().create_client("dynamodb", region_name="eu-west-1", endpoint_url=url)
    )
    _kept.append(ending)
    read, wire, key = serializers()
    ada = read(WIRE)

    async def get() -> User:
        return read((await client.get_item(TableName=TABLE, Key=key(KEYS[0])))["Item"])

    async def query(table: str) -> Any:
        answer = await client.query(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": KEY["pk"]},
        )
        return [read(found) for found in answer["Items"]]

    async def batch_get() -> Any:
        keys = [key(pair) for pair in KEYS]
        answer = await client.batch_get_item(RequestItems={TABLE: {"Keys": keys}})
        return [read(found) for found in answer["Responses"][TABLE]]

    async def batch_write() -> Any:
        puts = [{"PutRequest": {"Item": wire(ada)}} for _ in range(25)]
        return await client.batch_write_item(RequestItems={TABLE: puts})

    return (
        get,
        lambda: client.put_item(TableName=TABLE, Item=wire(ada)),
        lambda: client.delete_item(TableName=TABLE, Key=key(KEYS[0])),
        lambda: query(TABLE),
        lambda: query(PAGED),
        batch_get,
        batch_write,
    )


async def aiodynamo(url: str) -> Made:
    """The client aiodynamo, over aiohttp, with a Pydantic model."""
    import aiohttp  # noqa: PLC0415
    from aiodynamo.client import Client  # noqa: PLC0415
    from aiodynamo.credentials import Key, StaticCredentials  # noqa: PLC0415
    from aiodynamo.expressions import HashKey  # noqa: PLC0415
    from aiodynamo.http.aiohttp import AIOHTTP  # noqa: PLC0415
    from aiodynamo.models import BatchGetRequest, BatchWriteRequest  # noqa: PLC0415
    from yarl import URL  # noqa: PLC0415

    credentials = StaticCredentials(Key("made-up", "made-up"))
    client = Client(AIOHTTP(aiohttp.ClientSession()), credentials, "eu-west-1", URL(url))
    users, pages = client.table(TABLE), client.table(PAGED)

    def values(user: User) -> Any:
        return {**user.model_dump(), "created": user.created.isoformat()}

    async def get() -> User:
        return User.model_validate(await users.get_item(KEYS[0]))

    async def query(table: Any) -> Any:
        found = table.query(HashKey("pk", "user-1"))
        return [User.model_validate(values) async for values in found]

    async def batch_get() -> Any:
        answer = await client.batch_get({TABLE: BatchGetRequest(keys=KEYS)})
        return [User.model_validate(values) for values in answer.items[TABLE]]

    async def batch_write() -> Any:
        puts = [values(ada) for _ in range(25)]
        return await client.batch_write({TABLE: BatchWriteRequest(items_to_put=puts)})

    ada = await get()
    return (
        get,
        lambda: users.put_item(values(ada)),
        lambda: users.delete_item(KEYS[0]),
        lambda: query(users),
        lambda: query(pages),
        batch_get,
        batch_write,
    )


async def pydynox(url: str) -> Made:
    """Models of its own over a Rust core."""
    from pydynox import BatchWriter  # noqa: PLC0415

    client = pydynox_client(url)
    users, pages = pydynox_model(client, TABLE), pydynox_model(client, PAGED)
    ada = await users.get(pk="user-1", sk="00000000")
    values = ada.to_dict()

    async def query(model: Any) -> Any:
        return [found async for found in model.query(partition_key="user-1")]

    async def batch_write() -> None:
        async with BatchWriter(client, TABLE) as batch:
            for key in KEYS[:25]:
                batch.put({**values, **key})

    return (
        lambda: users.get(pk="user-1", sk="00000000"),
        ada.save,
        ada.delete,
        lambda: query(users),
        lambda: query(pages),
        lambda: users.batch_get(KEYS),
        batch_write,
    )


async def dynamoxy(url: str) -> Made:
    """Pydantic models over a Rust core."""
    import dynamoxy as library  # noqa: PLC0415

    def declared(table: str) -> Any:
        keys = {
            "pk": Annotated[str, library.PartitionKey()],
            "sk": Annotated[str, library.SortKey()],
        }
        names = {name: info.annotation for name, info in User.model_fields.items()}
        body = {"__annotations__": {**names, "created": datetime, **keys}, "__module__": __name__}
        return type(library.PydanticModel)(
            "DynamoxyUser", (library.PydanticModel,), body, table=table
        )

    credentials = library.Credentials("made-up", "made-up")
    client = library.Client(region="eu-west-1", endpoint_url=url, credentials=credentials)
    _kept.append(client)
    model = declared(TABLE)
    users, pages = client.repository(model), client.repository(declared(PAGED))
    ada = await users.get(*PAIRS[0])
    several = [model(**{**ada.model_dump(), **key}) for key in KEYS[:25]]

    async def query(repository: Any) -> Any:
        return [found async for found in repository.query(pk="user-1")]

    return (
        lambda: users.get(*PAIRS[0]),
        lambda: users.put(ada),
        lambda: users.delete(PAIRS[0]),
        lambda: query(users),
        lambda: query(pages),
        lambda: users.batch_get(PAIRS),
        lambda: users.batch_put(several),
    )


ASYNC_PEERS: dict[str, AsyncPeer] = {
    "aiobotocore + serializers + Pydantic": aiobotocore,
    "aiodynamo + Pydantic": aiodynamo,
    "pydynox (Rust core)": pydynox,
    "dynamoxy (Rust core)": dynamoxy,
    "dynrepo": dynrepo,
}
