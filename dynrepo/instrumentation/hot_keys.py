"""Which partition keys consume the most capacity of a table."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, cast

from dynrepo.instrumentation.charges import charges_of
from dynrepo.instrumentation.sketch import SpaceSaving
from dynrepo.operations.reports import report
from dynrepo.public import public

if TYPE_CHECKING:
    from dynrepo.codec import AttributeValue
    from dynrepo.instrumentation.call import Call
    from dynrepo.instrumentation.charges import Keyspace

SIZE = 1000
"""Keys that are kept of each table, and of each index that is queried."""

_SALT = token_bytes(32)
"""By which keys are hashed: of this process, and of those that are forked from it."""


@public
@dataclass(frozen=True, slots=True)
class HotKey:
    """A partition key and what it consumed.

    Attributes:
        table: The full name of the table.
        index: DynamoDB's name of the index that was queried by it; None for the table.
        key: A hash of it, or the key itself where that was asked for.
        units: Capacity units that it consumed at most.
        error: By how many units that may be too many: it consumed `units - error` at least.
    """

    table: str
    index: str | None
    key: str
    units: float
    error: float


@public
class HotKeys:
    """An instrument that keeps the partition keys which consume the most; safe for threads.

    ```python
    hot = HotKeys()
    users.use_instruments(*users.instruments, hot)
    ...
    print(hot)
    ```

    Of each table, and of each index that is queried, `size` keys are kept, however many there are.
    Of W units that a table consumed, each key is told with an error of W / `size` at most, and one
    that consumed more than W / `size` is surely among them.

    A key is told as a hash of 16 digits that nobody can try keys against: it is made with a secret
    of this process. `name_of` tells the hash of a key that you know.

    What counts is the consumed capacity that answers tell. A query is all for its partition; what
    a batch or a transaction consumed in a table is shared out evenly to its keys there. Left out
    are scans, which are of no key; failures, and engines that tell no capacity. Writes count for
    the key in the table, the part of its indexes included.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html

    Args:
        size: How many keys are kept of each table and index, 1 or more.
        hashed: With False keys are told as they are stored: personal data, perhaps.

    Raises:
        ValueError: `size` is no whole number of 1 or more.
        TypeError: `hashed` is no bool.
    """

    def __init__(self, *, size: int = SIZE, hashed: bool = True) -> None:
        given: Any = size
        if not (isinstance(given, int) and not isinstance(given, bool) and given >= 1):
            raise ValueError(f"size counts keys: at least 1, not {size!r}")
        told: Any = hashed
        if not isinstance(told, bool):
            raise TypeError(f"hashed is True or False, not {hashed!r}")
        self._size = size
        self._hashed = hashed
        self._sketches: dict[Keyspace, SpaceSaving] = {}
        self._lock = threading.Lock()

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Adds what the call consumed.

        Args:
            call: A call that has ended.
            begun: Not looked at.
        """
        charges = [
            (keyspace, self._name_of(key), units) for keyspace, key, units in charges_of(call)
        ]
        with self._lock:
            for keyspace, name, units in charges:
                sketch = self._sketches.get(keyspace)
                if sketch is None:
                    sketch = self._sketches[keyspace] = SpaceSaving(self._size)
                sketch.add(name, units)

    def top(self, count: int = 10, *, table: str | None = None) -> list[HotKey]:
        """The keys that consumed the most, the dearest first.

        Args:
            count: How many at most.
            table: The full name of one table; without it, those of all.

        Returns:
            The keys, with what each consumed.

        Raises:
            TypeError: `count` is no number of keys, as where a table is given without its name.
        """
        if not isinstance(cast("object", count), int):
            raise TypeError(f"top takes a number of keys, not {count!r}: write top(table=...)")
        with self._lock:
            found = [
                HotKey(keyspace.table, keyspace.index_name, key, units, error)
                for keyspace, sketch in self._sketches.items()
                if table in (None, keyspace.table)
                for key, units, error in sketch.heaviest(count)
            ]
        return sorted(found, key=lambda each: each.units, reverse=True)[:count]

    def name_of(self, stored: AttributeValue) -> str:
        """What a partition key is told as.

        Args:
            stored: The key as it is stored, `{"S": "user-1"}`: a number stands in a text, and what
                is binary in base64.

        Returns:
            Its hash in this process, or the key itself with `hashed=False`.

        Raises:
            TypeError: It is anything else, whose hash would be that of no key.
        """
        given: Any = stored
        match given:
            case {"S": str()} | {"N": str()} | {"B": str()} if len(given) == 1:
                return self._name_of(stored)
            case _:
                raise TypeError('name_of takes a key as it is stored: {"S": "a"}, a text for each')

    def _name_of(self, stored: AttributeValue) -> str:
        return _hash_of(stored) if self._hashed else _text_of(stored)

    def clear(self) -> None:
        """Begins anew, as for the next five minutes."""
        with self._lock:
            self._sketches.clear()

    def report(self, count: int = 10) -> str:
        """The keys of each table and index that consumed the most, for people.

        Args:
            count: How many at most of each table and index.

        Returns:
            A text of 80 columns.
        """
        with self._lock:
            told = [self._told(keyspace, count) for keyspace in self._sketches]
        return "\n".join(told) or "no call has told what it consumed"

    def __str__(self) -> str:
        return self.report()

    def _told(self, keyspace: Keyspace, count: int) -> str:
        sketch = self._sketches[keyspace]
        return report(
            f"{keyspace}: {sketch.total:,.1f} units; a key that is not kept has"
            f" {sketch.bound:,.1f} at most",
            [f"{units:>12,.1f}  {key}" for key, units, _ in sketch.heaviest(count)],
        )


def _hash_of(stored: AttributeValue) -> str:
    return blake2b(repr(stored).encode(), key=_SALT, digest_size=8).hexdigest()


def _text_of(stored: AttributeValue) -> str:
    return str(next(iter(stored.values())))
