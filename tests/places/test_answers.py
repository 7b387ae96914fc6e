"""Answers of a shared table: their instances are in their place, or the codec reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import CodecError
from dynrepo.places.schema import placed_schema_of
from tests.shop import (
    CUSTOMER,
    LINE,
    ORDER,
    HandmadeCustomers,
    Line,
    Lines,
    Order,
    Orders,
    Setting,
    Settings,
)

if TYPE_CHECKING:
    from dynrepo.codec import Item
    from dynrepo.reading.parsers import AnswerPart

SCHEMA = placed_schema_of(Order, Orders.place)
ROW = SCHEMA.encode(ORDER)


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


def test_a_model_that_keeps_extra_attributes_is_read_by_the_codec() -> None:
    """Which knows those of the table."""
    schema = placed_schema_of(Line, Lines.place)
    assert [schema.parse(part) for part in ("Item", "Items", "Responses")] == [None] * 3
    assert schema.decode(schema.encode(LINE)) == LINE


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
