"""How a repository is defined: its model, found in its bases, its table, and what it is given."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Generic,
    TypeVar,
    cast,
    get_args,
    get_origin,
)

from pydantic import BaseModel

from dynrepo.callbacks import check_called
from dynrepo.clock import held_to_offsets
from dynrepo.errors import SchemaError
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.parts import StoredItem
from dynrepo.operations.class_schemas import schema_of_class, unique_of_class
from dynrepo.operations.encrypted_cursors import OPEN
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.reads import get_item
from dynrepo.operations.slow_reads import slow_reads
from dynrepo.operations.streams import change_in, decoded
from dynrepo.operations.synonyms import NamesFields
from dynrepo.schema.table_names import check_table_name

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from datetime import datetime

    from dynrepo.operations.cursor import Cursors
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.protocols import PlacedStore
    from dynrepo.operations.streams import Change
    from dynrepo.operations.unique_values import UniqueValues
    from dynrepo.operations.unique_writes import UniqueWrites
    from dynrepo.places.shared_table import SharedTable
    from dynrepo.schema.entity import Schema, Upcast

T = TypeVar("T", bound=BaseModel)
M = TypeVar("M", bound=BaseModel)


class StoredAccessor:
    """Gives each class of repositories its `stored`: to type checkers, an instance of its model."""

    def __get__(self, repository: object, kind: type[RepositoryDefinition[M]]) -> M:
        return cast("Any", kind)._stored  # type: ignore[no-any-return]  # noqa: SLF001 - its own class


class RepositoryDefinition(NamesFields, Generic[T]):
    """What a repository is before it sends anything: the base of each kind of repository."""

    table: ClassVar[str]
    """The table's name, without the store's prefix."""

    by_alias: ClassVar[bool] = False
    """Whether attributes are named by the Pydantic aliases of the fields."""

    hide_expired: ClassVar[bool] = False
    """Whether reads leave out items whose time to live is over and that are not yet removed."""

    unique: ClassVar[tuple[str, ...]] = ()
    """What no two items may have in common: fields, or templates of them as `"{email:lower}"`."""

    guards: ClassVar[type[SharedTable] | None] = None
    """The table of the guards of unique values, where the table of the items cannot hold them."""

    schema: ClassVar[Schema[Any]]
    """What the model is as an item: keys, indexes, attributes."""

    fields: ClassVar[FieldPaths]
    """The fields of the model, for conditions and update actions: `users.fields.email == x`."""

    stored = StoredAccessor()
    """The stored item, for `path`: `path(users.stored.email) == x`, which type checkers follow."""

    _stored: ClassVar[Any] = None

    _unique: ClassVar[UniqueValues | None] = None

    _store_methods: ClassVar[tuple[str, ...]] = ()
    """What a store must have beside what places it, by the face of the repository."""

    _forwarding_store: ClassVar[str] = ""
    """The base of stores that have all of it."""

    _default_store: ClassVar[Any] = None
    """The class of stores that one is made of where none is given."""

    _cursors: Cursors = OPEN

    _model: ClassVar[Any] = None
    """The model; a type variable in a generic repository; None in this class."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        _check_one_face(cls)
        cls._model = _model_of(cls)
        if not isinstance(cls._model, TypeVar):
            cls.schema = schema_of_class(cls)
            cls.fields = FieldPaths(cls.schema)
            cls._stored = StoredItem(cls.fields)
            check_table_name(cls.__name__, getattr(cls, "table", None))
            check_called(f"{cls.__name__}.upcast", cls.upcast, _UPCAST, SchemaError)
            cls._unique = unique_of_class(cls) if cls.unique else None

    def __init__(self, store: PlacedStore, clock: Callable[[], datetime]) -> None:
        if not hasattr(self, "schema"):
            raise SchemaError(
                "a repository is a class of its own:\n"
                f"    class Users({_face_of(type(self))}[User]):\n"
                '        table = "users"'
            )
        self._check_store(store)
        check_called("clock", clock, "called for the time, an aware datetime")
        full, name = store.table_prefix + self.table, self.table
        upcast, hides, unique = self._upcast(), self.hide_expired, self._unique
        now = held_to_offsets(clock)
        self.mapper: Mapper[T] = Mapper(full, self.schema, upcast, now, hides, name, unique)

    @property
    def unaccelerated(self) -> dict[str, str]:
        """The verbs whose answers are read item by item, each with the reason, and what to do.

        With the others an answer becomes instances in one pass over its text.
        """
        return slow_reads(self.mapper)

    def lookup(self, key: Hashable | T) -> Operation[T | None]:
        """Makes a read as a value, for `get_together`; sends nothing.

        Args:
            key: One value, a `(partition, sort)` tuple, or an instance, of which the key alone
                counts.

        Returns:
            The read.

        Raises:
            CodecError: `key` cannot be a key of the model.
        """
        return get_item(self.mapper, key)

    def decode(self, item: Mapping[str, Any]) -> T:
        """Reads an item that came by another way than a call: by an export, say, or by boto3.

        Args:
            item: The item in DynamoDB JSON, or the `{"Item": ...}` of a line of an export.

        Returns:
            The instance in it.

        Raises:
            CodecError: It is no DynamoDB JSON, or not the model.
        """
        return decoded(self.mapper, item)

    def decode_change(self, stream_record: Mapping[str, Any]) -> Change[T]:
        """Reads a stream record, as a Lambda function gets them.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html

        Args:
            stream_record: The record: its `eventName`, and its `dynamodb` with keys and images.

        Returns:
            What happened to the item: the old and the new one, as far as the stream's view has
                them.

        Raises:
            CodecError: It is no record, or the item is not the model.
        """
        return change_in(self.mapper, stream_record)

    def upcast(self, attributes: dict[str, Any]) -> Mapping[str, Any]:
        """Is the hook for items that an older version of the model stored: made into today's.

        Override it to be given every item that is read, as plain values by attribute name, before
        it is validated. What it leaves as it is, is read as it is stored, which takes less than
        what it changes.

        Args:
            attributes: What is stored, by attribute name; it may be changed in place.

        Returns:
            The attributes as they would be stored today.
        """
        return attributes

    @cached_property
    def _unique_writes(self) -> UniqueWrites:
        """The verbs that write items of a repository with unique values."""
        from dynrepo.operations.unique_writes import UniqueWrites  # noqa: PLC0415 - few have them

        if self._unique is None:  # no verb asks then, but what looks at all members of an object
            raise AttributeError("there are no unique values")
        return UniqueWrites(self.mapper, self._unique)

    def _check_store(self, store: Any) -> None:
        """TypeError for what is no store of this face, or lacks something of one."""
        name = type(self).__name__
        members = (*_PLACING, *self._store_methods)
        is_class = isinstance(store, type)
        if is_class or not _has(store, self._store_methods[-1]):
            given = f"the class {store.__name__}" if is_class else type(store).__name__
            raise TypeError(
                f"{name} takes a store, such as {self._default_store.__name__}(), not {given}"
            )
        lacking = [member for member in members if not _has(store, member)]
        if lacking:
            raise TypeError(
                f"{name} takes a store with {', '.join(members)};"
                f" {type(store).__name__} has no {', '.join(lacking)}:"
                f" let it inherit from dynrepo.{self._forwarding_store}, or add it"
            )

    def _upcast(self) -> Upcast | None:
        overridden = cast("Any", type(self)).upcast is not cast("Any", RepositoryDefinition).upcast
        return self.upcast if overridden else None


