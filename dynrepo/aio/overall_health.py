"""The health of all repositories of a container together."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from dynrepo.aio.health import look_of, outcome_within
from dynrepo.aio.waits import AsyncSharedCall
from dynrepo.clock import current_end, steady
from dynrepo.instrumentation.service import service
from dynrepo.operations.health import FRESH, WITHIN, Health, worst_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from dynrepo.aio.waits import AsyncTask

CHECK = "dynrepo-health-of-all"
"""The name of the tasks that ask the repositories of a container."""


class AsyncOverallHealth:
    """The health of classes of repositories, by `check`; what is told serves those who ask next.

    `kinds` may grow. Each is asked once at a time, so that one that hangs stays alone.
    """

    def __init__(
        self,
        kinds: Collection[type[Any]],
        check: Callable[[type[Any]], Awaitable[Health]],
    ) -> None:
        self._kinds = kinds
        self._check = check
        self._checks: dict[type[Any], AsyncSharedCall[Health]] = {}
        self._asking = AsyncSharedCall(self._asked, CHECK)
        self._answer: Health | None = None
        self._until = 0.0

    async def health(self) -> Health:
        """That of the last second, or of one look for all who ask meanwhile; never raises."""
        found = self._remembered()
        # What is remembered is of all who ask: each gets one that nobody else can change.
        return deepcopy(found or await outcome_within(WITHIN * 1.1, look_of(self._asking)))

    async def look(self) -> Health:
        """The health of this moment, within `WITHIN` seconds."""
        # All begin before the first is waited for.
        looks = {kind: self._look(kind) for kind in list(self._kinds)}
        until = steady.monotonic() + WITHIN
        found: dict[type[Any], Health] = {}
        for kind, look in looks.items():
            found[kind] = await outcome_within(until - steady.monotonic(), look)
        return worst_of(found, service())

    async def _asked(self) -> Health:
        current_end.set(None)  # the look is for others as well, who have other deadlines
        answer = self._remembered()  # by one that ended since this one was asked for
        if answer is None:
            answer = self._answer = await self.look()
            self._until = steady.monotonic() + FRESH
        return answer

    def _remembered(self) -> Health | None:
        return self._answer if steady.monotonic() < self._until else None

    def _look(self, kind: type[Any]) -> AsyncTask[Health] | None:
        found = self._checks.get(kind)
        if found is None:
            check = AsyncSharedCall(partial(self._check, kind), CHECK)
            found = self._checks.setdefault(kind, check)
        return look_of(found)
