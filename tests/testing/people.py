"""The accounts of the example domain once more, for code that awaits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from dynrepo import PartitionKey
from dynrepo.aio.repository import AsyncRepository
from models.user import User

ADA = User(
    user_id=UUID(int=1),
    email="ada@example.org",
    name="Ada",
    joined=datetime(1843, 1, 1, tzinfo=UTC),
)
BOB = ADA.model_copy(update={"user_id": UUID(int=2), "email": "bob@example.org"})


class AsyncUsers(AsyncRepository[User]):
    """The table of `Users`."""

    table = "users"

    async def by_email(self, email: str) -> User | None:
        """Whoever has this address."""
        return await self.query(self.fields.email == email, index="by_email").first()


class Count(BaseModel):
    """A count, which nothing keeps from being overwritten."""

    name: Annotated[str, PartitionKey()]
    number: int = 0


class AsyncCounts(AsyncRepository[Count]):
    """The counts."""

    table = "counts"
