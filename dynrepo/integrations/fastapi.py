"""A container in a FastAPI application.

```python
app = FastAPI()
install(app, AsyncContainer(AsyncUsers, Orders))


@app.get("/users/{user_id}")
async def profile(user_id: UUID, users: Annotated[AsyncUsers, repository(AsyncUsers)]) -> User:
    return await users.require(user_id)


@app.get("/users/{user_id}/orders")
def orders(user_id: UUID, orders: Annotated[Orders, repository(Orders)]) -> list[Order]:
    return orders.of(user_id)
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Depends
from starlette.requests import HTTPConnection  # noqa: TC002 - FastAPI reads the annotation

from dynrepo.integrations.starlette import install

if TYPE_CHECKING:
    from dynrepo.operations.definition import RepositoryDefinition


def repository(kind: type[RepositoryDefinition[Any]]) -> Any:
    """Makes a dependency: the repository of a class from the application's container.

    https://fastapi.tiangolo.com/tutorial/dependencies/

    Args:
        kind: The class of repositories, of either face.

    Returns:
        What `Annotated` takes beside the class.
    """

    async def from_container(connection: HTTPConnection) -> Any:
        return connection.app.state.dynrepo.repository(kind)

    return Depends(from_container)


__all__ = ["install", "repository"]
