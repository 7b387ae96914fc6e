"""The life of tables in memory: created, described, changed, deleted, all of it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dynrepo.testing.refusals import invalid, refused
from dynrepo.testing.rules import KEY_NAME_BYTES
from dynrepo.testing.table_rules import INDEXES, check_definition, key_attributes
from dynrepo.testing.tables import MemoryTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.operations.operation import Operation
    from dynrepo.testing.database import Body, Database


def create_table(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html."""
    request = operation.request
    name = request["TableName"]
    if name in database.tables:
        raise refused("ResourceInUseException", "Table already exists")
    check_definition(request)
    database.tables[name] = MemoryTable(request)
    return {"TableDescription": description(database.tables[name])}


def describe_table(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html."""
    return {"Table": description(_table(database, operation.request["TableName"]))}


def delete_table(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html."""
    table = _table(database, operation.request["TableName"])
    if table.request.get("DeletionProtectionEnabled"):
        raise invalid("Resource cannot be deleted as it is currently protected against deletion")
    del database.tables[table.name]
    return {"TableDescription": {**description(table), "TableStatus": "DELETING"}}


def update_table(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html."""
    request = operation.request
    table = database.table(request["TableName"])
    wanted = {**table.request, **{name: request[name] for name in _SETTINGS if name in request}}
    for change in request.get("GlobalSecondaryIndexUpdates", ()):
        indexes = list(wanted.get("GlobalSecondaryIndexes") or ())
        if "Create" in change:
            indexes.append(change["Create"])
        elif "Delete" in change:
            name = change["Delete"]["IndexName"]
            indexes = [index for index in indexes if index["IndexName"] != name]
        wanted["GlobalSecondaryIndexes"] = indexes
    wanted["AttributeDefinitions"] = _defined(wanted, request)
    check_definition(wanted)
    database.tables[table.name] = rebuilt(table, wanted)
    return {"TableDescription": description(database.tables[table.name])}


_SETTINGS: Final = ("BillingMode", "ProvisionedThroughput", "DeletionProtectionEnabled")


def _defined(wanted: Mapping[str, Any], request: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """The attribute definitions, of which a later one wins; those of no key are left out."""
    definitions = [*wanted["AttributeDefinitions"], *request.get("AttributeDefinitions", ())]
    by_name = {definition["AttributeName"]: definition for definition in definitions}
    return [by_name[name] for name in by_name if name in key_attributes(wanted)]


def rebuilt(table: MemoryTable, request: Mapping[str, Any]) -> MemoryTable:
    """A table by another definition, with the same items."""
    new = MemoryTable(request)
    new.ttl = table.ttl
    for position, row in table.items.rows.items():
        new.put(position, row.item, row.size)
    return new


def describe_time_to_live(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html."""
    ttl = database.table(operation.request["TableName"]).ttl
    if ttl is None:
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
    return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": ttl}}


def update_time_to_live(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html."""
    table = database.table(operation.request["TableName"])
    wanted = operation.request["TimeToLiveSpecification"]
    if not 1 <= len(wanted["AttributeName"].encode()) <= KEY_NAME_BYTES:
        raise invalid(f"Member must have length less than or equal to {KEY_NAME_BYTES}")
    if wanted["Enabled"] is (table.ttl is not None):
        raise invalid(f"TimeToLive is already {'enabled' if wanted['Enabled'] else 'disabled'}")
    table.ttl = wanted["AttributeName"] if wanted["Enabled"] else None
    return {"TimeToLiveSpecification": dict(wanted)}


def list_tables(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html."""
    start = operation.request.get("ExclusiveStartTableName", "")
    names = sorted(name for name in database.tables if name > start)
    limit = operation.request.get("Limit", 100)
    page: Body = {"TableNames": names[:limit]}
    return {**page, "LastEvaluatedTableName": page["TableNames"][-1]} if names[limit:] else page


def _table(database: Database, name: str) -> MemoryTable:
    """A table in whatever state; refuses one that is not there."""
    if name not in database.tables:
        raise refused("ResourceNotFoundException", "Requested resource not found")
    return database.tables[name]


def description(table: MemoryTable) -> Body:
    """What DescribeTable says of a table.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
    """
    request = table.request
    table_description: Body = {
        "TableName": table.name,
        "TableStatus": table.status,
        "TableArn": f"arn:aws:dynamodb:memory:000000000000:table/{table.name}",
        "AttributeDefinitions": request["AttributeDefinitions"],
        "KeySchema": request["KeySchema"],
        "ItemCount": len(table.items.rows),
        "TableSizeBytes": sum(row.size for row in table.items.rows.values()),
        "BillingModeSummary": {"BillingMode": request.get("BillingMode", "PROVISIONED")},
        "DeletionProtectionEnabled": bool(request.get("DeletionProtectionEnabled")),
    }
    if "ProvisionedThroughput" in request:
        table_description["ProvisionedThroughput"] = request["ProvisionedThroughput"]
    for kind in INDEXES:
        if request.get(kind):
            table_description[kind] = [_index(table, index, kind) for index in request[kind]]
    return table_description


def _index(table: MemoryTable, index: Mapping[str, Any], kind: str) -> Body:
    rows = table.indexes[index["IndexName"]].rows
    status = {"IndexStatus": "ACTIVE"} if kind == "GlobalSecondaryIndexes" else {}
    return {**index, **status, "ItemCount": len(rows)}


HANDLERS: Final[dict[str, Callable[[Database, Operation[Any]], Body]]] = {
    "CreateTable": create_table,
    "DescribeTable": describe_table,
    "DeleteTable": delete_table,
    "UpdateTable": update_table,
    "DescribeTimeToLive": describe_time_to_live,
    "UpdateTimeToLive": update_time_to_live,
    "ListTables": list_tables,
}
