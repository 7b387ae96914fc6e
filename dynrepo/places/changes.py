"""The stream of a shared table: of which of several entities a record is, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar, cast, overload

A_co = TypeVar("A_co", covariant=True)
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")


class ReadsChanges(Protocol[A_co]):
    """A repository, of either face, as far as it reads records of a stream."""

    def decode_change(self, stream_record: Mapping[str, Any], /) -> A_co:
        """What happened to an item."""
        ...


class TableStream:
    """What tells the records of a table's stream by their keys."""

    @overload
    @classmethod
    def change_of(
        cls,
        stream_record: Mapping[str, Any],
        first: ReadsChanges[A],
        /,
    ) -> A | None: ...

    @overload
    @classmethod
    def change_of(
        cls,
        stream_record: Mapping[str, Any],
        first: ReadsChanges[A],
        second: ReadsChanges[B],
        /,
    ) -> A | B | None: ...

    @overload
    @classmethod
    def change_of(
        cls,
        stream_record: Mapping[str, Any],
        first: ReadsChanges[A],
        second: ReadsChanges[B],
        third: ReadsChanges[C],
        /,
    ) -> A | B | C | None: ...

    @overload
    @classmethod
    def change_of(
        cls,
        stream_record: Mapping[str, Any],
        first: ReadsChanges[A],
        second: ReadsChanges[B],
        third: ReadsChanges[C],
        fourth: ReadsChanges[D],
        /,
    ) -> A | B | C | D | None: ...

    @overload
    @classmethod
    def change_of(
        cls,
        stream_record: Mapping[str, Any],
        first: ReadsChanges[A],
        second: ReadsChanges[B],
        third: ReadsChanges[C],
        fourth: ReadsChanges[D],
        fifth: ReadsChanges[E],
        /,
    ) -> A | B | C | D | E | None: ...

    @overload
    @classmethod
    def change_of(
        cls,
        stream_record: Mapping[str, Any],
        first: ReadsChanges[A],
        second: ReadsChanges[B],
        third: ReadsChanges[C],
        fourth: ReadsChanges[D],
        fifth: ReadsChanges[E],
        sixth: ReadsChanges[F],
        /,
    ) -> A | B | C | D | E | F | None: ...

    @classmethod
    def change_of(cls, stream_record: Mapping[str, Any], *repositories: ReadsChanges[Any]) -> Any:
        """Tells what happened to an item, by the repository that it is of: its key tells which.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html

        Args:
            stream_record: A record of the table's stream, as a Lambda function gets them.
            *repositories: One or more, of either face, with a place in the table.

        Returns:
            The change; None for an item of none of the repositories.

        Raises:
            CodecError: It is no record, or the item is not the model.
            TypeError: There is no repository, or one of another table.
        """
        if not repositories:
            raise TypeError(f"{cls.__name__}.change_of takes a record, and one repository or more")
        schemas = [_schema_in(cls, repository) for repository in repositories]
        key = _key_in(stream_record)
        for repository, schema in zip(repositories, schemas, strict=True):
            if key is None or schema.makes(key):
                return repository.decode_change(stream_record)
        return None


def _schema_in(table: type[Any], repository: Any) -> Any:
    """The schema of a repository; TypeError for one of another table."""
    schema = getattr(repository, "schema", None)
    place = getattr(schema, "place", None)
    if isinstance(repository, type) or place is None or place.table is not table:
        found = getattr(repository, "__name__", type(repository).__name__)
        raise TypeError(
            f"{table.__name__}.change_of takes a record, and repositories with a place in"
            f" {table.__name__}: {found} is none"
        )
    return schema


def _key_in(record: object) -> Mapping[str, Any] | None:
    """The key that a record names; None for what is no record, as any repository will say."""
    for name in ("dynamodb", "Keys"):
        if not isinstance(record, Mapping):
            return None
        record = cast("Mapping[str, Any]", record).get(name)
    return cast("Mapping[str, Any]", record) if isinstance(record, Mapping) else None
