"""What both faces of a repository share, and what is said where somebody forgets to await.

Checked, never run; the same class for both is run in docs/how-to/async.md.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, assert_type

from pynamodb.expressions.condition import Condition

from dynrepo import (
    AsyncDynamoStore,
    AsyncItemStore,
    AsyncQuery,
    AsyncRepository,
    DynamoStore,
    FieldPaths,
    ItemStore,
    Repository,
)
from dynrepo.testing import MemoryStore
from models.user import AsyncUsers, User, Users, UserTable

if TYPE_CHECKING:
    from uuid import UUID


class Counted(UserTable):
    """The table of the users, once more: what older items are made into."""

    def upcast(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Once there were no visits."""
        return {"visits": 0, **attributes}


class CountedUsers(Counted, Repository[User]):
    """The blocking face."""


class AsyncCountedUsers(Counted, AsyncRepository[User]):
    """The asynchronous one."""


async def shared(
    users: Users, async_users: AsyncUsers, counted: CountedUsers, async_counted: AsyncCountedUsers
) -> None:
    """What is written once has its types in both."""
    assert_type(users.table, str)
    assert_type(async_users.table, str)
    assert_type(async_users.fields, FieldPaths)
    assert_type(async_users.has_email("a"), Condition)
    assert_type(users.by_email("a"), User | None)
    assert_type(await async_users.by_email("a"), User | None)
    query = async_users.query(async_users.has_email("a"))
    assert_type(query, AsyncQuery[User])
    assert_type(aiter(query), AsyncIterator[User])
    assert_type(counted.upcast({}), dict[str, Any])
    assert_type(await async_counted.get("a"), User | None)


def stores() -> tuple[ItemStore[User], AsyncItemStore[User]]:
    """A store is of a face, or of both; each repository is what domain code asks for of its own."""
    Users(MemoryStore())
    AsyncUsers(MemoryStore())
    Users(AsyncDynamoStore())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncUsers(DynamoStore())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return Users(), AsyncUsers()


async def forgotten(users: AsyncUsers, key: UUID, ada: User) -> None:
    """A call that nobody awaits."""
    users.set(ada)  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    users.query(users.has_email("a")).first()  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    users.get(key).name  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    if users.exists(key):  # type: ignore[truthy-bool]  # pyright: ignore[reportUnnecessaryComparison]
        pass
    async with users.batch() as batch:
        batch.set(ada)  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    with users.batch():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues]
        pass
    list(users.scan())  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
