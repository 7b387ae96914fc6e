"""What an update asks of the stored item beside the condition that the caller gave."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from dynrepo.errors import CodecError
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import attribute_of, path_to, target_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pydantic import BaseModel

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Action, Condition
    from dynrepo.schema.entity import Schema
    from dynrepo.schema.kinds import KindMark, StoredKinds

    Models = frozenset[type[BaseModel]]


class Guard(Protocol):
    """What an update asks of the stored item beside the caller's condition."""

    @property
    def path(self) -> Any:
        """The path of the field that it is for."""
        ...

    @property
    def reason(self) -> str:
        """Why the write was refused, where it did not hold."""
        ...

    @property
    def condition(self) -> Condition:
        """The same as a condition of the write."""
        ...

    def holds(self, item: Item | None) -> bool:
        """Whether it is true of what is stored."""
        ...


class KindGuard(NamedTuple):
    """That the stored item is of one of some models, which have the field of a path."""

    kinds: StoredKinds
    models: Models
    path: Any

    @property
    def reason(self) -> str:
        """Why the write was refused, where it did not hold."""
        return f"{self.path.label}: the stored item is of a model without this field"

    @property
    def condition(self) -> Condition:
        """The same as a condition of the write."""
        having = (marks for model, marks in self.kinds.marks() if model in self.models)
        return any_of([all_of(map(_is_stored, marks)) for marks in having])

    def holds(self, item: Item | None) -> bool:
        """Whether it is true of what is stored."""
        try:
            return item is not None and self.kinds.model_of(item) in self.models
        except CodecError:
            return False


def _is_stored(mark: KindMark) -> Condition:
    stored: Condition = path_to(mark.attribute) == Value({mark.tag: mark.payload})
    return stored


def all_of(conditions: Iterable[Condition]) -> Condition:
    """That all of some conditions hold, of which there is one at least."""
    return reduce(_and, conditions)


def any_of(conditions: Iterable[Condition]) -> Condition:
    """That one of some conditions holds, of which there is one at least."""
    return reduce(_or, conditions)


def _and(first: Condition, second: Condition) -> Condition:
    both: Condition = first & second
    return both


def _or(first: Condition, second: Condition) -> Condition:
    either: Condition = first | second
    return either


def models_having(schema: Schema[Any], attributes: Collection[str]) -> Models:
    """The models that have all of some attributes."""
    every: Models = frozenset(schema.models)
    return every.intersection(*[schema.owners.get(name, every) for name in attributes])


def kind_guards(schema: Schema[Any], actions: Sequence[Action]) -> tuple[KindGuard, ...]:
    """The guard of an update of fields that not all models have; ValueError where no model has."""
    paths = [path for path in map(target_of, actions) if attribute_of(path) in schema.owners]
    if schema.kinds is None or not paths:
        return ()
    models = models_having(schema, [attribute_of(path) for path in paths])
    if not models:
        labels = ", ".join(dict.fromkeys(getattr(path, "label", "...") for path in paths))
        raise ValueError(f"{schema.name}: no model has all the fields of this update: {labels}")
    return (KindGuard(schema.kinds, models, paths[0]),)
