"""What type checkers know of what tests are made with; checked, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from dynrepo.testing import MemoryStore, mock_of
from dynrepo.testing.async_mock_container import AsyncMockContainer
from dynrepo.testing.contract import RepositoryContract
from dynrepo.testing.mock_container import MockContainer
from models.user import AsyncUsers, User, Users

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from dynrepo import AsyncItemStoreProvider, AsyncStore, ItemStoreProvider, Store
    from dynrepo.testing.faults import Exchange, Fault


class UsersContract(RepositoryContract):
    """The contract of repositories of users."""

    def make_item(self, number: int) -> User:
        """Nobody."""
        raise NotImplementedError(number)


class TestUsers(UsersContract):
    """Of a blocking one."""

    repository = Users


class TestAsyncUsers(UsersContract):
    """Of an asynchronous one."""

    repository = AsyncUsers


def used(_: ItemStoreProvider[User], __: AsyncItemStoreProvider[User]) -> None:
    """Domain code."""


def stores() -> None:
    """One store in memory is below the repositories of both faces."""
    store = MemoryStore(Users, AsyncUsers)
    below: Store = store
    awaited: AsyncStore = store
    used(Users(below), AsyncUsers(awaited))
    MemoryStore(User)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def mocks() -> None:
    """A mock is whatever the code under test asks for."""
    used(mock_of(Users), mock_of(AsyncUsers))
    mock_of(User)  # type: ignore[type-var] # pyright: ignore[reportArgumentType]


async def containers() -> None:
    """An asynchronous container takes repositories of both faces; a blocking one does not."""
    async with AsyncMockContainer(Users, AsyncUsers) as container:
        assert_type(container.repository(AsyncUsers), AsyncUsers)
        assert_type(container.repository(Users), Users)
    MockContainer(AsyncUsers)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def faults(store: MemoryStore) -> None:
    """A fault returns the body of an answer, or takes its time before it does."""

    def at_once(exchange: Exchange) -> dict[str, Any]:
        return exchange.answer()

    def late(exchange: Exchange) -> Generator[float, None, dict[str, Any]]:
        yield 0.1
        return exchange.answer()

    fault: Fault = at_once
    store.inject(fault)
    store.inject(late)
    store.inject(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
