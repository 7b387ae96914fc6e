"""Members of a club, of whom no two have one address or one nickname, as tests see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    AsyncRepository,
    CreatedAt,
    PartitionKey,
    Repository,
    SharedTable,
    SortKey,
    TimeToLive,
    Version,
)
from dynrepo import Key as TableKey
from dynrepo.operations.guard_rows import OWNER

if TYPE_CHECKING:
    from dynrepo.testing import MemoryStore

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Member(BaseModel):
    """One of a club; of an address the spelling does not count."""

    member_id: Annotated[str, PartitionKey()]
    email: str | None = None
    nick: str | None = None
    visits: int = 0


class Members(Repository[Member]):
    """The members."""

    table = "members"
    unique = ("{email:lower}", "nick")


class AsyncMembers(AsyncRepository[Member]):
    """The same, awaited."""

    table = "members"
    unique = ("{email:lower}", "nick")


class Rows(Repository[Member]):
    """The same table, by a program that knows nothing of unique values."""

    table = "members"


class Seat(BaseModel):
    """A seat that is held for a while, with all that writes stamp."""

    hall: Annotated[str, PartitionKey()]
    row: Annotated[int, SortKey()]
    holder: str | None = None
    until: Annotated[AwareDatetime | None, TimeToLive()] = None
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    version: Annotated[int, Version()] = 0


class Seats(Repository[Seat]):
    """The seats; one for each holder."""

    table = "seats"
    unique = ("{hall}#{holder}",)


class Names(SharedTable):
    """The table of the guards of counters."""

    table = "names"
    key = TableKey("pk", "sk")


class Badge(BaseModel):
    """What a part of its key tells from all others, and a holder, of whom it is the only one."""

    year: Annotated[int, PartitionKey()]
    code: Annotated[str, SortKey()]
    holder: str | None = None
    notes: str = ""


class Badges(Repository[Badge]):
    """The badges, of which no two of any year have one code."""

    table = "badges"
    unique = ("code", "holder")
    guards = Names


class Counter(BaseModel):
    """What has a number for its key, under which no guard can stand."""

    number: Annotated[int, PartitionKey()]
    name: str | None = None


class Counters(Repository[Counter]):
    """The counters."""

    table = "counters"
    unique = ("name",)
    guards = Names


def rows(store: MemoryStore, table: str) -> list[dict[str, Any]]:
    """All that is stored in a table, in DynamoDB JSON."""
    return store.items(table)


def guards(store: MemoryStore, table: str, key: str) -> dict[str, Any]:
    """The guards in a table, by their texts in an attribute of its key."""
    return {row[key]["S"]: row for row in rows(store, table) if OWNER in row}


def claimed(store: MemoryStore) -> dict[str, str]:
    """The member of each guard of the members."""
    found = guards(store, "members", "member_id")
    return {text: row[OWNER]["M"]["member_id"]["S"] for text, row in found.items()}


def wanted(store: MemoryStore) -> dict[str, str]:
    """The guards that there should be, by what is stored of the members.

    AssertionError where two members have one value.
    """
    found: dict[str, str] = {}
    for row in rows(store, "members"):
        if OWNER not in row:
            for name, text in (("email", str.lower), ("nick", str)):
                if "S" in row.get(name, {}):
                    guard = f"UNIQUE#{name}#{text(row[name]['S'])}"
                    assert guard not in found
                    found[guard] = row["member_id"]["S"]
    return found
