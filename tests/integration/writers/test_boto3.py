"""boto3's resource and dynrepo on one table: each reads what the other has written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import boto3
import pytest
from boto3.dynamodb.types import Binary
from pydantic import AwareDatetime, BaseModel, Field, NaiveDatetime

from dynrepo import (
    Attribute,
    PartitionKey,
    Repository,
    SortKey,
    TimeToLive,
    Version,
    VersionConflict,
    encodings,
)
from tests.integration.writers import ACCOUNT, saved_unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo import DynamoStore

pytestmark = pytest.mark.engine

ID = UUID("123e4567-e89b-12d3-a456-426614174000")
NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)


class Line(BaseModel):
    """A part of an invoice."""

    sku: str
    price: Decimal
    note: str | None = Field(default_factory=lambda: None)


class Invoice(BaseModel):
    """What people store by the resource: there is no type but DynamoDB's."""

    customer: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    ref: Annotated[UUID, encodings.UUID_UPPER]
    hex: Annotated[UUID, encodings.UUID_HEX]
    placed: Annotated[AwareDatetime, encodings.ISO_OFFSET, Attribute("placed-at")]
    local: Annotated[NaiveDatetime, encodings.NAIVE_SPACED]
    utc: Annotated[AwareDatetime, encodings.in_zone("UTC", encodings.NAIVE_ISO)]
    epoch: Annotated[AwareDatetime, encodings.EPOCH_SECONDS]
    millis: Annotated[AwareDatetime, encodings.EPOCH_MILLISECONDS]
    expires: Annotated[AwareDatetime, TimeToLive()]
    total: Decimal
    large: int
    rates: frozenset[Decimal]
    tags: frozenset[str]
    hashes: frozenset[bytes]
    digest: bytes
    paid: bool
    lines: list[Line]
    more: dict[str, Any]
    text: Annotated[dict[str, list[int]], encodings.JSON_TEXT]
    note: str | None = Field(default_factory=lambda: None)
    revision: Annotated[int, Version()] = 0


class Invoices(Repository[Invoice]):
    """The rows of boto3's table."""

    table = f"boto3-{uuid4().hex[:8]}"


WRITTEN: dict[str, Any] = {
    "customer": "ada",
    "number": 7,
    "ref": str(ID).upper(),
    "hex": ID.hex,
    "placed-at": NOON.isoformat(),
    "local": str(NOON.replace(tzinfo=None)),
    "utc": NOON.replace(tzinfo=None, microsecond=5).isoformat(),
    "epoch": int(NOON.timestamp()),
    "millis": int(NOON.timestamp() * 1000),
    "expires": int(NOON.timestamp()),
    "total": Decimal("119.950"),
    "large": 10**38 - 1,
    "rates": {Decimal("0.07"), Decimal("0.19")},
    "tags": {"b", "a"},
    "hashes": {Binary(b"\x00"), Binary(b"\x01")},
    "digest": b"\xde\xad",
    "paid": True,
    "lines": [
        {"sku": "a", "price": Decimal(1), "note": None},
        {"sku": "b", "price": Decimal("1E+3"), "note": "x"},
    ],
    "more": {"list": [1, None, {"x": Decimal("1.5")}], "empty": "", "none": {}},
    "text": json.dumps({"a": [1]}, separators=(",", ":")),
    "note": None,
    "revision": 1,
}


@pytest.fixture
def table(engine_endpoint: str) -> Iterator[Any]:
    """The table of boto3's resource, with an invoice."""
    resource = boto3.resource("dynamodb", endpoint_url=engine_endpoint, **ACCOUNT)
    table = resource.create_table(
        TableName=Invoices.table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "customer", "KeyType": "HASH"},
            {"AttributeName": "number", "KeyType": "RANGE"},
        ],
    )
    table.put_item(Item=WRITTEN)
    yield table
    table.delete()
    resource.meta.client.close()


def test_every_value_is_read_and_left_as_it_was(
    client: Any, plain_store: DynamoStore, table: Any
) -> None:
    """The other program reads what it wrote, with a version one higher."""
    before = table.get_item(Key={"customer": "ada", "number": 7})["Item"]
    (invoice,) = saved_unchanged(client, Invoices(plain_store), version="revision")

    assert (invoice.ref, invoice.hex) == (ID, ID)
    assert invoice.placed == invoice.epoch == invoice.millis == invoice.expires == NOON
    assert invoice.utc == NOON.replace(microsecond=5)
    assert invoice.local == NOON.replace(tzinfo=None)
    assert (invoice.total, invoice.large) == (Decimal("119.95"), 10**38 - 1)
    assert invoice.hashes == {b"\x00", b"\x01"}
    assert [line.price for line in invoice.lines] == [1, 1000]
    assert invoice.more == WRITTEN["more"]
    assert (invoice.text, invoice.note) == ({"a": [1]}, None)
    after = table.get_item(Key={"customer": "ada", "number": 7})["Item"]
    assert after == {**before, "revision": 2}


def test_a_counter_of_versions_is_respected_by_both(plain_store: DynamoStore, table: Any) -> None:
    """boto3 counts by hand: a `ConditionExpression` on the version that was read."""
    invoices = Invoices(plain_store)
    read = invoices.get(("ada", 7))
    assert read is not None
    table.update_item(
        Key={"customer": "ada", "number": 7},
        UpdateExpression="SET paid = :no ADD revision :one",
        ConditionExpression="revision = :read",
        ExpressionAttributeValues={":no": False, ":one": 1, ":read": 1},
    )

    with pytest.raises(VersionConflict) as conflict:
        invoices.save(read)
    assert conflict.value.item == read.model_copy(update={"paid": False, "revision": 2})


def test_what_dynrepo_writes_is_what_boto3_writes(plain_store: DynamoStore, table: Any) -> None:
    """An item that is made here has the same attributes there."""
    invoices = Invoices(plain_store)
    read = invoices.get(("ada", 7))
    assert read is not None
    invoices.create(read.model_copy(update={"number": 8, "revision": 0}))

    written = table.get_item(Key={"customer": "ada", "number": 8})["Item"]
    assert written == {**table.get_item(Key={"customer": "ada", "number": 7})["Item"], "number": 8}
