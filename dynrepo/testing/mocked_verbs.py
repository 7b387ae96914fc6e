"""The verbs of a repository that a mock has: what each returns, also when no answer is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dynrepo.errors import (
    CodecError,
    ConditionFailed,
    DynrepoError,
    InvalidCursor,
    ItemExists,
    ItemNotFound,
    NotUnique,
    OutcomeUnknown,
    StoreError,
    TransactionCanceled,
    Unprocessed,
    VersionConflict,
    WrittenUnreadable,
)
from dynrepo.operations.claiming import Claims
from dynrepo.operations.definition import RepositoryDefinition
from dynrepo.operations.health import Health, Status
from dynrepo.operations.tables import Difference

if TYPE_CHECKING:
    from collections.abc import Iterable

Classes: TypeAlias = type[Any] | tuple[type[Any], ...]
"""The model of a repository, or its models."""

Fits: TypeAlias = Callable[[Classes, Any], bool]
"""Whether a verb of a repository of a model can return a value."""


@dataclass(frozen=True)
class MockedVerb:
    """What a verb returns: in words, by a check that is given the model, and by default.

    `raises` are the errors that it can raise, as the reference says. `default` is given the
    repository and the arguments of the call. `pure` verbs send nothing while they build, so that a
    call can be tried on the real one. `lazy` ones send nothing before what they return is read.
    """

    returns: str
    fits: Fits
    raises: tuple[type[DynrepoError], ...]
    default: Callable[..., Any] | None = None
    pure: bool = True
    lazy: bool = False

    def can_raise(self, kind: type[DynrepoError]) -> bool:
        """Whether it can raise an error of this kind."""
        special = next((each for each in _SPECIAL if issubclass(kind, each)), None)
        if special is not None:
            return special in self.raises
        return issubclass(kind, self.raises)


_SPECIAL: Final = (ItemExists, NotUnique, VersionConflict, WrittenUnreadable)
"""Errors of some verbs that are kinds of an error of others."""


def _is_item(model: Classes, value: Any) -> bool:
    return isinstance(value, model)


def _is_item_or_none(model: Classes, value: Any) -> bool:
    return value is None or isinstance(value, model)


def _are_items(model: Classes, values: Any) -> bool:
    try:
        return all(isinstance(value, model) for value in values)
    except TypeError:
        return False


def _are_items_or_none(model: Classes, values: Any) -> bool:
    return values.__class__ is list and all(_is_item_or_none(model, value) for value in values)


def _is_a(kind: type[Any]) -> Fits:
    return lambda _, value: isinstance(value, kind)


def _is_none(_: Any, value: Any) -> bool:
    return value is None


def _the_repository(repository: Any) -> Any:
    return repository


def _the_item(_: Any, item: Any) -> Any:
    return item


def _none(*_: Any, **__: Any) -> None:
    return None


def _no_items(*_: Any, **__: Any) -> list[Any]:
    return []


def _none_each(_: Any, keys: Iterable[Any], **__: Any) -> list[None]:
    return [None for _ in keys]


def _up(_: Any) -> Health:
    return Health(Status.UP)


_READ: Final = (StoreError, CodecError)
_WRITE: Final = (*_READ, OutcomeUnknown)
_TABLE: Final = (StoreError, OutcomeUnknown)

VERBS: Final[dict[str, MockedVerb]] = {
    "get": MockedVerb("{model} | None", _is_item_or_none, _READ, _none),
    "require": MockedVerb("{model}", _is_item, (ItemNotFound, *_READ)),
    "exists": MockedVerb("bool", _is_a(bool), _READ),
    "get_many": MockedVerb(
        "list[{model} | None]", _are_items_or_none, (Unprocessed, *_READ), _none_each
    ),
    "query": MockedVerb(
        "items of {model}", _are_items, (InvalidCursor, *_READ), _no_items, lazy=True
    ),
    "scan": MockedVerb(
        "items of {model}", _are_items, (InvalidCursor, *_READ), _no_items, lazy=True
    ),
    "create": MockedVerb("{model}", _is_item, (ItemExists, NotUnique, *_WRITE), _the_item),
    "set": MockedVerb("{model}", _is_item, (NotUnique, *_WRITE), _the_item),
    "save": MockedVerb(
        "{model}", _is_item, (VersionConflict, NotUnique, WrittenUnreadable, *_WRITE), _the_item
    ),
    "update": MockedVerb(
        "{model}",
        _is_item,
        (ItemNotFound, ConditionFailed, NotUnique, TransactionCanceled, WrittenUnreadable, *_WRITE),
    ),
    "edit": MockedVerb(
        "{model}",
        _is_item,
        (ItemNotFound, ConditionFailed, NotUnique, VersionConflict, WrittenUnreadable, *_WRITE),
    ),
    "delete": MockedVerb(
        "{model} | None",
        _is_item_or_none,
        (ConditionFailed, VersionConflict, WrittenUnreadable, *_WRITE),
        _none,
    ),
    "set_many": MockedVerb("None", _is_none, (Unprocessed, *_WRITE), _none),
    "delete_many": MockedVerb("None", _is_none, (Unprocessed, *_WRITE), _none),
    "get_together": MockedVerb("a tuple", _is_a(tuple), (TransactionCanceled, *_READ)),
    "connect": MockedVerb(
        "the repository", _is_a(RepositoryDefinition), (StoreError,), _the_repository, pure=False
    ),
    "health_check": MockedVerb("Health", _is_a(Health), (), _up, pure=False),
    "create_table": MockedVerb("None", _is_none, _TABLE, _none, pure=False),
    "ensure_table": MockedVerb("Difference", _is_a(Difference), _TABLE, pure=False),
    "verify_table": MockedVerb("Difference", _is_a(Difference), (StoreError,), pure=False),
    "claim_unique": MockedVerb("Claims", _is_a(Claims), _TABLE, pure=False),
    "drop_table": MockedVerb("None", _is_none, _TABLE, _none, pure=False),
}

CONDITIONAL: Final = ("set", "save")
"""Verbs that have a condition where the mark of an entity is asked, or values are unique."""

NOT_MOCKED: Final = ("transaction", "batch", "query_with", "grouped")
"""Verbs of several repositories, or that hand out more verbs: those are for a MemoryStore."""
