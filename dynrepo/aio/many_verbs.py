"""The verbs of many items, which take as many requests as DynamoDB wants for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from dynrepo.aio.batch import AsyncBatch
from dynrepo.aio.together_verbs import AsyncTogetherVerbs
from dynrepo.operations.batches import delete, put
from dynrepo.operations.rounds import get_many, write_many
from dynrepo.operations.usages import several

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

T = TypeVar("T", bound=BaseModel)


class AsyncManyVerbs(AsyncTogetherVerbs[T]):
    """The verbs that read and write items, one or many."""

    async def get_many(
        self, keys: Iterable[Hashable | T], *, consistent: bool = False, concurrency: int = 1
    ) -> list[T | None]:
        """Reads the items under any number of keys, 100 keys a request.

        Keys that come back unread are asked for again, in up to 10 rounds with growing pauses. Each
        request has the store's deadline, and one that fails ends the verb: a `deadline` block
        bounds all of them together. Each item costs as much as by `get`.

        Args:
            keys: As of `get`; one that is given twice is read once.
            consistent: As of `get`.
            concurrency: How many requests are sent at the same time, in tasks; at least 1.

        Returns:
            The items in the order of the keys, with None for what is not stored.

        Raises:
            Unprocessed: `keys` of the error are those that were not read in 10 rounds.
            CodecError: A key cannot be one of the model, or an item is not the model.
            StoreError: As of every verb: see the class.
            TypeError: One key is given, not several.
            ValueError: `concurrency` is less than 1.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
        """
        keys = several("get_many", keys)
        reads = get_many(self.mapper, keys, consistent=consistent, concurrency=concurrency)
        return await self._run("get_many", reads)

    async def set_many(self, items: Iterable[T], *, concurrency: int = 1) -> None:
        """Creates or replaces any number of items, 25 a request; no condition holds any back.

        Of several items with one key the last is stored. Each request has the store's deadline; a
        `deadline` block bounds all of them together. Each item costs as much as by `set`.

        Args:
            items: Instances, of 400 KB at most each as they are stored.
            concurrency: How many requests are sent at the same time, in tasks, but never two with
                one key; at least 1. The items of so many are read before they are sent.

        Raises:
            Unprocessed: `items` of the error are those that were not written, in 10 rounds or
                before a request failed; where an answer was lost, some of them may be.
            CodecError: An item cannot be stored; those before it may be written.
            StoreError: As of every verb: see the class; nothing was written then.
            TypeError: One item is given, not several.
            ValueError: `concurrency` is less than 1, or the repository has unique values, or is in
                a shared table where a `set` asks for the mark, which a batch cannot.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
        """
        puts = (put(self.mapper, item) for item in several("set_many", items))
        await self._run("set_many", write_many(self.mapper, puts, concurrency=concurrency))

    async def delete_many(self, keys: Iterable[Hashable | T], *, concurrency: int = 1) -> None:
        """Deletes the items under any number of keys, 25 a request; what is not stored is no error.

        Args:
            keys: As of `get`.
            concurrency: As of `set_many`.

        Raises:
            Unprocessed: `keys` of the error are those that were not deleted, as of `set_many`.
            CodecError: A key cannot be one of the model; those before it may be deleted.
            StoreError: As of every verb: see the class; nothing was deleted then.
            TypeError: One key is given, not several.
            ValueError: As of `set_many`.
        """
        deletes = (delete(self.mapper, key) for key in several("delete_many", keys))
        await self._run("delete_many", write_many(self.mapper, deletes, concurrency=concurrency))

    def batch(self) -> AsyncBatch[T]:
        """Begins a block, by `async with`, whose writes are sent by 25, the rest at its end.

        ```python
        async with orders.batch() as batch:
            await batch.set(order)
            await batch.delete(key)
        ```

        Returns:
            The block. When it raises, nothing more is sent. Each of its writes is a `ValueError`
                where `set_many` is one.
        """
        requests = self._requests_of("batch")
        return AsyncBatch(self.mapper, self._door("batch"), requests, self.store.sleep_async)
