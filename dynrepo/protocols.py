"""The contract as types: what domain code may ask of a repository, and wiring may do to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    import logging
    from collections.abc import Hashable

    from opentelemetry.trace import Tracer, TracerProvider

    from dynrepo.health import Health
    from dynrepo.instrumentation.statsd import AnyStatsClient

T = TypeVar("T")


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


class ItemStoreProvider(ItemStore[T], Protocol[T]):
    """An `ItemStore` that can be given its instruments and told to connect."""

    def use_logger(self, logger: logging.Logger, /) -> None:
        """Sends log lines to a logger."""
        ...

    def use_metrics(self, client: AnyStatsClient, /) -> None:
        """Sends timings and counters to a StatsD client."""
        ...

    def use_tracer(self, tracer: Tracer | TracerProvider, /) -> None:
        """Makes spans with a tracer."""
        ...

    def connect(self) -> Any:
        """Connects now, and raises when the table cannot be reached."""
        ...
