"""The writes of a transaction: collected one by one, each refused where DynamoDB would at the end.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
"""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar
from uuid import uuid4

from pydantic import BaseModel

from dynrepo.codec.limits import size_of
from dynrepo.expressions.nodes import Update, Value
from dynrepo.opaque import Sealed
from dynrepo.operations import deletes, writes
from dynrepo.operations.operation import Answer, Location
from dynrepo.operations.saving import stores_no_value
from dynrepo.operations.synonyms import WRITES, NamesSynonyms
from dynrepo.operations.transactions import LIMIT, transact_write
from dynrepo.operations.usages import used_as

if TYPE_CHECKING:
    from collections.abc import Hashable

    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.protocols import PlacedStore

T = TypeVar("T", bound=BaseModel)

BYTES_LIMIT = 4 * 1024 * 1024
"""Bytes of all items in one transaction."""

_OVER = "a transaction is one block, and sent once: begin another by transaction()"
_UNSENT = "a write outside of the block of its transaction is not sent"
_ANOTHER_THREAD = (
    "a transaction is filled by one thread, and this is another: hand what it is to write to the"
    " thread that began it, or begin a transaction() in each"
)


class Participant(Protocol[T]):
    """What a transaction needs of a repository."""

    @property
    def store(self) -> PlacedStore:
        """The store that all repositories of a transaction share."""
        ...

    @property
    def mapper(self) -> Mapper[T]:
        """Where the items are stored, and how they are written."""
        ...


