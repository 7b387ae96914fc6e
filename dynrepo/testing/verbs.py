"""The verbs of a repository as a mock knows them: what each returns, also when nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from dynrepo.blocking.repository import Repository
from dynrepo.operations.health import Health, Status
from dynrepo.operations.tables import Difference

Fits: TypeAlias = Callable[[type[Any], Any], bool]


@dataclass(frozen=True)
class Verb:
    """What a verb returns: in words, by a check that is given the model, and when nothing is said.

    `pure` verbs send nothing while they build, so that a call can be tried on the real one.
    """

    returns: str
    fits: Fits
    default: Callable[..., Any] | None = None
    pure: bool = True


def _item(model: type[Any], value: Any) -> bool:
    return isinstance(value, model)


def _item_or_none(model: type[Any], value: Any) -> bool:
    return value is None or isinstance(value, model)


def _items(model: type[Any], value: Any) -> bool:
    try:
        return all(isinstance(one, model) for one in value)
    except TypeError:
        return False


def _items_or_none(model: type[Any], value: Any) -> bool:
    return value.__class__ is list and all(_item_or_none(model, one) for one in value)


def _kind(kind: type[Any]) -> Fits:
    return lambda _, value: isinstance(value, kind)


def _nothing(_: Any, value: Any) -> bool:
    return value is None


def _as_given(item: Any) -> Any:
    return item


def _none(*_: Any, **__: Any) -> None:
    return None


def _no_items(*_: Any, **__: Any) -> list[Any]:
    return []


def _none_each(keys: Iterable[Any], **_: Any) -> list[None]:
    return [None for _ in keys]


def _up() -> Health:
    return Health(Status.UP)


VERBS: Final[dict[str, Verb]] = {
    "get": Verb("{model} | None", _item_or_none, _none),
    "require": Verb("{model}", _item),
    "exists": Verb("bool", _kind(bool)),
    "get_many": Verb("list[{model} | None]", _items_or_none, _none_each),
    "query": Verb("items of {model}", _items, _no_items),
    "scan": Verb("items of {model}", _items, _no_items),
    "create": Verb("{model}", _item, _as_given),
    "set": Verb("{model}", _item, _as_given),
    "save": Verb("{model}", _item, _as_given),
    "update": Verb("{model}", _item),
    "delete": Verb("{model} | None", _item_or_none, _none),
    "set_many": Verb("None", _nothing, _none),
    "delete_many": Verb("None", _nothing, _none),
    "get_together": Verb("a tuple", _kind(tuple)),
    "connect": Verb("the repository", _kind(Repository), pure=False),
    "health_check": Verb("Health", _kind(Health), _up, pure=False),
    "create_table": Verb("None", _nothing, _none, pure=False),
    "ensure_table": Verb("Difference", _kind(Difference), pure=False),
    "verify_table": Verb("Difference", _kind(Difference), pure=False),
    "drop_table": Verb("None", _nothing, _none, pure=False),
}

ELSEWHERE: Final = ("transaction", "batch")
"""Verbs that hand out something with verbs of its own: those are for a MemoryStore."""
