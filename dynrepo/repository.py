"""The verbs: each builds an operation, passes it through the one door and returns what it read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, get_args, get_origin

from pydantic import BaseModel

from dynrepo import health, operation, table
from dynrepo.errors import ItemNotFound, SchemaError
from dynrepo.expressions import FieldPaths
from dynrepo.instrumentation import Instrument, InstrumentationMixin
from dynrepo.program import Program, run
from dynrepo.query import Query
from dynrepo.schema import Schema, schema_of
from dynrepo.store import DynamoStore, Store

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from pynamodb.expressions.condition import Condition

    from dynrepo.operation import Operation

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class Repository(InstrumentationMixin, Generic[T]):
    """The items of one model in one table::

        class Users(Repository[User]):
            table = "users"

    A repository may be shared by threads. It holds no items.
    """

    table: ClassVar[str]
    """The table's name, without the store's prefix."""

    schema: ClassVar[Schema[Any]]
    """What the model is as an item: keys, indexes, attributes."""

    fields: ClassVar[FieldPaths]
    """The fields of the model, for conditions and update actions: `users.fields.email == x`."""

    _model: ClassVar[Any] = T

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._model = _model_of(cls)
        if not isinstance(cls._model, TypeVar):
            cls.schema = schema_of(cls._model)
            cls.fields = FieldPaths(cls.schema)
            _check_table(cls)

    def __init__(
        self, store: Store | None = None, *, instruments: Iterable[Instrument] | None = None
    ) -> None:
        if not hasattr(self, "schema"):
            raise SchemaError(
                "a repository is a class of its own:\n"
                "    class Users(Repository[User]):\n"
                '        table = "users"'
            )
        self.store: Store = DynamoStore() if store is None else store
        self._table = operation.Table(self.store.table_prefix + self.table, self.schema)
        if instruments is not None:
            self.use_instruments(*instruments)

    def get(self, key: Hashable | T, *, consistent: bool = False) -> T | None:
        """The item under a key, or None.

        A key is one value, a `(partition, sort)` tuple or an instance. A read may miss a write of
        the last second, unless it is `consistent`, which costs twice.
        """
        return self._execute(operation.get_item(self._table, key, consistent=consistent))

    def require(self, key: Hashable | T, *, consistent: bool = False) -> T:
        """The item under a key; `ItemNotFound` when there is none."""
        found = self.get(key, consistent=consistent)
        if found is None:
            raise ItemNotFound(f"{self._table.name} has no item under this key")
        return found

    def exists(self, key: Hashable | T, *, consistent: bool = False) -> bool:
        """Whether an item is stored under a key; reads the key only."""
        return self._execute(operation.has_item(self._table, key, consistent=consistent))

    def query(  # noqa: PLR0913 - all but the condition are keywords
        self,
        condition: Condition,
        *,
        where: Condition | None = None,
        index: str | None = None,
        descending: bool = False,
        consistent: bool = False,
        limit: int | None = None,
    ) -> Query[T]:
        """The items of one partition, in the order of the sort key; read as they are iterated."""
        return Query(
            self._table, self._execute, condition, where, index, descending, consistent, limit
        )

    def create(self, item: T) -> T:
        """Writes a new item; `ItemExists`, and nothing is written, when its key is taken."""
        return self._execute(operation.create_item(self._table, item))

    def set(self, item: T) -> T:
        """Creates the item or replaces the whole stored one, undeclared attributes included."""
        return self._execute(operation.put_item(self._table, item))

    def delete(self, key: Hashable | T) -> T | None:
        """Deletes the item under a key and returns it; None when there was none."""
        return self._execute(operation.delete_item(self._table, key))

    def connect(self) -> Self:
        """Connects now and makes sure that the table is there, instead of at the first call."""
        self._execute(operation.describe_table(self._table))
        return self

    def health_check(self) -> health.Health:
        """Whether the table can serve, within two seconds; never raises."""
        describe = operation.describe_table(self._table, deadline=health.WITHIN)
        return health.check(self._execute, describe, self._table, lambda: self.store.location)

    def create_table(self) -> None:
        """Creates the table from the markers, billed on demand, and waits until it is active."""
        self._run(table.created(self._table))

    def drop_table(self, *, confirm: str) -> None:
        """Deletes the table with all its items; `confirm` must be the table's full name."""
        self._run(table.dropped(self._table, confirm))

    def _run(self, program: Program[R]) -> R:
        """Drives a verb of several requests, each of which passes the door."""
        return run(program, self._execute)

    def _execute(self, wanted: Operation[R]) -> R:
        """The one door."""
        with self._observe(wanted, lambda: self.store.location) as call:
            call.answer = self.store.execute(wanted)
        return wanted.read(call.answer)


def _model_of(cls: type[Repository[Any]]) -> Any:
    """The model in `Repository[Model]`, through mixins and generic classes in between."""
    for base in cls.__dict__.get("__orig_bases__", ()):
        origin = get_origin(base)
        if isinstance(origin, type) and issubclass(origin, Repository):
            return _substituted(origin, get_args(base))
    for ancestor in cls.__bases__:
        if issubclass(ancestor, Repository) and ancestor is not Repository:
            return ancestor._model  # noqa: SLF001 - its own class
    raise SchemaError(f"{cls.__name__} names no model: class {cls.__name__}(Repository[Model])")


def _substituted(origin: type[Repository[Any]], arguments: tuple[Any, ...]) -> Any:
    model = origin._model  # noqa: SLF001 - its own class
    if isinstance(model, TypeVar):
        return arguments[origin.__parameters__.index(model)]  # type: ignore[attr-defined]
    return model


_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")


def _check_table(cls: type[Repository[Any]]) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"""
    name = getattr(cls, "table", None)
    if not isinstance(name, str) or not _TABLE_NAME.fullmatch(name):
        raise SchemaError(
            f'{cls.__name__} needs the name of its table, as in `table = "users"`:'
            " letters, digits, `_`, `-` and `.`"
        )
