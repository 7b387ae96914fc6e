"""An answer to a get is made of its text where its instance has the key that was asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dynrepo.operations.mapper import Mapper
from dynrepo.places.schema import placed_schema_of
from dynrepo.reading.asked import AskedParser, batch_parsed
from tests.accelerator import if_accelerated
from tests.shop import CUSTOMER, ORDER, Customer, Customers, Order, Orders

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from dynrepo.codec import Item
    from dynrepo.reading.parsers import AnswerPart

pytestmark = if_accelerated

SCHEMA = placed_schema_of(Order, Orders.place)
ROW = SCHEMA.encode(ORDER)
OTHER = ORDER.model_copy(update={"user_id": UUID(int=8)})


def asked(part: AnswerPart = "Item", order: Order = ORDER) -> Any:
    """What makes the order in an answer that asked for one."""
    parse = SCHEMA.parse(part)
    assert parse is not None
    found = SCHEMA.asked(parse, SCHEMA.key(order))
    assert isinstance(found, AskedParser)
    return found


def body(part: AnswerPart, row: Item, **rest: Any) -> bytes:
    """An answer with a row."""
    return json.dumps({part: row, **rest}).encode()


def test_an_item_of_the_key_is_an_instance() -> None:
    """And the rest of the answer is what it was."""
    for part in ("Item", "Attributes"):
        parse = asked(part)
        assert parse(body(part, ROW)) == ({}, (ORDER,))
        assert parse(body(part, ROW, ConsumedCapacity=1)) == ({"ConsumedCapacity": 1}, (ORDER,))


def test_an_item_of_another_key_is_left_to_the_codec() -> None:
    """As one that is none of the model."""
    assert asked(order=OTHER)(body("Item", ROW)) is None
    for other in ({"number": {"N": "8"}}, {"number": {"S": "x"}}, {"placed": {"S": "x"}}):
        assert asked()(body("Item", {**ROW, **other})) is None
    assert asked()(b"{") is None


def test_an_answer_without_an_item_has_none() -> None:
    """As where nothing is stored."""
    assert asked()(b'{"ConsumedCapacity": 1}') == ({"ConsumedCapacity": 1}, None)


def test_an_answer_among_several_is_taken_likewise() -> None:
    """After its schema has read it."""
    answer = {"Item": ORDER}
    assert asked().taken(dict(answer)) == ({}, (ORDER,))
    assert asked(order=OTHER).taken(dict(answer)) is None
    assert asked().taken({}) == ({}, None)


def test_forms_that_fold_are_compared_as_they_fold() -> None:
    """And numbers as numbers."""
    schema = placed_schema_of(Customer, Customers.place)
    parse = schema.parse("Item")
    assert parse is not None
    row = {**schema.encode(CUSTOMER), "gsi2sk": {"N": "3.0"}}
    found = schema.asked(parse, schema.key(CUSTOMER))(body("Item", row))
    assert found == ({}, (CUSTOMER,))


def test_instances_of_a_batch_keep_their_identities() -> None:
    """Which are made once; those of other keys are left to the codec."""
    parse = SCHEMA.parse("Responses")
    assert parse is not None
    made: list[Any] = []

    def identify(items: Sequence[Any]) -> list[Hashable]:
        made.extend(items)
        return SCHEMA.identities(items)

    def parsed(*rows: Item) -> Any:
        found = json.dumps({"Responses": {"shop": rows}}).encode()
        return batch_parsed(parse, identify, {SCHEMA.identity(ORDER)}, found)

    answer, items = parsed(ROW)
    assert (answer, items) == ({"Responses": {"shop": []}}, [ORDER])
    assert items.identities == [SCHEMA.identity(ORDER)]
    assert Mapper("shop", SCHEMA).by_identity(items) == {SCHEMA.identity(ORDER): ORDER}
    assert made == [ORDER]
    assert parsed()[1] == []
    assert parsed(ROW, SCHEMA.encode(OTHER)) is None
    assert parsed({**ROW, "number": {"N": "8"}}) is None
