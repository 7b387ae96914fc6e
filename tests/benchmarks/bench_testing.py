"""What a store for tests costs: to the first call, and for each call after it.

`python -m tests.benchmarks.bench_testing`: dynrepo in memory, dynrepo over moto in this process,
and, where it is installed, dynamoxy's client in memory. Every contestant starts in a process of its
own, with its imports; all run in turn, and the median of the rounds is shown. Nothing here is a
test.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CALLS = {"memory": 1000, "moto": 100, "dynamoxy": 1000}
ROUNDS = 3


def memory(calls: int) -> dict[str, float]:
    """Our store in memory."""
    return _dynrepo(calls, in_memory=True)


def moto(calls: int) -> dict[str, float]:
    """Our store for DynamoDB, answered by moto in this process."""
    from moto import mock_aws  # noqa: PLC0415

    with mock_aws():
        return _dynrepo(calls, in_memory=False)


def _dynrepo(calls: int, *, in_memory: bool) -> dict[str, float]:
    from pydantic import BaseModel  # noqa: PLC0415

    from dynrepo import DynamoStore, PartitionKey, Repository  # noqa: PLC0415
    from dynrepo.testing.memory import MemoryStore  # noqa: PLC0415

    class User(BaseModel):
        user_id: Annotated[str, PartitionKey()]
        email: Annotated[str, PartitionKey(index="by_email")]
        name: str
        visits: int = 0

    class Users(Repository[User]):
        table = "users"

    imported = time.perf_counter()
    users = Users(MemoryStore() if in_memory else DynamoStore(region="eu-west-1"))
    users.create_table()
    ada = users.set(User(user_id="1", email="ada@example.org", name="Ada"))
    first = time.perf_counter() - imported
    fields = Users.fields
    return {
        "first": first,
        "set": _each(calls, lambda: users.set(ada)),
        "get": _each(calls, lambda: users.get("1")),
        "update": _each(calls, lambda: users.update("1", fields.visits.add(1))),
        "query": _each(
            calls, lambda: users.query(fields.email == "ada@example.org", index="by_email").all()
        ),
    }


def _each(calls: int, call: Callable[[], Any]) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - started) / calls


def dynamoxy(calls: int) -> dict[str, float]:
    """The client of dynamoxy in memory, which is written in Rust and awaited."""
    return asyncio.run(_dynamoxy(calls))


async def _dynamoxy(calls: int) -> dict[str, float]:
    peer: Any = importlib.import_module("dynamoxy")
    testing: Any = importlib.import_module("dynamoxy.testing")
    made = {
        "__annotations__": {
            name: peer.Attr[kind]
            for name, kind in {"user_id": str, "email": str, "name": str, "visits": int}.items()
        },
        "__module__": __name__,
        "user_id": peer.partition_key(),
        "email": peer.field(),
        "name": peer.field(),
        "visits": peer.field(default=0),
        "by_email": peer.GlobalIndex(partition_key="email"),
    }
    user: Any = type(peer.Model)("User", (peer.Model,), made, table="users")
    imported = time.perf_counter()
    async with testing.memory_client() as client:
        await client.create_tables(user)
        users = client.repository(user)
        ada = user(user_id="1", email="ada@example.org", name="Ada")
        await users.put(ada)
        took = {"first": time.perf_counter() - imported}
        verbs: dict[str, Callable[[], Any]] = {
            "set": lambda: users.put(ada),
            "get": lambda: users.get("1"),
            "update": lambda: users.update({"user_id": "1"}, user.visits.add(1)),
            "query": lambda: users.query(index="by_email", email="ada@example.org").all(),
        }
        for name, verb in verbs.items():
            started = time.perf_counter()
            for _ in range(calls):
                await verb()
            took[name] = (time.perf_counter() - started) / calls
        return took


def main() -> None:
    """Runs everybody in turn, and prints the medians."""
    names = [name for name in CALLS if name != "dynamoxy" or importlib.util.find_spec("dynamoxy")]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            found[name].append(_alone(name))
    print(f"{'µs':10}", *(f"{verb:>10}" for verb in ("first", "set", "get", "update", "query")))
    for name, rounds in found.items():
        medians = [statistics.median(one[verb] for one in rounds) for verb in rounds[0]]
        print(f"{name:10}", *(f"{seconds * 1e6:10.0f}" for seconds in medians))


def _alone(name: str) -> dict[str, float]:
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_testing", name],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    if len(sys.argv) > 1:
        contestants = {"memory": memory, "moto": moto, "dynamoxy": dynamoxy}
        print(json.dumps(contestants[sys.argv[1]](CALLS[sys.argv[1]])))
    else:
        main()
