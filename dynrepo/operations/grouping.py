"""A partition read into one value for each of several repositories: an instance, or a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypedDict, TypeVar, cast

from pydantic import BaseModel

from dynrepo.errors import CodecError
from dynrepo.operations.paging import Paging
from dynrepo.operations.program import Together
from dynrepo.operations.queries import QueryPlan
from dynrepo.operations.segments import checked_count
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.collection_mapper import CollectionMapper, Unknown
    from dynrepo.operations.definition import RepositoryDefinition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.program import Program

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


@public
@dataclass(frozen=True)
class Group(Generic[R]):
    """What `grouped` makes of the items of one repository, as `one` and `many` say.

    Attributes:
        repository: Whose items they are.
        is_list: Whether a list is made of them; else one item or None.
        latest: How many are wanted at most, the last by their keys; None for all.
    """

    repository: RepositoryDefinition[Any]
    is_list: bool
    latest: int | None = None

    @property
    def limit(self) -> int | None:
        """How many items are to be read: two where one is wanted, to see that there is no other."""
        return self.latest if self.is_list else 2

    def made(self, items: Sequence[Any]) -> R:
        """What is made of the items; CodecError for two where one is wanted."""
        if self.is_list:
            return cast("R", [*items])
        if len(items) > 1:
            schema = self.repository.mapper.schema
            raise CodecError(
                f"{schema.name}: one item is asked for, and there is another: read many()",
                key=schema.key(items[1]),
            )
        return cast("R", items[0] if items else None)


@public
def one(repository: RepositoryDefinition[T]) -> Group[T | None]:
    """Asks `grouped` for the only item of a repository in a partition; None where there is none.

    Two are a CodecError of `grouped`, whose `key` is that of the second.

    Args:
        repository: Whose item it is.

    Returns:
        A group for `grouped`.
    """
    return Group(repository, is_list=False)


@public
def many(repository: RepositoryDefinition[T], *, latest: int | None = None) -> Group[list[T]]:
    """Asks `grouped` for the items of a repository in a partition, in the order of their keys.

    Args:
        repository: Whose items they are.
        latest: How many are wanted at most, the last ones; None for all.

    Returns:
        A group for `grouped`.

    Raises:
        ValueError: `latest` is less than 1.
        TypeError: It is no int.
    """
    if latest is not None and checked_count(latest) < 1:
        raise ValueError(f"latest counts items: at least 1, not {latest}")
    return Group(repository, is_list=True, latest=latest)


class GroupingOptions(TypedDict, total=False):
    """What a grouped read may be given beside its condition."""

    index: str | None
    consistent: bool
    unknown: Unknown


@dataclass(frozen=True)
class Grouping:
    """The items of several repositories in one partition, and what is made of them.

    `condition` is in the fields of the first, and `index` is its name of the index.
    """

    groups: Sequence[Group[Any]]
    mapper: CollectionMapper
    condition: Condition
    index: str | None = None
    consistent: bool = False

    def program(self) -> Program[tuple[Any, ...]]:
        """Reads the partition in one query, or each of the models in one of its own."""
        whole = self._plan(self.mapper, self.condition, self.index)
        if any(group.latest for group in self.groups):
            found = yield Together(tuple(map(_all, self._plans())))
        else:
            found = self._told_apart((yield from _all(whole)))
        return tuple([group.made(it) for group, it in zip(self.groups, found, strict=True)])

    def _plans(self) -> list[QueryPlan[Any]]:
        """A query for each of the models, which reads the last first where some are wanted."""
        collection = self.mapper.collection
        asked = collection.asked_of_each(self.index, self.condition)
        return [
            self._plan(
                self.mapper.alone(mapper),
                condition,
                index,
                item_limit=group.limit,
                descending=group.latest is not None,
            )
            for mapper, group, (condition, index) in zip(
                self.mapper.mappers, self.groups, asked, strict=True
            )
        ]

    def _plan(
        self, mapper: Mapper[Any], condition: Any, index: str | None, **options: Any
    ) -> QueryPlan[Any]:
        return QueryPlan(
            mapper,
            condition=condition,
            index=index,
            consistent=self.consistent,
            bad_rows=self.mapper.told_of(None),
            **options,
        )

    def _told_apart(self, items: Sequence[Any]) -> list[list[Any]]:
        """The items of each model."""
        schemas = [mapper.schema for mapper in self.mapper.mappers]
        return [[item for item in items if type(item) in schema.models] for schema in schemas]


def grouping(
    repository: Any,
    groups: Sequence[Any],
    condition: Condition,
    index: str | None,
    unknown: Unknown,
    *,
    consistent: bool,
) -> Grouping:
    """A grouped read by a repository, which is that of the first group.

    TypeError for what is no group, ValueError for repositories that are not read together.
    """
    from dynrepo.operations.collection_mapper import collected  # noqa: PLC0415 - is there

    name = type(repository).__name__
    for group in groups:
        if not isinstance(group, Group):
            given = type(group).__name__
            raise TypeError(f"{name}.grouped takes one(users) and many(orders), not {given}")
    if not groups or groups[0].repository is not repository:
        raise ValueError(f"{name}.grouped begins with a group of its own, whose fields are asked")
    mapper = collected([group.repository for group in groups], unknown=unknown)
    models = [model for each in mapper.mappers for model in each.schema.models]
    for model in models:
        if models.count(model) > 1:
            raise ValueError(f"{name}.grouped: two groups are of {model.__name__}")
    return Grouping(groups, mapper, condition, index, consistent)


def _all(plan: QueryPlan[Any]) -> Program[list[Any]]:
    """All items of a query, up to its limit, in the order of their keys."""
    items: list[Any] = []
    paging = Paging(plan)
    while not paging.is_over and (plan.item_limit is None or len(items) < plan.item_limit):
        answer = yield paging.operation()
        paging.see(answer)
        items += plan.items_of(answer)
    items = items[: plan.item_limit]
    return items[::-1] if plan.descending else items
