"""The table that models share: any of its repositories makes it, with what all of them need."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import Answer, Index, Key, Repository, SharedTable, Status, TimeToLive
from dynrepo.operations.operation import Operation, nothing
from dynrepo.operations.program import Progress
from dynrepo.operations.samples import sampled
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import refusal
from tests.shop import ADA, CUSTOMER, NOW, ORDER, Customers, Orders, Settings

if TYPE_CHECKING:
    from dynrepo import Store


class Club(SharedTable):
    """A table whose items may expire."""

    table = "club"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    by_day = Index("day", name="days")
    mark = "_et"


class Member(BaseModel):
    """One who stays."""

    name: str
    town: str | None = None


class Guest(BaseModel):
    """One who is forgotten."""

    name: str
    leaves: Annotated[AwareDatetime | None, TimeToLive()] = None


class Members(Repository[Member]):
    """Members are found by town."""

    place = Club.place("MEMBER#{name}", "-", entity="MEMBER", by_town=Club.gsi1("{town}", "{name}"))


class Guests(Repository[Guest]):
    """Guests expire."""

    place = Club.place("GUEST#{name}", "-", entity="GUEST")


def put(store: Store, table: str, item: dict[str, Any]) -> None:
    """Stores a row as others may."""
    store.execute(Operation("PutItem", table, {"TableName": table, "Item": item}, nothing))


def test_any_repository_makes_the_table_of_all(stores: Store) -> None:
    """With every index of it, and the expiry of another model's items; the second adds nothing."""
    members, guests = Members(stores), Guests(stores)
    assert members.verify_table().missing
    assert not members.ensure_table()
    assert not guests.verify_table()
    assert not guests.ensure_table()
    guest = Guest(name="Bo", leaves=NOW + timedelta(days=1))
    assert guests.create(guest) == guests.get("Bo") == guest
    members.create(Member(name="Al", town="Ulm"))
    found = members.query(Members.fields.town == "Ulm", index="by_town")
    assert found.all() == [Member(name="Al", town="Ulm")]
    members.drop_table(confirm=members.mapper.table)
    assert guests.verify_table().missing


def test_what_a_table_lacks_is_told_and_added(memory: MemoryStore) -> None:
    """By whichever repository, of whatever entity it is for."""

    class OldClub(SharedTable):
        table = "club"
        key = Key("pk", "sk")

    class OldMembers(Repository[Member]):
        place = OldClub.place("MEMBER#{name}", "-")

    OldMembers(memory).create_table()
    guests = Guests(memory)
    lacking = guests.verify_table()
    assert lacking.missing_indexes == ("days", "gsi1")
    assert lacking.time_to_live
    health = guests.health_check()
    assert health.details["indexes"] == {"gsi1": "MISSING", "days": "MISSING"}
    assert health.status is Status.DEGRADED
    assert not guests.ensure_table()
    assert guests.health_check().status is Status.UP
    assert memory.dump()["club"]["time_to_live"] == "leaves"
    known = OldMembers(memory).verify_table()
    assert known.unknown_indexes == ("days", "gsi1")


def test_a_table_in_memory_expires_by_the_field_of_any_model() -> None:
    """Whichever repository it is made for."""
    for given in (Members, Guests):
        assert MemoryStore(given).dump()["club"]["time_to_live"] == "leaves"


def test_a_table_with_another_key_serves_no_entity(memory: MemoryStore) -> None:
    """It is told by the health and the difference."""

    class Other(SharedTable):
        table = "club"
        key = Key("PK", "SK")

    class Others(Repository[Member]):
        place = Other.place("MEMBER#{name}", "-")

    Others(memory).create_table()
    assert Members(memory).verify_table().key
    assert Members(memory).health_check().status is Status.DOWN


def test_a_table_that_may_not_be_described_is_judged_by_a_read(memory: MemoryStore) -> None:
    """By a key of the types that the table has, whatever the entity's are made of."""

    class Board(SharedTable):
        table = "board"
        key = Key("pk", "sk", types=("S", "N"))

    class Row(BaseModel):
        name: str
        score: int

    class Rows(Repository[Row]):
        place = Board.place("BOARD#{name}", "{score}")

    rows = Rows(memory)
    rows.ensure_table()
    memory.inject(refusal("AccessDeniedException"), on="DescribeTable", table="board")
    health = rows.health_check()
    assert health.status is Status.UP
    assert health.details["note"] == "judged by a read: no permission for DescribeTable"


def test_an_index_is_to_hold_what_its_own_entities_have(memory: MemoryStore) -> None:
    """One that a repository never asks need not hold its fields."""
    Members(memory).ensure_table()
    dumped = memory.dump()
    for index in dumped["club"]["definition"]["GlobalSecondaryIndexes"]:
        index["Projection"] = {"ProjectionType": "KEYS_ONLY"}
    memory.load(dumped)
    assert Members(memory).verify_table().partial_indexes == ("gsi1",)
    assert not Guests(memory).verify_table()


def test_a_sample_has_rows_of_one_entity(stores: Store) -> None:
    """As many as asked, those of others are neither read as the model nor counted."""
    orders, customers = Orders(stores), Customers(stores)
    Settings(stores).ensure_table()
    for number in range(30):
        customers.set(CUSTOMER.model_copy(update={"user_id": UUID(int=number)}))
        put(stores, customers.mapper.table, {"pk": {"S": f"X#{number}"}, "sk": {"S": "theirs"}})
    orders.set_many([ORDER.model_copy(update={"number": number}) for number in range(7)])
    told: list[str] = []
    for size, rows in ((5, 5), (7, 7), (100, 7), ("all", 7)):
        found = orders.verify_table(sample=size, progress=told.append)  # type: ignore[arg-type]
        assert found.sample is not None
        assert (found.sample.rows, bool(found)) == (rows, False)
    assert told[-1] == f"{orders.mapper.table} (ORDER): 7 rows read, 0 of them not the model"
    key = orders.schema.key((ADA, NOW, 99))
    put(stores, orders.mapper.table, {**key, "_et": {"S": "ORDER"}, "status": {"N": "1"}})
    sample = orders.verify_table(sample="all").sample
    assert sample is not None
    assert (sample.rows, sample.bad_rows) == (8, 1)
    clean = customers.verify_table(sample="all").sample
    assert clean is not None
    assert (clean.rows, bool(clean)) == (30, False)


def test_few_rows_of_many_are_found_by_few_requests() -> None:
    """The scan reads a hundred at least, and leaves out those of others; no more are used."""
    mapper = Orders(MemoryStore()).mapper
    program = sampled(mapper, 3)
    scan = next(program)
    assert scan.request["Limit"] == 100
    row = mapper.schema.encode(ORDER)
    last = mapper.schema.key(ORDER)
    assert program.send(_page(scan, [row], last)) == Progress(
        "shop (ORDER): 1 row read, 0 of them not the model"
    )
    scan = next(program)
    assert (scan.request["Limit"], scan.request["ExclusiveStartKey"]) == (100, last)
    program.send(_page(scan, [row] * 5, last))
    with pytest.raises(StopIteration) as ended:
        next(program)
    assert ended.value.value.rows == 3


def _page(scan: Operation[Any], items: list[Any], last: Any) -> Any:
    """What is read of a page."""
    return scan.read(Answer({"Items": items, "Count": len(items), "LastEvaluatedKey": last}))
