"""What an application wires once: settings, instruments, and the repositories that get them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynrepo.clock import utc_now
from dynrepo.errors import SettingsError
from dynrepo.instrumentation import InstrumentationMixin, instruments_for
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.operations.definition import RepositoryDefinition
from dynrepo.operations.encrypted_cursors import cursors_for
from dynrepo.settings import Settings, checked_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.instrumentation import Instrument

R = TypeVar("R", bound="RepositoryDefinition[Any]")


class Wiring(InstrumentationMixin):
    """The repositories of an application, and what all of them are given.

    Each kind of container inherits from it, and says in `_store_of` on which store a repository is
    made. `_opened` is what the container closes at the end.
    """

    def __init__(
        self, settings: Settings | None, store: Any, instruments: Iterable[Instrument] | None
    ) -> None:
        of_store = getattr(store, "settings", None)
        if settings is None and isinstance(of_store, Settings):
            settings = of_store
        own = settings is None
        self.settings = Settings.from_environment() if own else checked_settings(settings)
        secret = self.settings.cursor_secret or ""
        lifetime = self.settings.cursor_lifetime if secret else None
        # What is wrong with them is said here, and cryptography imported here.
        cursors_for(secret, lifetime, "", utc_now)
        self._of_cursors = {"cursor_secret": secret, "cursor_lifetime": lifetime}
        self._repositories: dict[type[Any], Any] = {}
        self._opened: list[Any] = []
        if instruments is None:
            instruments = instruments_for(self.settings)
            self._opened += [
                instrument for instrument in instruments if isinstance(instrument, StatsdInstrument)
            ]
        self.use_instruments(*instruments)

    def use_instruments(self, *instruments: Instrument) -> None:
        """Replaces all instruments by these, here and in every repository.

        Args:
            *instruments: What sees each call; none at all when called without.

        Raises:
            TypeError: One is no instrument.
        """
        super().use_instruments(*instruments)
        for repository in self._repositories.values():
            repository.use_instruments(*instruments)

    def _use(self, kind: type, instrument: Instrument) -> None:
        InstrumentationMixin.use_instruments(self, *self._with(kind, instrument))
        for repository in self._repositories.values():
            repository._use(kind, instrument)  # noqa: SLF001 - what a repository added is kept

    def _repository(self, kind: type[R]) -> R:
        """The repository of a class: one, made when it is first asked for."""
        is_class = isinstance(kind, type)  # pyright: ignore[reportUnnecessaryIsInstance] - a list?
        found = self._repositories.get(kind) if is_class else None
        if found is None:
            check_repository("a container", kind)
            store = self._store_of(kind)
            made: Any = cast("Any", kind)(
                store,
                instruments=self.instruments,
                **self._of_cursors,
            )
            found = self._repositories.setdefault(kind, made)  # that of whoever was first
        return cast("R", found)

    def _provide(self, kind: type[R], repository: R) -> None:
        """Puts a repository in the place of the one of a class; TypeError unless it is one."""
        check_repository("a container", kind)
        if not isinstance(cast("Any", repository), kind):
            is_class = isinstance(repository, type)
            given = "a class" if is_class else f"an instance of {type(repository).__name__}"
            raise TypeError(f"a container hands out an instance of {kind.__name__}, not {given}")
        self._repositories[kind] = repository

    def _store_of(self, kind: type[Any]) -> Any:
        """The store for a repository of a class; SettingsError for one that it cannot serve."""
        raise NotImplementedError


def check_repository(taker: str, kind: Any) -> None:
    """TypeError, saying what takes one, for what is no class of repositories."""
    if isinstance(kind, type) and issubclass(kind, RepositoryDefinition):
        return
    if isinstance(kind, RepositoryDefinition):
        name = type(cast("Any", kind)).__name__
        cure = f"{name}(): write {name}"
    elif isinstance(kind, list | tuple):
        cure = f"a {type(cast('Any', kind)).__name__}: write each as an argument, or *classes"
    else:
        cure = kind.__name__ if isinstance(kind, type) else f"a value of type {type(kind).__name__}"
    raise TypeError(f"{taker} takes classes of repositories, not {cure}")


def not_blocking(name: str) -> SettingsError:
    """The error for a repository of tasks, by its class, in a container for threads."""
    return SettingsError(f"{name} is no blocking repository: an AsyncContainer takes both kinds")
