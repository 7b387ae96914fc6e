"""What type checkers see of unique values: both faces, the error, and the repair."""

from __future__ import annotations

from typing import Annotated, assert_type

from pydantic import BaseModel

from dynrepo import AsyncRepository, Claims, NotUnique, PartitionKey, Repository


class Reader(BaseModel):
    """Somebody with an address."""

    reader_id: Annotated[str, PartitionKey()]
    email: str | None = None


class Readers(Repository[Reader]):
    """One of an address."""

    table = "readers"
    unique = ("{email:lower}",)


class AsyncReaders(AsyncRepository[Reader]):
    """The same, awaited."""

    table = "readers"
    unique = ("email",)


class Wrong(Repository[Reader]):
    """A name alone is no tuple of names."""

    table = "readers"
    unique = "email"  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]


def blocking(readers: Readers, reader: Reader, found: list[Reader]) -> None:
    """The verbs are those of any repository."""
    try:
        assert_type(readers.create(reader), Reader)
    except NotUnique as error:
        assert_type(error.field, str | None)
    assert_type(readers.claim_unique(not_unique=found.append), Claims)
    assert_type(readers.claim_unique().not_unique["email"], int)


async def awaited(readers: AsyncReaders, reader: Reader) -> None:
    """And in the other face."""
    assert_type(await readers.save(reader), Reader)
    assert_type(await readers.claim_unique(), Claims)
