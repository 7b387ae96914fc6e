"""A block whose writes are sent by 25."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from pydantic import BaseModel

from dynrepo.blocking.driver import run
from dynrepo.operations.batches import WRITE_SIZE, check_size, delete, put, write_many
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from types import TracebackType

    from dynrepo.instrumentation.fence import Execute
    from dynrepo.operations.batches import Write
    from dynrepo.operations.mapper import Mapper

T = TypeVar("T", bound=BaseModel)


@public
class Batch(Generic[T]):
    """Collects writes and sends them by 25, the rest at the end of the `with` block.

    When the block raises, nothing more is sent; what went before stays written.
    """

    def __init__(
        self,
        mapper: Mapper[T],
        execute: Execute,
        requests: Callable[[Execute], AbstractContextManager[Execute]],
        sleep: Callable[[float], None],
    ) -> None:
        self._mapper = mapper
        self._execute = execute
        self._opened = requests(execute)
        self._sleep = sleep
        self._waiting: dict[Hashable, Write] = {}

    def set(self, item: T) -> None:
        """Creates or replaces an item."""
        write = put(self._mapper, item)
        check_size(self._mapper, write.request)
        self._add(write)

    def delete(self, key: Hashable | T) -> None:
        """Deletes the item under a key."""
        self._add(delete(self._mapper, key))

    def __enter__(self) -> Self:
        self._execute = self._opened.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with ExitStack() as ending:
            if error is None:
                ending.push(self._opened)  # it ends after the rest is sent, or cannot be
                self._send()
            else:
                self._opened.__exit__(kind, error, trace)

    def _add(self, write: Write) -> None:
        self._waiting[write.identity] = write
        if len(self._waiting) == WRITE_SIZE:
            self._send()

    def _send(self) -> None:
        writes, self._waiting = list(self._waiting.values()), {}
        run(write_many(self._mapper, writes), self._execute, self._sleep)
