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
    """What a repository needs below it; `ForwardingStore` is the base of one before another."""

    def sleep(self, seconds: float, /) -> None:
        """Waits, between the requests of a verb.

        Args:
            seconds: For how long; a fake need not wait.
        """
        ...

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation, and says truly what came of it.

        Args:
            operation: The request, and what sending it twice would do.

        Returns:
            What the engine answered.

        Raises:
            DynrepoError: It is not done; nothing else is raised.
        """
        ...


@public
class AsyncStore(PlacedStore, Protocol):
    """What an asynchronous repository needs below it; `AsyncForwardingStore` is a base for one."""

    async def sleep_async(self, seconds: float, /) -> None:
        """Waits, between the requests of a verb.

        Args:
            seconds: For how long; a fake need not wait.
        """
        ...

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation, and says truly what came of it.

        Args:
            operation: The request, and what sending it twice would do.

        Returns:
            What the engine answered.

        Raises:
            DynrepoError: It is not done; nothing else is raised.
        """
        ...


@public
class ItemStore(Protocol[T]):
    """Get, set, delete and health: all that domain code needs; every `Repository[T]` is one."""

    def get(self, key: Hashable | T, /) -> T | None:
        """Reads the item under a key.

        Args:
            key: The key, or an instance that has it.

        Returns:
            The item, or None where nothing is stored under the key.

        Raises:
            DynrepoError: It could not be read.
        """
        ...

    def set(self, item: T, /) -> T:
        """Creates or replaces an item.

        Args:
            item: An instance of the model.

        Returns:
            The item as it is stored: its version and times may be newer.

        Raises:
            DynrepoError: It was not written, or may not have been.
        """
        ...

    def delete(self, key: Hashable | T, /) -> T | None:
        """Deletes the item under a key.

        Args:
            key: The key, or an instance that has it.

        Returns:
            The item that was deleted; None where there was none.

        Raises:
            DynrepoError: It was not deleted, or may not have been.
        """
        ...

    def health_check(self) -> Health:
        """Asks whether the table can serve; never raises.

        Returns:
            `UP`, `DEGRADED` or `DOWN`, with details.
        """
        ...


@public
class AsyncItemStore(Protocol[T]):
    """Get, set, delete and health: all that domain code needs; each `AsyncRepository[T]` is one."""

    async def get(self, key: Hashable | T, /) -> T | None:
        """Reads the item under a key.

        Args:
            key: The key, or an instance that has it.

        Returns:
            The item, or None where nothing is stored under the key.

        Raises:
            DynrepoError: It could not be read.
        """
        ...

    async def set(self, item: T, /) -> T:
        """Creates or replaces an item.

        Args:
            item: An instance of the model.

        Returns:
            The item as it is stored: its version and times may be newer.

        Raises:
            DynrepoError: It was not written, or may not have been.
        """
        ...

    async def delete(self, key: Hashable | T, /) -> T | None:
        """Deletes the item under a key.

        Args:
            key: The key, or an instance that has it.

        Returns:
            The item that was deleted; None where there was none.

        Raises:
            DynrepoError: It was not deleted, or may not have been.
        """
        ...

    async def health_check(self) -> Health:
        """Asks whether the table can serve; never raises.

        Returns:
            `UP`, `DEGRADED` or `DOWN`, with details.
        """
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
        """Sends log lines to a logger.

        Args:
            logger: One of the standard library.
        """
        ...

    def use_metrics(self, client: AnyStatsClient, /) -> None:
        """Sends timings and counters to a StatsD client.

        Args:
            client: A plain StatsD client, or one that sends tags.
        """
        ...

    def use_tracer(self, tracer: Tracer | TracerProvider, /) -> None:
        """Makes spans with a tracer of OpenTelemetry.

        Args:
            tracer: The tracer, or the provider that one is asked of.
        """
        ...


@public
class ItemStoreProvider(ItemStore[T], Instrumented, Protocol[T]):
    """An `ItemStore` that can be given its instruments and told to connect."""

    def connect(self) -> Any:
        """Connects now, and makes sure that the table is there.

        Returns:
            The repository itself.

        Raises:
            StoreError: The table cannot be reached, or is not there.
        """
        ...


@public
class AsyncItemStoreProvider(AsyncItemStore[T], Instrumented, Protocol[T]):
    """An `AsyncItemStore` that can be given its instruments and told to connect."""

    async def connect(self) -> Any:
        """Connects now, and makes sure that the table is there.

        Returns:
            The repository itself.

        Raises:
            StoreError: The table cannot be reached, or is not there.
        """
        ...
