"""Items in every named encoding, written by boto3: read, found, changed and left as they were."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import boto3
import pytest
from boto3.dynamodb.types import Binary
from pydantic import AwareDatetime, BaseModel, Field, NaiveDatetime, create_model

from dynrepo import (
    AsyncDynamoStore,
    AsyncRepository,
    PartitionKey,
    Repository,
    SortKey,
    encodings,
)
from tests.integration.writers import ACCOUNT, REGION, saved_unchanged, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo import DynamoStore

pytestmark = pytest.mark.engine


class Color(Enum):
    """Two colors."""

    RED = "r"
    BLUE = "b"


NOON = datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC)
NAIVE = NOON.replace(tzinfo=None)
ID = UUID("123e4567-e89b-12d3-a456-426614174abc")
TRUE_FALSE = encodings.bool_text("true", "false")
CUT = encodings.truncated(encodings.RFC3339_NANO)

FORMS: dict[str, tuple[Any, Any, Any, Any]] = {
    "as_list": (frozenset[int], encodings.AS_LIST, [2, 10], frozenset({2, 10})),
    "as_set": (list[str], encodings.AS_SET, {"b", "a"}, ["a", "b"]),
    "decimal_text": (Decimal, encodings.DECIMAL_TEXT, "1.50", Decimal("1.50")),
    "enum_name": (Color, encodings.ENUM_NAME, "BLUE", Color.BLUE),
    "epoch_fraction": (AwareDatetime, encodings.EPOCH_FRACTION, Decimal("1709209815.5"), None),
    "epoch_microseconds": (AwareDatetime, encodings.EPOCH_MICROSECONDS, 1709209815000000, NOON),
    "epoch_milliseconds": (AwareDatetime, encodings.EPOCH_MILLISECONDS, 1709209815000, NOON),
    "epoch_nanoseconds": (AwareDatetime, encodings.EPOCH_NANOSECONDS, 1709209815000000000, NOON),
    "epoch_seconds": (AwareDatetime, encodings.EPOCH_SECONDS, 1709209815, NOON),
    "iso_basic_offset": (
        AwareDatetime,
        encodings.ISO_BASIC_OFFSET,
        "2024-02-29T12:30:15.000000+0000",
        NOON,
    ),
    "iso_duration": (timedelta, encodings.ISO_DURATION, "P1DT1.5S", timedelta(1, 1.5)),
    "iso_duration_hours": (timedelta, encodings.ISO_DURATION_HOURS, "PT24H1.5S", timedelta(1, 1.5)),
    "iso_instant": (AwareDatetime, encodings.ISO_INSTANT, "2024-02-29T12:30:15Z", NOON),
    "iso_milliseconds": (
        AwareDatetime,
        encodings.ISO_MILLISECONDS,
        "2024-02-29T12:30:15.000Z",
        NOON,
    ),
    "iso_offset": (AwareDatetime, encodings.ISO_OFFSET, "2024-02-29T12:30:15+00:00", NOON),
    "iso_spaced": (AwareDatetime, encodings.ISO_SPACED, "2024-02-29 12:30:15+00:00", NOON),
    "iso_z": (AwareDatetime, encodings.ISO_Z, "2024-02-29T12:30:15Z", NOON),
    "iso_zoned": (
        AwareDatetime,
        encodings.ISO_ZONED_DATE_TIME,
        "2024-02-29T13:30:15+01:00[Europe/Berlin]",
        NOON.astimezone(ZoneInfo("Europe/Berlin")),
    ),
    "json_text": (dict[str, list[int]], encodings.JSON_TEXT, '{"a":[1]}', {"a": [1]}),
    "legacy_binary": (bytes, encodings.LEGACY_BINARY, Binary(b"3q0="), b"\xde\xad"),
    "local_date_time": (NaiveDatetime, encodings.LOCAL_DATE_TIME, "2024-02-29T12:30:15", NAIVE),
    "local_time": (time, encodings.LOCAL_TIME, "12:30", time(12, 30)),
    "milliseconds": (timedelta, encodings.MILLISECONDS, 1500, timedelta(seconds=1.5)),
    "naive_iso": (NaiveDatetime, encodings.NAIVE_ISO, "2024-02-29T12:30:15", NAIVE),
    "naive_spaced": (NaiveDatetime, encodings.NAIVE_SPACED, "2024-02-29 12:30:15", NAIVE),
    "nanoseconds": (timedelta, encodings.NANOSECONDS, 1500000000, timedelta(seconds=1.5)),
    "rfc3339_nano": (AwareDatetime, encodings.RFC3339_NANO, "2024-02-29T12:30:15Z", NOON),
    "cut": (AwareDatetime, CUT, "2024-02-29T12:30:15Z", NOON),
    "uuid_bytes": (UUID, encodings.UUID_BYTES, Binary(ID.bytes), ID),
    "uuid_hex": (UUID, encodings.UUID_HEX, ID.hex, ID),
    "uuid_upper": (UUID, encodings.UUID_UPPER, str(ID).upper(), ID),
    "yes_no": (bool, encodings.YES_NO, "Y", True),
    "zero_one": (bool, encodings.ZERO_ONE, 1, True),
    "bool_text": (bool, TRUE_FALSE, "true", True),
    "in_zone": (
        AwareDatetime,
        encodings.in_zone("Europe/Berlin"),
        "2024-02-29T13:30:15",
        NOON,
    ),
    "own_date": (date, None, "2024-02-29", NOON.date()),
}
"""The type, the encoding, what boto3 writes, and what that is."""

WITHIN = {"as_list", "as_set"}
"""Types with elements, which stand by themselves here."""

STORED_NULL: Any = Field(default_factory=lambda: None)
"""A default of None that is stored as NULL."""


def field_types() -> dict[str, Any]:
    """A field of each, alone, in a list, in a map, and one that may be NULL."""
    fields: dict[str, Any] = {}
    for name, (kind, encoding, _, _) in FORMS.items():
        form = kind if encoding is None else Annotated[kind, encoding]
        nullable = kind | None if encoding is None else Annotated[kind | None, encoding]
        fields |= {name: (form, ...), f"{name}_null": (nullable, STORED_NULL)}
        if name not in WITHIN:
            fields |= {f"{name}_list": (list[form], ...), f"{name}_map": (dict[str, form], ...)}
    return fields


Item: Any = create_model("Item", id=(Annotated[str, PartitionKey()], ...), **field_types())
"""A row with all of them."""

TABLE = f"forms-{uuid4().hex[:8]}"


class Items(Repository[Item]):
    """The rows of boto3's table."""

    table = TABLE