_UPCAST = "called with the attributes of an item"
_PLACING = ("table_prefix", "location", "deadline")
_MISSING = object()


def _has(store: Any, name: str) -> bool:
    # Statically first: to ask a store where it is connects it.
    return inspect.getattr_static(store, name, _MISSING) is not _MISSING or hasattr(store, name)


def _model_of(cls: type[RepositoryDefinition[Any]]) -> Any:
    """The model in `Repository[Model]`, through mixins and generic classes in between."""
    for base in cls.__dict__.get("__orig_bases__", ()):
        origin = get_origin(base)
        if isinstance(origin, type) and issubclass(origin, RepositoryDefinition):
            return _substituted(cast("Any", origin), get_args(base))
    for ancestor in cls.__bases__:
        if issubclass(ancestor, RepositoryDefinition):
            model = cast("Any", ancestor)._model  # noqa: SLF001 - its own class
            # A generic class of the user's may be subclassed before its model is named.
            if model is not None and not (
                isinstance(model, TypeVar) and _is_ours(cast("Any", ancestor))
            ):
                return model
    raise SchemaError(
        f"{cls.__name__} names no model: class {cls.__name__}({_face_of(cls)}[Model])"
    )


def opened_store(kind: Any, **options: Any) -> Any:
    """A store of the face that a class of repositories is of."""
    return kind._default_store(**options)  # noqa: SLF001 - its own class


def _check_one_face(cls: type[RepositoryDefinition[Any]]) -> None:
    own = [base.__dict__.get("_store_methods") for base in cls.__mro__]
    if len({methods for methods in own if methods}) > 1:
        raise SchemaError(
            f"{cls.__name__} is blocking and asynchronous: write a class for each,"
            " and a third, that both inherit, for what they have in common"
        )


def _face_of(cls: type[Any]) -> str:
    """The name of the library's class that a repository is a subclass of."""
    return next(base.__name__ for base in cls.__mro__ if _is_ours(base))


def _is_ours(cls: type[Any]) -> bool:
    return cls.__module__.partition(".")[0] == "dynrepo"


def _substituted(origin: Any, arguments: tuple[Any, ...]) -> Any:
    """The model of a generic repository whose type variables are given."""
    if origin is RepositoryDefinition:
        return arguments[0]
    model = origin._model  # noqa: SLF001 - its own class
    if isinstance(model, TypeVar):
        return arguments[origin.__parameters__.index(model)]
    return model
