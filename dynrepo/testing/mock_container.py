"""A container for tests: repositories in memory or mocked, and all that its instruments record.

::

    with MockContainer(Users, Orders) as container:
        place_order(container)
        assert container.metrics.counts["dynrepo.orders.PutItem.success"] == 1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dynrepo.blocking.container import Container
from dynrepo.blocking.repository import Repository
from dynrepo.settings import Settings
from dynrepo.testing.recordings import RecordedLogs, RecordedMetrics, Recordings

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["MockContainer", "RecordedLogs", "RecordedMetrics"]

R = TypeVar("R", bound=Repository[Any])


class MockContainer(Recordings, Container):
    """A `Container` above a `MemoryStore` with the tables of the repositories.

    Nothing has to be expected: `metrics`, `logs` and `spans` hold what was said. `mock(Users)`
    puts a strict mock in the place of one repository; `verify()` verifies all of them.
    """

    def __init__(self, *repositories: type[Repository[Any]]) -> None:
        instruments = self._record(repositories)
        super().__init__(
            *repositories, settings=Settings(), store=self.memory, instruments=instruments
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is None:
            self.verify()
