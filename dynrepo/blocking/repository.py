"""The verbs: each builds an operation, passes it through the one door and returns what it read."""

from __future__ import annotations

import math
import re
import time
from functools import partial
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    Self,
    TypeVar,
    cast,
    get_args,
    get_origin,
    overload,
)

from pydantic import BaseModel

from dynrepo.blocking.store import DynamoStore
from dynrepo.clock import one_call
from dynrepo.errors import ItemNotFound, SchemaError
from dynrepo.expressions.fields import FieldPaths
from dynrepo.instrumentation import Instrument, InstrumentationMixin
from dynrepo.lazy import Module
from dynrepo.operations import batches as batch
from dynrepo.operations import reads, writes
from dynrepo.operations.operation import Table, utc_now
from dynrepo.operations.program import Program, run
from dynrepo.operations.queries import Query
from dynrepo.schema.entity import Schema, Upcast, schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from datetime import datetime

    from dynrepo.errors import CodecError
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.instrumentation import Requests
    from dynrepo.instrumentation.fence import Execute
    from dynrepo.operations import health
    from dynrepo.operations import streams as record
    from dynrepo.operations import tables as table
    from dynrepo.operations import transactions as transaction
    from dynrepo.operations.batches import Batch
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.protocols import Location, Store
    from dynrepo.operations.streams import Change
    from dynrepo.operations.tables import Capacity, Difference
    from dynrepo.operations.transactions import Transaction
else:
    health, record = Module("dynrepo.operations.health"), Module("dynrepo.operations.streams")
    table, transaction = (
        Module("dynrepo.operations.tables"),
        Module("dynrepo.operations.transactions"),
    )

