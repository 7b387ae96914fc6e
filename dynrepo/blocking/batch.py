# Written by tests/faces.py from aio/batch.py: change that one.
"""A block whose writes are sent by 25."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from pydantic import BaseModel

from dynrepo.blocking.driver import in_scope, run
from dynrepo.blocking.other_face import Entered
from dynrepo.blocking.waits import Condition, current_caller
from dynrepo.operations.batches import delete, put_alone
from dynrepo.operations.rounds import write_many
from dynrepo.operations.synonyms import WRITES, NamesSynonyms
from dynrepo.operations.waiting_writes import WaitingWrites
from dynrepo.public import public
from dynrepo.sending.interrupted import stopped_from_outside

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from types import TracebackType

    from dynrepo.instrumentation import Requests
    from dynrepo.instrumentation.fence import Execute
    from dynrepo.operations.batches import Write
    from dynrepo.operations.mapper import Mapper

T = TypeVar("T", bound=BaseModel)

_UNSENT = (
    "a write outside of the block of its batch is not sent: write `with orders.batch() as batch:`"
)


@public
class Batch(Entered, NamesSynonyms, Generic[T]):
    """Collects writes and sends them by 25, the rest at the end of the `with` block.

    Any number of threads may fill it. The one whose write is the 25th sends, and is told what
    cannot be sent. When that thread is stopped meanwhile, by a cancellation or a signal, and the
    block goes on, all 25 are sent again later. The end of the block waits for the requests of all,
    and raises as `set_many`. A write after it is a ValueError. When the block raises, nothing more
    is sent; what went before stays written.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
    """

    if not TYPE_CHECKING:
        _synonyms = WRITES

    def __init__(
        self,
        mapper: Mapper[T],
        execute: Execute,
        requests: Requests,
        sleep: Callable[[float], None],
    ) -> None:
        self._mapper = mapper
        self._requests = requests
        self._execute = in_scope(requests, execute)
        self._sleep = sleep
        self._writes = WaitingWrites(current_caller)
        self._begun = False
        self._landed = Condition()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._mapper.table}, {self._writes.count} to be sent)"

    def set(self, item: T) -> None:
        """Creates or replaces an item; of several writes with one key the last counts.

        Args:
            item: An instance, of 400 KB at most as it is stored.

        Raises:
            CodecError: The item cannot be stored.
            ValueError: Outside of the block, or where `set_many` is one.
            Unprocessed: This write is the 25th, and some were not made: `items` and `keys` of the
                error.
            StoreError: This write is the 25th, and none of the 25 was made.
        """
        self._add(put_alone(self._mapper, item))

    def delete(self, key: Hashable | T) -> None:
        """Deletes the item under a key; what is not stored is no error.

        Args:
            key: As of `get`.

        Raises:
            CodecError: `key` cannot be a key of the model.
            ValueError: As of `set`.
            Unprocessed: As of `set`.
            StoreError: As of `set`.
        """
        self._add(delete(self._mapper, key))

    def __enter__(self) -> Self:
        self._begun = True
        self._requests.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writes.end()
        with ExitStack() as ending:
            if error is None:
                ending.push(self._requests)  # it ends after the rest is sent, or cannot be
                self._send_rest()
            else:
                self._requests.end(error)

    def _add(self, write: Write) -> None:
        if not self._begun:
            raise ValueError(_UNSENT)
        writes = self._writes.add(write)
        if writes:
            self._send(writes)

    def _send_rest(self) -> None:
        self._landed.wait_for(lambda: not self._writes.are_under_way)
        self._send(self._writes.rest())

    def _send(self, writes: Sequence[Write]) -> None:
        try:
            run(write_many(self._mapper, writes), self._execute, self._sleep)
        except BaseException as error:
            if stopped_from_outside(error):  # those who added the others are not told
                self._writes.take_back(writes)
            raise
        finally:
            self._writes.done(writes)
            self._landed.notify_all()
