"""The items of several models in turn are made instances from one text, each by its model."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo.markers import PartitionKey
from dynrepo.places.schema import placed_schema_of
from dynrepo.reading import series
from dynrepo.reading.series import series_parser
from dynrepo.schema.entity import schema_of
from tests.accelerator import if_accelerated
from tests.shop import ORDER, Order, Orders

pytestmark = if_accelerated


class Cat(BaseModel):
    """Something with a name."""

    name: Annotated[str, PartitionKey()]


class Dog(Cat):
    """Something with the same name, and no cat."""


CAT, DOG = schema_of(Cat).parse("Item"), schema_of(Dog).parse("Item")
TOM: dict[str, Any] = {"Item": {"name": {"S": "Tom"}}}


def parsed(rows: list[Any], *parsers: Any) -> Any:
    """What is made of an answer; None where it is left to the codec."""
    parse = series_parser(parsers)
    assert parse is not None
    return parse(json.dumps({"Responses": rows, "ConsumedCapacity": []}).encode())


def test_each_item_is_read_by_its_own_model() -> None:
    """In their order; what is not stored is None."""
    answer, instances = parsed([TOM, TOM, {}, TOM], CAT, DOG, DOG, CAT)
    assert [type(instance) for instance in instances] == [Cat, Dog, type(None), Cat]
    assert answer == {"Responses": [{}, {}, {}, {}], "ConsumedCapacity": []}


def test_an_item_of_a_shared_table_is_the_one_that_was_asked_for() -> None:
    """Or the codec reads all of them; what reads a model is made once for all keys."""
    schema = placed_schema_of(Order, Orders.place)
    row, parse = {"Item": schema.encode(ORDER)}, schema.parse("Item")
    assert parse is not None
    later = ORDER.model_copy(update={"number": 8})
    asked, asked_later = (schema.asked(parse, schema.key(each)) for each in (ORDER, later))
    answer, instances = parsed([row, TOM, {}], asked, CAT, asked_later)
    assert instances == [ORDER, Cat(name="Tom"), None]
    assert answer["Responses"] == [{}, {}, {}]
    made = series._series_parser.cache_info().misses
    assert parsed([row, TOM, {}], asked_later, CAT, asked) is None
    assert series._series_parser.cache_info().misses == made


def test_what_a_codec_reads_stays_in_the_json() -> None:
    """As it came."""
    answer, instances = parsed([TOM, TOM], None, CAT)
    assert instances == [None, Cat(name="Tom")]
    assert answer["Responses"] == [TOM, {}]


@pytest.mark.parametrize(
    "rows", [[TOM], [TOM, TOM, TOM], [TOM, None], [TOM, {"Item": {}}], {"0": TOM}, [TOM, "x"]]
)
def test_what_is_no_such_answer_is_left_to_the_codec(rows: Any) -> None:
    """Too few, too many, or of another shape."""
    assert parsed(rows, CAT, DOG) is None


def test_an_answer_without_items_is_read() -> None:
    """The error that it is, is told by those who look at its members."""
    parse = series_parser((CAT, DOG))
    assert parse is not None
    assert parse(b"{}") is None


def test_without_any_parser_there_is_none() -> None:
    """Codecs read all."""
    assert series_parser((None, None)) is None
    assert series_parser((None, lambda _: None)) is None


def test_what_cannot_be_made_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of pydantic-core that does not know such a schema leaves all to the codec."""
    monkeypatch.setattr(series, "_series", lambda _: {"type": "no such"})
    assert series_parser((CAT, None, DOG)) is None
