"""Several writes, or several reads, in several tables: all of them or none.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar
from uuid import uuid4

from pydantic import BaseModel

from dynrepo.blocking.store import DynamoStore
from dynrepo.codec.limits import size_of
from dynrepo.errors import (
    DynrepoError,
    ItemNotFound,
    OutcomeUnknown,
    StoreError,
    Throttled,
    TransactionCanceled,
)
from dynrepo.expressions.nodes import Update, Value
from dynrepo.operations import writes
from dynrepo.operations.operation import (
    Answer,
    CancellationReason,
    Effect,
    Operation,
    Refusal,
    Table,
)
from dynrepo.operations.reads import get_item

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from types import TracebackType

    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.operations.program import Program
    from dynrepo.operations.protocols import Store

T = TypeVar("T", bound=BaseModel)

LIMIT = 100
"""Writes, or reads, in one transaction."""

BYTES_LIMIT = 4 * 1024 * 1024
"""Bytes of all items in one transaction."""

TOKEN_LIMIT = 36
"""Characters of a client request token."""

_OVER = "a transaction is one block, and sent once: begin another by transaction()"

_KINDS = {
    "PutItem": "Put",
    "UpdateItem": "Update",
    "DeleteItem": "Delete",
    "ConditionCheck": "ConditionCheck",
}


class Target(Protocol[T]):
    """What a transaction needs of a repository."""

    @property
    def store(self) -> Store:
        """The store that all repositories of a transaction share."""
        ...

    @property
    def target(self) -> Table[T]:
        """The table, and the schema of its items."""
        ...


def transact_write(parts: Sequence[Operation[Any]], token: str) -> Operation[None]:
    """Makes up to 100 writes, all or none; again with the same token makes them once.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """
    _check_count(parts, "writes")
    if not 1 <= len(token) <= TOKEN_LIMIT:
        raise ValueError(f"a token has 1 to {TOKEN_LIMIT} characters, not {len(token)}")
    request = {"TransactItems": [_write(part) for part in parts], "ClientRequestToken": token}
    return Operation(
        "TransactWriteItems",
        _tables(parts),
        request,
        lambda _: None,
        Effect.REPEATABLE,
        parts=tuple(parts),
        refusal=lambda how: _canceled(parts, how),
    )


def transact_get(parts: Sequence[Operation[Any]]) -> Operation[tuple[Any, ...]]:
    """Reads up to 100 items as they were at one moment.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
    """
    _check_count(parts, "reads")

    def read(answer: Answer) -> tuple[Any, ...]:
        found = answer.body["Responses"]
        return tuple(part.read(Answer(one)) for part, one in zip(parts, found, strict=True))

    return Operation(
        "TransactGetItems",
        _tables(parts),
        {"TransactItems": [{"Get": _without(part, "ConsistentRead")} for part in parts]},
        read,
        parts=tuple(parts),
        refusal=lambda how: _canceled(parts, how),
    )


def updated_once(table: Table[T], update: Operation[T], key: Any) -> Program[T]:
    """Makes one update exactly once, at twice the price, and reads the item after it."""
    try:
        yield transact_write([update], str(uuid4()))
    except TransactionCanceled as error:
        if error.reasons and error.reasons[0] is not None:
            raise error.reasons[0] from error
        raise
    try:
        found: T | None = yield get_item(table, key, consistent=True)
    except StoreError as error:
        # The update is made: to say that it failed would have it made again.
        raise OutcomeUnknown(
            f"{table.name}: the item was updated, but could not be read: {error.code}",
            code=error.code,
            request_id=error.request_id,
            attempts=error.attempts,
        ) from error
    if found is None:
        raise ItemNotFound(f"{table.name}: the item was updated, and deleted before it was read")
    return found


class Transaction:
    """Collects writes, and sends them together at the end of the `with` block.

    When the block raises, nothing is sent. Takes 100 writes of 4 MB together, one of an item;
    another is a ValueError where it is added, and so is any after the block.
    `TransactionCanceled.reasons` says for each write, in their order, what stood against it. All
    repositories must be of one store, or of stores with the same region and endpoint.
    """

    def __init__(
        self,
        store: Store,
        execute: Callable[[Operation[None]], None],
        token: str | None = None,
    ) -> None:
        self._store = store
        self._execute = execute
        self._token = str(uuid4()) if token is None else token
        self._parts: list[Operation[Any]] = []
        self._keys: set[Hashable] = set()
        self._size = 0
        self._begun = self._ended = False

    def create(self, repository: Target[T], item: T) -> T:
        """Writes a new item, as `Repository.create`; returns it as it will be stored."""
        operation = writes.create_item(repository.target, item)
        self._add(repository, operation, item)
        return operation.read(Answer({}))

    def set(self, repository: Target[T], item: T) -> T:
        """Creates or replaces an item, as `Repository.set`; returns it as it will be stored."""
        operation = writes.put_item(repository.target, item)
        self._add(repository, operation, item)
        return operation.read(Answer({}))

    def save(self, repository: Target[T], item: T) -> None:
        """Writes the declared fields of an item, as `Repository.save`."""
        self._add(repository, writes.save_item(repository.target, item), item)

    def update(
        self,
        repository: Target[T],
        key: Hashable | T,
        *actions: Action,
        condition: Condition | None = None,
        upsert: bool = False,
    ) -> None:
        """Changes parts of an item, as `Repository.update`."""
        operation = writes.update_item(
            repository.target, key, actions, condition=condition, upsert=upsert
        )
        self._add(repository, operation, key)

    def delete(
        self, repository: Target[T], key: Hashable | T, *, condition: Condition | None = None
    ) -> None:
        """Deletes an item, as `Repository.delete`."""
        self._add(repository, writes.delete_item(repository.target, key, condition=condition), key)

    def check(self, repository: Target[T], key: Hashable | T, condition: Condition) -> None:
        """Requires that a condition holds for an item that the transaction does not write."""
        self._add(repository, writes.check_item(repository.target, key, condition), key)

    def __enter__(self) -> Self:
        if self._begun:
            raise ValueError(_OVER)
        self._begun = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = True
        if kind is None and self._parts:
            self._execute(transact_write(self._parts, self._token))

    def _add(self, repository: Target[T], operation: Operation[Any], key: Any) -> None:
        """Takes a write in; ValueError for what DynamoDB would refuse at the end."""
        if self._ended:
            raise ValueError(_OVER)
        if not _same_place(repository.store, self._store):
            raise ValueError("all repositories of a transaction must be of one store")
        table = repository.target
        identity = (table.name, table.schema.identity(table.schema.key(key)))
        if identity in self._keys:
            raise ValueError(
                f"{table.name}: a transaction takes one write of an item, this is another"
            )
        if len(self._parts) == LIMIT:
            raise ValueError(f"a transaction takes {LIMIT} writes, this is another")
        size = self._size + _stored_size(operation)
        if size > BYTES_LIMIT:
            raise ValueError(f"a transaction takes {BYTES_LIMIT} bytes of items, with this {size}")
        self._size = size
        self._keys.add(identity)
        self._parts.append(operation)


def _same_place(one: Store, other: Store) -> bool:
    """Whether two stores hold the same tables: one store, or one region and endpoint."""
    if one is other:
        return True
    both_remote = isinstance(one, DynamoStore) and isinstance(other, DynamoStore)
    return both_remote and one.location == other.location


def _stored_size(part: Operation[Any]) -> int:
    """The bytes that a write surely stores; of an update DynamoDB counts the whole item."""
    if "Item" in part.request:
        return size_of(part.request["Item"])
    update = part.expressions.get("UpdateExpression")
    if not isinstance(update, Update):
        return 0
    values = (action.values[1] for action in update.set_actions)
    return sum(size_of({"": one.value}) for one in values if isinstance(one, Value))


def _check_count(parts: Sequence[Operation[Any]], what: str) -> None:
    if not 1 <= len(parts) <= LIMIT:
        raise ValueError(f"a transaction takes 1 to {LIMIT} {what}, not {len(parts)}")


def _tables(parts: Sequence[Operation[Any]]) -> str:
    """The names of the tables, each once."""
    return ",".join(dict.fromkeys(part.table for part in parts))


def _write(part: Operation[Any]) -> dict[str, Any]:
    return {_KINDS[part.name]: _without(part, "ReturnValues")}


def _without(part: Operation[Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.request.items() if key != name}


def _canceled(parts: Sequence[Operation[Any]], how: Refusal) -> DynrepoError:
    reasons = [_reason(part, how, one) for part, one in zip(parts, how.reasons, strict=False)]
    codes = ", ".join(reason.code for reason in how.reasons) or "no reasons given"
    return TransactionCanceled(
        f"a transaction of {len(parts)} on {_tables(parts)} was canceled: {codes}",
        reasons=reasons,
        code=how.code,
        request_id=how.request_id,
        attempts=how.attempts,
    )


def _reason(part: Operation[Any], how: Refusal, reason: CancellationReason) -> DynrepoError | None:
    """The error of one write of a canceled transaction; None where nothing stood against it."""
    if reason.kind is None:
        return None
    if reason.code == "ConditionalCheckFailed" and part.refusal is not None:
        return part.refusal(how._replace(code=reason.code, item=reason.item, reasons=()))
    return reason.kind(
        f"{part.name} on {part.table} was canceled: {reason.code}",
        code=reason.code,
        request_id=how.request_id,
        retryable=issubclass(reason.kind, Throttled),
        attempts=how.attempts,
    )
