"""The container: settings, instruments, one store and the repositories above it, wired once."""

from __future__ import annotations

from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dynrepo.aio.other_face import AsyncEntered
from dynrepo.aio.overall_health import AsyncOverallHealth
from dynrepo.aio.repository import AsyncRepository
from dynrepo.aio.store import AsyncDynamoStore
from dynrepo.aio.waits import ended
from dynrepo.aws.tasks import Task
from dynrepo.errors import SettingsError, Unavailable
from dynrepo.operations.definition import RepositoryDefinition, opened_store
from dynrepo.public import public
from dynrepo.sending.outcomes import NoThread
from dynrepo.wiring import Wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from dynrepo.instrumentation import Instrument
    from dynrepo.operations.health import Health
    from dynrepo.operations.protocols import AsyncStore
    from dynrepo.settings import Settings

R = TypeVar("R", bound=RepositoryDefinition[Any])
T = TypeVar("T")

BLOCKING = "dynrepo-container"
"""The name of the threads in which blocking repositories connect and are asked for health."""


@public
class AsyncContainer(AsyncEntered, Wiring):
    """Everything that an application needs of this library, made once and closed at the end.

    ```python
    async with AsyncContainer(AsyncUsers, AsyncOrders) as container:
        users = container.repository(AsyncUsers)
    ```

    The instruments are those that the settings ask for; `use_logger`, `use_metrics`, `use_tracer`
    and `use_instruments` change them for all repositories. A container may be shared by tasks.

    Blocking repositories may be among the others. Theirs is a store of their kind, by the same
    settings, or the given one where it is of both kinds; it connects, is asked for health and
    closes in a thread.

    Args:
        *repositories: Classes of repositories, of which one each is made at once.
        settings: Those of the store where one is given that has some, else those of the
            environment.
        store: Where the tables are; without it, an `AsyncDynamoStore` by the settings, which the
            container closes.
        instruments: What sees each call, in the place of those of the settings; none where it is
            empty.

    Raises:
        SettingsError: A setting is wrong, or a class is blocking and the given store is not.
        TypeError: What is given is no class of repositories.
    """

    def __init__(
        self,
        *repositories: type[RepositoryDefinition[Any]],
        settings: Settings | None = None,
        store: AsyncStore | None = None,
        instruments: Iterable[Instrument] | None = None,
    ) -> None:
        super().__init__(settings, store, instruments)
        self._health = AsyncOverallHealth(self._repositories, self._health_of)
        if store is None:
            store = AsyncDynamoStore(settings=self.settings)
            self._opened.append(store)
        self.store: AsyncStore = store
        self._blocking_store: Any = store if hasattr(store, "execute") else None
        for kind in repositories:
            self.repository(kind)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

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
        self._provide(kind, repository)

    async def connect(self) -> Self:
        """Connects now, and makes sure that every table is there.

        Returns:
            The container.

        Raises:
            TableNotFound: A table is missing.
            StoreError: As of every verb of a repository.
        """
        for kind, repository in list(self._repositories.items()):
            if issubclass(kind, AsyncRepository):
                await repository.connect()
            else:
                await _in_thread(repository.connect)
        return self

    async def health_check(self) -> Health:
        """Tells how well all repositories can serve: as the one that is worst off; never raises.

        They are asked at the same time; a call within the next second returns the same answer.

        Returns:
            What is known within two seconds; `details` holds the status and the details of each, by
                the name of its class.
        """
        return await self._health.health()

    async def close(self) -> None:
        """Closes what it opened, and no store or client that it was given; never raises."""
        async with AsyncExitStack() as closing:  # all of it, also where the caller is cancelled
            for opened in reversed(self._opened):
                closing.push_async_callback(self._close, opened)

    def _store_of(self, kind: type[Any]) -> Any:
        if issubclass(kind, AsyncRepository):
            return self.store
        if self._blocking_store is None:
            if self.store not in self._opened:  # the settings may lead elsewhere
                raise SettingsError(_OF_ONE_KIND.format(kind.__name__))
            self._blocking_store = opened_store(kind, settings=self.settings)
            self._opened.append(self._blocking_store)
        return self._blocking_store

    async def _health_of(self, kind: type[Any]) -> Health:
        repository = self._repositories[kind]
        if not issubclass(kind, AsyncRepository):
            return await _in_thread(repository.health_check)
        health: Health = await repository.health_check()
        return health

    async def _close(self, opened: Any) -> None:
        with suppress(Exception):  # what cannot be closed needs no closing
            close = opened.close
            if opened is self.store:
                close()  # in its loop, and waiting for nothing
            else:
                await _in_thread(close)


async def _in_thread(call: Callable[[], T]) -> T:
    """What a call returns that blocks, in a thread of its own and a copy of the context."""
    task = Task(call, BLOCKING)
    try:
        task.start()
    except NoThread as error:
        raise Unavailable(error.remedy, code=error.code, retryable=True) from error
    await ended(task)
    return task.outcome()


_OF_ONE_KIND = (
    "{0} is blocking, and the store given to the AsyncContainer is not:"
    " give one of both kinds, or provide a {0} on a store of its own"
)
