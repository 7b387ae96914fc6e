"""A container for tests that await keeps what was said, of repositories of both kinds."""

from __future__ import annotations

from uuid import UUID

import pytest

from dynrepo import Health, SettingsError, Status
from dynrepo.testing.async_mock_container import AsyncMockContainer
from dynrepo.testing.mock import MissingCall
from dynrepo.testing.mock_container import MockContainer
from models.order import Orders
from models.user import AsyncUsers, Users
from tests.aio.loops import run_on_each
from tests.testing.people import ADA


def test_everything_that_was_said_is_kept() -> None:
    """Of both kinds of repositories, which see the same tables."""

    async def used() -> None:
        async with AsyncMockContainer(AsyncUsers, Users, Orders) as container:
            users = container.repository(AsyncUsers)
            await users.create(ADA)
            assert container.repository(Users).get(ADA) == ADA
            assert (await container.connect()).memory.tables == ("orders", "users")
        assert container.metrics.counts["dynrepo.users.PutItem.success"] == 1
        names = [span.name for span in container.spans]
        assert names[:2] == ["PutItem users", "GetItem users"]
        assert any("PutItem users" in line for line in container.logs.lines)

    run_on_each(used)


def test_one_repository_can_be_a_mock() -> None:
    """It takes the place of the one in memory, is UP unless told, and is verified at the end."""

    async def mocked() -> None:
        container = AsyncMockContainer(AsyncUsers, Orders)
        users = container.mock(AsyncUsers)
        orders = container.mock(Orders)
        assert container.repository(AsyncUsers) is users
        assert (await container.health_check()).status is Status.UP
        users.expect.get(ADA).times(2)
        orders.expect.get((UUID(int=1), 1))
        await users.get(ADA)
        orders.get((UUID(int=1), 1))
        with pytest.raises(MissingCall, match="expected twice, called once"):
            async with container:
                pass
        with pytest.raises(ZeroDivisionError):  # its own error is the one to read
            async with container:
                _ = 1 / 0

    run_on_each(mocked)


def test_its_health_is_that_of_its_repositories() -> None:
    """That of a mock is what is expected of it."""

    async def asked() -> None:
        container = AsyncMockContainer(AsyncUsers)
        container.mock(AsyncUsers).expect.health_check().returns(Health(Status.DOWN))
        assert (await container.health_check()).status is Status.DOWN
        container.verify()

    run_on_each(asked)


def test_a_blocking_container_takes_no_asynchronous_repository() -> None:
    """And says which one does."""
    kind: type[MockContainer] = MockContainer
    with pytest.raises(SettingsError, match="AsyncContainer"):
        kind(AsyncUsers)  # type: ignore[arg-type]
