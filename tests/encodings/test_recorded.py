"""Items as programs in other languages have left them are read, and are written as they were."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import AwareDatetime, BaseModel, NaiveDatetime

from dynrepo import Attribute, PartitionKey, SortKey, TimeToLive, encodings, schema_of
from tests.accelerator import if_accelerated

MOMENT = datetime(2024, 1, 31, 23, 59, 59, 250_000, tzinfo=UTC)


class State(Enum):
    """What Java stores by name."""

    READY = 1


class OfGo(BaseModel):
    """A struct of `attributevalue`: RFC 3339, nanoseconds, a slice for a set."""

    id: Annotated[str, PartitionKey(), Attribute("ID")]
    at: Annotated[AwareDatetime, encodings.RFC3339_NANO, SortKey(), Attribute("At")]
    took: Annotated[timedelta, encodings.NANOSECONDS, Attribute("Took")]
    ends: Annotated[AwareDatetime, TimeToLive(), Attribute("Ends")]
    tags: Annotated[set[str], encodings.AS_LIST, Attribute("Tags")] = set()
    count: Annotated[int, Attribute("Count")] = 0


class OfJava(BaseModel):
    """A bean of the enhanced client."""

    id: Annotated[str, PartitionKey()]
    at: Annotated[AwareDatetime, encodings.ISO_INSTANT, SortKey()]
    zoned: Annotated[AwareDatetime, encodings.ISO_ZONED_DATE_TIME]
    local: Annotated[NaiveDatetime, encodings.LOCAL_DATE_TIME]
    opens: Annotated[time, encodings.LOCAL_TIME]
    text: Annotated[timedelta, encodings.ISO_DURATION_HOURS]
    state: Annotated[State, encodings.ENUM_NAME]


class OfJavaScript(BaseModel):
    """An object of the DocumentClient: `toISOString()`, `Date.now()`, JSON, lists for sets."""

    id: Annotated[str, PartitionKey()]
    at: Annotated[AwareDatetime, encodings.EPOCH_MILLISECONDS, SortKey()]
    seen: Annotated[AwareDatetime, encodings.ISO_MILLISECONDS]
    tags: Annotated[set[str], encodings.AS_LIST]
    data: Annotated[dict[str, list[int]], encodings.JSON_TEXT]


class OfPynamoDB(BaseModel):
    """A model with the attributes that differ."""

    id: Annotated[str, PartitionKey()]
    at: Annotated[AwareDatetime, encodings.ISO_BASIC_OFFSET, SortKey()]
    ends: Annotated[AwareDatetime, TimeToLive()]
    data: Annotated[bytes, encodings.LEGACY_BINARY]


RECORDED: list[tuple[BaseModel, dict[str, Any]]] = [
    (
        OfGo(
            id="a",
            at=MOMENT,
            took=timedelta(seconds=1.5),
            ends=datetime(2024, 2, 1, tzinfo=UTC),
            tags={"x", "y"},
        ),
        {
            "ID": {"S": "a"},
            "At": {"S": "2024-01-31T23:59:59.25Z"},
            "Took": {"N": "1500000000"},
            "Ends": {"N": "1706745600"},
            "Tags": {"L": [{"S": "x"}, {"S": "y"}]},
            "Count": {"N": "0"},
        },
    ),
    (
        OfJava(
            id="a",
            at=MOMENT,
            zoned=MOMENT.astimezone(ZoneInfo("Europe/Berlin")),
            local=datetime(2024, 1, 31, 23, 59),  # noqa: DTZ001
            opens=time(5, 30),
            text=timedelta(hours=26, seconds=3.5),
            state=State.READY,
        ),
        {
            "id": {"S": "a"},
            "at": {"S": "2024-01-31T23:59:59.250Z"},
            "zoned": {"S": "2024-02-01T00:59:59.25+01:00[Europe/Berlin]"},
            "local": {"S": "2024-01-31T23:59"},
            "opens": {"S": "05:30"},
            "text": {"S": "PT26H3.5S"},
            "state": {"S": "READY"},
        },
    ),
    (
        OfJavaScript(id="a", at=MOMENT, seen=MOMENT, tags={"x"}, data={"a": [1]}),
        {
            "id": {"S": "a"},
            "at": {"N": "1706745599250"},
            "seen": {"S": "2024-01-31T23:59:59.250Z"},
            "tags": {"L": [{"S": "x"}]},
            "data": {"S": '{"a":[1]}'},
        },
    ),
    (
        OfPynamoDB(id="a", at=MOMENT, ends=datetime(2024, 2, 1, tzinfo=UTC), data=b"abc"),
        {
            "id": {"S": "a"},
            "at": {"S": "2024-01-31T23:59:59.250000+0000"},
            "ends": {"N": "1706745600"},
            "data": {"B": "WVdKag=="},
        },
    ),
]


@if_accelerated
@pytest.mark.parametrize(
    ("instance", "item"), RECORDED, ids=[type(instance).__name__ for instance, _ in RECORDED]
)
def test_an_item_comes_back_and_is_left_as_it_was(
    instance: BaseModel, item: dict[str, Any]
) -> None:
    """To the last character, by the codec and from the text of an answer."""
    schema = schema_of(type(instance))

    parse = schema.parse("Items")
    assert parse is not None
    assert parse(json.dumps({"Items": [item]}).encode()) == ({}, [instance])
    assert schema.decode(item) == instance
    assert schema.encode(instance) == schema.encode(schema.decode(item)) == item


@if_accelerated
def test_a_field_with_a_default_reads_a_null_of_go() -> None:
    """Which has one for a nil slice."""
    schema = schema_of(OfGo)
    instance, item = RECORDED[0]

    stored = {**item, "Tags": {"NULL": True}, "Count": {"NULL": True}}
    expected = instance.model_copy(update={"tags": set(), "count": 0})
    parse = schema.parse("Items")

    assert schema.decode(stored) == expected
    assert parse is not None
    assert parse(json.dumps({"Items": [stored]}).encode()) == ({}, [expected])
