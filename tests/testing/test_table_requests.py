"""The life of tables in memory."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import StoreError, TableNotFound
from dynrepo.testing.memory import MemoryStore
from tests.testing.rows import Row, Rows, send
from tests.testing.test_tables import DEFINITION

MINIMAL: dict[str, Any] = {
    "TableName": "rows",
    "AttributeDefinitions": [
        {"AttributeName": "p", "AttributeType": "S"},
        {"AttributeName": "s", "AttributeType": "N"},
    ],
    "KeySchema": [
        {"AttributeName": "p", "KeyType": "HASH"},
        {"AttributeName": "s", "KeyType": "RANGE"},
    ],
}


def test_tables_come_and_go() -> None:
    """Created, described, completed with an index, protected, listed, dropped."""
    store = MemoryStore()
    rows = Rows(store)
    with pytest.raises(TableNotFound):
        rows.get(("x", 1))
    send(store, "CreateTable", **MINIMAL)
    rows.set(Row(p="x", s=1, g="blue"))
    assert rows.verify_table().missing_indexes == ("by_g",)
    assert not rows.ensure_table()
    assert rows.query(Rows.fields.g == "blue", index="by_g").count() == 1
    send(store, "UpdateTable", TableName="rows", DeletionProtectionEnabled=True)
    with pytest.raises(StoreError):
        rows.drop_table(confirm="rows")
    assert send(store, "ListTables")["TableNames"] == list(store.tables) == ["rows"]
    deletion = [{"Delete": {"IndexName": "by_g"}}]
    send(store, "UpdateTable", TableName="rows", GlobalSecondaryIndexUpdates=deletion)
    send(store, "UpdateTable", TableName="rows", DeletionProtectionEnabled=False)
    rows.drop_table(confirm="rows")
    assert store.tables == ()
    store.close()


def test_a_table_is_described_as_it_was_made() -> None:
    """With its keys, its indexes and their items, its size and how it is paid."""
    store = MemoryStore()
    throughput = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    send(store, "CreateTable", **{**DEFINITION, "ProvisionedThroughput": throughput})
    described = send(store, "DescribeTable", TableName="things")["Table"]
    assert described["KeySchema"] == DEFINITION["KeySchema"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["ProvisionedThroughput"] == throughput
    assert described["BillingModeSummary"] == {"BillingMode": "PROVISIONED"}
    (global_index,), (local_index,) = (
        described[kind] for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    )
    assert (global_index["IndexStatus"], global_index["ItemCount"]) == ("ACTIVE", 0)
    assert "IndexStatus" not in local_index


def test_an_update_leaves_other_indexes_alone() -> None:
    """One that it neither makes nor removes, whatever else it says of it."""
    store = MemoryStore()
    send(store, "CreateTable", **DEFINITION)
    change = [{"Update": {"IndexName": "by_g", "ProvisionedThroughput": {}}}]
    send(store, "UpdateTable", TableName="things", GlobalSecondaryIndexUpdates=change)
    described = send(store, "DescribeTable", TableName="things")["Table"]
    assert [index["IndexName"] for index in described["GlobalSecondaryIndexes"]] == ["by_g"]


def test_a_time_to_live_is_switched_on_and_off() -> None:
    """Switching it to what it is already is refused."""
    store = MemoryStore(Rows)

    def switch(*, on: bool) -> None:
        wanted = {"Enabled": on, "AttributeName": "n"}
        send(store, "UpdateTimeToLive", TableName="rows", TimeToLiveSpecification=wanted)

    def status() -> str:
        body = send(store, "DescribeTimeToLive", TableName="rows")
        return str(body["TimeToLiveDescription"]["TimeToLiveStatus"])

    assert status() == "DISABLED"
    switch(on=True)
    assert status() == "ENABLED"
    with pytest.raises(StoreError, match="ValidationException"):
        switch(on=True)
    switch(on=False)
    assert status() == "DISABLED"


def test_tables_are_listed_page_by_page() -> None:
    """In the order of their names."""
    store = MemoryStore()
    for name in ("ccc", "aaa", "bbb"):
        send(store, "CreateTable", **{**MINIMAL, "TableName": name})
    first = send(store, "ListTables", Limit=2)
    assert first == {"TableNames": ["aaa", "bbb"], "LastEvaluatedTableName": "bbb"}
    assert send(store, "ListTables", ExclusiveStartTableName="bbb") == {"TableNames": ["ccc"]}


def test_a_table_that_is_not_valid_is_not_made() -> None:
    """Nor is one made so later."""
    store = MemoryStore()
    with pytest.raises(StoreError, match="ValidationException"):
        send(store, "CreateTable", **{**MINIMAL, "TableName": "no"})
    assert store.tables == ()
    send(store, "CreateTable", **MINIMAL)
    (index,) = DEFINITION["GlobalSecondaryIndexes"]
    change = [{"Create": {**index, "IndexName": "no"}}]
    definitions = [{"AttributeName": "g", "AttributeType": "S"}]
    with pytest.raises(StoreError, match="ValidationException"):
        send(
            store,
            "UpdateTable",
            TableName="rows",
            AttributeDefinitions=definitions,
            GlobalSecondaryIndexUpdates=change,
        )
    assert Rows(store).verify_table().missing_indexes == ("by_g",)


def test_the_name_of_what_ends_a_life_is_bounded() -> None:
    """To 255 bytes, as that of a key attribute."""
    wanted = {"Enabled": True, "AttributeName": "a" * 256}
    with pytest.raises(StoreError, match="ValidationException"):
        send(
            MemoryStore(Rows),
            "UpdateTimeToLive",
            TableName="rows",
            TimeToLiveSpecification=wanted,
        )


@pytest.mark.parametrize(
    ("name", "request_", "code"),
    [
        ("CreateTable", MINIMAL, "ResourceInUseException"),
        ("DeleteTable", {"TableName": "nope"}, "ResourceNotFoundException"),
        ("DescribeTable", {"TableName": "nope"}, "ResourceNotFoundException"),
        ("UpdateTable", {"TableName": "nope"}, "ResourceNotFoundException"),
    ],
)
def test_a_table_must_be_there_or_not(name: str, request_: dict[str, Any], code: str) -> None:
    """To be made, it must not; for all else, it must."""
    with pytest.raises(StoreError) as caught:
        send(MemoryStore(Rows), name, **request_)
    assert caught.value.code == code