class TransactionWrites(NamesSynonyms):
    """The writes of one transaction, as they are collected.

    Takes 100 writes of 4 MB together, one of an item; another is a ValueError where it is added.
    Taken from one thread only, else a RuntimeError: the first one, and that of the block where it
    has begun.
    """

    _block: ClassVar[str] = "with orders.transaction() as transaction:"
    """How it is begun."""

    if not TYPE_CHECKING:
        _synonyms = WRITES

    def __init__(self, store: PlacedStore, token: str | None = None) -> None:
        self._store = store
        self._token = str(uuid4()) if token is None else token
        self._parts: list[Operation[Any]] = []
        self._keys = Sealed(frozenset[Any]())
        self._size = 0
        self._begun = self._ended = False
        self._owner: dict[str, int] = {}

    def __repr__(self) -> str:
        tables = dict.fromkeys(part.table for part in self._parts)
        return f"{type(self).__name__}({', '.join([f'{len(self._parts)} writes', *tables])})"

    @used_as("transaction.create(orders, item)")
    def create(self, repository: Participant[T], item: T) -> T:
        """Adds the write of a new item, as `create` of a repository.

        Args:
            repository: Where the item belongs.
            item: An instance, of 400 KB at most as it is stored.

        Returns:
            The item as it will be stored.

        Raises:
            CodecError: The item cannot be stored.
            ValueError: The block takes no such write: it is over, full, or has one of the item
                already.
            RuntimeError: It is added from another thread than the first one.
        """
        operation = writes.create_item(repository.mapper, item)
        self._add("create", repository, operation, item)
        return operation.read(Answer({}))

    @used_as("transaction.set(orders, item)")
    def set(self, repository: Participant[T], item: T) -> T:
        """Adds the write of an item in place of what is stored, as `set` of a repository.

        Args:
            repository: As of `create`.
            item: As of `create`.

        Returns:
            The item as it will be stored.

        Raises:
            CodecError: As of `create`.
            ValueError: As of `create`.
            RuntimeError: As of `create`.
        """
        operation = writes.put_item(repository.mapper, item)
        self._add("set", repository, operation, item)
        return operation.read(Answer({}))

    @used_as("transaction.save(orders, item)")
    def save(self, repository: Participant[T], item: T) -> None:
        """Adds the write of the declared fields of an item, as `save` of a repository.

        Args:
            repository: As of `create`.
            item: As of `create`.

        Raises:
            CodecError: As of `create`.
            ValueError: As of `create`; or the item has nothing but its key.
            RuntimeError: As of `create`.
        """
        operation = writes.save_item(repository.mapper, item)
        if stores_no_value(operation):
            # Alone it is fine: another request makes the item, if it is not there.
            raise ValueError(
                f"{operation.table}: in a transaction DynamoDB saves no item that has nothing but"
                " its key: create or set it"
            )
        self._add("save", repository, operation, item)

    @used_as("transaction.update(orders, key, fields.x.set(1))")
    def update(
        self,
        repository: Participant[T],
        key: Hashable | T,
        *actions: Action,
        condition: Condition | None = None,
        upsert: bool = False,
    ) -> None:
        """Adds a change of parts of an item, as `update` of a repository.

        Args:
            repository: As of `create`.
            key: As of `get` of a repository.
            *actions: As of `update` of a repository.
            condition: What has to hold for the stored item.
            upsert: Whether a missing item is made, if the actions alone make a valid one.

        Raises:
            CodecError: As of `update` of a repository.
            ValueError: As of `create`; or there is no action, or one that no update takes.
            RuntimeError: As of `create`.
        """
        operation = writes.update_item(
            repository.mapper, key, actions, condition=condition, upsert=upsert
        )
        self._add("upsert" if upsert else "update", repository, operation, key)

    @used_as("transaction.delete(orders, key)")
    def delete(
        self, repository: Participant[T], key: Hashable | T, *, condition: Condition | None = None
    ) -> None:
        """Adds the delete of an item, as `delete` of a repository.

        Args:
            repository: As of `create`.
            key: As of `get` of a repository; of an instance with a `Version` only its version is
                deleted.
            condition: What has to hold for the stored item.

        Raises:
            CodecError: `key` cannot be a key of the model.
            ValueError: As of `create`.
            RuntimeError: As of `create`.
        """
        delete = deletes.delete_item(repository.mapper, key, condition=condition)
        self._add("delete", repository, delete, key)

    @used_as("transaction.check(orders, key, fields.x == 1)")
    def check(self, repository: Participant[T], key: Hashable | T, condition: Condition) -> None:
        """Requires that a condition holds for an item that the transaction does not write.

        Args:
            repository: As of `create`.
            key: As of `get` of a repository.
            condition: What has to hold for the stored item.

        Raises:
            CodecError: `key` cannot be a key of the model.
            ValueError: As of `create`.
            RuntimeError: As of `create`.
        """
        check = deletes.check_item(repository.mapper, key, condition)
        self._add("check", repository, check, key)

    def _begin(self) -> None:
        """ValueError when the block was begun before."""
        if self._begun:
            raise ValueError(_OVER)
        self._begun = True
        self._check_thread()

    def _end(self, *, failed: bool) -> Operation[None] | None:
        """What is to be sent at the end of the block; None where it failed, or nothing is in it."""
        self._ended = True
        return None if failed or not self._parts else transact_write(self._parts, self._token)

    def _add(
        self, verb: str, repository: Participant[T], operation: Operation[Any], key: Any
    ) -> None:
        """Takes a write in; ValueError for what DynamoDB would refuse at the end."""
        if self._ended:
            raise ValueError(_OVER)
        if not self._begun:
            raise ValueError(f"{_UNSENT}: write `{self._block}`")
        self._check_thread()
        if not have_same_tables(repository.store, self._store):
            raise ValueError("all repositories of a transaction must be of one store")
        mapper = repository.mapper
        operation, identities = _with_guards(verb, mapper, operation, key)
        taken: frozenset[Hashable] = self._keys.cell_contents
        if not identities.isdisjoint(taken):
            raise ValueError(
                f"{mapper.table}: a transaction takes one write of an item, and of a unique value:"
                " this is another"
            )
        if len(taken) + len(identities) > LIMIT:
            raise ValueError(
                f"a transaction takes {LIMIT} writes, those of unique values included: this is"
                " another"
            )
        size = self._size + _stored_size(operation)
        if size > BYTES_LIMIT:
            raise ValueError(f"a transaction takes {BYTES_LIMIT} bytes of items, with this {size}")
        self._size = size
        self._keys = Sealed(taken | identities)
        self._parts.append(operation)

    def _check_thread(self) -> None:
        """RuntimeError in any thread but the first: two at once could lose a write, or its order.

        One step, so that of two threads that begin together one is the first.
        """
        if self._owner.setdefault("thread", get_ident()) != get_ident():
            raise RuntimeError(_ANOTHER_THREAD)


def _with_guards(
    verb: str, mapper: Mapper[Any], write: Operation[Any], key: Any
) -> tuple[Operation[Any], set[Hashable]]:
    """A write with those of the guards of unique values, and what identifies each of them."""
    identities: set[Hashable] = {(mapper.table, mapper.schema.identity(mapper.schema.key(key)))}
    if mapper.unique is None:
        return write, identities
    from dynrepo.operations.unique_parts import guard_keys, guarded_part  # noqa: PLC0415 - few

    write = guarded_part(mapper, mapper.unique, verb, write, key)
    return write, identities | guard_keys(mapper.unique, write)


def have_same_tables(store: PlacedStore, other: PlacedStore) -> bool:
    """Whether two stores hold the same tables: they are one, or in one place that is known."""
    is_placed_as: Any = getattr(store, "is_placed_as", None)
    if store is other or (is_placed_as is not None and is_placed_as(other)):
        return True  # without a look at the location, for which a client may have to be made
    return store.location == other.location != Location()


def _stored_size(part: Operation[Any]) -> int:
    """The bytes that a write surely stores; of an update DynamoDB counts the whole item."""
    if "Item" in part.request:
        return size_of(part.request["Item"])
    update = part.expressions.get("UpdateExpression")
    if not isinstance(update, Update):
        return 0
    values = (action.values[1] for action in update.set_actions)
    return sum(size_of({"": value.value}) for value in values if isinstance(value, Value))
