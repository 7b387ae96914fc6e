"""A container for tests that await: repositories in memory or mocked, and what was recorded.

::

    async with AsyncMockContainer(AsyncUsers, AsyncOrders) as container:
        await place_order(container)
        assert container.metrics.counts["dynrepo.orders.PutItem.success"] == 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dynrepo.aio.container import AsyncContainer
from dynrepo.operations.definition import RepositoryDefinition
from dynrepo.settings import Settings
from dynrepo.testing.recordings import Recordings

if TYPE_CHECKING:
    from types import TracebackType

R = TypeVar("R", bound=RepositoryDefinition[Any])


class AsyncMockContainer(Recordings, AsyncContainer):
    """An `AsyncContainer` above a `MemoryStore` with the tables of the repositories, of both kinds.

    Nothing has to be expected: `metrics`, `logs` and `spans` hold what was said. `mock(AsyncUsers)`
    puts a strict mock in the place of one repository; `verify()` verifies all of them.
    """

    def __init__(self, *repositories: type[RepositoryDefinition[Any]]) -> None:
        instruments = self._record(repositories)
        super().__init__(
            *repositories, settings=Settings(), store=self.memory, instruments=instruments
        )

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await super().__aexit__(kind, error, trace)
        if kind is None:
            self.verify()
