"""Counts the modules that a warm call enters: `python -m tests.benchmarks.rooms [--json]`.

A *room* is a module of dynrepo that the call enters. A *move* is a call of a function of dynrepo
from another file than its own, the first call included. An *own call* is any call of a function of
dynrepo; a generator counts each time that it goes on, and on Python 3.11, where they are functions,
comprehensions count too: figures are compared on that version. Functions without a file are left
out: generated readers and writers, dataclasses and named tuples. Calls of PynamoDB stand beside.

The calls are those of a process that has imported the API of OpenTelemetry and no SDK, with the
instruments that a repository has by default, on a model of two strings for its key, a string and a
number. A server on loopback answers them, so that nothing of dynrepo is replaced. Each is recorded
several times after some that warm up, and the least is taken: once a second a signature is new.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import BaseModel

import dynrepo
from dynrepo import (
    AsyncDynamoStore,
    AsyncRepository,
    DynamoStore,
    PartitionKey,
    Repository,
    SortKey,
)
from tests.benchmarks.canned import TABLE, table_of
from tests.benchmarks.measure import ENVIRONMENT, markdown, server

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PACKAGE = str(Path(dynrepo.__file__).parent) + os.sep
KEY = ("user-1", "00000000")


class Visitor(BaseModel):
    """Four attributes of the server's items."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]
    name: str
    visits: int = 0


class Visitors(Repository[Visitor]):
    """The items of the server's table."""

    table = TABLE


class AwaitedVisitors(AsyncRepository[Visitor]):
    """The same, awaited."""

    table = TABLE


class Ten(Repository[Visitor]):
    """A table of ten items: a page of ten is the last."""

    table = table_of(10)


class Count(NamedTuple):
    """What a call entered."""

    rooms: int
    moves: int
    calls: int
    pynamodb: int


class Recorder:
    """Notes each call of a Python function as the files of caller and called."""

    def __init__(self) -> None:
        self.moves: list[tuple[str, str]] = []

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Takes what `sys.setprofile` tells."""
        if event == "call" and frame.f_back is not None:
            self.moves.append((frame.f_back.f_code.co_filename, frame.f_code.co_filename))

    def count(self) -> Count:
        """What was noted, counted."""
        own = [(caller, called) for caller, called in self.moves if called.startswith(PACKAGE)]
        return Count(
            rooms=len({called for _, called in own}),
            moves=sum(caller != called for caller, called in own),
            calls=len(own),
            pynamodb=sum(f"{os.sep}pynamodb{os.sep}" in called for _, called in self.moves),
        )


def recorded(call: Callable[[], Any]) -> Count:
    """Counts what a call enters, in threads that it starts as well."""
    recorder = Recorder()
    threading.setprofile(recorder)
    sys.setprofile(recorder)
    try:
        call()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return recorder.count()


def calls(url: str) -> dict[str, Callable[[], Any]]:
    """The calls that are counted, each on repositories of one store."""
    # The default instruments ask whether it is imported; other benchmarks measure without.
    import opentelemetry.metrics  # noqa: PLC0415
    import opentelemetry.trace  # noqa: F401, PLC0415

    store = DynamoStore(endpoint=url)
    visitors, ten = Visitors(store), Ten(store)
    visitor = visitors.require(KEY)
    return {
        "get": lambda: visitors.get(KEY),
        "set": lambda: visitors.set(visitor),
        "update(add)": lambda: visitors.update(KEY, visitors.fields.visits.add(1)),
        "query(cond, where=).page(10)": lambda: ten.query(
            ten.fields.pk == "user-1", where=ten.fields.visits > 3
        ).page(10),
        "get_many(1)": lambda: visitors.get_many([KEY]),
        "health_check": visitors.health_check,
        **_awaited(url),
    }


def _awaited(url: str) -> dict[str, Callable[[], Any]]:
    """Calls of the asynchronous face; a coroutine counts each time that it goes on."""
    visitors, loop = AwaitedVisitors(AsyncDynamoStore(endpoint=url)), asyncio.new_event_loop()
    visitor = loop.run_until_complete(visitors.require(KEY))
    return {
        "await get": lambda: loop.run_until_complete(visitors.get(KEY)),
        "await set": lambda: loop.run_until_complete(visitors.set(visitor)),
    }


def counts(url: str, *, warm: int = 3, times: int = 5) -> dict[str, Count]:
    """What each call enters once it is warm."""
    return {name: _least(call, warm, times) for name, call in calls(url).items()}


def _least(call: Callable[[], Any], warm: int, times: int) -> Count:
    for _ in range(warm):
        call()
    return min((recorded(call) for _ in range(times)), key=lambda count: count.calls)


def rooms(url: str) -> str:
    """The counts as Markdown."""
    head = ["warm call", "rooms", "moves", "own calls", "PynamoDB's calls"]
    return markdown(head, [[name, *map(str, count)] for name, count in counts(url).items()])


def main(*options: str) -> None:
    """Counts and prints, with `--json` as JSON."""
    os.environ.update(ENVIRONMENT)
    with server() as port:
        url = f"http://127.0.0.1:{port}"
        print(json.dumps(counts(url)) if "--json" in options else rooms(url))


if __name__ == "__main__":
    main(*sys.argv[1:])
