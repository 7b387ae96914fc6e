"""Rows of a query are of the partition that was asked for, in the order of its sort key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from dynrepo.codec import Compiler
from dynrepo.errors import CodecError
from dynrepo.places.rows import PlacedRows
from dynrepo.templates.key import TemplateKey
from dynrepo.templates.template import Template
from tests.shop import ADA, NOW, ORDER, Order

FIELDS = {field.name: field for field in Compiler(by_alias=False).record(Order).fields}
ORDERS = [
    ORDER.model_copy(update={"placed": NOW + timedelta(days=number), "number": number})
    for number in (1, 2, 3)
]
ASKED = {"S": f"USER#{ADA}"}


def rows_of(partition: str, sort: str | None = None, *, is_unique: bool = True) -> PlacedRows:
    """The rows of a key over the fields of an order."""
    templates = [
        Template(text, FIELDS, owner="Order", sort=number == 1)
        for number, text in enumerate((partition, sort))
        if text is not None
    ]
    return PlacedRows(TemplateKey(*templates), is_unique=is_unique)


def changed(number: int, **changes: Any) -> list[Any]:
    """The orders, one of them changed."""
    return [
        order.model_copy(update=changes) if at == number else order
        for at, order in enumerate(ORDERS)
    ]


def test_rows_in_order_are_as_asked() -> None:
    """Upward and downward, none and one among them."""
    rows = rows_of("USER#{user_id}", "ORDER#{placed}#{number:08d}")
    for count in range(4):
        assert rows.are_as_asked(ORDERS[:count], ASKED, descending=False)
        assert rows.are_as_asked(ORDERS[:count][::-1], ASKED, descending=True)
    assert not rows.are_as_asked(ORDERS, ASKED, descending=True)
    assert not rows.are_as_asked(ORDERS[::-1], ASKED, descending=False)


def test_a_row_of_another_partition_is_not_asked_for() -> None:
    """Wherever it stands, and where all are of it."""
    rows = rows_of("USER#{user_id}", "ORDER#{placed}#{number:08d}")
    for at in range(3):
        assert not rows.are_as_asked(changed(at, user_id=UUID(int=8)), ASKED, descending=False)
    assert not rows.are_as_asked(ORDERS, {"S": f"USER#{UUID(int=8)}"}, descending=False)
    assert not rows.are_as_asked(ORDERS, {"N": "1"}, descending=False)


def test_a_key_of_a_table_is_there_once() -> None:
    """That of an index may be there again."""
    twice = [ORDERS[0], ORDERS[0], *ORDERS[1:]]
    sort = "ORDER#{placed}#{number:08d}"
    assert not rows_of("USER#{user_id}", sort).are_as_asked(twice, ASKED, descending=False)
    index = rows_of("USER#{user_id}", sort, is_unique=False)
    assert index.are_as_asked(twice, ASKED, descending=False)
    later = changed(1, placed=ORDERS[0].placed)
    assert rows_of("USER#{user_id}", sort).are_as_asked(later, ASKED, descending=False)
    assert not index.are_as_asked(changed(2, placed=NOW), ASKED, descending=False)


def test_texts_without_an_order_are_not_compared() -> None:
    """A whole number, a text before others, a form that loses a part."""
    for sort in ("N#{number}", "{status}#{number:03d}", "{placed:.10}#{number:03d}", "X", None):
        rows = rows_of("USER#{user_id}", sort, is_unique=False)
        assert rows.are_as_asked(ORDERS[::-1], ASKED, descending=False)
    texts = rows_of("USER#{user_id}", "S#{status}")
    named = [ORDER.model_copy(update={"status": status}) for status in "ab"]
    assert texts.are_as_asked(named, ASKED, descending=False)
    assert not texts.are_as_asked(named[::-1], ASKED, descending=False)


def test_forms_that_lose_a_part_are_compared_as_texts() -> None:
    """Rows of one day are of one partition."""
    rows = rows_of("DAY#{placed:.10}", "{placed}")
    day = [ORDER.model_copy(update={"placed": NOW + timedelta(hours=hour)}) for hour in (1, 2)]
    assert rows.are_as_asked(day, {"S": "DAY#2026-01-02"}, descending=False)
    assert not rows.are_as_asked([*day, ORDERS[2]], {"S": "DAY#2026-01-02"}, descending=False)


def test_a_partition_without_a_field_is_that_of_all() -> None:
    """Only the order is compared."""
    rows = rows_of("ALL", "{placed}")
    assert rows.are_as_asked(ORDERS, {"S": "ALL"}, descending=False)
    assert not rows.are_as_asked(ORDERS[::-1], {"S": "ALL"}, descending=False)
    assert not rows.are_as_asked(ORDERS, {"S": "OTHER"}, descending=False)


def test_errors_among_rows_are_left_out() -> None:
    """They are raised in their turn; what has no order is as the codec says."""
    rows = rows_of("USER#{user_id}", "ORDER#{placed}#{number:08d}")
    assert rows.are_as_asked([CodecError("x"), *ORDERS], ASKED, descending=False)
    assert rows.are_as_asked([CodecError("x")], ASKED, descending=False)
    assert not rows.are_as_asked(changed(1, placed="text"), ASKED, descending=False)


def test_numbers_are_compared_as_numbers() -> None:
    """Where the attribute is one."""

    class Score(BaseModel):
        board: int
        score: int

    fields = {field.name: field for field in Compiler(by_alias=False).record(Score).fields}
    partition = Template("{board}", fields, owner="Score", tag="N")
    sort = Template("{score}", fields, owner="Score", tag="N", sort=True)
    rows = PlacedRows(TemplateKey(partition, sort), is_unique=True)
    scores = [Score(board=1, score=score) for score in (-5, 3)]
    assert rows.are_as_asked(scores, {"N": "1.0"}, descending=False)
    assert not rows.are_as_asked(scores[::-1], {"N": "1"}, descending=False)
