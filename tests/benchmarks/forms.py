"""What the items of others cost to read: pages in other forms, to the same page in our own.

CPU time of reading the text of one answer into models, a hundred items and a thousand, the least of
all rounds; the items are those of `bench_codec`, with models in a list, a set, and a field that may
be absent. An encoding is that of one more field, and is compared with that field in our own form.
"""

from __future__ import annotations

import gc
import json
from datetime import datetime, timedelta
from decimal import Decimal
from time import thread_time
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, JsonValue, TypeAdapter, create_model
from pydantic_core import from_json

from dynrepo import encodings
from dynrepo.errors import CodecError
from dynrepo.schema.entity import schema_of
from tests.benchmarks.bench_codec import Line, Order, order
from tests.benchmarks.measure import markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.schema.upcasts import Upcast

Item = dict[str, Any]

SCHEMA = schema_of(Order)
SIZES = (100, 1000)
TURNS = 2
"""How often a round of the benchmark measures each page."""
_SIZES = [f"{size} items" for size in SIZES]
_SIZE = SIZES[0]
DIGITS = "1234567890123456789012345678901234567.8"


class Open(Order, extra="allow"):
    """The same, with attributes of its own."""


class Strict(Order, strict=True):
    """The same, of the exact types."""


class Defaulting(Order):
    """The same, with a default that is not None."""

    note: str = "none"


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
ENCODED: dict[str, tuple[Any, Any, Any]] = {
    "upper-case UUID": (UUID, encodings.UUID_UPPER, UUID(int=7**40)),
    "naive ISO": (AwareDatetime, encodings.in_zone("UTC"), MOMENT),
    "naive ISO in Berlin": (AwareDatetime, encodings.in_zone("Europe/Berlin"), MOMENT),
    "epoch seconds": (AwareDatetime, encodings.EPOCH_SECONDS, MOMENT),
    "nanoseconds": (timedelta, encodings.NANOSECONDS, timedelta(seconds=1.5)),
    "ISO durations": (timedelta, encodings.ISO_DURATION, timedelta(seconds=1.5)),
    "`Y` and `N`": (bool, encodings.YES_NO, True),
    "ISO with a zone": (AwareDatetime, encodings.ISO_ZONED_DATE_TIME, MOMENT),
    "sets as lists": (set[str], encodings.AS_LIST, {"one", "two", "three"}),
}
"""The type, the encoding and a value of a field."""

DOCUMENT: dict[str, JsonValue] = {
    "name": "a name",
    "sizes": [1, 2, 3],
    "is_new": True,
    "parts": [{"sku": f"a{number}", "price": number / 8} for number in range(6)],
}
JSON: dict[str, tuple[Any, Any]] = {
    "JsonValue": (JsonValue, DOCUMENT),
    "dict[str, JsonValue]": (dict[str, JsonValue], DOCUMENT),
    "list[Line]": (list[Line], [Line(sku="a", quantity=1, price=Decimal("1.5"))] * 8),
}
"""The type and a value of a field that is stored as JSON in a text."""


def _odd(item: Item) -> Item:
    return {**item, "paid": {"NULL": True}}


def _defaulted(item: Item) -> Item:
    return {**item, "note": {"NULL": True}}


def _bad(item: Item) -> Item:
    return {**item, "total": {"S": "no number"}}


def forms(rounds: int) -> str:
    """The tables, as Markdown."""
    return "\n\n".join((_of_pages(rounds), _of_encodings(rounds), _of_json(rounds)))


def _of_pages(rounds: int) -> str:
    """Pages to the same page in our own form."""
    lines: dict[str, list[str]] = {}
    for size in SIZES:
        pages = dict(_pages(size))
        for name, page in pages.items():
            own, other = _least((pages["own"], page), rounds)
            lines.setdefault(name, [name]).append(f"{other / own:.2f}")
    return markdown(["to a page in our own form", *_SIZES], lines.values())


def _of_encodings(rounds: int) -> str:
    """Encodings to our own form of a field; what calls Python may take 0.8 µs a value more."""
    lines: list[list[str]] = []
    for name, (kind, encoding, value) in ENCODED.items():
        annotations = (kind, Annotated[kind, encoding])
        pages = [_with_field(_SIZE, annotation, value) for annotation in annotations]
        own, other = _least(pages, rounds)
        over = (other - 1.2 * own) / _SIZE * 1e6
        lines.append([name, f"{other / own:.2f}", f"{over:.2f}"])
    return markdown(["an encoding", "to our own form", "µs a value above 1.2 of it"], lines)


def _of_json(rounds: int) -> str:
    """What a field of JSON in a text adds to an item, to what `json.loads` takes for the text."""
    lines: list[list[str]] = []
    without = dict(_pages(_SIZE))["own"]
    for name, (kind, value) in JSON.items():
        text = TypeAdapter(kind).dump_json(value)
        field = _with_field(_SIZE, Annotated[kind, encodings.JSON_TEXT], value)
        functions = (without, field, lambda text=text: [json.loads(text) for _ in range(_SIZE)])
        own, other, loaded = (each / _SIZE * 1e6 for each in _least(functions, rounds))
        lines.append([name, f"{other - own:.1f}", f"{loaded:.1f}", f"{(other - own) / loaded:.2f}"])
    return markdown(["JSON in a text", "adds, µs", "`json.loads`, µs", "ratio"], lines)


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
        ("NULL for a default", _reading([*map(_defaulted, own)], Defaulting)),
        ("`extra='allow'`", _reading(own, Open)),
        ("strict", _reading(own, Strict)),
        ("an `upcast` that leaves all alone", _by_codec(own, dict)),
        ("an `upcast` that changes all", _by_codec(own, _noted)),
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


def _by_codec(items: list[Item], upcast: Upcast | None = None) -> Callable[[], Any]:
    body = _body(items)

    def read() -> list[Any]:
        found = from_json(body, allow_inf_nan=False, cache_strings="keys")
        return [_decoded(item, upcast) for item in found["Items"]]

    return read


def _decoded(item: Item, upcast: Upcast | None) -> Any:
    try:
        return SCHEMA.decode(item, upcast=upcast)
    except CodecError as error:
        return error


def _noted(old: dict[str, Any]) -> dict[str, Any]:
    return old | {"note": "noted"}


def _least(functions: Sequence[Callable[[], Any]], rounds: int) -> list[float]:
    """The least that each costs, of many rounds in which they take turns on a busy machine."""
    costs: list[list[float]] = []
    for _ in range(rounds * TURNS):
        gc.collect()
        functions[0]()  # which finds the caches cold
        costs.append([*map(_cost, functions)])
    return [*map(min, zip(*costs, strict=True))]


def _cost(function: Callable[[], Any]) -> float:
    before = thread_time()
    function()
    return thread_time() - before
