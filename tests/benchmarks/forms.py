"""What the items of others cost to read: pages in other forms, to the same page in our own.

CPU time of reading the text of one answer into models, a hundred items and a thousand; the items
are those of `bench_codec`, with models in a list, a set, and a field that may be absent. An
encoding is that of one more field, and is compared with that field in our own form.
"""

from __future__ import annotations

import json
import statistics
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, JsonValue, create_model
from pydantic_core import from_json

from dynrepo import encodings
from dynrepo.errors import CodecError
from dynrepo.schema.entity import schema_of
from tests.benchmarks.bench_codec import Order, order
from tests.benchmarks.measure import cost, markdown

if TYPE_CHECKING:
    from collections.abc import Callable

Item = dict[str, Any]

SCHEMA = schema_of(Order)
SIZES = (100, 1000)
DIGITS = "1234567890123456789012345678901234567.8"


class Open(Order, extra="allow"):
    """The same, with attributes of its own."""


class Strict(Order, strict=True):
    """The same, of the exact types."""


def _without(item: Item, name: str) -> Item:
    return {each: stored for each, stored in item.items() if each != name}


FORMS: dict[str, Callable[[Item], Item]] = {
    "`+00:00`": lambda item: {**item, "placed": {"S": "2024-05-06T01:02:03+00:00"}},
    "`Z` without a fraction": lambda item: {**item, "changed": {"S": "2024-05-06T01:02:03Z"}},
    "NULL": lambda item: {**item, "note": {"NULL": True}},
    "absent": lambda item: _without(item, "note"),
    "empty set": lambda item: {**item, "tags": {"L": []}},
    "`1E+3`": lambda item: {**item, "total": {"N": "1E+3"}},
    "38 digits": lambda item: {**item, "total": {"N": DIGITS}},
    "an undeclared attribute": lambda item: {**item, "more": {"S": "of another program"}},
}


MOMENT = datetime(2024, 5, 6, 1, 2, 3, tzinfo=ZoneInfo("Europe/Berlin"))
DOCUMENT: JsonValue = {"name": "a name", "sizes": [1, 2, 3], "is_new": True, "note": None}
ENCODED: dict[str, tuple[Any, Any, Any]] = {
    "upper-case UUID": (UUID, encodings.UUID_UPPER, UUID(int=7**40)),
    "naive ISO": (AwareDatetime, encodings.in_zone("UTC"), MOMENT),
    "epoch seconds": (AwareDatetime, encodings.EPOCH_SECONDS, MOMENT),
    "`Y` and `N`": (bool, encodings.YES_NO, True),
    "ISO with a zone": (AwareDatetime, encodings.ISO_ZONED_DATE_TIME, MOMENT),
    "JSON in text": (JsonValue, encodings.JSON_TEXT, DOCUMENT),
}
"""The type, the encoding and a value of a field."""


def _odd(item: Item) -> Item:
    return {**item, "paid": {"NULL": True}}


def _bad(item: Item) -> Item:
    return {**item, "total": {"S": "no number"}}


def forms(rounds: int) -> str:
    """The ratios, as Markdown."""
    rows = {size: _pairs(size) for size in SIZES}
    lines = [
        [name, *(_ratio(*rows[size][name], rounds) for size in SIZES)] for name in rows[SIZES[0]]
    ]
    return markdown(["to a page in our own form", *(f"{size} items" for size in SIZES)], lines)


def _pairs(size: int) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """What reads a page in our own form, and what reads it in another."""
    pages = dict(_pages(size))
    encoded = {name: _encoded(size, *parts) for name, parts in ENCODED.items()}
    return {name: (pages["own"], page) for name, page in pages.items()} | encoded


def _encoded(
    size: int, kind: Any, encoding: Any, value: Any
) -> tuple[Callable[[], Any], Callable[[], Any]]:
    annotations = (kind, Annotated[kind, encoding])
    own, other = [_with_field(size, annotation, value) for annotation in annotations]
    return own, other


def _with_field(size: int, annotation: Any, value: Any) -> Callable[[], Any]:
    model: Any = create_model("Wide", __base__=Order, more=(annotation, ...))
    instances = [model(**order(number).__dict__, more=value) for number in range(size)]
    return _reading([*map(schema_of(model).encode, instances)], model)


def _pages(size: int) -> list[tuple[str, Callable[[], Any]]]:
    own = [SCHEMA.encode(order(number)) for number in range(size)]
    first, *rest = own
    return [
        ("own", _reading(own)),
        *((form, _reading([*map(change, own)])) for form, change in FORMS.items()),
        ("one row by its codec", _reading([_odd(first), *rest])),
        ("one bad row", _reading([_bad(first), *rest])),
        ("`extra='allow'`", _reading(own, Open)),
        ("strict", _reading(own, Strict)),
        ("by the codec alone", _by_codec(own)),
    ]


def _body(items: list[Item]) -> bytes:
    content = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
    return json.dumps(content, separators=(",", ":")).encode()


def _reading(items: list[Item], model: type[BaseModel] = Order) -> Callable[[], Any]:
    parse, body = schema_of(model).parse("Items"), _body(items)
    assert parse is not None, schema_of(model).unaccelerated
    assert parse(body) is not None
    return lambda: parse(body)


def _by_codec(items: list[Item]) -> Callable[[], Any]:
    body = _body(items)

    def read() -> list[Any]:
        found = from_json(body, allow_inf_nan=False, cache_strings="keys")
        return [_decoded(item) for item in found["Items"]]

    return read


def _decoded(item: Item) -> Any:
    try:
        return SCHEMA.decode(item)
    except CodecError as error:
        return error


def _ratio(own: Callable[[], Any], other: Callable[[], Any], rounds: int) -> str:
    """The median over the rounds of the ratio within each."""
    ratios = [_cost(other) / _cost(own) for _ in range(rounds)]
    return f"{statistics.median(ratios):.2f}"


def _cost(function: Callable[[], Any]) -> float:
    return cost(lambda number: [function() for _ in range(number)])
