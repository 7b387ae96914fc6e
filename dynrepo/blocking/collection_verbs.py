# Written by tests/faces.py from aio/collection_verbs.py: change that one.
"""The verbs that read the items of several repositories of one shared table together."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pydantic import BaseModel

from dynrepo.blocking.query import Query
from dynrepo.blocking.query_verbs import QueryVerbs

if TYPE_CHECKING:
    from typing import Unpack

    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.collection_mapper import BadRows, CollectionOptions, Unknown
    from dynrepo.operations.grouping import Group, GroupingOptions

T = TypeVar("T", bound=BaseModel)
A = TypeVar("A", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)
C = TypeVar("C", bound=BaseModel)
D = TypeVar("D", bound=BaseModel)
E = TypeVar("E", bound=BaseModel)
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")
J = TypeVar("J")
K = TypeVar("K")
L = TypeVar("L")


class CollectionVerbs(QueryVerbs[T]):
    """The verbs of items of one repository, and those that read items of several together."""

    @overload
    def query_with(
        self,
        first: QueryVerbs[A],
        /,
        *,
        condition: Condition,
        **options: Unpack[CollectionOptions],
    ) -> Query[T | A]: ...
    @overload
    def query_with(
        self,
        first: QueryVerbs[A],
        second: QueryVerbs[B],
        /,
        *,
        condition: Condition,
        **options: Unpack[CollectionOptions],
    ) -> Query[T | A | B]: ...
    @overload
    def query_with(
        self,
        first: QueryVerbs[A],
        second: QueryVerbs[B],
        third: QueryVerbs[C],
        /,
        *,
        condition: Condition,
        **options: Unpack[CollectionOptions],
    ) -> Query[T | A | B | C]: ...
    @overload
    def query_with(
        self,
        first: QueryVerbs[A],
        second: QueryVerbs[B],
        third: QueryVerbs[C],
        fourth: QueryVerbs[D],
        /,
        *,
        condition: Condition,
        **options: Unpack[CollectionOptions],
    ) -> Query[T | A | B | C | D]: ...
    @overload
    def query_with(
        self,
        first: QueryVerbs[A],
        second: QueryVerbs[B],
        third: QueryVerbs[C],
        fourth: QueryVerbs[D],
        fifth: QueryVerbs[E],
        /,
        *,
        condition: Condition,
        **options: Unpack[CollectionOptions],
    ) -> Query[T | A | B | C | D | E]: ...
    def query_with(
        self,
        *others: QueryVerbs[Any],
        condition: Condition,
        index: str | None = None,
        descending: bool = False,
        consistent: bool = False,
        limit: int | None = None,
        unknown: Unknown = "raise",
        bad_rows: BadRows | None = None,
    ) -> Query[Any]:
        """Asks for the items of this and of other repositories in one partition, by the key.

        ```python
        users.query_with(orders, condition=path(users.stored.user_id) == user_id)
        ```

        All are of one store and one shared table, with partitions of one shape, whatever their
        fields are called. The requests are this repository's, with its instruments and cursors;
        each repository reads its own rows, by its `upcast`, and hides what has expired if it says
        so. There is no `where`: it would leave out the items that lack the field.

        Args:
            *others: The other repositories, each once.
            condition: A whole partition, or less by what all sort keys begin with; in the fields of
                this repository.
            index: This repository's name of the index.
            descending: As of `query`.
            consistent: As of `query`.
            limit: As of `query`.
            unknown: What becomes of a row of the partition that is of none of them: "raise" is a
                CodecError where its turn comes, "skip" leaves it out, and a function is called with
                each, in DynamoDB JSON, as `decode` takes it. Such rows are read and paid for, and
                no items: `count` and `limit` leave them out.
            bad_rows: As of `query`.

        Returns:
            As of `query`; its items are of all these models.

        Raises:
            ValueError: As of `query`; or the repositories cannot be read together.
            TypeError: One is no repository, there is no condition, or an argument is of another
                type.
        """
        from dynrepo.operations.collection_mapper import collected  # noqa: PLC0415 - is there

        mapper = collected([self, *others], unknown=unknown, bad_rows=bad_rows)
        return Query(
            mapper,
            condition=condition,
            index=index,
            descending=descending,
            consistent=consistent,
            item_limit=limit,
            bad_rows=mapper.told_of(bad_rows),
            cursors=self._cursors,
            execute=self._door("query_with"),
            located=self._located,
            requests=partial(self._requests_of, "query_with"),
        )

    @overload
    def grouped(
        self,
        first: Group[F],
        second: Group[G],
        /,
        *,
        condition: Condition,
        **options: Unpack[GroupingOptions],
    ) -> tuple[F, G]: ...
    @overload
    def grouped(
        self,
        first: Group[F],
        second: Group[G],
        third: Group[H],
        /,
        *,
        condition: Condition,
        **options: Unpack[GroupingOptions],
    ) -> tuple[F, G, H]: ...
    @overload
    def grouped(
        self,
        first: Group[F],
        second: Group[G],
        third: Group[H],
        fourth: Group[J],
        /,
        *,
        condition: Condition,
        **options: Unpack[GroupingOptions],
    ) -> tuple[F, G, H, J]: ...
    @overload
    def grouped(
        self,
        first: Group[F],
        second: Group[G],
        third: Group[H],
        fourth: Group[J],
        fifth: Group[K],
        /,
        *,
        condition: Condition,
        **options: Unpack[GroupingOptions],
    ) -> tuple[F, G, H, J, K]: ...
    @overload
    def grouped(
        self,
        first: Group[F],
        second: Group[G],
        third: Group[H],
        fourth: Group[J],
        fifth: Group[K],
        sixth: Group[L],
        /,
        *,
        condition: Condition,
        **options: Unpack[GroupingOptions],
    ) -> tuple[F, G, H, J, K, L]: ...
    def grouped(
        self,
        *groups: Group[Any],
        condition: Condition,
        index: str | None = None,
        consistent: bool = False,
        unknown: Unknown = "raise",
    ) -> tuple[Any, ...]:
        """Reads the items of this and of other repositories in one partition: a value for each.

        ```python
        of_user = path(users.stored.user_id) == user_id
        user, latest = users.grouped(
            one(users), many(orders, latest=20), condition=of_user
        )
        ```

        All pages are read, by one query. With `many(orders, latest=20)` each repository's rows are
        read by a query of their own, at the same time: those 20 from the end of their keys, and no
        unknown ones.

        Args:
            *groups: `one(...)` or `many(...)` of each repository; the first is of this one.
            condition: As of `query_with`.
            index: As of `query_with`.
            consistent: As of `query`.
            unknown: As of `query_with`.

        Returns:
            For each group the only item or None, or a list in the order of the key.

        Raises:
            CodecError: A row is not the model, or unknown, or there are two where `one` is asked
                for.
            ValueError: As of `query_with`; or the first group is of another repository.
            TypeError: One is no group, or an argument is of another type.
            StoreError: As of every verb: see the class.
        """
        from dynrepo.operations.grouping import grouping  # noqa: PLC0415 - is there

        read = grouping(self, groups, condition, index, unknown, consistent=consistent)
        return self._run("grouped", read.program())
