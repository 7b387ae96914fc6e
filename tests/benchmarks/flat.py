"""Whether cost stays flat: the time of an item, the memory of a scan, that of many gets at once.

`python -m tests.benchmarks.flat URL LIBRARY COUNT` scans a table of so many items, keeps none of
them, and prints by how many bytes the peak of its memory rose meanwhile.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import subprocess
import sys
import tracemalloc
from collections import deque
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dynrepo import DynamoStore, Repository
from tests.benchmarks.canned import TABLE, table_of
from tests.benchmarks.measure import cost, markdown
from tests.benchmarks.peers import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

READ = (10, 100, 1_000, 10_000)
AT_ONCE = (100, 1_000, 10_000)
PAIR = ("user-1", "00000000")
SCANNED = (1_000, 10_000, 100_000)


def time_of_an_item(url: str, rounds: int) -> str:
    """CPU time, as Markdown, by how many items a query reads over all its pages."""
    rows = []
    for name, reader in READERS.items():
        read = reader(url)
        cells = []
        for count in READ:
            repeat = _repeating(partial(read, "query", count))
            figures = [cost(repeat) / count for _ in range(rounds)]
            cells.append(f"{statistics.median(figures) * 1e6:.1f}")
        rows.append([name, *cells])
    return markdown(["µs for an item of", *[f"{count:,}" for count in READ]], rows)


def memory_of_a_scan(url: str, rounds: int) -> str:
    """What a process needs at most, as Markdown, by how many items it scans."""
    rows = []
    for name in READERS:
        cells = []
        for count in SCANNED:
            peaks = [_in_a_process(url, name, count) for _ in range(rounds)]
            cells.append(f"{statistics.median(peaks) / 2**20:.1f}")
        rows.append([name, *cells])
    return markdown(["MiB at most to scan", *[f"{count:,}" for count in SCANNED]], rows)


def memory_of_gets_at_once(url: str) -> str:
    """What the objects of gets take at most, as Markdown, by how many share ten connections."""
    cells = [f"{asyncio.run(_peak_at_once(url, count)) / 1024:.1f}" for count in AT_ONCE]
    head = ["KiB at most of a get, ten connections", *[f"{count:,} at once" for count in AT_ONCE]]
    return markdown(head, [["dynrepo, items dropped", *cells]])


async def _peak_at_once(url: str, count: int) -> float:
    from dynrepo import AsyncDynamoStore, AsyncRepository  # noqa: PLC0415 - old ones have none

    class AsyncUsers(AsyncRepository[User]):
        table = TABLE

    async def get() -> bool:
        return await users.get(PAIR) is not None

    async with AsyncDynamoStore(endpoint=url, pool_size=10) as store:
        users = AsyncUsers(store)
        await asyncio.gather(*[get() for _ in range(10)])
        tracemalloc.start()
        assert all(await asyncio.gather(*[get() for _ in range(count)]))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak / count


def _dynrepo(url: str) -> Callable[[str, int], Iterable[Any]]:
    store = DynamoStore(endpoint=url)

    @cache
    def many(count: int) -> Repository[User]:
        class Many(Repository[User]):
            table = table_of(count)

        return Many(store)

    def read(verb: str, count: int) -> Iterable[Any]:
        items = many(count)
        return items.scan() if verb == "scan" else items.query(items.fields.pk == "user-1")

    return read


def _boto3(url: str) -> Callable[[str, int], Iterable[Any]]:
    import boto3  # noqa: PLC0415

    client = boto3.client("dynamodb", endpoint_url=url)
    condition: Any = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "user-1"}},
    }

    def read(verb: str, count: int) -> Iterable[Any]:
        pages: Any = client.get_paginator(verb)
        options = condition if verb == "query" else {}
        for page in pages.paginate(TableName=table_of(count), **options):
            yield from page["Items"]

    return read


READERS = {"boto3, raw dicts": _boto3, "dynrepo": _dynrepo}


def _repeating(read: Callable[[], Iterable[Any]]) -> Callable[[int], None]:
    def repeat(number: int) -> None:
        for _ in range(number):
            deque(read(), maxlen=0)

    return repeat


def _in_a_process(url: str, name: str, count: int) -> int:
    command = [sys.executable, "-m", "tests.benchmarks.flat", url, name, str(count)]
    return int(subprocess.run(command, check=True, capture_output=True).stdout)


def _peak() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # the figure below is, on Linux, that of the parent, if it was larger
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _scan(url: str, name: str, count: int) -> None:
    read = READERS[name](url)
    deque(read("scan", 10), maxlen=0)  # what the first call makes and imports is no part of it
    before = _peak()
    deque(read("scan", count), maxlen=0)
    print(_peak() - before)


if __name__ == "__main__":
    _scan(sys.argv[1], sys.argv[2], int(sys.argv[3]))
