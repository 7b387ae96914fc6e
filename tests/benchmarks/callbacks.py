"""How long a call keeps the loop: the longest callback in CPU time of the loop's thread.

Each process makes a first call, then some of each kind that are warm, and calls that have to wait
for new credentials. `python -m tests.benchmarks.callbacks URL` prints, as JSON, the CPU seconds of
every callback of every call.
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
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias
from unittest.mock import patch

from dynrepo import AsyncDynamoStore, AsyncRepository
from tests.benchmarks.async_peers import PAIRS, dynrepo
from tests.benchmarks.canned import TABLE
from tests.benchmarks.measure import markdown
from tests.benchmarks.peers import OPERATIONS, User

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

Seconds: TypeAlias = dict[str, list[list[float]]]
"""By kind: for each call what each of its callbacks took."""

TIMES = {"get": 200, "put": 200, "1 MB page": 5, "batch get 100": 20}
REFRESHES = 3
LIFE = 2
"""Seconds after which each call has to wait for new credentials."""

FIRST, REFRESH = "first call of a process", "call with new credentials"

_PROVIDER = f"""
import json, datetime
ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds={LIFE})
keys = dict(Version=1, AccessKeyId="made-up", SecretAccessKey="made-up", SessionToken="made-up")
print(json.dumps(dict(keys, Expiration=ends.isoformat())))
"""


class ReadUsers(AsyncRepository[User]):
    """The items of the server's table."""

    table = TABLE


def callbacks(url: str, rounds: int) -> str:
    """The longest callbacks, as Markdown."""
    found: Seconds = {}
    for _ in range(rounds):
        for kind, calls in _in_a_process(url).items():
            found.setdefault(kind, []).extend(calls)
    head = ["the loop's thread", "callbacks", "longest, ms", "longest of all calls, ms"]
    return markdown(head, [_row(kind, calls) for kind, calls in found.items()])


def _row(kind: str, calls: list[list[float]]) -> list[str]:
    longest = [max(call) * 1e3 for call in calls]
    number = statistics.median(map(len, calls))
    return [kind, f"{number:.0f}", f"{statistics.median(longest):.2f}", f"{max(longest):.2f}"]


def _in_a_process(url: str) -> Seconds:
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.callbacks", url]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(answer)  # type: ignore[no-any-return]


@contextmanager
def timed() -> Generator[list[float]]:
    """The CPU seconds of each callback that a loop of asyncio runs in this thread meanwhile."""
    seconds: list[float] = []
    run: Callable[[asyncio.Handle], None] = asyncio.Handle._run

    def timing(handle: asyncio.Handle) -> None:
        before = time.thread_time()
        try:
            run(handle)
        finally:
            seconds.append(time.thread_time() - before)

    with patch.object(asyncio.Handle, "_run", timing):
        yield seconds


async def _times(number: int, call: Callable[[], Any]) -> list[list[float]]:
    found = []
    for _ in range(number):
        with timed() as seconds:
            await asyncio.sleep(0)
            await call()
            await asyncio.sleep(0)
        found.append(seconds)
    return found


async def _calls(url: str) -> Seconds:
    users = ReadUsers(AsyncDynamoStore(endpoint=url))
    found: Seconds = {FIRST: await _times(1, lambda: users.get(PAIRS[0]))}
    peer = dict(zip(OPERATIONS, await dynrepo(url), strict=True))
    for name, number in TIMES.items():
        await peer[name]()
        found[name] = await _times(number, peer[name])
    return found


async def _refreshes(url: str) -> list[list[float]]:
    get, *_ = await dynrepo(url)
    found = []
    for _ in range(REFRESHES):
        await asyncio.sleep(LIFE)
        found += await _times(1, get)
    return found


def _run(main: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(main)


def main(url: str) -> None:
    """Makes the calls and prints what was found."""
    found = _run(_calls(url))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ.pop(name)
    with TemporaryDirectory() as folder:
        provider, config = Path(folder, "provider.py"), Path(folder, "config")
        provider.write_text(_PROVIDER, "utf-8")
        config.write_text(f"[default]\ncredential_process = {sys.executable} {provider}\n", "utf-8")
        os.environ["AWS_CONFIG_FILE"] = str(config)
        found[REFRESH] = _run(_refreshes(url))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
