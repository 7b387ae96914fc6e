"""What type checkers know of the container and the instruments; checked, never run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, assert_type

import statsd
from opentelemetry import trace

from dynrepo import (
    AsyncContainer,
    AsyncDynamoStore,
    Call,
    Container,
    Cost,
    DynamoStore,
    Health,
    ItemStoreProvider,
    Usage,
    usage,
)
from models.user import AsyncUsers, User, Users

if TYPE_CHECKING:
    from dynrepo.instrumentation import Instrument
    from dynrepo.instrumentation.usage import UsageKey
    from dynrepo.testing import MemoryStore


class Slowest:
    """An instrument needs no base class."""

    def finished(self, call: Call, begun: Any, /) -> None:
        """Does nothing."""


class Half:
    """Not an instrument: it hears of beginnings only."""

    def started(self, call: Call, /) -> None:
        """Does nothing."""


def wiring(container: Container) -> None:
    """A container gives what it is asked for, and takes instruments of one's own."""
    users = container.repository(Users)
    assert_type(users, Users)
    assert_type(container.health_check(), Health)
    provider: ItemStoreProvider[User] = users
    provider.use_logger(logging.getLogger())
    users.use_metrics(statsd.StatsClient())
    users.use_tracer(trace.get_tracer_provider())
    instrument: Instrument = Slowest()
    container.use_instruments(instrument)
    container.use_instruments(Half())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    container.repository(User)  # type: ignore[type-var] # pyright: ignore[reportArgumentType]


async def wiring_of_both(container: AsyncContainer, both: MemoryStore) -> None:
    """One for tasks gives repositories of either kind, and is awaited where it waits."""
    users = container.repository(AsyncUsers)
    assert_type(users, AsyncUsers)
    assert_type(container.repository(Users), Users)
    assert_type(await container.health_check(), Health)
    assert_type(await container.connect(), AsyncContainer)
    container.provide(AsyncUsers, users)
    AsyncContainer(AsyncUsers, Users, store=both)
    container.health_check()  # type: ignore[unused-coroutine] # pyright: ignore[reportUnusedCoroutine]
    container.repository(User)  # type: ignore[type-var] # pyright: ignore[reportArgumentType]


def wiring_of_the_wrong_kind(container: Container) -> None:
    """One for threads takes blocking repositories, on a store that blocks."""
    Container(AsyncUsers)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    Container(Users, store=AsyncDynamoStore())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    AsyncContainer(AsyncUsers, store=DynamoStore())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    container.repository(AsyncUsers)  # type: ignore[type-var] # pyright: ignore[reportArgumentType]


def costs() -> None:
    """A block's cost, in all and by part."""
    with usage() as used:
        pass
    assert_type(used, Usage)
    assert_type(used.total, Cost)
    for key, cost in used.parts.items():
        part: UsageKey = key
        assert_type(part.table, str)
        assert_type(cost.capacity, float)
