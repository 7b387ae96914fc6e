"""Tables that dynrepo shares with the program that filled them, as during a move."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynrepo import schema_of
from tests.accelerator import is_there

if TYPE_CHECKING:
    from pydantic import BaseModel

    from dynrepo import Repository

REGION = "eu-west-1"
ACCOUNT = {"region_name": REGION, "aws_access_key_id": "x", "aws_secret_access_key": "x"}

ModelT = TypeVar("ModelT", bound="BaseModel")


def stored(client: Any, table: str) -> list[dict[str, Any]]:
    """Every row as it lies there, sets in one order."""
    rows: list[dict[str, Any]] = client.scan(TableName=table, ConsistentRead=True)["Items"]
    return [{name: _in_order(value) for name, value in row.items()} for row in rows]


def emptied(client: Any, table: str) -> None:
    """Removes every row of a shared table."""
    for row in stored(client, table):
        key = {name: row[name] for name in row if name.lower() in _KEY}
        client.delete_item(TableName=table, Key=key)


def in_key_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of shared tables in the order of their keys."""
    return sorted(
        rows, key=lambda row: [str(row[name]) for name in sorted(row) if name.lower() in _KEY]
    )


_KEY = ("pk", "sk")


def _in_order(value: dict[str, Any]) -> dict[str, Any]:
    ((tag, payload),) = value.items()
    return {tag: sorted(payload) if tag in ("SS", "NS", "BS") else payload}


def comparable(value: Any) -> Any:
    """What DynamoDB says is equal: numbers in any digits, sets in any order."""
    if isinstance(value, list):
        return [comparable(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {name: _comparable(name, part) for name, part in value.items()}


def _comparable(name: str, part: Any) -> Any:
    if name == "N" and isinstance(part, str):
        return Decimal(part)
    if name == "NS":
        return {Decimal(text) for text in part}
    return set(part) if name in ("SS", "BS") else comparable(part)


def read_both_ways(model: type[ModelT], item: dict[str, Any]) -> ModelT:
    """An item by the codec, which has to be what is read from the text of an answer."""
    schema = schema_of(model)
    read = schema.decode(item)
    parse = schema.parse("Items")

    if is_there():
        assert parse is not None, schema.unaccelerated
        assert parse(json.dumps({"Items": [item]}).encode()) == ({}, [read])
    return cast("ModelT", read)


def saved_unchanged(
    client: Any, repository: Repository[ModelT], *, version: str = ""
) -> list[ModelT]:
    """All that is read, saved as it was read: no byte of a row is another then, but its version."""
    table = repository.mapper.table
    before = stored(client, table)
    read = repository.scan(consistent=True).all()

    assert [repository.decode(row) for row in before] == read  # by the codec as from an answer
    for instance in read:
        repository.save(instance)
    if version:
        before = [{**row, version: {"N": str(int(row[version]["N"]) + 1)}} for row in before]
    assert stored(client, table) == before
    return read
