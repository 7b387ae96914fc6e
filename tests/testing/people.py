"""Who is stored in tests of doubles, and what several of them count."""

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


class Count(BaseModel):
    """A count, which nothing keeps from being overwritten."""

    name: Annotated[str, PartitionKey()]
    number: int = 0


class AsyncCounts(AsyncRepository[Count]):
    """The counts."""

    table = "counts"
