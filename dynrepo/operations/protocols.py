"""The contracts as types: of a store below a repository, and of a repository above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from dynrepo.public import public

if TYPE_CHECKING:
    import logging
    from collections.abc import Hashable

    from opentelemetry.trace import Tracer, TracerProvider

    from dynrepo.operations.health import Health
    from dynrepo.operations.operation import Answer, Location, Operation

T = TypeVar("T")


class PlacedStore(Protocol):
    """What a store of either face says of itself: where it is, and how long a call may take."""

    @property
    def table_prefix(self) -> str:
        """What every table name starts with."""
        ...

    @property
    def location(self) -> Location:
        """Where the requests go, as far as it is known; never raises.

        Stores of one location hold the same tables, unless it is `Location()`: then it is unknown.
        """
        ...

    @property
    def deadline(self) -> float:
        """Seconds that a call may take, with all its attempts."""
        ...


@public
class Store(PlacedStore, Protocol):
    """What a repository needs below it.

    `dynrepo.ForwardingStore` has all of it, to be the base of a store that stands before another.
    """

    def sleep(self, seconds: float, /) -> None:
        """Waits, between the requests of a verb."""
        ...

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation; raises a `DynrepoError`, and nothing else, when it is not done."""
        ...


@public
class AsyncStore(PlacedStore, Protocol):
    """What an asynchronous repository needs below it.

    `dynrepo.AsyncForwardingStore` has all of it, to be the base of a store that stands before
    another.
    """

    async def sleep_async(self, seconds: float, /) -> None:
        """Waits, between the requests of a verb."""
        ...

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation; raises a `DynrepoError`, and nothing else, when it is not done."""
        ...


@public
class ItemStore(Protocol[T]):
    """Get, set, delete and health: all that domain code needs; every `Repository[T]` is one."""

    def get(self, key: Hashable | T, /) -> T | None:
        """The item under a key, or None."""
        ...

    def set(self, item: T, /) -> T:
        """Creates or replaces an item."""
        ...

    def delete(self, key: Hashable | T, /) -> T | None:
        """Deletes the item under a key and returns it; None when there was none."""
        ...

    def health_check(self) -> Health:
        """Whether the table can serve; never raises."""
        ...


@public
class AsyncItemStore(Protocol[T]):
    """Get, set, delete and health: all that domain code needs; each `AsyncRepository[T]` is one."""

    async def get(self, key: Hashable | T, /) -> T | None:
        """The item under a key, or None."""
        ...

    async def set(self, item: T, /) -> T:
        """Creates or replaces an item."""
        ...

    async def delete(self, key: Hashable | T, /) -> T | None:
        """Deletes the item under a key and returns it; None when there was none."""
        ...

    async def health_check(self) -> Health:
        """Whether the table can serve; never raises."""
        ...


class StatsClient(Protocol):
    """What is used of a plain StatsD client; `statsd.StatsClient` is one.

    Where it has a `pipeline` too, the lines of a call leave in one datagram.
    """

    def timing(self, stat: str, delta: float, rate: Any = 1, /) -> object:
        """Sends a timing in milliseconds."""
        ...

    def incr(self, stat: str, count: Any = 1, rate: Any = 1, /) -> object:
        """Counts."""
        ...


class TaggedClient(Protocol):
    """What is used of a client that sends tags; `datadog.DogStatsd` is one."""

    def timing(
        self, metric: str, value: float, tags: Any = None, sample_rate: Any = None, /
    ) -> object:
        """Sends a timing in milliseconds."""
        ...

    def increment(
        self, metric: str, value: Any = 1, tags: Any = None, sample_rate: Any = None, /
    ) -> object:
        """Counts."""
        ...


AnyStatsClient: TypeAlias = StatsClient | TaggedClient


class Instrumented(Protocol):
    """What can be given its instruments, in either face."""

    def use_logger(self, logger: logging.Logger, /) -> None:
        """Sends log lines to a logger."""
        ...

    def use_metrics(self, client: AnyStatsClient, /) -> None:
        """Sends timings and counters to a StatsD client."""
        ...

    def use_tracer(self, tracer: Tracer | TracerProvider, /) -> None:
        """Makes spans with a tracer."""
        ...


@public
class ItemStoreProvider(ItemStore[T], Instrumented, Protocol[T]):
    """An `ItemStore` that can be given its instruments and told to connect."""

    def connect(self) -> Any:
        """Connects now, and raises when the table cannot be reached."""
        ...


@public
class AsyncItemStoreProvider(AsyncItemStore[T], Instrumented, Protocol[T]):
    """An `AsyncItemStore` that can be given its instruments and told to connect."""

    async def connect(self) -> Any:
        """Connects now, and raises when the table cannot be reached."""
        ...
