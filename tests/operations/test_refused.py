"""The error of a write whose condition did not hold, made of the item that is stored."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import ConditionFailed, ItemExists, ItemNotFound, VersionConflict
from dynrepo.operations.operation import Refusal
from dynrepo.operations.refused import STALE, refusal_of
from dynrepo.testing import MemoryStore
from tests.depot import BOX, Boxes, Labels, foreign_row
from tests.shop import ORDER, Customers, Orders

BOXES = Boxes(MemoryStore(Boxes, Labels))
ORDERS = Orders(MemoryStore(Orders, Customers))


def error_of(repository: Any, item: Any, kind: Any = STALE) -> Any:
    """The error of a refusal that shows an item."""
    how = Refusal("ConditionalCheckFailedException", "id", 2, item)
    return refusal_of(repository.mapper, lambda _: kind, how)


def test_an_error_shows_the_item_and_how_it_came() -> None:
    """As an instance, where it is one."""
    error = error_of(BOXES, BOXES.schema.encode(BOX))
    assert (type(error), error.item, error.attempts) == (VersionConflict, BOX, 2)
    assert str(error) == "depot: the stored item is another version"
    unreadable = BOXES.schema.encode(BOX) | {"count": {"S": "x"}}
    for shown in (None, {}, "odd", unreadable):
        assert error_of(BOXES, shown).item is None


@pytest.mark.parametrize("kind", [ItemExists, ItemNotFound, ConditionFailed])
def test_a_row_of_another_entity_is_no_item(kind: Any) -> None:
    """Of a create and an update the error is that of any row, or of none; else it says so."""
    error = error_of(BOXES, foreign_row(BOXES, BOX), (kind, "told"))
    assert type(error) is kind
    assert getattr(error, "item", None) is None
    assert ("a row of another entity" in str(error)) is (kind is ConditionFailed)
    order = foreign_row(ORDERS, ORDER, _et={"S": "x"})
    error = error_of(ORDERS, order, (kind, "told"))
    assert str(error) == "shop: told"
    assert getattr(error, "item", None) is None
