# Written by tests/faces.py from aio/forwarding.py: change that one.
"""A store before another: the base of those that note, delay, count or refuse what passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dynrepo.public import public

if TYPE_CHECKING:
    from dynrepo.operations.operation import Answer, Location, Operation
    from dynrepo.operations.protocols import Store
    from dynrepo.sending.sender_used import SenderUsed
    from dynrepo.settings import Settings


@public
class ForwardingStore:
    """Hands everything on to the store below; a subclass overrides `execute`.

    ```python
    class CountingStore(ForwardingStore):
        count = 0

        def execute(self, operation, /):
            self.count += 1
            return super().execute(operation)

    users = Users(CountingStore(DynamoStore()))
    ```

    Args:
        below: The store that answers; `below` holds it.
    """

    def __init__(self, below: Store) -> None:
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

    def sleep(self, seconds: float, /) -> None:
        """Waits, between the requests of a verb.

        Args:
            seconds: For how long.
        """
        self.below.sleep(seconds)

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation.

        Args:
            operation: The request, and what sending it twice would do.

        Returns:
            What the store below answered.

        Raises:
            DynrepoError: It is not done; nothing else is raised.
        """
        return self.below.execute(operation)
