"""The container: settings, instruments, one store and the repositories above it, wired once."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dynrepo.blocking.other_face import Entered
from dynrepo.blocking.overall_health import OverallHealth
from dynrepo.blocking.repository import Repository
from dynrepo.blocking.store import DynamoStore
from dynrepo.operations.definition import RepositoryDefinition
from dynrepo.public import public
from dynrepo.wiring import Wiring, not_blocking

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from dynrepo.instrumentation import Instrument
    from dynrepo.operations.health import Health
    from dynrepo.operations.protocols import Store
    from dynrepo.settings import Settings

R = TypeVar("R", bound=Repository[Any])


@public
class Container(Entered, Wiring):
    """Everything that an application needs of this library, made once and closed at the end.

    ```python
    with Container(Users, Orders) as container:
        users = container.repository(Users)
    ```

    The instruments are those that the settings ask for; `use_logger`, `use_metrics`, `use_tracer`
    and `use_instruments` change them for all repositories. A container may be shared by threads.

    Args:
        *repositories: Classes of repositories, of which one each is made at once.
        settings: Those of the store where one is given that has some, else those of the
            environment.
        store: Where the tables are; without it, a `DynamoStore` by the settings, which the
            container closes.
        instruments: What sees each call, in the place of those of the settings; none where it is
            empty.

    Raises:
        SettingsError: A setting is wrong, or a class is no blocking repository.
        TypeError: What is given is no class of repositories.
    """

    def __init__(
        self,
        *repositories: type[Repository[Any]],
        settings: Settings | None = None,
        store: Store | None = None,
        instruments: Iterable[Instrument] | None = None,
    ) -> None:
        super().__init__(settings, store, instruments)
        self._health = OverallHealth(self._repositories, self._health_of)
        if store is None:
            store = DynamoStore(settings=self.settings)
            self._opened.append(store)
        self.store: Store = store
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
        """Hands out the repository of a class: one, with the container's store and instruments.

        Args:
            kind: The class.

        Returns:
            The repository, made when it is first asked for.

        Raises:
            SettingsError: The container has no store for repositories of this kind.
            TypeError: It is no class of repositories.
        """
        return self._repository(kind)

    def provide(self, kind: type[R], repository: R) -> None:
        """Hands out this instance of a class from now on, as a test does with a mock.

        Args:
            kind: The class.
            repository: An instance of it.

        Raises:
            SettingsError: One of them is not blocking, where a `Container` is to have it.
            TypeError: It is no instance of the class.
        """
        for each in (kind, type(repository)):
            _check_blocking(each)
        self._provide(kind, repository)

    def connect(self) -> Self:
        """Connects now, and makes sure that every table is there.

        Returns:
            The container.

        Raises:
            TableNotFound: A table is missing.
            StoreError: As of every verb of a repository.
        """
        for repository in list(self._repositories.values()):
            repository.connect()
        return self

    def health_check(self) -> Health:
        """Tells how well all repositories can serve: as the one that is worst off; never raises.

        They are asked at the same time; a call within the next second returns the same answer.

        Returns:
            What is known within two seconds; `details` holds the status and the details of each, by
                the name of its class.
        """
        return self._health.health()

    def close(self) -> None:
        """Closes what it opened, and no store or client that it was given; never raises."""
        for opened in self._opened:
            with suppress(Exception):  # what cannot be closed needs no closing
                opened.close()

    def _store_of(self, kind: type[Any]) -> Store:
        _check_blocking(kind)
        return self.store

    def _health_of(self, kind: type[Repository[Any]]) -> Health:
        health: Health = self._repositories[kind].health_check()
        return health


def _check_blocking(kind: Any) -> None:
    is_repository = isinstance(kind, type) and issubclass(kind, RepositoryDefinition)
    if is_repository and not issubclass(kind, Repository):
        raise not_blocking(kind.__name__)
