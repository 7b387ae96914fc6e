"""A block whose writes are sent together at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from dynrepo.aio.other_face import AsyncEntered
from dynrepo.operations.transaction_writes import TransactionWrites
from dynrepo.public import public

if TYPE_CHECKING:
    from types import TracebackType

    from dynrepo.instrumentation.fence import AsyncExecute
    from dynrepo.operations.protocols import AsyncStore


@public
class AsyncTransaction(AsyncEntered, TransactionWrites):
    """Collects writes, and sends them together at the end of the `async with` block.

    When the block raises, nothing is sent. It takes 100 writes of 4 MB together, one of an item;
    another is a ValueError where it is added, and so is any after the block. One task fills it; a
    write from another thread is a RuntimeError. All repositories must be of one store, or of stores
    with the same region and endpoint. A write costs two units per 1 KB.

    The end of the block raises `TransactionCanceled`, whose `reasons` say for each write, in their
    order, what stood against it; `OutcomeUnknown` where no answer came; and a `StoreError` as of
    every verb of a repository.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
    """

    _block: ClassVar[str] = "async with orders.transaction() as transaction:"

    def __init__(self, store: AsyncStore, execute: AsyncExecute, token: str | None = None) -> None:
        super().__init__(store, token)
        self._execute = execute

    async def __aenter__(self) -> Self:
        self._begin()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        operation = self._end(failed=kind is not None)
        if operation is not None:
            await self._execute(operation)
