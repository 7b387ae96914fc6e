"""Three processes with three threads each, that write through one store in bad weather.

Run by a test as a program: `stormed.py ENDPOINT PREFIX TRANSPORT SHARED`. Each thread writes
entries of its own account and the counters of the SHARED one, and prints, a line of JSON each,
what it was told: `[account, number, amount or null, said]`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

from dynrepo import DynamoStore, errors
from dynrepo.testing.engine import Engine
from tests.faults.ledger import Entries, Lines, new_account
from tests.faults.verbs import entry, one_more

if TYPE_CHECKING:
    from collections.abc import Callable

CHILDREN = 2
THREADS = 3
ROUNDS = 8
PLAIN, EXACT, LOCKED, EDITED, FREELY_EDITED = COUNTERS = 1, 2, 3, 4, 5
"""The counters of the shared account: added to, added to exactly once, saved by version, edited
with a version, and without one.
"""


def told(call: Callable[[], Any]) -> str:
    """What the library says of a call."""
    try:
        call()
    except errors.WrittenUnreadable:
        return "done"  # exactly once, and not read after it
    except errors.OutcomeUnknown:
        return "unknown"
    except (errors.ConditionFailed, errors.ItemNotFound):
        return "refused"
    except (errors.StoreError, errors.TransactionCanceled):
        return "not done"
    return "done"


def tell(account: str, number: int, amount: int | None, said: str) -> None:
    """One line, whole, whoever else writes."""
    os.write(1, (json.dumps([account, number, amount, said]) + "\n").encode())


def locked(entries: Entries, shared: str) -> str:
    """Adds one by reading and saving; a conflict is another's increment, and tried again."""
    while True:
        try:
            found = entries.require((shared, LOCKED), consistent=True)
        except errors.StoreError:
            continue
        said = told(lambda: entries.save(found.model_copy(update={"amount": found.amount + 1})))  # noqa: B023
        if said in ("done", "unknown"):
            return said


def write(entries: Entries, shared: str) -> None:
    """What one thread does."""
    own = new_account()
    add, lines = entries.fields.amount.add(1), Lines(entries.store, instruments=[])
    for number in range(ROUNDS):
        key = (own, number)
        said = told(lambda: entries.create(entry(own, number, 1, version=0)))  # noqa: B023
        tell(own, number, 1, said)
        tell(own, number, 2, told(lambda: entries.set(entry(own, number, 2, version=0))))  # noqa: B023
        if number % 2:
            tell(own, number, None, told(lambda: entries.delete(key)))  # noqa: B023
        tell(shared, PLAIN, 1, told(lambda: entries.update((shared, PLAIN), add)))
        once = told(lambda: entries.update((shared, EXACT), add, exactly_once=True))
        tell(shared, EXACT, 1, once)
        tell(shared, LOCKED, 1, locked(entries, shared))
        tell(shared, EDITED, 1, told(lambda: entries.edit((shared, EDITED), one_more)))
        tell(shared, FREELY_EDITED, 1, told(lambda: lines.edit((shared, FREELY_EDITED), one_more)))


def work(entries: Entries, shared: str) -> None:
    """What one process does."""
    threads = [threading.Thread(target=write, args=[entries, shared]) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(endpoint: str, prefix: str, transport: Any, shared: str) -> None:
    """Forks when the store is warm."""
    store = DynamoStore(
        endpoint=endpoint,
        region=Engine.region,
        table_prefix=prefix,
        connect_timeout=2.0,
        read_timeout=2.0,
        transport=transport,
    )
    entries = Entries(store, instruments=[])
    entries.exists((shared, PLAIN))
    children = []
    for _ in range(CHILDREN):
        child = os.fork()
        if child == 0:
            work(entries, shared)
            os._exit(0)
        children.append(child)
    work(entries, shared)
    for child in children:
        if os.waitpid(child, 0)[1]:
            sys.exit("a child died")


if __name__ == "__main__":
    main(*sys.argv[1:])