T = TypeVar("T", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)
R = TypeVar("R")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class Repository(InstrumentationMixin, Generic[T]):
    """The items of one model in one table.

    ::

        class Users(Repository[User]):
            table = "users"

    A repository may be shared by threads. It holds no items. `clock` tells the time for
    `CreatedAt`, `UpdatedAt` and expiry; `cursor_secret` signs the cursors of pages.
    """

    table: ClassVar[str]
    """The table's name, without the store's prefix."""

    by_alias: ClassVar[bool] = False
    """Whether attributes are named by the Pydantic aliases of the fields."""

    hide_expired: ClassVar[bool] = False
    """Whether reads leave out items whose time to live is over and that are not yet removed."""

    schema: ClassVar[Schema[Any]]
    """What the model is as an item: keys, indexes, attributes."""

    fields: ClassVar[FieldPaths]
    """The fields of the model, for conditions and update actions: `users.fields.email == x`."""

    _model: ClassVar[Any] = None
    """The model; a type variable in a generic repository; None in this class."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._model = _model_of(cls)
        if not isinstance(cls._model, TypeVar):
            cls.schema = schema_of(cls._model, by_alias=cls.by_alias)
            cls.fields = FieldPaths(cls.schema)
            _check_table(cls)

    def __init__(
        self,
        store: Store | None = None,
        *,
        instruments: Iterable[Instrument] | None = None,
        clock: Callable[[], datetime] = utc_now,
        cursor_secret: str | bytes = b"",
    ) -> None:
        if not hasattr(self, "schema"):
            raise SchemaError(
                "a repository is a class of its own:\n"
                "    class Users(Repository[User]):\n"
                '        table = "users"'
            )
        self.store: Store = DynamoStore() if store is None else _checked(store, type(self))
        self.target: Table[T] = Table(
            self.store.table_prefix + self.table,
            self.schema,
            self._upcast(),
            clock,
            self.hide_expired,
        )
        self._secret = cursor_secret.encode() if isinstance(cursor_secret, str) else cursor_secret
        if instruments is not None:
            self.use_instruments(*instruments)

    @overload
    def get(self, key: Hashable | T, *, consistent: bool = False) -> T | None: ...
    @overload
    def get(self, key: Hashable | T, *, only: type[P], consistent: bool = False) -> P | None: ...
    def get(
        self, key: Hashable | T, *, only: type[P] | None = None, consistent: bool = False
    ) -> T | P | None:
        """The item under a key, or None.

        A key is one value, a `(partition, sort)` tuple or an instance. A read may miss a write of
        the last second, unless it is `consistent`, which costs twice. `only` is a smaller model
        with some of the fields: its attributes alone are sent, the price is that of the whole.
        """
        if only is not None:
            return self._execute(reads.get_part(self.target, key, only, consistent=consistent))
        return self._execute(reads.get_item(self.target, key, consistent=consistent))

    def require(self, key: Hashable | T, *, consistent: bool = False) -> T:
        """The item under a key; `ItemNotFound` when there is none."""
        found = self.get(key, consistent=consistent)
        if found is None:
            raise ItemNotFound(f"{self.target.name} has no item under this key")
        return found

    def exists(self, key: Hashable | T, *, consistent: bool = False) -> bool:
        """Whether an item is stored under a key; reads the key only."""
        return self._execute(reads.has_item(self.target, key, consistent=consistent))

    def get_many(self, keys: Iterable[Hashable | T], *, consistent: bool = False) -> list[T | None]:
        """The items under any number of keys, in their order, with None for what is not stored.

        Reads 100 keys a request; `Unprocessed` names the keys that were not read in 10 rounds.
        Each request has the store's deadline, and one that fails ends the verb: a `deadline` block
        bounds all of them together.
        """
        return self._run("get_many", batch.got(self.target, keys, consistent=consistent))

    def query(
        self,
        condition: Condition,
        *,
        where: Condition | None = None,
        index: str | None = None,
        descending: bool = False,
        consistent: bool = False,
        limit: int | None = None,
        bad_rows: Callable[[CodecError], object] | None = None,
    ) -> Query[T]:
        """The items of one partition of the table or of an index, in the order of the sort key.

        `condition` is `partition == value`, alone or `&` one comparison of the sort key; `where`
        drops items after they were read and paid for. `limit` counts items returned.
        """
        if condition is None:  # pyright: ignore[reportUnnecessaryComparison] - would read it all
            raise TypeError(f"{self.target.name}: a query needs a condition; scan() reads all")
        return Query(
            self.target,
            self._execute,
            condition=condition,
            where=where,
            index=index,
            descending=descending,
            consistent=consistent,
            limit=limit,
            bad_rows=bad_rows,
            secret=self._secret,
            requests=partial(self._requests_of, "query"),
        )

    def scan(
        self,
        *,
        where: Condition | None = None,
        index: str | None = None,
        consistent: bool = False,
        limit: int | None = None,
        segments: int = 1,
        segment: tuple[int, int] | None = None,
        bad_rows: Callable[[CodecError], object] | None = None,
    ) -> Query[T]:
        """All items of the table or of an index, in no order; reads, and charges for, everything.

        `segments` of the table are read at the same time, in threads; `segment=(number, total)`
        is one machine's share where several read the table together.
        """
        return Query(
            self.target,
            self._execute,
            where=where,
            index=index,
            consistent=consistent,
            limit=limit,
            bad_rows=bad_rows,
            segments=segments,
            segment=segment,
            secret=self._secret,
            requests=partial(self._requests_of, "scan"),
        )

    def create(self, item: T) -> T:
        """Writes a new item; `ItemExists`, and nothing is written, when its key is taken."""
        return self._execute(writes.create_item(self.target, item))

    def set(self, item: T) -> T:
        """Creates the item or replaces the whole stored one, undeclared attributes included."""
        return self._execute(writes.put_item(self.target, item))

    def save(self, item: T) -> T:
        """Writes the declared fields, leaves other stored attributes alone, returns the new item.

        With a `Version` field the stored item must be the version of this one, or absent for
        version 0; otherwise `VersionConflict`, and nothing is written.
        """
        return self._execute(writes.save_item(self.target, item))

    def update(
        self,
        key: Hashable | T,
        *actions: Action,
        condition: Condition | None = None,
        upsert: bool = False,
        exactly_once: bool = False,
    ) -> T:
        """Changes parts of an item and returns the whole: `users.fields.visits.add(1)`.

        `ItemNotFound` when there is none, `ConditionFailed` when `condition` does not hold. With
        `upsert` a missing item is made, if the actions alone make a valid one. `exactly_once`
        costs twice, and makes `add` and `append` certain even when an answer is lost; its two
        requests have the time of one call together.
        """
        update = writes.update_item(self.target, key, actions, condition=condition, upsert=upsert)
        if not exactly_once:
            return self._execute(update)
        # A store that says nothing of its deadline bounds each request by itself.
        with one_call(getattr(self.store, "deadline", math.inf)):
            return self._run("update", transaction.updated_once(self.target, update, key))

    def delete(self, key: Hashable | T, *, condition: Condition | None = None) -> T | None:
        """Deletes the item under a key and returns it; None when there was none.

        `ConditionFailed` when `condition` does not hold; `VersionConflict` when the key is an
        instance with a `Version` field and the stored item is another version.
        """
        return self._execute(writes.delete_item(self.target, key, condition=condition))

    def set_many(self, items: Iterable[T]) -> None:
        """Creates or replaces any number of items, 25 a request; no condition holds any back.

        `Unprocessed` names the items that were not written in 10 rounds, or before a request
        failed. Each request has the store's deadline; a `deadline` block bounds all of them.
        """
        puts = (batch.put(self.target, item) for item in items)
        self._run("set_many", batch.written(self.target, puts))

    def delete_many(self, keys: Iterable[Hashable | T]) -> None:
        """Deletes the items under any number of keys, 25 a request.

        `Unprocessed` names the keys that were not deleted, by the same bounds as `set_many`.
        """
        deletes = (batch.delete(self.target, key) for key in keys)
        self._run("delete_many", batch.written(self.target, deletes))

    def batch(self) -> Batch[T]:
        """A `with` block whose sets and deletes are sent by 25; nothing more when it raises."""
        return batch.Batch(self.target, self._execute, partial(self._requests_of, "batch"))

    def transaction(self, *, token: str | None = None) -> Transaction:
        """A `with` block whose writes, in any repositories of this store, are made all or none.

        A transaction that is sent again within ten minutes with the same `token` is made once.
        """
        return transaction.Transaction(self.store, self._execute, token)

    def lookup(self, key: Hashable | T) -> Operation[T | None]:
        """A read as a value, for `get_together`."""
        return reads.get_item(self.target, key)

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

        user, order = users.get_together(users.lookup(user_id), orders.lookup((user_id, 1)))
        """
        return self._execute(transaction.transact_get(lookups))

    def decode(self, item: Mapping[str, Any]) -> T:
        """The instance in an item, in DynamoDB JSON, that came by another way than a read."""
        return record.decoded(self.target, item)

    def decode_change(self, stream_record: Mapping[str, Any]) -> Change[T]:
        """The old and the new item in a stream record, as a Lambda function gets them."""
        return record.change_in(self.target, stream_record)

    def upcast(self, attributes: dict[str, Any]) -> Mapping[str, Any]:
        """The hook for items that an older version of the model stored: made into today's.

        Override it to be given every item that is read, as plain values by attribute name, before
        it is validated; return the attributes as they would be stored today.
        """
        return attributes

    def _upcast(self) -> Upcast | None:
        overridden = cast("Any", type(self)).upcast is not cast("Any", Repository).upcast
        return self.upcast if overridden else None

    def connect(self) -> Self:
        """Connects now and makes sure that the table is there, instead of at the first call."""
        self._execute(table.describe_table(self.target))
        self._announce(self.target.name, self.store.location)
        return self

    def health_check(self) -> health.Health:
        """Whether the table can serve, within two seconds; never raises."""
        describe = table.describe_table(self.target, deadline=health.WITHIN)
        return health.check(self._execute, describe, self.target, self._located)

    def create_table(
        self,
        *,
        capacity: Capacity | None = None,
        deletion_protection: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Creates the table from the markers and waits until it is active.

        Billed on demand, or by a provisioned `capacity`.
        """
        plan = table.Plan(capacity, deletion_protection, tags)
        self._run("create_table", table.created(self.target, plan))

    def ensure_table(
        self,
        *,
        capacity: Capacity | None = None,
        deletion_protection: bool = False,
        tags: Mapping[str, str] | None = None,
        progress: Callable[[str], object] = lambda _: None,
    ) -> Difference:
        """Creates the table, or what it lacks of indexes and expiry; deletes and changes nothing.

        Waits until all is active, telling `progress` in sentences. Returns what still differs from
        the markers, because only a new table could have it: false when nothing does.
        """
        plan = table.Plan(capacity, deletion_protection, tags, progress)
        return self._run("ensure_table", table.ensured(self.target, plan))

    def verify_table(self) -> Difference:
        """How the table differs from the markers: false when it does not."""
        return self._run("verify_table", table.verified(self.target))

    def drop_table(self, *, confirm: str) -> None:
        """Deletes the table with all its items; `confirm` must be the table's full name."""
        self._run("drop_table", table.dropped(self.target, confirm))

    def _run(self, verb: str, program: Program[R]) -> R:
        """Drives a verb of several requests, each of which passes the door."""
        with self._requests_of(verb, self._execute) as execute:
            # A store of a test that waits for nothing says so here too.
            return run(program, execute, getattr(self.store, "sleep", time.sleep))

    def _requests_of(self, verb: str, execute: Execute) -> Requests:
        return self._requests(f"{type(self).__name__}.{verb}", self.target.name, execute)

    def _execute(self, wanted: Operation[R]) -> R:
        """The one door."""
        with self._observe(wanted, self._located) as call:
            call.answer = self.store.execute(wanted)
        return wanted.read(call.answer)

    def _located(self) -> Location:
        return self.store.location


def _checked(store: Any, repository: type[Any]) -> Store:
    if isinstance(store, type) or not hasattr(store, "execute"):
        raise TypeError(f"{repository.__name__} takes a store, such as DynamoStore()")
    return store  # type: ignore[no-any-return]


def _model_of(cls: type[Repository[Any]]) -> Any:
    """The model in `Repository[Model]`, through mixins and generic classes in between."""
    for base in cls.__dict__.get("__orig_bases__", ()):
        origin = get_origin(base)
        if isinstance(origin, type) and issubclass(origin, Repository):
            return _substituted(cast("Any", origin), get_args(base))
    for ancestor in cls.__bases__:
        if issubclass(ancestor, Repository) and ancestor is not Repository:
            return cast("Any", ancestor)._model  # noqa: SLF001 - its own class
    raise SchemaError(f"{cls.__name__} names no model: class {cls.__name__}(Repository[Model])")


def _substituted(origin: Any, arguments: tuple[Any, ...]) -> Any:
    """The model of a generic repository whose type variables are given."""
    if origin is Repository:
        return arguments[0]
    model = origin._model  # noqa: SLF001 - its own class
    if isinstance(model, TypeVar):
        return arguments[origin.__parameters__.index(model)]
    return model


_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")


def _check_table(cls: type[Repository[Any]]) -> None:
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
    name = getattr(cls, "table", None)
    if not isinstance(name, str) or not _TABLE_NAME.fullmatch(name):
        raise SchemaError(
            f'{cls.__name__} needs the name of its table, as in `table = "users"`:'
            " letters, digits, `_`, `-` and `.`"
        )
