"""Three processes with two threads each, that want the same few unique values in bad weather.

Run by a test as a program: `rivals.py ENDPOINT PREFIX TRANSPORT`. Each thread writes items of its
own, so that it knows what is stored of them, and prints, a line of JSON each, what it was told:
`[member_id, verb, value or null, said]`.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
from typing import TYPE_CHECKING, Any

from dynrepo import DynamoStore, errors
from dynrepo.testing.engine import Engine
from tests.members import Member, Members

if TYPE_CHECKING:
    from collections.abc import Callable

CHILDREN = 2
THREADS = 2
CALLS = 24
NICKS = ("n1", "n2", "n3", "n4", None)


def told(call: Callable[[], Any]) -> str:
    """What the library says of a call."""
    try:
        call()
    except errors.OutcomeUnknown:
        return "unknown"
    except errors.WrittenUnreadable:
        return "done"  # and not read after it
    except (errors.ConditionFailed, errors.ItemNotFound) as error:
        return type(error).__name__
    except errors.StoreError:
        return "not done"
    return "done"


def calls_of(members: Members, item: Member) -> dict[str, Callable[[], Any]]:
    """Each verb that takes a value, gives it back, or moves to another, for an item."""
    key, nick = item.member_id, item.nick
    field = members.fields.nick
    action = field.remove() if nick is None else field.set(nick)
    return {
        "create": lambda: members.create(item),
        "set": lambda: members.set(item),
        "save": lambda: members.save(item),
        "update": lambda: members.update(key, action),
        "update once": lambda: members.update(key, action, exactly_once=True),
        "edit": lambda: members.edit(key, lambda it: it.model_copy(update={"nick": nick})),
        "delete": lambda: members.delete(key),
    }


def write(members: Members, name: str) -> None:
    """What one thread does."""
    dice = random.Random(name)  # noqa: S311 - it need not be a secret
    for _ in range(CALLS):
        item = Member(member_id=f"{name}{dice.randint(1, 2)}", nick=dice.choice(NICKS))
        verb, call = dice.choice(list(calls_of(members, item).items()))
        nick = None if verb == "delete" else item.nick
        line = [item.member_id, verb, nick, told(call)]
        os.write(1, (json.dumps(line) + "\n").encode())  # whole, whoever else writes


def work(members: Members, process: str) -> None:
    """What one process does."""
    names = [f"{process}{number}-" for number in range(THREADS)]
    threads = [threading.Thread(target=write, args=[members, name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(endpoint: str, prefix: str, transport: Any) -> None:
    """Forks when the store is warm."""
    store = DynamoStore(
        endpoint=endpoint,
        region=Engine.region,
        table_prefix=prefix,
        connect_timeout=2.0,
        read_timeout=2.0,
        transport=transport,
    )
    members = Members(store, instruments=[])
    members.exists("nobody")
    children = []
    for number in range(CHILDREN):
        child = os.fork()
        if child == 0:
            work(members, f"child{number}-")
            os._exit(0)
        children.append(child)
    work(members, "parent-")
    for child in children:
        if os.waitpid(child, 0)[1]:
            sys.exit("a child died")


if __name__ == "__main__":
    main(*sys.argv[1:])