class AsyncItems(AsyncRepository[Item]):
    """The same, awaited."""

    table = TABLE


F = Items.fields


def value_of(name: str) -> Any:
    """What a field is, as it is stored."""
    _, _, raw, value = FORMS[name]
    return NOON.replace(microsecond=500_000) if raw == Decimal("1709209815.5") else value


def written() -> dict[str, Any]:
    """What boto3 is given."""
    row: dict[str, Any] = {"id": "1"}
    for name, (_, _, raw, _) in FORMS.items():
        row |= {name: raw, f"{name}_null": None}
        if name not in WITHIN:
            row |= {f"{name}_list": [raw, raw], f"{name}_map": {"a": raw}}
    return row


@pytest.fixture(scope="module")
def resource(engine_endpoint: str) -> Iterator[Any]:
    """boto3's resource."""
    resource = boto3.resource("dynamodb", endpoint_url=engine_endpoint, **ACCOUNT)
    yield resource
    resource.meta.client.close()


@pytest.fixture
def items(plain_store: DynamoStore, resource: Any) -> Iterator[Items]:
    """A table with one row of boto3's."""
    items = Items(plain_store)
    items.ensure_table()
    resource.Table(TABLE).put_item(Item=written())
    yield items
    resource.Table(TABLE).delete()


