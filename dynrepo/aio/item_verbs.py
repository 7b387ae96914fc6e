"""The verbs of an item under its key: each builds an operation for the one door."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pydantic import BaseModel

from dynrepo.aio.driver import in_scope, no_progress, run
from dynrepo.aio.turns import pacing, turn_taken
from dynrepo.aio.waits import instruments_made, stepped
from dynrepo.clock import one_call
from dynrepo.errors import DynrepoError, ItemNotFound
from dynrepo.instrumentation.call import Call
from dynrepo.instrumentation.mixin import InstrumentationMixin, Observation, are_lacking
from dynrepo.operations import deletes, reads, writes
from dynrepo.operations.actions import may_meet_list
from dynrepo.operations.definition import RepositoryDefinition
from dynrepo.operations.updating import updated
from dynrepo.tracebacks import without_own_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.instrumentation import Requests
    from dynrepo.instrumentation.fence import AsyncExecute
    from dynrepo.operations.operation import Location, Operation
    from dynrepo.operations.program import Program
    from dynrepo.operations.protocols import AsyncStore

T = TypeVar("T", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)
R = TypeVar("R")


class AsyncItemVerbs(InstrumentationMixin, RepositoryDefinition[T]):
    """The verbs that read and write an item by its key, and the one door that all verbs pass."""

    store: AsyncStore

    @overload
    async def get(self, key: Hashable | T, *, consistent: bool = False) -> T | None: ...
    @overload
    async def get(
        self, key: Hashable | T, *, only: type[P], consistent: bool = False
    ) -> P | None: ...
    async def get(
        self, key: Hashable | T, *, only: type[P] | None = None, consistent: bool = False
    ) -> T | P | None:
        """The item under a key, or None.

        A key is one value, a `(partition, sort)` tuple or an instance. A read may miss a write of
        the last second, unless it is `consistent`, which costs twice. `only` is a smaller model
        with some of the fields: its attributes alone are sent, the price is that of the whole.
        """
        if only is not None:
            part = reads.get_part(self.mapper, key, only, consistent=consistent)
            return await self._execute(part, "get")
        return await self._execute(reads.get_item(self.mapper, key, consistent=consistent), "get")

    async def require(self, key: Hashable | T, *, consistent: bool = False) -> T:
        """The item under a key; `ItemNotFound` when there is none."""
        item = await self.get(key, consistent=consistent)
        if item is None:
            raise ItemNotFound(f"{self.mapper.table} has no item under this key")
        return item

    async def exists(self, key: Hashable | T, *, consistent: bool = False) -> bool:
        """Whether an item is stored under a key; reads the key only."""
        has_item = reads.has_item(self.mapper, key, consistent=consistent)
        return await self._execute(has_item, "exists")

    async def create(self, item: T) -> T:
        """Writes a new item; `ItemExists`, and nothing is written, when its key is taken.

        After a lost answer it looks: exactly this item is taken for its own, all else is
        `OutcomeUnknown`. With unique values it is one transaction, two units per 1 KB of the item
        and two for each guard, and sent again by its token: `NotUnique` where a value is taken.
        """
        if self.unique:
            return await self._in_one_call("create", self._unique_writes.created(item))
        return await self._execute(writes.create_item(self.mapper, item), "create")

    async def set(self, item: T) -> T:
        """Creates the item or replaces the whole stored one, undeclared attributes included.

        After a lost answer it is sent again, also over what somebody else wrote in between.
        In a shared table where a query reads rows of another entity beside those of this one,
        `set`, `save`, `update`, `edit` and `delete` ask for the mark, at no cost: a row of
        another entity is not written over, and the error is `ConditionFailed`. Elsewhere a `set`
        has no condition. Unique values: as `save`.
        """
        if self.unique:
            return await self._in_one_call("set", self._unique_writes.put(item))
        return await self._execute(writes.put_item(self.mapper, item), "set")

    async def update(
        self,
        key: Hashable | T,
        *actions: Action,
        condition: Condition | None = None,
        upsert: bool = False,
        exactly_once: bool = False,
    ) -> T:
        """Changes parts of an item and returns the whole: `users.fields.visits.add(1)`.

        `ItemNotFound` when there is none, `ConditionFailed` when `condition` does not hold, or when
        a sum would pass the bounds of its field, which the error's `field` names. A row of another
        entity is no item, as of `set`; an `upsert` over it is `ConditionFailed`. With `upsert` a
        missing item is made, if the actions alone make a valid one. `exactly_once` costs twice, and
        makes `add` and `append` certain even when an answer is lost; its two requests have the time
        of one call together. Without it, an update whose answer was lost is `OutcomeUnknown`; it is
        sent again, also over what somebody else wrote in between, where all actions only set or
        remove, and there is neither a condition nor a `Version`. `WrittenUnreadable` when the
        update was made and the item is not the model, here as in `save` and `delete`. A unique
        value, or the end of life beside one, is set or removed by a consistent read, a transaction
        as of `save`, and another read: `NotUnique` where it is taken.
        """
        if not exactly_once and not self.unique and not may_meet_list(actions):
            return await self._execute(
                writes.update_item(self.mapper, key, actions, condition=condition, upsert=upsert),
                "update",
            )
        update: Any = partial(updated, self.mapper)
        if self.unique:
            update = self._unique_writes.updated
        program: Program[T] = update(
            key, actions, condition=condition, upsert=upsert, exactly_once=exactly_once
        )
        return await self._in_one_call("update", program)

    async def delete(self, key: Hashable | T, *, condition: Condition | None = None) -> T | None:
        """Deletes the item under a key and returns it; None when there was none.

        `ConditionFailed` when `condition` does not hold, or a row of another entity has the key, as
        of `set`; `VersionConflict` when the key is an
        instance with a `Version` field and the stored item is another version. After a lost answer
        both are `OutcomeUnknown`; any other delete is sent again, also over what somebody else
        wrote in between. With unique values there is a consistent read before it, and where the
        item has some, it is a transaction, two units per 1 KB of it and two for each guard.
        """
        if self.unique:
            delete = self._unique_writes.deleted(key, condition=condition)
            return await self._in_one_call("delete", delete)
        delete_item = deletes.delete_item(self.mapper, key, condition=condition)
        return await self._execute(delete_item, "delete")

    async def _run(
        self, verb: str, program: Program[R], progress: Callable[[str], object] = no_progress
    ) -> R:
        """Drives a verb of several requests, each of which passes the door."""
        if self._fences is None and are_lacking(self._defaults):
            await instruments_made(self._defaults, self.store.deadline)
        with self._requests_of(verb) as requests:
            door = self._door(verb)
            execute = in_scope(requests, door) if requests.scopes else door
            return await run(program, execute, self.store.sleep_async, progress)

    async def _in_one_call(self, verb: str, program: Program[R]) -> R:
        """The same, where all requests have the time of one call together."""
        with one_call(self.store.deadline):
            return await self._run(verb, program)

    def _requests_of(self, verb: str) -> Requests:
        name = f"{type(self).__name__}.{verb}"
        return self._requests(name, self.mapper.table, self.store.deadline)

    def _door(self, verb: str) -> AsyncExecute:
        """The one door, for the requests of a verb."""
        return partial(self._execute, verb=verb)

    async def _execute(self, operation: Operation[R], verb: str = "") -> R:
        """The one door."""
        fences = self._fences
        if fences is None and are_lacking(self._defaults):
            await instruments_made(self._defaults, self.store.deadline)
        call = Call(operation, self._located, verb=verb)
        observed = Observation(call, self._instrumented() if fences is None else fences)
        turn = None if pacing.get() is None else await turn_taken(operation, observed, self.store)
        with observed:
            call.answer = await self.store.execute_async(operation)
        if turn is not None:
            turn.settle(call)
        try:
            if operation.steps is None:
                return operation.read(call.answer)
            return await stepped(operation.steps(call.answer))
        except DynrepoError as error:  # its frames hold what is stored
            raise without_own_frames(error)  # noqa: B904 - itself

    def _located(self) -> Location:
        return self.store.location
