"""What Go's `attributevalue` and Java's enhanced client store, by their documentation.

Each item is read, and what is written for it is the same to DynamoDB but where a test says so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import AwareDatetime, BaseModel, Field, NaiveDatetime

from dynrepo import (
    Attribute,
    CodecError,
    PartitionKey,
    SortKey,
    TimeToLive,
    Version,
    encodings,
    schema_of,
)
from tests.integration.writers import comparable, read_both_ways

AT = datetime(2024, 1, 31, 23, 59, 59, 250_000, tzinfo=UTC)
ID = UUID("123e4567-e89b-12d3-a456-426614174000")


class OfGo(BaseModel):
    """A struct without tags has its fields' names; a nil is a NULL, and a [16]byte its bytes."""

    id: Annotated[str, PartitionKey(), Attribute("ID")]
    at: Annotated[AwareDatetime, encodings.RFC3339_NANO, Attribute("At")]
    unix: Annotated[AwareDatetime, encodings.EPOCH_SECONDS, Attribute("Unix")]
    took: Annotated[timedelta, encodings.NANOSECONDS, Attribute("Took")]
    ref: Annotated[UUID, encodings.UUID_BYTES, Attribute("Ref")]
    ratio: Annotated[float, Attribute("Ratio")]
    large: Annotated[float, Attribute("Large")]
    data: Annotated[bytes, Attribute("Data")]
    tags: Annotated[list[str], Attribute("Tags")]
    unique: Annotated[frozenset[str], Attribute("Unique")]
    sizes: Annotated[frozenset[int], Attribute("Sizes")]
    more: Annotated[dict[str, Any], Attribute("More")]
    pointer: Annotated[str | None, Attribute("Pointer")] = Field(default_factory=lambda: None)
    nothing: Annotated[list[str], Attribute("Nothing")] = Field(default_factory=list)
    unmade: Annotated[dict[str, str], Attribute("Unmade")] = Field(default_factory=dict)
    empty: Annotated[str, Attribute("Empty")]


GO: dict[str, Any] = {
    "ID": {"S": "a"},
    "At": {"S": "2024-01-31T23:59:59.25Z"},
    "Unix": {"N": "1706745599"},
    "Took": {"N": "1500000000"},
    "Ref": {"B": "Ej5FZ+ibEtOkVkJmFBdAAA=="},
    "Ratio": {"N": "0.1"},
    "Large": {"N": "1000000000000000000000"},
    "Data": {"B": "AP8="},
    "Tags": {"L": [{"S": "b"}, {"S": "a"}]},
    "Unique": {"SS": ["b", "a"]},
    "Sizes": {"NS": ["2", "1"]},
    "More": {"M": {"list": {"L": [{"N": "1"}, {"NULL": True}]}, "nil": {"NULL": True}}},
    "Pointer": {"NULL": True},
    "Nothing": {"L": []},
    "Unmade": {"M": {}},
    "Empty": {"S": ""},
}


class State(Enum):
    """By `toString()`, which is the name where the class has no other."""

    READY = 1


class OfJava(BaseModel):
    """A bean: a null is a NULL, times are texts, a `Duration` is a number of seconds."""

    id: Annotated[str, PartitionKey()]
    at: Annotated[AwareDatetime, encodings.ISO_INSTANT, SortKey()]
    zoned: Annotated[AwareDatetime, encodings.ISO_ZONED_DATE_TIME]
    offset: Annotated[AwareDatetime, encodings.ISO_ZONED_DATE_TIME]
    local: Annotated[NaiveDatetime, encodings.LOCAL_DATE_TIME]
    opens: Annotated[time, encodings.LOCAL_TIME]
    day: date
    took: timedelta
    ref: UUID
    state: Annotated[State, encodings.ENUM_NAME]
    total: Decimal
    paid: bool
    data: bytes
    tags: frozenset[str]
    expires: Annotated[AwareDatetime, TimeToLive()]
    nothing: str | None = Field(default_factory=lambda: None)
    version: Annotated[int, Version()] = 0


JAVA: dict[str, Any] = {
    "id": {"S": "a"},
    "at": {"S": "2024-01-31T23:59:59.250Z"},
    "zoned": {"S": "2024-02-01T00:59:59.25+01:00[Europe/Berlin]"},
    "offset": {"S": "2024-02-01T01:59:59.25+02:00"},
    "local": {"S": "2024-01-31T23:59"},
    "opens": {"S": "05:30"},
    "day": {"S": "2024-01-31"},
    "took": {"N": "93603.500000000"},
    "ref": {"S": str(ID)},
    "state": {"S": "READY"},
    "total": {"N": "1E+3"},
    "paid": {"BOOL": True},
    "data": {"B": "AP8="},
    "tags": {"SS": ["b", "a"]},
    "expires": {"N": "1706745600"},
    "nothing": {"NULL": True},
    "version": {"N": "1"},
}


@pytest.mark.parametrize(("model", "item"), [(OfGo, GO), (OfJava, JAVA)], ids=["go", "java"])
def test_an_item_is_read_and_written_as_it_was(
    model: type[BaseModel], item: dict[str, Any]
) -> None:
    """The other program goes on with what is saved."""
    read = read_both_ways(model, item)

    assert comparable(schema_of(model).encode(read)) == comparable(item)


def test_values_of_go_are_what_they_were() -> None:
    """In Python's types."""
    order = read_both_ways(OfGo, GO)

    assert (order.at, order.unix) == (AT, AT.replace(microsecond=0))
    assert (order.took, order.ref) == (timedelta(seconds=1.5), ID)
    assert (order.large, order.unique, order.sizes) == (1e21, {"a", "b"}, {1, 2})
    assert order.more == {"list": [1, None], "nil": None}


def test_a_nil_slice_or_map_of_go_is_empty() -> None:
    """Which is stored as NULL, and written as empty: Go reads both with a length of nothing."""
    nil = {"Nothing": {"NULL": True}, "Unmade": {"NULL": True}}

    assert read_both_ways(OfGo, {**GO, **nil}) == read_both_ways(OfGo, GO)


def test_a_local_time_of_go_is_its_instant() -> None:
    """`time.Now()` is stored with the offset of the machine; it is written in UTC."""
    local = {**GO, "At": {"S": "2024-02-01T01:59:59.25+02:00"}}

    assert read_both_ways(OfGo, local) == read_both_ways(OfGo, GO)
    exact = {**GO, "At": {"S": "2024-01-31T23:59:59.250000001Z"}}
    with pytest.raises(CodecError, match="whole microseconds"):
        schema_of(OfGo).decode(exact)


def test_values_of_java_are_what_they_were() -> None:
    """In Python's types, with their zones."""
    order = read_both_ways(OfJava, JAVA)

    assert order.at == order.zoned == order.offset == AT
    assert order.zoned.tzinfo == ZoneInfo("Europe/Berlin")
    assert order.offset.utcoffset() == timedelta(hours=2)
    assert order.local == datetime(2024, 1, 31, 23, 59)  # noqa: DTZ001
    assert (order.opens, order.took) == (time(5, 30), timedelta(hours=26, seconds=3.5))
    assert (order.state, order.total) == (State.READY, 1000)
