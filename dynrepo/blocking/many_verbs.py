# Written by tests/faces.py from aio/many_verbs.py: change that one.
"""The verbs of many items, which take as many requests as DynamoDB wants for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from dynrepo.blocking.batch import Batch
from dynrepo.blocking.together_verbs import TogetherVerbs
from dynrepo.operations.batches import delete, put
from dynrepo.operations.rounds import get_many, write_many
from dynrepo.operations.usages import several

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

T = TypeVar("T", bound=BaseModel)


class ManyVerbs(TogetherVerbs[T]):
    """The verbs that read and write items, one or many."""

    def get_many(
        self, keys: Iterable[Hashable | T], *, consistent: bool = False, concurrency: int = 1
    ) -> list[T | None]:
        """The items under any number of keys, in their order, with None for what is not stored.

        Reads 100 keys a request, and sends `concurrency` requests at the same time, in threads;
        `Unprocessed` names the keys that were not read in 10 rounds. Each request has the store's
        deadline, and one that fails ends the verb: a `deadline` block bounds all of them together.
        """
        keys = several("get_many", keys)
        reads = get_many(self.mapper, keys, consistent=consistent, concurrency=concurrency)
        return self._run("get_many", reads)

    def set_many(self, items: Iterable[T], *, concurrency: int = 1) -> None:
        """Creates or replaces any number of items, 25 a request; no condition holds any back.

        `concurrency` requests are sent at the same time, in threads, but never two with one key.
        `Unprocessed` names the items that were not written in 10 rounds, or before a request
        failed. Each request has the store's deadline; a `deadline` block bounds all of them.
        `ValueError` in a shared table where a `set` asks for the mark, which a batch cannot, and
        with unique values.
        """
        puts = (put(self.mapper, item) for item in several("set_many", items))
        self._run("set_many", write_many(self.mapper, puts, concurrency=concurrency))

    def delete_many(self, keys: Iterable[Hashable | T], *, concurrency: int = 1) -> None:
        """Deletes the items under any number of keys, 25 a request.

        `Unprocessed` names the keys that were not deleted, by the same bounds as `set_many`;
        `ValueError` where that is one.
        """
        deletes = (delete(self.mapper, key) for key in several("delete_many", keys))
        self._run("delete_many", write_many(self.mapper, deletes, concurrency=concurrency))

    def batch(self) -> Batch[T]:
        """An `with` block: sets and deletes are sent by 25, and no more when it raises.

        Each is a `ValueError` where `set_many` is one.
        """
        requests = self._requests_of("batch")
        return Batch(self.mapper, self._door("batch"), requests, self.store.sleep)
