"""Several models of one table read together, over memory, moto and MiniStack, in both faces."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    AsyncDynamoStore,
    CodecError,
    Index,
    InvalidCursor,
    Key,
    Repository,
    SharedTable,
    TimeToLive,
    many,
    one,
)
from dynrepo.aio.repository import AsyncRepository
from dynrepo.operations.operation import Operation, nothing
from dynrepo.testing import MemoryStore
from tests.facade import without_facade

if TYPE_CHECKING:
    from dynrepo import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
ADA, BOB = UUID(int=7), UUID(int=8)


class Depot(SharedTable):
    """A table with a mark."""

    table = "depot"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = "_et"


class Plain(SharedTable):
    """The same, whose rows the keys alone tell apart."""

    table = "plain"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")


class User(BaseModel):
    """At the end of a partition."""

    user_id: UUID
    town: str


class Parcel(BaseModel):
    """Some of a partition, whose owner has another name here."""

    owner: UUID
    number: int
    town: str | None = None
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Note(BaseModel):
    """Others, between those."""

    user_id: UUID
    text: str


class Users(Repository[User]):
    """Users."""

    place = Depot.place(
        "USER#{user_id}", "Z", entity="USER", by_town=Depot.gsi1("TOWN#{town}", "USER#{user_id}")
    )


class Parcels(Repository[Parcel]):
    """Parcels, which an index holds under another name of its own."""

    place = Depot.place(
        "USER#{owner}",
        "PARCEL#{number:04d}",
        entity="PARCEL",
        at=Depot.gsi1("TOWN#{town}", "PARCEL#{number:04d}"),
    )


class Notes(Repository[Note]):
    """Notes."""

    place = Depot.place("USER#{user_id}", "NOTE#{text}", entity="NOTE")


class PlainUsers(Repository[User]):
    """Users."""

    place = Plain.place("USER#{user_id}", "Z", by_town=Plain.gsi1("TOWN#{town}", "USER#{user_id}"))


class PlainParcels(Repository[Parcel]):
    """Parcels."""

    place = Plain.place(
        "USER#{owner}", "PARCEL#{number:04d}", at=Plain.gsi1("TOWN#{town}", "PARCEL#{number:04d}")
    )


class PlainNotes(Repository[Note]):
    """Notes."""

    place = Plain.place("USER#{user_id}", "NOTE#{text}")


class AsyncUsers(AsyncRepository[User]):
    """Users, awaited."""

    place = Users.place


class AsyncParcels(AsyncRepository[Parcel]):
    """Parcels, awaited."""

    place = Parcels.place


USER = User(user_id=ADA, town="Bern")
PARCELS = [Parcel(owner=ADA, number=number, town="Bern") for number in range(5)]
NOTE = Note(user_id=ADA, text="x")


class House:
    """The repositories of a table, with Ada's items in it, and one of Bob's."""

    def __init__(self, store: Store, kinds: tuple[type[Any], ...]) -> None:
        self.store = store
        self.kinds = kinds
        self.users: Repository[User]
        self.parcels: Repository[Parcel]
        self.notes: Repository[Note]
        self.users, self.parcels, self.notes = (kind(store) for kind in kinds)
        self.users.ensure_table()
        self.users.set(USER)
        self.users.set(User(user_id=BOB, town="Bern"))
        for parcel in PARCELS:
            self.parcels.set(parcel)
        self.of_ada = self.users.fields.user_id == ADA

    def put(self, item: dict[str, Any]) -> None:
        """Stores a row as others may."""
        table = self.users.mapper.table
        self.store.execute(Operation("PutItem", table, {"TableName": table, "Item": item}, nothing))


@pytest.fixture(params=[(Users, Parcels, Notes), (PlainUsers, PlainParcels, PlainNotes)])
def house(stores: Store, request: pytest.FixtureRequest) -> House:
    """A table, with and without a mark."""
    return House(stores, request.param)


def test_one_query_reads_a_partition_in_key_order(house: House) -> None:
    """Each row as an instance of its model; nothing of other partitions."""
    query = house.users.query_with(house.parcels, condition=house.of_ada)
    assert list(query) == query.all() == [*PARCELS, USER]
    assert query.first() == PARCELS[0]
    assert query.count() == 6
    back = house.users.query_with(house.parcels, condition=house.of_ada, descending=True)
    assert back.all() == [USER, *PARCELS[::-1]]
    most = house.users.query_with(house.parcels, condition=house.of_ada, descending=True, limit=3)
    assert most.all() == [USER, *PARCELS[:2:-1]]
    assert most.count() == 3
    first = house.parcels.query_with(
        house.users, condition=house.parcels.fields.owner == ADA, consistent=True
    )
    assert first.all() == [*PARCELS, USER]


def test_pages_go_on_where_they_ended(house: House) -> None:
    """A cursor fits its query, and none of others."""
    query = house.users.query_with(house.parcels, condition=house.of_ada)
    page = query.page(4)
    assert (page.items, page.read) == (PARCELS[:4], 4)
    rest = query.page(4, page.cursor)
    assert (rest.items, rest.cursor) == ([PARCELS[4], USER], None)
    assert [len(each) for each in query.pages(4)] == [4, 2]
    other = house.users.query_with(house.parcels, house.notes, condition=house.of_ada)
    with pytest.raises(InvalidCursor):
        other.page(4, page.cursor)


def test_an_index_has_a_name_in_each_repository(house: House) -> None:
    """That of the first is asked."""
    in_bern = house.users.fields.town == "Bern"
    query = house.users.query_with(house.parcels, condition=in_bern, index="by_town")
    assert query.all() == [*PARCELS, USER, User(user_id=BOB, town="Bern")]
    at = house.parcels.query_with(
        house.users, condition=house.parcels.fields.town == "Bern", index="at", limit=2
    )
    assert at.all() == PARCELS[:2]
    row = {"pk": "x", "sk": "x", "gsi1pk": "TOWN#Bern", "gsi1sk": "A"}
    stored = {name: {"S": text} for name, text in row.items()}
    house.put(stored)
    rows: list[Any] = []
    query = house.users.query_with(
        house.parcels, condition=in_bern, index="by_town", unknown=rows.append
    )
    assert query.count() == len(query.all()) == 7
    assert rows == [stored]


def test_an_unknown_row_is_an_error_unless_the_caller_says_otherwise(house: House) -> None:
    """In its turn; skipped; or handed to a function as it is stored."""
    house.notes.set(NOTE)
    stored = house.notes.schema.encode(NOTE)
    together = [house.parcels]
    query = house.users.query_with(*together, condition=house.of_ada)
    with pytest.raises(CodecError, match="is of none of them: let unknown= say") as raised:
        query.all()
    assert raised.value.key == house.notes.schema.key(NOTE)
    assert query.count() == 6

    skipping = house.users.query_with(house.parcels, condition=house.of_ada, unknown="skip")
    assert skipping.all() == [*PARCELS, USER]
    assert skipping.count() == 6
    page = skipping.page(10)
    assert (len(page), page.read) == (6, 7)
    few = house.users.query_with(house.parcels, condition=house.of_ada, unknown="skip", limit=2)
    assert few.all() == PARCELS[:2]

    rows: list[dict[str, Any]] = []
    calling = house.users.query_with(house.parcels, condition=house.of_ada, unknown=rows.append)
    assert calling.all() == [*PARCELS, USER]
    assert rows == [stored]
    assert calling.count() == 6
    assert len(rows) == 1
    assert house.notes.decode(rows[0]) == NOTE


def test_a_bad_row_is_told_of_beside_unknown_ones(house: House) -> None:
    """It is of a model, which it is not."""
    house.put({**house.parcels.schema.encode(PARCELS[1]), "number": {"S": "one"}})
    house.put({"pk": {"S": f"USER#{ADA}"}, "sk": {"S": "A"}})
    errors: list[CodecError] = []
    rows: list[Any] = []
    query = house.users.query_with(
        house.parcels, condition=house.of_ada, unknown=rows.append, bad_rows=errors.append
    )
    assert query.all() == [PARCELS[0], *PARCELS[2:], USER]
    assert [error.key for error in errors] == [house.parcels.schema.key(PARCELS[1])]
    assert len(rows) == 1
    query = house.users.query_with(house.parcels, condition=house.of_ada, unknown=rows.append)
    with pytest.raises(CodecError, match=r"Parcel\.number"):
        query.all()
    query = house.users.query_with(house.parcels, condition=house.of_ada, bad_rows=errors.append)
    assert len(query.all()) == 5
    assert len(errors) == 3


def test_each_repository_hides_what_it_hides(house: House) -> None:
    """Whether the requests are its own or another's."""

    class Hiding(house.kinds[1]):  # type: ignore[misc, name-defined]
        """Hides what has expired."""

        hide_expired = True

    gone = Parcel(owner=ADA, number=2, ends=datetime(2020, 1, 1, tzinfo=UTC))
    house.parcels.set(gone)
    rest = [*PARCELS[:2], *PARCELS[3:], USER]
    hiding: Repository[Parcel] = Hiding(house.store)
    query = house.users.query_with(hiding, condition=house.of_ada)
    assert query.all() == rest
    assert query.count() == len(rest)
    assert house.users.query_with(hiding, condition=house.of_ada, limit=3).all() == rest[:3]
    shown = house.users.query_with(house.parcels, condition=house.of_ada)
    assert shown.count() == 6
    assert gone in shown.all()


