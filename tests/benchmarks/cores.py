"""What a call costs when client and server have a core each, as they have where they are used.

A client that waits for its answer lets its core fall asleep, and is charged with waking it: the
ratios of a shared core leave that out. The items are such as another program writes them, and a
StatsD daemon listens. Beside boto3's raw client and dynrepo stand two that nobody would use: a bare
socket, which sends a request that lies ready and reads the answer as JSON, and `sketch`.

The parts of a get are differences within a round, between calls of which one leaves a part out:
signing is what an exchange of the sketch takes more when it signs, reading the model what a get
takes more than one whose model is the item's keys, and instruments what a get takes more than one
without them. `python -m tests.benchmarks.cores CLIENT PORT` is the process of one.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from operator import sub
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, SortKey
from tests.benchmarks.canned import FOREIGN, foreign_item
from tests.benchmarks.measure import SLICE, markdown, median_ratio, server
from tests.benchmarks.peers import KEY, Peer, User, repositories, times
from tests.benchmarks.race import BASE, least, measure, racer
from tests.benchmarks.sketch import Sketch, read, wire

if TYPE_CHECKING:
    from collections.abc import Generator

Costs: TypeAlias = dict[str, list[float]]
Figures: TypeAlias = dict[str, Costs]

OPERATIONS = ("get", "put", "delete")
PAIR = ("user-1", "00000000")
ASKED: dict[str, Any] = {"TableName": FOREIGN, "Key": KEY}
STORED: dict[str, Any] = {"TableName": FOREIGN, "Item": foreign_item(0)}


class ForeignUsers(Repository[User]):
    """Items that another program has written."""

    table = FOREIGN


class Keys(BaseModel):
    """What is left of them when nothing but the keys is read."""

    pk: Annotated[str, PartitionKey()]
    sk: Annotated[str, SortKey()]


class ForeignKeys(Repository[Keys]):
    """The same items."""

    table = FOREIGN


CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
"""What this process may use when it starts."""


def cores(rounds: int) -> str:
    """The ratios, and the parts of a get, as Markdown."""
    if len(CORES) < 2:
        return "client and server on a core each: this process may not use two"
    with _a_core_each() as port:
        figures = _measured(port, rounds)
    parts = figures.pop("parts of a get")
    return f"{_table(figures)}\n\n{_shares(parts, figures[BASE]['get'])}"


@contextmanager
def _a_core_each() -> Generator[int]:
    """The port of a server on a core of its own; what is started meanwhile runs on another one."""
    before = os.sched_getaffinity(0)
    client, its_server, *_ = CORES
    os.sched_setaffinity(0, {its_server})
    try:
        with server() as port:
            os.sched_setaffinity(0, {client})
            yield port
    finally:
        os.sched_setaffinity(0, before)


def _measured(port: int, rounds: int) -> Figures:
    figures: Figures = {name: defaultdict(list) for name in CLIENTS}
    with ExitStack() as ending:
        racers = {name: ending.enter_context(racer(_command(name, port))) for name in CLIENTS}
        pairs = [(name, operation) for name in racers for operation in racers[name].operations]
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            for (name, operation), cost in least(racers, pairs).items():
                figures[name][operation].append(cost)
    return figures


def _command(name: str, port: int) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.cores", name, str(port)]


def _boto3(port: int) -> Peer:
    import boto3  # noqa: PLC0415

    client = boto3.client("dynamodb", endpoint_url=f"http://127.0.0.1:{port}")
    return {
        "get": times(lambda: client.get_item(**ASKED)),
        "put": times(lambda: client.put_item(**STORED)),
        "delete": times(lambda: client.delete_item(**ASKED)),
    }


def _dynrepo(port: int) -> Peer:
    (users,) = repositories(f"http://127.0.0.1:{port}", ForeignUsers, statsd_port=port)
    user = users.require(PAIR)
    return {
        "get": times(lambda: users.get(PAIR)),
        "put": times(lambda: users.set(user)),
        "delete": times(lambda: users.delete(PAIR)),
    }


def _bare(port: int) -> Peer:
    sketch = Sketch(port)
    requests = {
        "get": sketch.request("GetItem", json.dumps(ASKED).encode()),
        "put": sketch.request("PutItem", json.dumps(STORED).encode()),
        "delete": sketch.request("DeleteItem", json.dumps(ASKED).encode()),
    }

    def exchange(operation: str) -> Any:
        return json.loads(sketch.exchange(requests[operation]))

    return {
        "get": times(lambda: exchange("get")),
        "put": times(lambda: exchange("put")),
        "delete": times(lambda: exchange("delete")),
    }


def _sketch(port: int) -> Peer:
    sketch = Sketch(port)
    user = read(User, foreign_item(0))
    return {
        "get": times(lambda: read(User, sketch.call("GetItem", ASKED)["Item"])),
        "put": times(lambda: sketch.call("PutItem", {"TableName": FOREIGN, "Item": wire(user)})),
        "delete": times(lambda: sketch.call("DeleteItem", ASKED)),
    }


def _parts(port: int) -> Peer:
    """Gets of which each leaves something out."""
    url, sketch = f"http://127.0.0.1:{port}", Sketch(port)
    users, keys = repositories(url, ForeignUsers, ForeignKeys, statsd_port=port)
    (silent,) = repositories(url, ForeignUsers)
    silent.use_instruments()
    body = json.dumps(ASKED).encode()
    ready = sketch.request("GetItem", body)
    return {
        "all": times(lambda: users.get(PAIR)),
        "exchange": times(lambda: sketch.exchange(ready)),
        "signed exchange": times(lambda: sketch.exchange(sketch.request("GetItem", body))),
        "of keys": times(lambda: keys.get(PAIR)),
        "without instruments": times(lambda: silent.get(PAIR)),
    }


CLIENTS = {
    BASE: _boto3,
    "dynrepo": _dynrepo,
    "bare socket": _bare,
    "sketch": _sketch,
    "parts of a get": _parts,
}


def _table(figures: Figures) -> str:
    head = ["a core each", *OPERATIONS, *[f"{operation}, µs" for operation in OPERATIONS]]
    return markdown(head, [_row(name, costs, figures[BASE]) for name, costs in figures.items()])


def _row(name: str, costs: Costs, base: Costs) -> list[str]:
    ratios = [median_ratio(costs[operation], base[operation]) for operation in OPERATIONS]
    medians = [statistics.median(costs[operation]) * 1e6 for operation in OPERATIONS]
    return [name, *[f"{ratio:.2f}" for ratio in ratios], *[f"{value:,.0f}" for value in medians]]


def _shares(parts: Costs, base: list[float]) -> str:
    every = parts["all"]
    shares = {
        "exchange": parts["exchange"],
        "signing": [*map(sub, parts["signed exchange"], parts["exchange"])],
        "reading the model": [*map(sub, every, parts["of keys"])],
        "instruments": [*map(sub, every, parts["without instruments"])],
    }
    known = zip(*shares.values(), strict=True)
    shares["all else"] = [*map(sub, every, map(sum, known))]
    return markdown(
        ["part of a get", "µs", "to boto3's get"],
        [
            [name, f"{statistics.median(costs) * 1e6:.0f}", f"{median_ratio(costs, base):.3f}"]
            for name, costs in {**shares, "all": every}.items()
        ],
    )


if __name__ == "__main__":
    measure(CLIENTS[sys.argv[1]](int(sys.argv[2])), SLICE / 2)
