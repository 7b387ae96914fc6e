"""Tables that dynrepo shares with the program that filled them, as during a move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

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


def _in_order(value: dict[str, Any]) -> dict[str, Any]:
    ((tag, payload),) = value.items()
    return {tag: sorted(payload) if tag in ("SS", "NS", "BS") else payload}


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
