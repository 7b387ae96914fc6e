"""The container: settings, instruments, one store and the repositories above it, wired once."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from dynrepo.aws.tasks import SharedCall
from dynrepo.blocking.health import look_of, outcome_within
from dynrepo.blocking.repository import Repository
from dynrepo.blocking.store import DynamoStore
from dynrepo.instrumentation import InstrumentationMixin, instruments_for
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.operations.health import WITHIN, Health, Status
from dynrepo.public import public
from dynrepo.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from dynrepo.instrumentation import Instrument
    from dynrepo.operations.protocols import Store

R = TypeVar("R", bound=Repository[Any])

CHECK = "dynrepo-health-of-all"
"""The name of the threads that ask the repositories of a container."""

FRESH = 1.0
"""Seconds for which a health check answers for those that come after it."""


@public
class Container(InstrumentationMixin):
    """Everything that an application needs of this library, made once and closed at the end.

    ::

        with Container(Users, Orders) as container:
            users = container.repository(Users)

    Settings come from the environment and the store from the settings, unless they are given. The
    instruments are those that the settings ask for; `use_logger`, `use_metrics`, `use_tracer` and
    `use_instruments` change them for all repositories. A container may be shared by threads.
    """

    def __init__(
        self,
        *repositories: type[Repository[Any]],
        settings: Settings | None = None,
        store: Store | None = None,
        instruments: Iterable[Instrument] | None = None,
    ) -> None:
        self.settings = Settings.from_environment() if settings is None else settings
        secret = self.settings.cursor_secret
        self._secret = "" if secret is None else secret.get_secret_value()
        self._repositories: dict[type[Repository[Any]], Repository[Any]] = {}
        self._opened: list[Any] = []
        self._checks: dict[type[Repository[Any]], SharedCall[Health]] = {}
        self._health = _RememberedHealth(self._check)
        if store is None:
            store = DynamoStore(**self.settings.store_options)
            self._opened.append(store)
        self.store: Store = store
        if instruments is None:
            instruments = instruments_for(self.settings)
            self._opened += [
                instrument.client
                for instrument in instruments
                if isinstance(instrument, StatsdInstrument)
            ]
        self.use_instruments(*instruments)
        for kind in repositories:
            self.repository(kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def repository(self, kind: type[R]) -> R:
        """The repository of a class: one, with the container's store and instruments."""
        found = self._repositories.get(kind)
        if found is None:
            made = kind(self.store, instruments=self.instruments, cursor_secret=self._secret)
            found = self._repositories.setdefault(kind, made)  # that of whoever was first
        return cast("R", found)

    def provide(self, kind: type[R], repository: R) -> None:
        """Hands out this repository for a class from now on, as a test does with a mock."""
        self._repositories[kind] = repository

    def use_instruments(self, *instruments: Instrument) -> None:
        """Replaces all instruments by these, here and in every repository."""
        super().use_instruments(*instruments)
        for repository in self._repositories.values():
            repository.use_instruments(*instruments)

    def connect(self) -> Self:
        """Connects now, and makes sure that every table is there."""
        for repository in self._repositories.values():
            repository.connect()
        return self

    def health_check(self) -> Health:
        """How well all repositories can serve: as well as the one that is worst off.

        `details` holds the status and the details of each, by the name of its class. They are asked
        at the same time, and answer within two seconds; a call within the next second returns the
        same answer. Never raises.
        """
        return self._health.get()

    def close(self) -> None:
        """Closes what the container opened: not a store, nor a client, that it was given."""
        for opened in self._opened:
            with suppress(Exception):  # what cannot be closed needs no closing
                opened.close()

    def _use(self, kind: type, instrument: Instrument) -> None:
        InstrumentationMixin.use_instruments(self, *self._with(kind, instrument))
        for repository in self._repositories.values():
            repository._use(kind, instrument)  # noqa: SLF001 - what a repository added is kept

    def _check(self) -> Health:
        # All begin before the first is waited for; asked once each, for the next is a new one.
        looks = {kind.__name__: look_of(self._check_of(kind)) for kind in list(self._repositories)}
        until = time.monotonic() + WITHIN
        found = {
            name: outcome_within(until - time.monotonic(), look) for name, look in looks.items()
        }
        worst = max(
            (health.status for health in found.values()), key=_BADNESS.index, default=Status.UP
        )
        details = {
            name: {"status": health.status, **health.details} for name, health in found.items()
        }
        return Health(worst, MappingProxyType(details))

    def _check_of(self, kind: type[Repository[Any]]) -> SharedCall[Health]:
        """The check of whichever repository is of a class now."""
        found = self._checks.get(kind)
        if found is None:
            check = SharedCall(partial(self._checked, kind), CHECK)
            found = self._checks.setdefault(kind, check)
        return found

    def _checked(self, kind: type[Repository[Any]]) -> Health:
        return self._repositories[kind].health_check()


_BADNESS = [Status.UP, Status.DEGRADED, Status.DOWN]


class _RememberedHealth:
    """A health check whose answer is given to all who ask at the same time, or a moment later."""

    def __init__(self, check: Callable[[], Health]) -> None:
        self._check = check
        self._asking = SharedCall(self._asked, CHECK)
        self._answer: Health | None = None
        self._until = 0.0

    def get(self) -> Health:
        """The answer, asked for anew when it is old."""
        return self._remembered() or outcome_within(WITHIN * 1.1, look_of(self._asking))

    def _asked(self) -> Health:
        answer = self._remembered()  # by one that ended since this one was asked for
        if answer is None:
            answer = self._answer = self._check()
            self._until = time.monotonic() + FRESH
        return answer

    def _remembered(self) -> Health | None:
        return self._answer if time.monotonic() < self._until else None
