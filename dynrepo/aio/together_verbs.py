"""The verbs that read or write several items as one: of any repositories of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from pydantic import BaseModel

from dynrepo.aio.saving_verbs import AsyncSavingVerbs
from dynrepo.aio.transaction import AsyncTransaction
from dynrepo.operations.transactions import transact_get

if TYPE_CHECKING:
    from dynrepo.operations.operation import Operation

T = TypeVar("T", bound=BaseModel)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class AsyncTogetherVerbs(AsyncSavingVerbs[T]):
    """The verbs of one item, and those of several that are read or written all at one moment."""

    def transaction(self, *, token: str | None = None) -> AsyncTransaction:
        """Begins a block, by `async with`, whose writes over this store are made all or none.

        ```python
        async with users.transaction() as transaction:
            transaction.create(users, ada)
            transaction.update(orders, (ada.user_id, 1), path(orders.stored.status).set("paid"))
        ```

        Args:
            token: 1 to 36 characters, else the end of the block is a ValueError. A transaction that
                is sent again within ten minutes with the same token is made once. Without it, each
                has one of its own, for all its attempts.

        Returns:
            The block, which sends its writes together at its end, and raises what came of it.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        """
        return AsyncTransaction(self.store, self._door("transaction"), token)

    @overload
    async def get_together(self, first: Operation[A], /) -> tuple[A]: ...
    @overload
    async def get_together(self, first: Operation[A], second: Operation[B], /) -> tuple[A, B]: ...
    @overload
    async def get_together(
        self, first: Operation[A], second: Operation[B], third: Operation[C], /
    ) -> tuple[A, B, C]: ...
    @overload
    async def get_together(self, *lookups: Operation[A]) -> tuple[A, ...]: ...
    async def get_together(self, *lookups: Operation[Any]) -> tuple[Any, ...]:
        """Reads items of any repositories of this store as they were at one moment.

        ```python
        lookups = users.lookup(user_id), orders.lookup((user_id, 1))
        user, order = await users.get_together(*lookups)
        ```

        Two read units per 4 KB of each item; 4 MB of items together at most.

        Args:
            *lookups: What to read, by `lookup` of the repositories: 1 to 100.

        Returns:
            An item for each lookup, in their order; None for what is not stored.

        Raises:
            TransactionCanceled: A write of one of them was under way, at each attempt.
            CodecError: What is stored is not the model.
            ValueError: There is no lookup, or more than 100.
            TypeError: One is no lookup.
            StoreError: As of every verb: see the class.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
        """
        return await self._execute(transact_get(lookups), "get_together")
