"""What a write asks of the row under a key: only where rows of others may be read by it."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import ConditionFailed, OutcomeUnknown
from dynrepo.operations.deletes import delete_item
from dynrepo.operations.marks import check_asks_nothing, is_foreign, own_or_none, own_row
from dynrepo.operations.operation import Effect
from dynrepo.operations.writes import create_item, put_item, save_item, update_item
from dynrepo.sending.outcomes import AnswerTimedOut
from dynrepo.testing import MemoryStore
from tests.depot import BOX, LABEL, NOW, Boxes, Labels, foreign_row, put_row, row_of
from tests.shop import ORDER, Customers, Orders


@pytest.fixture
def boxes() -> Boxes:
    """Boxes, whose query reads labels."""
    return Boxes(MemoryStore(Boxes, Labels))


@pytest.fixture
def labels(boxes: Boxes) -> Labels:
    """Labels, in the same table."""
    return Labels(boxes.store, clock=lambda: NOW)


def test_nothing_is_asked_where_no_query_reads_others() -> None:
    """A put stays a bare one, and a batch is taken."""
    orders = Orders(MemoryStore(Orders, Customers))
    assert own_row(orders.mapper) is own_or_none(orders.mapper) is None
    assert "ConditionExpression" not in put_item(orders.mapper, ORDER).request
    assert "ConditionExpression" not in save_item(orders.mapper, ORDER).request
    assert "ConditionExpression" not in delete_item(orders.mapper, ORDER).request
    check_asks_nothing(orders.mapper)
    assert not is_foreign(orders.mapper, foreign_row(orders, ORDER, _et={"S": "x"}))


def test_the_whole_mark_is_asked(boxes: Boxes) -> None:
    """Of all its attributes, or that nothing is there; an update needs the row."""
    assert is_foreign(boxes.mapper, foreign_row(boxes, BOX))
    assert not is_foreign(boxes.mapper, boxes.schema.encode(BOX))
    assert not is_foreign(boxes.mapper, None)
    asked = put_item(boxes.mapper, BOX).request
    assert asked["ConditionExpression"] == "(attribute_not_exists (#0) OR (#1 = :0 AND #2 = :1))"
    assert asked["ExpressionAttributeNames"] == {"#0": "pk", "#1": "_et", "#2": "_ev"}
    assert asked["ExpressionAttributeValues"] == {":0": {"S": "box"}, ":1": {"S": "1"}}
    count = boxes.fields.count.set(1)
    update = update_item(boxes.mapper, BOX, [count]).expressions["ConditionExpression"]
    assert str(update) == "(_et = {'S': 'box'} AND _ev = {'S': '1'})"
    with pytest.raises(ValueError, match="Box: the rows of other entities have keys like"):
        check_asks_nothing(boxes.mapper)


def test_a_write_may_be_sent_again_as_without_the_mark(boxes: Boxes, labels: Labels) -> None:
    """For what it leaves has the mark."""
    count = boxes.fields.count
    for operation in (
        put_item(boxes.mapper, BOX),
        save_item(boxes.mapper, BOX),
        delete_item(boxes.mapper, BOX),
        update_item(boxes.mapper, BOX, [count.set(1)]),
    ):
        assert operation.effect is Effect.REPEATABLE
    for operation in (
        create_item(boxes.mapper, BOX),
        save_item(labels.mapper, LABEL),
        delete_item(boxes.mapper, BOX, condition=count == 0),
        update_item(boxes.mapper, BOX, [count.add(1)]),
    ):
        assert operation.effect is Effect.ONCE


def test_a_row_of_others_proves_no_write(boxes: Boxes, labels: Labels) -> None:
    """Whose answer was lost: it was not made by it, though all its fields are the same."""
    seen: list[Any] = []

    def replaced(repository: Any, item: Any) -> Any:
        def fault(exchange: Any) -> Any:
            exchange.answer()
            seen.append(row_of(repository, item))
            put_row(repository, {**seen[-1], "_ev": {"S": "2"}})
            raise AnswerTimedOut("x")

        return fault

    with boxes.store.inject(replaced(boxes, BOX), times=1), pytest.raises(OutcomeUnknown):
        boxes.create(BOX)
    with boxes.store.inject(replaced(labels, LABEL), times=1), pytest.raises(OutcomeUnknown):
        labels.save(LABEL)
    other = LABEL.model_copy(update={"text": "y"})
    labels.create(other)
    with (
        boxes.store.inject(replaced(labels, other), times=1, on="UpdateItem"),
        pytest.raises(OutcomeUnknown),
    ):
        labels.edit(other, lambda label: label.model_copy(update={"color": "b"}))


def test_a_repeat_that_finds_a_row_of_others_is_unknown(boxes: Boxes) -> None:
    """The first may have been applied, and been written over since."""
    theirs = foreign_row(boxes, BOX)

    def replaced(exchange: Any) -> Any:
        exchange.answer()
        put_row(boxes, theirs)
        raise AnswerTimedOut("x")

    for write in (boxes.set, boxes.save, boxes.delete):
        boxes.store.execute(_unconditional_delete(boxes))
        with boxes.store.inject(replaced, times=1), pytest.raises(OutcomeUnknown) as raised:
            write(BOX)
        assert raised.value.code == "ConditionalCheckFailedException"
        assert row_of(boxes, BOX) == theirs
    with pytest.raises(ConditionFailed, match="a row of another entity has this key"):
        boxes.set(BOX)


def _unconditional_delete(boxes: Boxes) -> Any:
    operation = delete_item(boxes.mapper, BOX)
    request = {name: operation.request[name] for name in ("TableName", "Key")}
    return operation._replace(request=request, read=lambda _: None, parse=None, expressions={})
