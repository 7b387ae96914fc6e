"""Answers of a shared table: their instances are in their place, or the codec reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dynrepo.places.schema import placed_schema_of
from tests.shop import CUSTOMER, LINE, ORDER, Customer, Customers, Line, Lines, Order, Orders

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


def test_an_item_in_its_place_is_an_instance() -> None:
    """And the rest of the answer is what it was, with the key that is stored."""
    for part in ("Item", "Attributes"):
        key = {part: SCHEMA.key(ORDER)}
        assert parsed(part, ROW) == (key, (ORDER,))
        assert parsed(part, ROW, ConsumedCapacity=1) == ({"ConsumedCapacity": 1, **key}, (ORDER,))


def test_an_item_in_another_place_is_left_to_the_codec() -> None:
    """As one that lacks a key, or has one of another type, or is none of the model."""
    for other in (
        {"sk": {"S": "ORDER#x"}},
        {"pk": {"S": "USER#8"}},
        {"pk": {"N": "8"}},
        {"number": {"N": "8"}},
        {"number": {"S": "x"}},
    ):
        assert parsed("Item", {**ROW, **other}) is None
    assert parsed("Item", {name: value for name, value in ROW.items() if name != "pk"}) is None


def test_an_answer_without_an_item_has_none() -> None:
    """As where nothing is stored."""
    parse = SCHEMA.parse("Item")
    assert parse is not None
    assert parse(b'{"ConsumedCapacity": 1}') == ({"ConsumedCapacity": 1}, None)
    assert parse(b"{") is None


def test_several_items_are_made_without_their_keys() -> None:
    """What asked for them compares them with what it asked."""
    parse = SCHEMA.parse("Items")
    assert parse is not None
    made = parse(json.dumps({"Items": [ROW, ROW]}).encode())
    assert made is not None
    assert made[1] == [ORDER, ORDER]


def test_numbers_in_keys_are_compared_as_numbers() -> None:
    """And forms that fold as they fold."""
    schema = placed_schema_of(Customer, Customers.place)
    parse = schema.parse("Item")
    assert parse is not None
    row = {**schema.encode(CUSTOMER), "gsi2sk": {"N": "3.0"}}
    made = parse(json.dumps({"Item": row}).encode())
    assert made == ({"Item": schema.key(CUSTOMER)}, (CUSTOMER,))


def test_a_model_that_keeps_extra_attributes_is_read_by_the_codec() -> None:
    """Which knows those of the table."""
    schema = placed_schema_of(Line, Lines.place)
    assert [schema.parse(part) for part in ("Item", "Items", "Responses")] == [None] * 3
    assert schema.decode(schema.encode(LINE)) == LINE
