"""People: a UUID key, a lookup by e-mail, a set, a datetime."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from dynrepo import PartitionKey, Repository


class User(BaseModel, frozen=True):
    """Somebody with an account."""

    user_id: Annotated[UUID, PartitionKey()]
    email: Annotated[str, PartitionKey(index="by_email")]
    name: str
    visits: int = 0
    tags: frozenset[str] = frozenset()
    joined: AwareDatetime


class Users(Repository[User]):
    """The accounts, one item a person."""

    table = "users"

    def by_email(self, email: str) -> User | None:
        """Whoever has this address; reads the index, which lags a moment behind the table."""
        return self.query(self.fields.email == email, index="by_email").first()
