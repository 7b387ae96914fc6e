"""What a process has to send with: the connections, retries and senders of its stores.

They belong to no call. Pools and stores are listed here, weakly, and tell of themselves when
metrics are collected; for how long connections were in use is kept until then.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar
from weakref import WeakSet

if TYPE_CHECKING:
    from dynrepo.operations.operation import Location
    from dynrepo.sending.sender_used import SenderUsed

T = TypeVar("T")

KEPT = 10_000
"""Uses of connections that are kept between two collections: the last ones."""


class PoolState(NamedTuple):
    """The connections of a pool at a moment, and how many requests wait for one.

    `name` is `host:port` of the endpoint. `most` are the connections that there may be, and
    `most_idle` those that are kept; None where there is no such limit.
    """

    name: str
    idle: int
    used: int
    pending: int = 0
    most: int | None = None
    most_idle: int | None = None


class StoreState(NamedTuple):
    """Where a store sends, by whom, and the retries that its calls may still make together."""

    location: Location
    sender: SenderUsed | None
    retries_left: float


class WatchedPool(Protocol):
    """A pool of connections."""

    def state(self) -> PoolState:
        """Its connections now."""
        ...


class WatchedStore(Protocol):
    """A store over DynamoDB."""

    def state(self) -> StoreState | None:
        """What it has now; None where it has sent nothing yet. Waits for nothing."""
        ...


pools: WeakSet[WatchedPool] = WeakSet()
stores: WeakSet[WatchedStore] = WeakSet()

Uses = deque[tuple[str, float]]
"""Names of pools, and the seconds for which a connection of theirs was in use."""

collectors: list[Uses] = []
"""One for each that collects metrics; empty where nobody does."""


def collector() -> Uses:
    """Where uses of connections are kept from now on, for one who collects them."""
    uses: Uses = deque(maxlen=KEPT)
    collectors.append(uses)
    return uses


def note_use(pool: str, seconds: float) -> None:
    """Keeps for how long a connection of a pool was in use."""
    for uses in collectors:
        uses.append((pool, seconds))


def alive(listed: WeakSet[T]) -> list[T]:
    """What is listed and still there."""
    while True:
        try:
            return list(listed)
        except RuntimeError:  # another thread has added to it
            continue
