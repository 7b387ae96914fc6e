"""What a blocking repository costs in `asyncio.to_thread`, beside one that is awaited.

`python -m tests.benchmarks.bench_to_thread`: CPU time of a get, user and system, of the whole
client with its threads, by the number of tasks that call at once; and how long many gets take on
the wall where each answer takes its time. The server is a process of its own. Nothing here is a
test.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from zlib import crc32

from dynrepo import AsyncDynamoStore, AsyncRepository, DynamoStore, Repository
from tests.benchmarks.canned import TABLE, item
from tests.benchmarks.peers import User

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

CALLS = 3000
ROUNDS = 7
AT_ONCE = (1, 20, 100)
KEY = ("user-1", "00000000")


class Users(Repository[User]):
    """Calls block."""

    table = TABLE


class AsyncUsers(AsyncRepository[User]):
    """Calls are awaited."""

    table = TABLE


class Answering(asyncio.Protocol):
    """Answers each request with one item, after a while."""

    def __init__(self, seconds: float, answer: bytes) -> None:
        self._seconds = seconds
        self._answer = answer
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        """Takes a connection."""
        self._send = transport.write

    def data_received(self, data: bytes) -> None:
        """Answers where a request is whole."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end and len(body) == int(head.lower().partition(b"content-length: ")[2].split()[0]):
            self._received = b""
            asyncio.get_running_loop().call_later(self._seconds, self._send, self._answer)


async def serve(seconds: float) -> None:
    """Prints the port, and serves until it is killed."""
    capacity = {"TableName": TABLE, "CapacityUnits": 0.5}
    body = json.dumps({"ConsumedCapacity": capacity, "Item": item(0)}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nx-amz-crc32: {crc32(body)}\r\n\r\n"
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Answering(seconds, head.encode() + body), "127.0.0.1", 0, backlog=1000
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def both_faces(seconds: float) -> Iterator[tuple[Users, AsyncUsers]]:
    """Repositories on a server whose answers take so many seconds."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_to_thread", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        options: Any = {"endpoint": f"http://127.0.0.1:{server.stdout.readline().strip()}"}
        yield Users(DynamoStore(**options)), AsyncUsers(AsyncDynamoStore(**options))
        server.kill()


async def cpu_of(call: Callable[[], Awaitable[Any]], at_once: int) -> float:
    """Microseconds of CPU for a call, where so many tasks call again and again."""

    async def repeat() -> None:
        for _ in range(CALLS // at_once):
            await call()

    started = time.process_time()
    await asyncio.gather(*(repeat() for _ in range(at_once)))
    return (time.process_time() - started) / CALLS * 1e6


async def wall_of(call: Callable[[], Awaitable[Any]], number: int) -> float:
    """Seconds until so many calls are answered that were begun at once."""
    started = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(number)))
    return time.perf_counter() - started


async def costs(users: Users, async_users: AsyncUsers) -> None:
    """Prints the CPU time of a get, in each way, in medians of the rounds."""

    async def blocking() -> None:
        users.get(KEY)

    ways = {
        "users.get(key)": (blocking, (1,)),
        "asyncio.to_thread(users.get, key)": (lambda: asyncio.to_thread(users.get, KEY), AT_ONCE),
        "async_users.get(key)": (lambda: async_users.get(KEY), AT_ONCE),
    }
    taken: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS + 1):  # the first warms up
        for name, (call, widths) in ways.items():
            for width in widths:
                taken.setdefault((name, width), []).append(await cpu_of(call, width))
    for (name, width), figures in taken.items():
        print(f"{name:36}{width:5} at once {statistics.median(figures[1:]):7.0f} us")


async def waits(users: Users, async_users: AsyncUsers, number: int) -> None:
    """Prints how long so many gets take that are begun at once."""
    users.get(KEY), await async_users.get(KEY)
    for name, call in {
        "to_thread": lambda: asyncio.to_thread(users.get, KEY),
        "awaited": lambda: async_users.get(KEY),
    }.items():
        print(f"{number} gets at once, {name:10} {await wall_of(call, number):5.2f} s")


def main() -> None:
    """Measures, with made-up credentials."""
    os.environ.update(AWS_REGION="eu-west-1", AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x")
    with both_faces(0.2) as faces:
        asyncio.run(waits(*faces, 100))
    with both_faces(0) as faces:
        asyncio.run(costs(*faces))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(serve(float(sys.argv[1])))
    else:
        main()
