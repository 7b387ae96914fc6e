"""Tables: made from the markers, compared with them, completed, dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    Capacity,
    Difference,
    DynamoStore,
    PartitionKey,
    Repository,
    SortKey,
    TableNotFound,
    Timeout,
    TimeToLive,
)
from dynrepo.operations import tables as table
from tests.scripted import Scripted, refused

if TYPE_CHECKING:
    from dynrepo import Store


class Bare(BaseModel):
    """A key and nothing else."""

    name: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]


class Grown(Bare):
    """The same a year later."""

    kind: Annotated[str | None, PartitionKey(index="by_kind")] = None
    weight: Annotated[int | None, SortKey(index="by_kind")] = None
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Sorted(Bare):
    """With a local index."""

    weight: Annotated[int, SortKey(index="by_weight")] = 0


class OtherKey(BaseModel):
    """With another key."""

    name: Annotated[bytes, PartitionKey()]


class Bares(Repository[Bare]):
    """The table as it was."""

    table = "things"


class Growns(Repository[Grown]):
    """The table as it should be."""

    table = "things"


class Sorteds(Repository[Sorted]):
    """The table as it could have been."""

    table = "things"


class OtherKeys(Repository[OtherKey]):
    """Another table of the same name."""

    table = "things"


def test_a_table_is_made_from_the_markers(stores: Store) -> None:
    """With its indexes and its expiry; nothing differs then."""
    things = Growns(stores)
    assert things.verify_table() == Difference(things.mapper.table, missing=True)
    things.create_table()
    assert not things.verify_table()
    things.set(Grown(name="a", number=1, kind="k"))
    assert things.query(things.fields.kind == "k", index="by_kind").count() == 0  # no weight
    things.set(Grown(name="a", number=1, kind="k", weight=2))
    assert things.query(things.fields.kind == "k", index="by_kind").count() == 1


def test_ensure_makes_a_missing_table(stores: Store) -> None:
    """And says how it goes."""
    things = Growns(stores)
    said: list[str] = []
    assert not things.ensure_table(progress=said.append)
    assert f"{things.mapper.table} is ACTIVE" in said[-1]
    said.clear()
    assert not things.ensure_table(progress=said.append)
    assert said == []


def test_ensure_adds_what_is_missing(stores: Store) -> None:
    """Indexes and expiry; the items stay."""
    old, new = Bares(stores), Growns(stores)
    old.create_table()
    old.set(Bare(name="a", number=1))
    assert new.verify_table() == Difference(
        new.mapper.table, missing_indexes=("by_kind",), time_to_live=True
    )
    assert not new.ensure_table()
    assert not new.verify_table()
    assert new.get(("a", 1)) == Grown(name="a", number=1)


def test_indexes_are_added_one_after_the_other(stores: Store) -> None:
    """Each request keeps the types of the attributes of those before."""

    class Listed(Bare):
        kind: Annotated[str, PartitionKey(index="by_kind")] = "k"
        place: Annotated[int, PartitionKey(index="by_place")] = 1

    class Listeds(Repository[Listed]):
        table = "things"

    Bares(stores).create_table()
    things = Listeds(stores)
    assert not things.ensure_table()
    assert not things.verify_table()
    things.set(Listed(name="a", number=1))
    assert things.query(things.fields.place == 1, index="by_place").count() == 1


def test_a_described_key_without_a_type_is_another_one() -> None:
    """An engine that forgot the type of an attribute fails no comparison."""
    element = {"AttributeName": "name", "KeyType": "HASH"}
    shown = {"TableName": "things", "KeySchema": [element], "AttributeDefinitions": []}
    things = Bares(DynamoStore(connection=Scripted({"Table": shown})))
    assert things.verify_table() == Difference("things", key=True)


def test_ensure_deletes_nothing_and_says_what_differs(stores: Store) -> None:
    """A local index, which only a new table can have; an index nobody declared; another key."""
    Growns(stores).create_table()
    name = Growns(stores).mapper.table
    assert Sorteds(stores).ensure_table() == Difference(
        name, missing_indexes=("by_weight",), unknown_indexes=("by_kind",)
    )
    assert OtherKeys(stores).ensure_table() == Difference(
        name, key=True, unknown_indexes=("by_kind",)
    )
    assert not Growns(stores).verify_table()


def test_an_index_with_another_key_is_told(moto: DynamoStore) -> None:
    """It has the name, and finds other things."""

    class Changed(Bare):
        kind: Annotated[int | None, PartitionKey(index="by_kind")] = None

    class Changeds(Repository[Changed]):
        table = "things"

    Growns(moto).create_table()
    assert Changeds(moto).verify_table() == Difference("things", wrong_indexes=("by_kind",))


def test_a_table_can_be_provisioned_protected_and_tagged(moto: DynamoStore) -> None:
    """Where it is not, it is billed on demand."""
    things = Growns(moto)
    things.create_table(capacity=Capacity(3, 2), deletion_protection=True, tags={"team": "a"})
    client: Any = moto._connected().client
    found = client.describe_table(TableName="things")["Table"]
    for holder in (found, found["GlobalSecondaryIndexes"][0]):
        assert holder["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
        assert holder["ProvisionedThroughput"]["WriteCapacityUnits"] == 2
    assert found["DeletionProtectionEnabled"]
    tags = client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]


@pytest.mark.parametrize(("read", "write"), [(0, 1), (1, 0), (-1, 1)])
def test_a_capacity_is_at_least_one_unit(read: int, write: int) -> None:
    """Told before a table is created."""
    with pytest.raises(ValueError, match="at least 1 unit a second, not"):
        Capacity(read=read, write=write)


def test_a_table_is_dropped_by_its_full_name_only(stores: Store) -> None:
    """And is gone then."""
    things = Bares(stores)
    things.create_table()
    with pytest.raises(ValueError, match=f"pass confirm='{things.mapper.table}'"):
        things.drop_table(confirm="wrong")
    assert not things.verify_table()
    things.drop_table(confirm=things.mapper.table)
    with pytest.raises(TableNotFound):
        things.connect()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "POLL", 0.001)
    monkeypatch.setattr(table, "WAIT_LIMIT", 0.003)


@pytest.mark.usefixtures("_impatient")
def test_waiting_for_a_table_ends() -> None:
    """With Timeout; it is waited for while an index is filled, too."""
    creating = {"Table": {"TableName": "things", "TableStatus": "CREATING"}}
    indexes = [{"IndexName": "by_kind", "IndexStatus": "CREATING"}]
    filling = {
        "Table": {"TableName": "things", "TableStatus": "ACTIVE"}
        | {"GlobalSecondaryIndexes": indexes}
    }
    for state in (creating, filling):
        things = Growns(DynamoStore(connection=Scripted({}, state)))
        with pytest.raises(Timeout, match="things is not active"):
            things.create_table()
    with pytest.raises(Timeout, match="things is not gone"):
        Growns(DynamoStore(connection=Scripted({}, creating))).drop_table(confirm="things")


@pytest.mark.usefixtures("_impatient")
def test_a_table_is_waited_for_until_all_is_active() -> None:
    """Then the expiry is switched on, once."""

    def state(status: str, index: str) -> dict[str, Any]:
        indexes = [{"IndexName": "by_kind", "IndexStatus": index}]
        shown = {"TableName": "things", "TableStatus": status, "GlobalSecondaryIndexes": indexes}
        return {"Table": shown}

    connection = Scripted({}, state("CREATING", "CREATING"), state("ACTIVE", "ACTIVE"), {})
    Growns(DynamoStore(connection=connection)).create_table()
    assert [name for name, _ in connection.sent] == [
        "CreateTable",
        "DescribeTable",
        "DescribeTable",
        "UpdateTimeToLive",
    ]


def test_a_table_that_may_not_be_described_is_no_missing_one() -> None:
    """The error is told."""
    things = Growns(DynamoStore(connection=Scripted(refused("AccessDeniedException"))))
    with pytest.raises(Exception, match="AccessDenied"):
        things.verify_table()
