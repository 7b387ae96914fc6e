"""A process that uses a store, forks, and lets parent and children go on with it at once.

Run by a test as a program: `forked.py ENDPOINT PREFIX KIND ROUNDS`. Prints what went wrong.
"""

from __future__ import annotations

import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pynamodb.connection import Connection

from dynrepo import DynamoStore
from dynrepo.testing.engine import Engine
from tests.faults.ledger import Entries, new_account
from tests.faults.verbs import entry

if TYPE_CHECKING:
    from collections.abc import Iterator

CHILDREN = 2
READS = 10
AMONG_THREADS = ("-W", "ignore:This process:DeprecationWarning")
"""Options of a Python that forks while other threads run: 3.12 warns of it, and it is the case."""


def store(endpoint: str, prefix: str, kind: str) -> DynamoStore:
    """A store that sends as `kind` says; `given` uses a connection of the caller's."""
    if kind == "given":
        connection = Connection(region=Engine.region, host=endpoint)
        return DynamoStore(connection=connection, table_prefix=prefix)
    return DynamoStore(
        endpoint=endpoint,
        region=Engine.region,
        table_prefix=prefix,
        transport="botocore" if kind == "botocore" else "auto",
    )


def wrong(entries: Entries, account: str) -> Iterator[str]:
    """What is not as one's own account has it, read by two threads."""

    def read(number: int) -> str | None:
        found = entries.get((account, number % 5))
        return None if found == entry(account, number % 5, number % 5) else f"read {found!r}"

    with ThreadPoolExecutor(2) as pool:
        yield from filter(None, pool.map(read, range(READS)))


def main(endpoint: str, prefix: str, kind: str, rounds: int) -> None:
    """Forks so many times, from a store whose sockets are warm."""
    # A call that a busy machine makes slow is a warning, and nothing that went wrong.
    logging.getLogger("dynrepo").setLevel(logging.ERROR)
    entries = Entries(store(endpoint, prefix, kind))
    for _ in range(rounds):
        accounts = [new_account() for _ in range(CHILDREN + 1)]
        for account in accounts:
            entries.set_many(entry(account, number, number, 0) for number in range(5))
        children = []
        for account in accounts[1:]:
            child = os.fork()
            if child == 0:
                complaints = list(wrong(entries, account))
                os.write(1, "".join(f"child {line}\n" for line in complaints).encode())
                os._exit(0)
            children.append(child)
        for line in wrong(entries, accounts[0]):
            os.write(1, f"parent {line}\n".encode())
        for child in children:
            if os.waitpid(child, 0)[1]:
                os.write(1, b"a child died\n")


if __name__ == "__main__":
    main(*sys.argv[1:4], int(sys.argv[4]))
