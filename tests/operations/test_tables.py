"""What is asked of tables: to be made from the markers, described, compared with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dynrepo import Capacity, Difference, DynamoStore, PartitionKey, Repository, Sample
from dynrepo.operations.table_plan import TablePlan
from dynrepo.operations.tables import create_table
from dynrepo.testing import MemoryStore
from tests.scripted import Scripted, refused
from tests.things import Bare, Bares, Grown, Growns, OtherKeys, Sorteds

if TYPE_CHECKING:
    from dynrepo import Store


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


def test_a_described_key_without_a_type_is_another_one() -> None:
    """An engine that forgot the type of an attribute fails no comparison."""
    element = {"AttributeName": "name", "KeyType": "HASH"}
    shown = {"TableStatus": "ACTIVE", "KeySchema": [element], "AttributeDefinitions": []}
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


@pytest.mark.parametrize(
    ("projection", "partial"),
    [
        ({"ProjectionType": "KEYS_ONLY"}, ("by_kind",)),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["more"]}, ("by_kind",)),
        ({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["ends", "more"]}, ()),
        ({"ProjectionType": "ALL"}, ()),
    ],
)
def test_an_index_that_does_not_hold_the_model_is_told(projection: Any, partial: Any) -> None:
    """By its keys alone no instance can be read; other attributes may be left out of it."""
    store = MemoryStore()
    index = {
        "IndexName": "by_kind",
        "KeySchema": [
            {"AttributeName": "kind", "KeyType": "HASH"},
            {"AttributeName": "weight", "KeyType": "RANGE"},
        ],
        "Projection": projection,
    }
    create = create_table(Growns(store).mapper, TablePlan())
    request = {**create.request, "GlobalSecondaryIndexes": [index]}
    store.execute(create._replace(request=request))
    difference = Growns(store).ensure_table()
    assert difference.partial_indexes == partial
    assert bool(difference) is bool(partial)


def test_a_difference_is_a_report() -> None:
    """In a sentence for each thing that differs, or one that nothing does."""
    assert str(Difference("things")) == "things has the keys and indexes of its model"
    assert str(Difference("things", missing=True)) == (
        "things differs from its model in:\n  the table is missing"
    )
    difference = Difference(
        "things",
        key=True,
        missing_indexes=("a", "b"),
        wrong_indexes=("c",),
        unknown_indexes=("d",),
        partial_indexes=("e",),
        time_to_live=True,
        sample=Sample(2),
    )
    assert str(difference).splitlines()[1:] == [
        "  another key of the table",
        "  missing indexes: a, b",
        "  indexes with another key: c",
        "  indexes that the model does not know: d",
        "  indexes that do not hold all attributes: e",
        "  expiry is not switched on by the attribute of the model",
        "2 rows read",
    ]


def test_a_table_can_be_provisioned_protected_and_tagged(moto: DynamoStore) -> None:
    """Where it is not, it is billed on demand."""
    things = Growns(moto)
    things.create_table(capacity=Capacity(3, 2), deletion_protection=True, tags={"team": "a"})
    client: Any = moto._opened().client
    found = client.describe_table(TableName="things")["Table"]
    for holder in (found, found["GlobalSecondaryIndexes"][0]):
        assert holder["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
        assert holder["ProvisionedThroughput"]["WriteCapacityUnits"] == 2
    assert found["DeletionProtectionEnabled"]
    tags = client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]


def test_a_table_that_may_not_be_described_is_no_missing_one() -> None:
    """The error is told."""
    things = Growns(DynamoStore(connection=Scripted(refused("AccessDeniedException"))))
    with pytest.raises(Exception, match="AccessDenied"):
        things.verify_table()
