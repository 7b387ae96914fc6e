"""A container in a FastAPI application.

::

app = FastAPI()
install(app, Container(Users, Orders))

@app.get("/users/{user_id}")
def profile(user_id: UUID, users: Annotated[Users, repository(Users)]) -> User:
    return users.require(user_id)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Depends
from starlette.requests import HTTPConnection  # noqa: TC002 - FastAPI reads the annotation

from dynrepo.integrations.starlette import install

if TYPE_CHECKING:
    from dynrepo.blocking.repository import Repository


def repository(kind: type[Repository[Any]]) -> Any:
    """A dependency: the repository of a class from the application's container."""

    async def from_container(connection: HTTPConnection) -> Any:
        return connection.app.state.dynrepo.repository(kind)

    return Depends(from_container)


__all__ = ["install", "repository"]
