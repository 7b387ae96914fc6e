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
        """Reads the item under a key.

        Args:
            key: One value, a `(partition, sort)` tuple, or an instance, of which the key alone
                counts.
            only: A smaller model with some of the fields. Its attributes alone are sent, at the
                price of the whole item; all of them are where there is an `upcast`.
            consistent: Whether every write that succeeded before is seen, for one read unit per 4
                KB. Else the last second's may be missed, for half a unit.

        Returns:
            The item, or the part of it that `only` describes; None when nothing is stored.

        Raises:
            CodecError: `key` cannot be a key of the model, or the item is not the model.
            SchemaError: `only` has a field that the model has not, or has with another type.
            StoreError: As of every verb: see the class.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
        """
        if only is not None:
            part = reads.get_part(self.mapper, key, only, consistent=consistent)
            return await self._execute(part, "get")
        return await self._execute(reads.get_item(self.mapper, key, consistent=consistent), "get")

    async def require(self, key: Hashable | T, *, consistent: bool = False) -> T:
        """Reads the item under a key that has to be there.

        Args:
            key: As of `get`.
            consistent: As of `get`.

        Returns:
            The item.

        Raises:
            ItemNotFound: Nothing is stored under the key. It is a LookupError, too.
            CodecError: As of `get`.
            StoreError: As of every verb: see the class.
        """
        item = await self.get(key, consistent=consistent)
        if item is None:
            raise ItemNotFound(f"{self.mapper.table} has no item under this key")
        return item

    async def exists(self, key: Hashable | T, *, consistent: bool = False) -> bool:
        """Tells whether an item is stored under a key; reads the key alone, and costs as `get`.

        Args:
            key: As of `get`.
            consistent: As of `get`.

        Returns:
            True when an item is stored.

        Raises:
            CodecError: `key` cannot be a key of the model.
            StoreError: As of every verb: see the class.
        """
        has_item = reads.has_item(self.mapper, key, consistent=consistent)
        return await self._execute(has_item, "exists")

    async def create(self, item: T) -> T:
        """Writes a new item, and never over one that is there.

        One write unit per 1 KB; with unique values a transaction, which is sent again by its token.

        Args:
            item: An instance, of 400 KB at most as it is stored.

        Returns:
            The item as it is stored now.

        Raises:
            ItemExists: The key is taken; `item` of the error is what is stored. Nothing was
                written.
            NotUnique: A unique value is taken. Nothing was written.
            CodecError: The item cannot be stored, or could not be read again.
            OutcomeUnknown: The answer was lost, and a look did not find exactly this item.
            StoreError: As of every verb: see the class.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
        """
        if self.unique:
            return await self._in_one_call("create", self._unique_writes.created(item))
        return await self._execute(writes.create_item(self.mapper, item), "create")

    async def set(self, item: T) -> T:
        """Creates the item or replaces the whole stored one, undeclared attributes included.

        One write unit per 1 KB of the larger of the old and the new item. After a lost answer it is
        sent again, also over what somebody else wrote in between.

        Args:
            item: An instance, of 400 KB at most as it is stored.

        Returns:
            The item as it is stored now.

        Raises:
            ConditionFailed: A row of another entity has the key: see the class. Else a `set` has no
                condition.
            NotUnique: A unique value is taken. Nothing was written.
            CodecError: As of `create`.
            OutcomeUnknown: No answer came, nor to what was sent again.
            StoreError: As of every verb: see the class.
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
        """Changes parts of an item by actions, as `fields.visits.add(1)`, and reads nothing first.

        One write unit per 1 KB of the larger of the old and the new item. A unique value, or the
        end of life beside one, is changed by a consistent read, a transaction and another read.

        Args:
            key: As of `get`.
            *actions: At least one. No two are on one field, and none is on the key or the
                `Version`.
            condition: What has to hold for the stored item.
            upsert: Whether a missing item is made, if the actions alone make a valid one.
            exactly_once: Whether `add` and `append` are certain even when an answer is lost: by a
                transaction, at twice the price, and a read, which have the time of one call
                together.

        Returns:
            The whole item as it is stored now.

        Raises:
            ItemNotFound: There is no item, or a row of another entity only, and no `upsert`.
            ConditionFailed: `condition` does not hold, or a sum would pass the bounds of its field,
                which `field` of the error names, or an `upsert` would be over a row of another
                entity.
            NotUnique: A unique value is taken. Nothing was written.
            CodecError: `key` cannot be a key of the model, a value does not fit its field, or an
                `upsert` would make no valid item.
            ValueError: There is no action, or one that no update takes.
            TypeError: One is no action.
            OutcomeUnknown: The answer was lost. Where all actions only set or remove, and there is
                neither a condition nor a `Version`, it is first sent again, also over what somebody
                else wrote in between.
            WrittenUnreadable: The update was made, and the item is not the model.
            StoreError: As of every verb: see the class.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
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
        """Deletes the item under a key.

        One write unit per 1 KB of the item. With unique values there is a consistent read before
        it, and where the item has some, it is a transaction.

        Args:
            key: As of `get`. Of an instance with a `Version` field only its version is deleted.
            condition: What has to hold for the stored item.

        Returns:
            The item that was deleted; None when there was none.

        Raises:
            ConditionFailed: `condition` does not hold, or a row of another entity has the key.
            VersionConflict: The stored item is another version than the instance.
            CodecError: `key` cannot be a key of the model.
            OutcomeUnknown: The answer was lost. Without a condition and a version it is first sent
                again, also over what somebody else wrote in between.
            WrittenUnreadable: It was deleted, and what was stored is not the model.
            StoreError: As of every verb: see the class.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
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
        return lambda operation: self._execute(operation, verb)

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
        read, steps = operation.read, operation.steps
        try:
            return read(call.answer) if steps is None else await stepped(steps(call.answer))
        except DynrepoError as error:  # its frames hold what is stored
            raise without_own_frames(error)  # noqa: B904 - itself

    def _located(self) -> Location:
        return self.store.location
