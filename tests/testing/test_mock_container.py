"""A container for tests keeps everything that was said, and asks for no expectations."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from dynrepo import Health
from dynrepo.operations.health import Status
from dynrepo.testing.mock import MissingCall, mock_of
from dynrepo.testing.mock_container import MockContainer
from models.order import Orders
from models.user import User, Users

ADA = User(
    user_id=UUID(int=1),
    email="ada@example.org",
    name="Ada",
    joined=datetime(1843, 1, 1, tzinfo=UTC),
)


def test_everything_that_was_said_is_kept() -> None:
    """Metrics, log lines and spans of real repositories in memory."""
    with MockContainer(Users, Orders) as container:
        users = container.repository(Users)
        users.create(ADA)
        assert users.get(ADA) == ADA
    assert container.metrics.counts["dynrepo.users.PutItem.success"] == 1
    assert len(container.metrics.timings["dynrepo.users.GetItem.success"]) == 1
    assert [span.name for span in container.spans] == ["PutItem users", "GetItem users"]
    assert any("GetItem users" in line for line in container.logs.lines)
    assert str(ADA.user_id) not in repr(container.logs.lines)


def test_one_repository_can_be_a_mock() -> None:
    """It takes the place of the one in memory, and is verified with the container."""
    container = MockContainer(Users, Orders)
    users = container.mock(Users)
    assert container.repository(Users) is users
    users.expect.get(ADA).times(2)
    users.get(ADA)
    with pytest.raises(MissingCall), container:
        pass


def test_a_container_that_raised_is_not_verified() -> None:
    """Its own error is the one to read."""
    container = MockContainer(Users)
    container.mock(Users).expect.get(ADA)
    with pytest.raises(ZeroDivisionError), container:
        _ = 1 / 0


def test_its_health_is_real() -> None:
    """UP with the tables, and DOWN of the one that is dropped."""
    container = MockContainer(Users)
    assert container.health_check().status == "UP"
    down = MockContainer(Users)
    down.repository(Users).drop_table(confirm="users")
    assert down.health_check().status == "DOWN"


def test_a_mock_is_up_unless_told() -> None:
    """The container asks for its health, so nobody has to expect that; but it can be said."""
    container = MockContainer(Users, Orders)
    users = container.mock(Users)
    assert container.health_check().status == "UP"
    users.expect.health_check().returns(Health(Status.DOWN))
    assert users.health_check().status is Status.DOWN
    container.verify()


def test_a_mock_can_be_provided_by_hand() -> None:
    """`provide` is the container's own."""
    container = MockContainer()
    users = mock_of(Users)
    container.provide(Users, users)
    assert container.repository(Users) is users
