"""The condition that an item is stored as it was read."""

from __future__ import annotations

from dynrepo.operations.unchanged import unchanged
from dynrepo.testing import MemoryStore
from tests.depot import BOX, Boxes, Labels
from tests.shop import ORDER, Customers, Orders


def test_attributes_are_stored_as_they_were_read_or_absent() -> None:
    """Those of the key and of the place follow from the others."""
    orders = Orders(MemoryStore(Orders, Customers)).mapper
    row = orders.schema.encode(ORDER)
    asked = unchanged(orders, row, ["status", "note", "pk", "gsi1pk", "_et"])
    assert str(asked) == "(status = {'S': 'open'} AND attribute_not_exists (note))"


def test_an_item_is_there() -> None:
    """Also where nothing of what it had is asked for."""
    orders = Orders(MemoryStore(Orders, Customers)).mapper
    row = orders.schema.encode(ORDER)
    asked = str(unchanged(orders, row, ["note"]))
    assert asked == "(attribute_not_exists (note) AND attribute_exists (pk))"
    assert str(unchanged(orders, row, [])) == "attribute_exists (pk)"


def test_the_mark_is_asked_where_writes_ask_for_it() -> None:
    """It tells that the row is there too."""
    boxes = Boxes(MemoryStore(Boxes, Labels)).mapper
    row = boxes.schema.encode(BOX)
    asked = "((_et = {'S': 'box'} AND _ev = {'S': '1'}) AND note = {'S': 'n'})"
    assert str(unchanged(boxes, row, ["note"])) == asked
