"""Typed DynamoDB repositories for Pydantic models: exact, instrumented, testable.

```python
class User(BaseModel, frozen=True):
    user_id: Annotated[UUID, PartitionKey()]
    name: str

class Users(Repository[User]):
    table = "users"

users = Users()
users.set(ada)
users.get(ada.user_id)
```
"""

from typing import TYPE_CHECKING

from dynrepo.lazy import names_of

if TYPE_CHECKING:
    from dynrepo.names import *  # noqa: F403 - all of them, as `__all__` says
else:
    __getattr__, __dir__ = names_of(__name__)
