"""A store before another that keeps what it was asked, for repositories of either face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.blocking.forwarding import ForwardingStore

if TYPE_CHECKING:
    from dynrepo.operations.operation import Answer, Operation


class CountingStore(ForwardingStore):
    """Hands everything on to the store below; `names` has the name of each operation, in order."""

    def __init__(self, store: Any) -> None:
        super().__init__(store)
        self._store = store
        self.names: list[str] = []

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Hands an operation on."""
        self.names.append(operation.name)
        return super().execute(operation)

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Hands an operation on, awaited."""
        self.names.append(operation.name)
        answer: Answer = await self._store.execute_async(operation)
        return answer

    async def sleep_async(self, seconds: float, /) -> None:
        """Waits, between the requests of a verb."""
        await self._store.sleep_async(seconds)
