"""A store before another: the base of those that note, delay, count or refuse what passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dynrepo.public import public

if TYPE_CHECKING:
    from dynrepo.operations.operation import Answer, Location, Operation
    from dynrepo.operations.protocols import AsyncStore
    from dynrepo.sending.sender_used import SenderUsed
    from dynrepo.settings import Settings


@public
class AsyncForwardingStore:
    """Hands everything on to the store below; a subclass overrides `execute_async`.

    ```python
    class CountingStore(AsyncForwardingStore):
        count = 0

        async def execute_async(self, operation, /):
            self.count += 1
            return await super().execute_async(operation)

    users = AsyncUsers(CountingStore(AsyncDynamoStore()))
    ```

    Args:
        below: The store that answers; `below` holds it.
    """

    def __init__(self, below: AsyncStore) -> None:
        self.below = below

    @property
    def table_prefix(self) -> str:
        """What every table name starts with."""
        return self.below.table_prefix

    @property
    def location(self) -> Location:
        """Where the requests go, as far as it is known."""
        return self.below.location

    @property
    def deadline(self) -> float:
        """Seconds that a call may take, with all its attempts."""
        return self.below.deadline

    @property
    def sender(self) -> SenderUsed:
        """Who sends the requests of the store below, and why, if it is one that tells."""
        return cast("Any", self.below).sender  # type: ignore[no-any-return]

    @property
    def settings(self) -> Settings | None:
        """What the store below was made by; the repositories above it take theirs from there."""
        return cast("Any", self.below).settings  # type: ignore[no-any-return]

    async def sleep_async(self, seconds: float, /) -> None:
        """Waits, between the requests of a verb.

        Args:
            seconds: For how long.
        """
        await self.below.sleep_async(seconds)

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation.

        Args:
            operation: The request, and what sending it twice would do.

        Returns:
            What the store below answered.

        Raises:
            DynrepoError: It is not done; nothing else is raised.
        """
        return await self.below.execute_async(operation)
