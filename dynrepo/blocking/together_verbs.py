# Written by tests/faces.py from aio/together_verbs.py: change that one.
"""The verbs that read or write several items as one: of any repositories of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from pydantic import BaseModel

from dynrepo.blocking.saving_verbs import SavingVerbs
from dynrepo.blocking.transaction import Transaction
from dynrepo.operations.transactions import transact_get

if TYPE_CHECKING:
    from dynrepo.operations.operation import Operation

T = TypeVar("T", bound=BaseModel)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class TogetherVerbs(SavingVerbs[T]):
    """The verbs of one item, and those of several that are read or written all at one moment."""

    def transaction(self, *, token: str | None = None) -> Transaction:
        """An `with` block: writes in repositories of this store, made all or none.

        A transaction that is sent again within ten minutes with the same `token` is made once.
        """
        return Transaction(self.store, self._door("transaction"), token)

    @overload
    def get_together(self, first: Operation[A], /) -> tuple[A]: ...
    @overload
    def get_together(self, first: Operation[A], second: Operation[B], /) -> tuple[A, B]: ...
    @overload
    def get_together(
        self, first: Operation[A], second: Operation[B], third: Operation[C], /
    ) -> tuple[A, B, C]: ...
    @overload
    def get_together(self, *lookups: Operation[A]) -> tuple[A, ...]: ...
    def get_together(self, *lookups: Operation[Any]) -> tuple[Any, ...]:
        """Items of any repositories of this store as they were at one moment, up to 100.

        ::

            lookups = users.lookup(user_id), orders.lookup((user_id, 1))
            user, order = users.get_together(*lookups)
        """
        return self._execute(transact_get(lookups), "get_together")