def test_an_upcast_reads_the_rows_of_its_model(house: House) -> None:
    """And no others."""

    class Older(house.kinds[1]):  # type: ignore[misc, name-defined]
        """Parcels that had no number once."""

        def upcast(self, attributes: dict[str, Any]) -> dict[str, Any]:
            """Gives one."""
            assert "user_id" not in attributes
            return {"number": int(attributes.get("nr", 0)), **attributes}

    row = house.parcels.schema.encode(PARCELS[3])
    row["nr"] = row.pop("number")
    house.put(row)
    older: Repository[Parcel] = Older(house.store)
    assert house.users.query_with(older, condition=house.of_ada).all() == [*PARCELS, USER]


def test_a_partition_is_grouped_by_repositories(house: House) -> None:
    """By one query, or the last of each by queries of their own."""
    users, parcels = house.users, house.parcels
    assert users.grouped(one(users), many(parcels), condition=house.of_ada) == (USER, PARCELS)
    latest = users.grouped(one(users), many(parcels, latest=2), condition=house.of_ada)
    assert latest == (USER, PARCELS[-2:])
    nobody = users.fields.user_id == UUID(int=9)
    assert users.grouped(one(users), many(parcels), condition=nobody) == (None, [])
    assert users.grouped(one(users), many(parcels, latest=9), condition=nobody) == (None, [])
    in_bern = users.fields.town == "Bern"
    found = users.grouped(many(users), many(parcels), condition=in_bern, index="by_town")
    assert found == ([USER, User(user_id=BOB, town="Bern")], PARCELS)
    found = users.grouped(
        many(users, latest=1), many(parcels, latest=1), condition=in_bern, index="by_town"
    )
    assert found == ([User(user_id=BOB, town="Bern")], PARCELS[-1:])
    for groups in ((one(users), one(parcels)), (many(users, latest=1), one(parcels))):
        with pytest.raises(CodecError, match="Parcel: one item is asked for") as raised:
            users.grouped(*groups, condition=house.of_ada)
        assert raised.value.key == parcels.schema.key(PARCELS[1])


