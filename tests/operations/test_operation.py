"""Operations are values, and a table knows how its items are looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import CodecError, CreatedAt, PartitionKey, TimeToLive, UpdatedAt, Version
from dynrepo.operations.operation import Effect, Operation, Table
from dynrepo.schema.entity import schema_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Ticket(BaseModel):
    """Something that ends, and counts its writes."""

    code: Annotated[str, PartitionKey()]
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


def table(*, hide_expired: bool = True) -> Table[Ticket]:
    """The tickets at noon."""
    return Table("tickets", schema_of(Ticket), clock=lambda: NOON, hide_expired=hide_expired)


def test_an_operation_reads_unless_it_says_otherwise() -> None:
    """So that only what writes has to think of being sent twice."""
    assert Operation("GetItem", "tickets", {}, lambda _: None).effect is Effect.NONE


def test_nothing_stored_is_restored_as_none() -> None:
    """Absence is None, of whatever kind."""
    assert table().restore(None) is None
    assert table().restore({}) is None


def test_what_is_stored_is_restored_as_the_model() -> None:
    """Or is an error, never something in between."""
    assert table().restore({"code": {"S": "a"}}) == Ticket(code="a")
    with pytest.raises(CodecError):
        table().restore({"code": {"N": "1"}})


@pytest.mark.parametrize(
    ("ends", "seen"), [(NOON.timestamp() - 1, False), (NOON.timestamp() + 1, True), (None, True)]
)
def test_what_has_ended_is_not_seen(ends: float | None, seen: bool) -> None:  # noqa: FBT001
    """DynamoDB removes it within days; a reader need not wait for that."""
    item = {"code": {"S": "a"}} | ({} if ends is None else {"ends": {"N": str(int(ends))}})
    assert table().visible(item) is seen
    assert table(hide_expired=False).visible(item)


def test_a_table_knows_the_fields_with_a_meaning() -> None:
    """By their markers, whatever their names."""
    found = table()
    fields = (found.version, found.created, found.updated, found.ttl)
    assert [one.name for one in fields if one] == ["version", "made", "changed", "ends"]
