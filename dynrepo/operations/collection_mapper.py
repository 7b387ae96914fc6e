"""Several models in a shared table: how the rows that one query reads are instances of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, TypedDict, cast

from dynrepo.callbacks import check_called, not_awaited
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike
from dynrepo.operations.collection_query import CollectionQuery
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.transaction_writes import have_same_tables
from dynrepo.places.collection import Collection, collection_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.codec import Item
    from dynrepo.codec.core_schemas import Parse
    from dynrepo.expressions.nodes import Condition
    from dynrepo.schema.keys import KeySchema

BadRows: TypeAlias = "Callable[[CodecError], object]"

Unknown: TypeAlias = 'Literal["raise", "skip"] | Callable[[dict[str, Any]], object]'
"""What becomes of a row of none of the models: an error, nothing, or a call with what is stored."""


class CollectionOptions(TypedDict, total=False):
    """What a query of several models may be given beside its condition."""

    index: str | None
    descending: bool
    consistent: bool
    limit: int | None
    unknown: Unknown
    bad_rows: BadRows | None


class UnknownRow(CodecError):
    """A row of a shared table is of none of the models that are read; `item` is what is stored."""

    item: Item


@dataclass(frozen=True, eq=False)
class CollectionMapper(Mapper[Any]):
    """Where the items of several models are stored, and how they are read there.

    Each of `mappers` reads its own rows. `schema` is that of the first, in whose fields a query
    asks.
    """

    mappers: tuple[Mapper[Any], ...] = ()
    unknown: Unknown = "raise"

    @cached_property
    def collection(self) -> Collection:
        """How the rows of the models are told apart."""
        return collection_of([cast("Any", mapper.schema) for mapper in self.mappers])

    @cached_property
    def hidden_by(self) -> None:
        """None, for each model has its own."""
        return None

    def decode(self, item: Item) -> Any:
        """The instance that a stored item holds; CodecError when it is of none of the models."""
        number = self.collection.number_of(item)
        if number is None:
            raise self._unknown(item)
        return self.mappers[number].decode(item)

    def _unknown(self, item: Item) -> UnknownRow:
        names = [field.attribute for field in self.schema.key_schema.fields]
        error = UnknownRow(
            f"{self.collection.name}: a row of {self.table} is of none of them: let unknown= say"
            " what becomes of such rows",
            key={name: item[name] for name in names if name in item},
        )
        error.item = item
        return error

    def without_expired(self, items: Sequence[Item]) -> Sequence[Item]:
        """Those of some items that are not hidden, nor of none of the models and to be skipped."""
        return [item for item in items if self.visible(item)]

    def visible(self, item: Item) -> bool:
        """Whether an item is not one of those."""
        number = self.collection.number_of(item)
        return self.unknown != "skip" if number is None else self.mappers[number].visible(item)

    @cached_property
    def parse_items(self) -> Parse | None:
        """What makes the instances in a page of a query; None where the codec reads them."""
        by_codec = tuple([mapper.upcast is not None for mapper in self.mappers])
        parse = self.collection.parser(by_codec)
        return None if parse is None else self._with_left(parse)

    def placed_query(
        self,
        key: KeySchema,
        condition: Condition | None,
        where: Condition | None = None,
        *,
        descending: bool = False,
    ) -> CollectionQuery:
        """What a query asks of a key; TypeError without a condition."""
        del where  # there is none
        if condition is None:
            raise TypeError(f"{self.table}: a query needs a condition; scan() reads all")
        return CollectionQuery(
            self.collection,
            self.mappers,
            key,
            condition,
            descending=descending,
            is_of_known=self.unknown == "skip",
        )

    @property
    def entity(self) -> str:
        """What log lines call an item."""
        return " | ".join([mapper.entity for mapper in self.mappers])

    def check_alone(self, verb: str) -> None:
        """ValueError, for there are several."""
        raise ValueError(f"{self.collection.name}: {verb}() is of a query of one model")

    @property
    def read_with(self) -> tuple[Sequence[str], ...]:
        """The templates of the other models."""
        return tuple([schema.place.templates for schema in self.collection.schemas[1:]])

    def of_known(self) -> Self:
        """The same, which leaves out the rows that are of none of its models."""
        return replace(self, unknown="skip")

    def alone(self, mapper: Mapper[Any]) -> Mapper[Any]:
        """One of the mappers, which leaves out unknown rows where these are no error."""
        if self.unknown == "raise":
            return mapper
        return replace(self, schema=mapper.schema, mappers=(mapper,), unknown="skip")

    def told_of(self, bad_rows: BadRows | None) -> BadRows | None:
        """What is called with the error of a row: `unknown`, where it is to be, or `bad_rows`."""
        unknown = self.unknown
        if isinstance(unknown, str):
            return bad_rows

        def tell(error: CodecError) -> object:
            if isinstance(error, UnknownRow):
                return not_awaited("unknown", unknown(error.item))
            if bad_rows is None:
                raise error
            return bad_rows(error)

        return tell

    def _with_left(self, parse: Parse) -> Parse:
        """Reads by their codecs the rows that a parser leaves as they are stored."""

        def parse_all(
            body: bytes | bytearray,
        ) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
            answer = parse(body)
            if answer is None or answer[1] is None or dict not in set(map(type, answer[1])):
                return answer
            try:
                rows = [
                    self._row(cast("Item", row)) if type(row) is dict else row for row in answer[1]
                ]
            except Exception as error:  # noqa: BLE001 - an upcast may raise anything, and is asked again
                pass_strike(error)
                return None
            return answer[0], rows

        return parse_all

    def _row(self, item: Item) -> Any:
        try:
            return self.decode(item)
        except CodecError as error:
            return error


def collected(
    repositories: Sequence[Any], *, unknown: Unknown = "raise", bad_rows: BadRows | None = None
) -> CollectionMapper:
    """How the rows of several repositories are read together; the first one's fields are asked.

    TypeError for what is no repository, ValueError for those of other tables or stores.
    """
    for repository in repositories:
        _check_repository(repository, repositories[0])
    mappers: tuple[Mapper[Any], ...] = tuple([repository.mapper for repository in repositories])
    schemas: set[Any] = {repository.mapper.schema for repository in repositories}
    if len(schemas) < max(len(mappers), 2):
        raise ValueError("repositories are read together with others, each given once")
    if unknown not in ("raise", "skip"):
        check_called("unknown", unknown, "'raise', 'skip', or called with what is stored")
    if bad_rows is not None:
        check_called("bad_rows", bad_rows, "called with a CodecError: errors.append, say")
    return CollectionMapper(mappers[0].table, mappers[0].schema, mappers=mappers, unknown=unknown)


def _check_repository(repository: Any, first: Any) -> None:
    name = type(repository).__name__
    if not isinstance(getattr(repository, "mapper", None), Mapper):
        given = repository.__name__ if isinstance(repository, type) else name
        raise TypeError(f"repositories are read together, made as Orders(store), not {given}")
    if not repository.mapper.schema.added:
        raise ValueError(f"{name} has no place in a shared table, so that it reads alone")
    if _table_of(repository) != _table_of(first):
        raise ValueError(f"{name} and {type(first).__name__} are not of one shared table")
    if not have_same_tables(repository.store, first.store):
        raise ValueError(f"{name} and {type(first).__name__} are not of one store")


def _table_of(repository: Any) -> tuple[Any, str]:
    """The shared table that a repository is of, and its full name."""
    return repository.mapper.schema.place.table, repository.mapper.table