def test_unknown_rows_are_no_part_of_a_group(house: House) -> None:
    """They are an error where they are read, which they are not where each model is alone."""
    users, parcels = house.users, house.parcels
    house.notes.set(NOTE)
    both = one(users), many(parcels)
    with pytest.raises(CodecError, match="is of none of them"):
        users.grouped(*both, condition=house.of_ada)
    assert users.grouped(*both, condition=house.of_ada, unknown="skip") == (USER, PARCELS)
    rows: list[Any] = []
    assert users.grouped(*both, condition=house.of_ada, unknown=rows.append) == (USER, PARCELS)
    assert rows == [house.notes.schema.encode(NOTE)]
    latest = users.grouped(one(users), many(parcels, latest=2), condition=house.of_ada)
    assert latest == (USER, PARCELS[-2:])


def test_unknown_rows_among_the_keys_of_a_group_are_left_out_where_the_caller_says_so(
    house: House,
) -> None:
    """By the queries of each model too, which come upon what begins like its keys."""
    users, parcels = house.users, house.parcels
    key = parcels.schema.key(PARCELS[-1])
    house.put({**key, "sk": {"S": f"{key['sk']['S']}!"}})
    latest = one(users), many(parcels, latest=2)
    for unknown in ("skip", [].append):
        found = users.grouped(*latest, condition=house.of_ada, unknown=unknown)
        assert found == (USER, PARCELS[-2:])
    with pytest.raises(CodecError, match="Parcel"):
        users.grouped(*latest, condition=house.of_ada)


@without_facade("it is of both faces as they are")
def test_both_faces_read_the_same(stores: Store) -> None:
    """Awaited where they are iterated."""
    house = House(stores, (Users, Parcels, Notes))
    if isinstance(house.store, MemoryStore):
        store: Any = house.store
    else:
        location = house.store.location
        store = AsyncDynamoStore(
            region=location.region,
            endpoint=location.endpoint,
            table_prefix=house.store.table_prefix,
        )

    async def read() -> None:
        users, parcels = AsyncUsers(store), AsyncParcels(store)
        query = users.query_with(parcels, condition=house.of_ada)
        assert [item async for item in query] == await query.all() == [*PARCELS, USER]
        assert await query.count() == 6
        assert await query.first() == PARCELS[0]
        page = await query.page(4)
        latest = await users.grouped(
            one(users), many(parcels, latest=2), condition=house.of_ada, consistent=True
        )
        assert latest == (USER, PARCELS[-2:])
        found = await users.grouped(one(users), many(parcels), condition=house.of_ada)
        assert found == (USER, PARCELS)
        again = house.users.query_with(house.parcels, condition=house.of_ada)
        assert again.page(4, page.cursor).items == [PARCELS[4], USER]

    asyncio.run(read())
