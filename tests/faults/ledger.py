"""The model of the fault tests, and the truth about what is stored of it."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import urllib3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import AwareDatetime, BaseModel

from dynrepo import Key, PartitionKey, Repository, SharedTable, SortKey, UpdatedAt, Version
from tests.faults.proxy import PATIENCE, READ_FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """The table as the engine has it: no code of dynrepo, no botocore, no proxy.

    Requests of botocore would cost more than what is tested.
    """

    def __init__(self, endpoint: str, region: str) -> None:
        self.prefix = f"f{uuid4().hex[:8]}_"
        # All of it may be sent twice, and an engine may drop a connection that is kept.
        again = urllib3.Retry(3, allowed_methods=None)
        self._engine = urllib3.connection_from_url(
            endpoint, maxsize=100, timeout=PATIENCE, retries=again
        )
        scope = f"truth/20260501/{region}/dynamodb/aws4_request"  # it tells the region, and no more
        self._headers = {
            "authorization": f"AWS4-HMAC-SHA256 Credential={scope}",
            "content-type": "application/x-amz-json-1.0",
        }
        self._decode = TypeDeserializer().deserialize
        self._encode = TypeSerializer().serialize

    def _answer(self, operation: str, **request: Any) -> dict[str, Any]:
        """What the engine answers to a request, which it takes."""
        headers = {**self._headers, "x-amz-target": f"DynamoDB_20120810.{operation}"}
        answer = self._engine.request("POST", "/", headers=headers, json=request)
        assert answer.status == HTTPStatus.OK, answer.data
        return dict(answer.json())

    def _items(self, operation: str, **request: Any) -> Iterator[dict[str, Any]]:
        """The items of all pages of a read, decoded."""
        page: dict[str, Any] = {"LastEvaluatedKey": None}
        while "LastEvaluatedKey" in page:
            start = page["LastEvaluatedKey"]
            begin = {"ExclusiveStartKey": start} if start else {}
            page = self._answer(operation, ConsistentRead=True, **begin, **request)
            for item in page["Items"]:
                yield {name: self._decode(value) for name, value in item.items()}

    def stored(self, account: str) -> dict[int, dict[str, Any]]:
        """All entries of an account by their numbers, without their keys."""
        items = self._items(
            "Query",
            TableName=f"{self.prefix}entries",
            KeyConditionExpression="account = :account",
            ExpressionAttributeValues={":account": {"S": account}},
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
        self._answer(
            "PutItem",
            TableName=f"{self.prefix}guards",
            Item={name: self._encode(value) for name, value in guard.items()},
        )

    def claimed(self, account: str, amount: int) -> int | None:
        """The number of the entry of an account that has the guard of an amount."""
        key = {name: self._encode(text) for name, text in _guard_key(account, amount).items()}
        answer = self._answer(
            "GetItem", TableName=f"{self.prefix}guards", Key=key, ConsistentRead=True
        )
        found = answer.get("Item")
        return int(self._decode(found["unique_of"])["number"]) if found else None

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All that is stored in a table, by its full name."""
        return list(self._items("Scan", TableName=table))

    def write(self, account: str, entries: dict[int, dict[str, Any]]) -> None:
        """Stores entries of an account, all in one request."""
        if not entries:
            return
        whole = [{**item, "account": account, "number": number} for number, item in entries.items()]
        puts = [
            {"PutRequest": {"Item": {name: self._encode(value) for name, value in item.items()}}}
            for item in whole
        ]
        done = self._answer("BatchWriteItem", RequestItems={f"{self.prefix}entries": puts})
        assert not done["UnprocessedItems"]

    def close(self) -> None:
        """Closes the connections."""
        self._engine.close()


def _guard_key(account: str, amount: int) -> dict[str, str]:
    return {"pk": f"UNIQUE#account,amount#{account}#{amount}", "sk": "UNIQUE"}
