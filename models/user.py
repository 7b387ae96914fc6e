"""People: a UUID key, a lookup by e-mail, a set, a datetime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from dynrepo import AsyncRepository, PartitionKey, Repository, path

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition


class User(BaseModel, frozen=True):
    """Somebody with an account."""

    user_id: Annotated[UUID, PartitionKey()]
    email: Annotated[str, PartitionKey(index="by_email")]
    name: str
    visits: int = 0
    tags: frozenset[str] = frozenset()
    joined: AwareDatetime


class UserTable:
    """What `Users` and `AsyncUsers` have in common: the table, and conditions by name."""

    table = "users"
    stored: User

    def has_email(self, email: str) -> Condition:
        """That of whoever has this address."""
        return path(self.stored.email) == email


class Users(UserTable, Repository[User]):
    """The accounts, one item a person."""

    def by_email(self, email: str) -> User | None:
        """Whoever has this address, by the index, which lags a moment."""
        found = self.query(self.has_email(email), index="by_email")
        return found.first()


class AsyncUsers(UserTable, AsyncRepository[User]):
    """The accounts, for `async def`."""

    async def by_email(self, email: str) -> User | None:
        """Whoever has this address, by the index, which lags a moment."""
        found = self.query(self.has_email(email), index="by_email")
        return await found.first()
