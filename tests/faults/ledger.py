"""The model of the fault tests, and the truth about what is stored of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from pydantic import AwareDatetime, BaseModel

from dynrepo import Key, PartitionKey, Repository, SharedTable, SortKey, UpdatedAt, Version
from tests.faults.proxy import READ_FIRST

TIMEOUT = 0.5
"""Seconds that the repository under test waits for a connection, and for a piece of an answer."""


class Entry(BaseModel, frozen=True):
    """A line in an account's ledger."""

    account: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    amount: int = 0
    notes: tuple[str, ...] = ()
    version: Annotated[int, Version()] = 0


class Entries(Repository[Entry]):
    """The ledger."""

    table = "entries"


class Line(BaseModel, frozen=True):
    """An entry as a program sees it that does not know of versions."""

    account: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    amount: int = 0


class Lines(Repository[Line]):
    """The ledger as that program sees it."""

    table = "entries"


class Guards(SharedTable):
    """Where the guards of unique lines are."""

    table = "guards"
    key = Key("pk", "sk")


class GuardedLines(Repository[Line]):
    """The ledger of a program for which no account has two lines of one amount."""

    table = "entries"
    unique = ("{account}#{amount}",)
    guards = Guards


class Lodgers(Repository[Line]):
    """What makes the table of the guards."""

    place = Guards.place("LINE#{account}", "LINE#{number:08d}")


NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOON_TEXT = "2026-05-01T12:00:00.000000Z"


class Timed(Line, frozen=True):
    """An entry that knows when it was written."""

    version: Annotated[int, Version()] = 0
    saved: Annotated[AwareDatetime | None, UpdatedAt()] = None


class TimedEntries(Repository[Timed]):
    """The ledger of those."""

    table = "entries"


def new_account(*, reads_first: bool = False) -> str:
    """An account of a case's own, which the proxy knows again in a request."""
    digits = uuid4().hex[:11]
    return f"{READ_FIRST}{digits}" if reads_first else f"account-0{digits}"


class Truth:
    """The table as boto3 sees it at the engine itself: no code of dynrepo, no proxy."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.prefix = f"f{uuid4().hex[:8]}_"
        self._client = boto3.client(
            "dynamodb",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="truth",
            aws_secret_access_key="truth",
            config=Config(retries={"total_max_attempts": 3}, parameter_validation=False),
        )
        self._decode = TypeDeserializer().deserialize
        self._encode = TypeSerializer().serialize

    def stored(self, account: str) -> dict[int, dict[str, Any]]:
        """All entries of an account by their numbers, without their keys."""
        pages = self._client.get_paginator("query").paginate(
            TableName=f"{self.prefix}entries",
            KeyConditionExpression="account = :account",
            ExpressionAttributeValues={":account": {"S": account}},
            ConsistentRead=True,
        )
        items = (
            {name: self._decode(value) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        )
        return {
            int(item["number"]): {
                name: value for name, value in item.items() if name not in ("account", "number")
            }
            for item in items
        }

    def claim(self, account: str, amount: int, number: int) -> None:
        """Stores the guard of an amount, for an entry of an account."""
        owner = {"account": account, "number": number}
        guard = {**_guard_key(account, amount), "unique_of": owner}
        self._client.put_item(
            TableName=f"{self.prefix}guards",
            Item={name: self._encode(value) for name, value in guard.items()},
        )

    def claimed(self, account: str, amount: int) -> int | None:
        """The number of the entry of an account that has the guard of an amount."""
        key = {name: self._encode(text) for name, text in _guard_key(account, amount).items()}
        found = self._client.get_item(
            TableName=f"{self.prefix}guards", Key=key, ConsistentRead=True
        ).get("Item")
        return int(self._decode(found["unique_of"])["number"]) if found else None

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All that is stored in a table, by its full name."""
        pages = self._client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [
            {name: self._decode(value) for name, value in item.items()}
            for page in pages
            for item in page["Items"]
        ]

    def write(self, account: str, entries: dict[int, dict[str, Any]]) -> None:
        """Stores entries of an account, all in one request."""
        if not entries:
            return
        whole = [{**item, "account": account, "number": number} for number, item in entries.items()]
        puts = [
            {"PutRequest": {"Item": {name: self._encode(value) for name, value in item.items()}}}
            for item in whole
        ]
        done = self._client.batch_write_item(RequestItems={f"{self.prefix}entries": puts})
        assert not done["UnprocessedItems"]

    def close(self) -> None:
        """Closes the client."""
        self._client.close()


def _guard_key(account: str, amount: int) -> dict[str, str]:
    return {"pk": f"UNIQUE#account,amount#{account}#{amount}", "sk": "UNIQUE"}
