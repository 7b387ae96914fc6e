"""Answers of a shared table: their instances are in their place, or the codec reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from dynrepo.errors import CodecError
from dynrepo.places.answers import KeptRows
from dynrepo.places.queries import kept_rows_of
from dynrepo.places.schema import placed_schema_of
from tests.shop import (
    CUSTOMER,
    LINE,
    NOW,
    ORDER,
    HandmadeCustomers,
    Line,
    Lines,
    Order,
    Orders,
    Setting,
    Settings,
    Shop,
)

if TYPE_CHECKING:
    from dynrepo.codec import Item
    from dynrepo.reading.parsers import AnswerPart

SCHEMA = placed_schema_of(Order, Orders.place)
ROW = SCHEMA.encode(ORDER)


LINES = placed_schema_of(Line, Lines.place)


class Closed(BaseModel, extra="forbid"):
    """Something that has a name alone."""

    name: str


CLOSED = placed_schema_of(Closed, Shop.place("CLOSED#{name}", "CLOSED", entity="CLOSED"))


def parsed(part: AnswerPart, row: Item, **rest: Any) -> Any:
    """What is made of an answer with a row."""
    parse = SCHEMA.parse(part)
    assert parse is not None
    return parse(json.dumps({part: row, **rest}).encode())


def test_several_items_are_made_without_their_keys() -> None:
    """What asked for them compares them with what it asked."""
    parse = SCHEMA.parse("Items")
    assert parse is not None
    made = parse(json.dumps({"Items": [ROW, ROW]}).encode())
    assert made is not None
    assert made[1] == [ORDER, ORDER]


@pytest.mark.parametrize("kind", [HandmadeCustomers, Settings])
def test_a_row_is_told_by_the_constants_of_its_key(kind: Any) -> None:
    """Where no attribute tells it: of others no instances of defaults are made."""
    schema = kind.schema
    item = schema.encode(CUSTOMER if kind is HandmadeCustomers else Setting())
    parse = schema.parse("Items")
    assert parse is not None
    for other in ({"sk": {"S": "OTHER"}}, {"sk": {"N": "1"}}):
        row = {**item, **other}
        made = parse(json.dumps({"Items": [item, row]}).encode())
        assert made is not None
        first, second = made[1] or ()
        assert schema.encode(first) == item
        assert isinstance(second, CodecError)


def test_a_model_that_keeps_extra_attributes_keeps_none_of_the_table() -> None:
    """Read in one pass as by the codec; one that forbids them does not mean those."""
    line = LINE.model_copy(update={"more": "x", "changed": NOW})
    item = {**LINES.encode(line), "theirs": {"SS": ["a", "b"]}, "gsi1pk": {"N": "7"}}
    parse = LINES.parse("Items")
    assert parse is not None, LINES.unaccelerated
    made = parse(page(item, LINES.encode(LINE)))
    assert made is not None
    assert made[1] == [LINES.decode(item), LINE]
    assert LINES.decode(item).model_extra == {"more": "x", "theirs": {"a", "b"}}
    parse = CLOSED.parse("Items")
    assert parse is not None, CLOSED.unaccelerated
    stored = CLOSED.encode(Closed(name="a"))
    found = parse(page(stored, {**stored, "theirs": {"S": "x"}}))
    assert found is not None
    assert found[1] is not None
    assert found[1][0] == Closed(name="a")
    assert "an undeclared attribute" in str(found[1][1])


def page(*rows: Item) -> bytes:
    """An answer with some rows."""
    return json.dumps({"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}).encode()


def test_rows_are_compared_with_their_keys_one_by_one() -> None:
    """One of another key is as its codec says, and the others are what they were."""
    later = ORDER.model_copy(update={"number": 8})
    rows = [ROW, {**ROW, "sk": {"S": "ORDER#x"}}, SCHEMA.encode(later)]
    error = CodecError("an error")
    found = kept_rows_of(SCHEMA).compared(page(*rows), [ORDER, ORDER, later])
    assert found is not None
    assert [found[0], found[2]] == [ORDER, later]
    assert "another key than the stored one" in str(found[1])
    assert found[1].key == {name: rows[1][name] for name in ("pk", "sk")}
    assert kept_rows_of(SCHEMA).compared(page(ROW, ROW), [error, ORDER]) == [error, ORDER]


def test_rows_without_keys_are_left_to_the_codec() -> None:
    """As others than there are instances of, and what is no answer."""
    lacking = {name: stored for name, stored in ROW.items() if name != "sk"}
    assert kept_rows_of(SCHEMA).compared(page(lacking), [ORDER]) is None
    assert kept_rows_of(SCHEMA).compared(page(ROW, ROW), [ORDER]) is None
    assert kept_rows_of(SCHEMA).compared(b"{}", [ORDER]) is None


def test_what_the_codec_takes_is_kept() -> None:
    """Where it knows better."""
    rows = KeptRows(["pk", "sk"], lambda *_: False, lambda item: item["pk"])
    assert rows.compared(page(ROW), [ORDER]) == [ROW["pk"]]