def test_all_is_read_and_saved_as_it_was(client: Any, items: Items) -> None:
    """Alone, in lists, in maps, and where it is NULL."""
    (item,) = saved_unchanged(client, items)
    for name in FORMS:
        assert getattr(item, name) == value_of(name), name
        assert getattr(item, f"{name}_null") is None, name
        if name not in WITHIN:
            assert getattr(item, f"{name}_list") == [value_of(name)] * 2, name
            assert getattr(item, f"{name}_map") == {"a": value_of(name)}, name
    assert item.iso_zoned.tzinfo == ZoneInfo("Europe/Berlin")


def test_all_is_found_and_changed_by_its_values(client: Any, items: Items) -> None:
    """By conditions, actions and transactions, which write the same forms."""
    before = stored(client, TABLE)
    item = items.require("1")
    for name in FORMS:
        equal = getattr(F, name) == value_of(name)
        assert items.scan(where=equal).count() == 1, name
        assert items.scan(where=~equal).count() == 0, name
        if name not in WITHIN:
            contained = getattr(F, f"{name}_list").contains(value_of(name))
            assert items.scan(where=contained).count() == 1, name
    actions = [getattr(F, name).set(value_of(name)) for name in FORMS]
    assert items.update("1", *actions) == item
    assert items.update("1", *actions, exactly_once=True) == item
    with items.transaction() as tx:
        tx.update(items, "1", *[F[name].set(value_of(name)) for name in FORMS])
    assert stored(client, TABLE) == before
    assert items.get_together(items.lookup("1"), items.lookup("2")) == (item, None)


def test_a_part_is_in_the_forms_of_the_whole(items: Items) -> None:
    """Whatever a smaller model says, or leaves unsaid, of them."""
    fields: dict[str, Any] = {name: (kind, ...) for name, (kind, *_) in FORMS.items()}
    part: Any = create_model("Some", **fields)
    expected = part(**{name: value_of(name) for name in FORMS})
    assert items.get("1", only=part) == expected
    assert items.scan().only(part).all() == [expected]


def test_the_asynchronous_face_reads_the_same(engine_endpoint: str, items: Items) -> None:
    """By all that reads."""
    item = items.require("1")

    async def awaited() -> None:
        async with AsyncDynamoStore(endpoint=engine_endpoint, region=REGION) as store:
            same = AsyncItems(store)
            assert await same.get("1") == item
            assert await same.scan().all() == [item]
            assert await same.get_many(["1", "2"]) == [item, None]
            assert await same.get_together(same.lookup("1")) == (item,)
            assert [page.items async for page in same.scan().pages(1)] in ([[item]], [[item], []])
            assert await same.save(item) == item

    asyncio.run(awaited())


KEYS = {
    name: form
    for name, form in FORMS.items()
    if name not in WITHIN | {"decimal_text", "iso_zoned", "json_text"}
}


def test_keys_in_each_form_are_found(plain_store: DynamoStore, resource: Any) -> None:
    """By value and by range, as boto3 has written them."""
    for name, (kind, encoding, raw, _) in KEYS.items():
        form = kind if encoding is None else Annotated[kind, encoding]
        key: Any = (Annotated[form, PartitionKey()], ...)
        model: Any = create_model("Row", a=key, b=(Annotated[form, SortKey()], ...), n=(int, 0))
        rows: Any = repository_of(model)(plain_store)
        rows.ensure_table()
        table = resource.Table(rows.table)
        table.put_item(Item={"a": raw, "b": raw, "n": 1})
        row, value = model(a=value_of(name), b=value_of(name), n=1), value_of(name)
        both = (rows.fields.a == value) & (rows.fields.b == value)
        assert rows.get((value, value)) == row, name
        assert rows.query(both).all() == [row], name
        assert rows.get_many([(value, value)]) == [row], name
        assert rows.save(row) == row
        assert table.scan()["Items"] == [{"a": raw, "b": raw, "n": 1}], name
        assert rows.delete(row) == row
        table.delete()


def repository_of(model: type[BaseModel]) -> Any:
    """A repository with a table of its own."""

    class Rows(Repository[model]):  # type: ignore[valid-type]
        table = f"keys-{uuid4().hex[:8]}"

    return Rows
