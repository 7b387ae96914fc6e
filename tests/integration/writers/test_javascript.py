"""What JavaScript's DocumentClient has stored is read, and is written as it was.

So the client reads it as its own. The item in `recorded` was made by the program beside it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from dynrepo import PartitionKey, SortKey, TimeToLive, encodings, schema_of
from tests.integration.writers import comparable, read_both_ways

RECORDED = json.loads((Path(__file__).parent / "recorded" / "javascript.json").read_text("utf-8"))
AT = datetime(2024, 1, 31, 23, 59, 59, 250_000, tzinfo=UTC)


class Line(BaseModel):
    """An object within: `null` is stored, `undefined` is left out."""

    sku: str
    note: str | None = Field(default_factory=lambda: None)


class Reading(BaseModel):
    """The object of the program."""

    id: Annotated[str, PartitionKey()]
    at: Annotated[AwareDatetime, encodings.EPOCH_MILLISECONDS, SortKey()]
    seen: Annotated[AwareDatetime, encodings.ISO_MILLISECONDS]
    expires: Annotated[AwareDatetime, TimeToLive()]
    count: int
    ratio: float
    tiny: float
    zero: int
    large: int
    price: Decimal
    paid: bool
    data: bytes
    tags: frozenset[str]
    sizes: frozenset[Decimal]
    hashes: frozenset[bytes]
    names: list[str]
    lines: list[Line]
    settings: Annotated[JsonValue, encodings.JSON_TEXT]
    free: dict[str, Any]
    nothing: str | None = Field(default_factory=lambda: None)
    absent: str | None = None


def test_every_value_is_read_and_written_as_it_was() -> None:
    """But `null` and `undefined` in one place, of which a field writes one."""
    read = read_both_ways(Reading, RECORDED)
    expected = comparable(RECORDED)
    expected["lines"]["L"][1]["M"]["note"] = {"NULL": True}

    assert comparable(schema_of(Reading).encode(read)) == expected


def test_every_value_is_what_it_was() -> None:
    """In Python's types."""
    reading = read_both_ways(Reading, RECORDED)

    assert (reading.at, reading.seen) == (AT, AT)
    assert reading.expires == AT.replace(microsecond=0)
    assert (reading.ratio, reading.tiny, reading.zero) == (0.1 + 0.2, 1e-7, 0)
    assert (reading.large, reading.price) == (2**100, Decimal("12.50"))
    assert (reading.data, reading.hashes) == (b"\x00\xff", {b"\x00", b"\x01"})
    assert (reading.tags, reading.sizes) == ({"a", "b"}, {Decimal("2.5"), 1, 3})
    assert [line.note for line in reading.lines] == [None, None]
    assert reading.settings == {"every": 30, "scale": [0.1, None, "é"]}
    assert reading.free == {"list": [1, "x", None, True], "none": {}, "empty": ""}
