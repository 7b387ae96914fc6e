"""Schemas of pydantic-core are put together of others, and make values of the text of an answer."""

from __future__ import annotations

from typing import Any

from dynrepo.codec.core_schemas import (
    ANY,
    CoreSchema,
    PartParser,
    after,
    alone,
    chain,
    changed,
    either,
    function,
)
from dynrepo.errors import CodecError
from tests.accelerator import if_accelerated

pytestmark = if_accelerated


def test_a_schema_is_built_of_others() -> None:
    """A function alone, one after another schema, one step after the other, one or another."""
    text: CoreSchema = {"type": "str", "ref": "named", "max_length": 3}
    schema = either(chain(function(str.strip), after(text, str.upper)), {"type": "int"})
    parse = PartParser("x", schema, alone, required=False)

    assert parse(b'{"x": " a ", "y": 1}') == ({"y": 1}, ("A",))
    assert parse(b'{"x": 7}') == ({}, (7,))  # a function that raises anything refuses
    assert parse(b'{"y": 1}') == ({"y": 1}, None)
    assert parse(b'{"x": "long"}') is None
    assert parse(b"no json") is None
    assert changed(text, max_length=4) == {"type": "str", "max_length": 4}
    assert chain(text) is text


def test_what_is_kept_of_a_part_is_in_the_rest_too() -> None:
    """As far as it is there, under its own name."""
    parse = PartParser("x", function(len), alone, ("a", "b.c"), required=False)
    assert parse(b'{"x": {"a": {"S": "t"}, "z": 1}}') == ({"x": {"a": {"S": "t"}}}, (2,))
    assert parse(b'{"x": {"b.c": null}}') == ({"x": {"b.c": None}}, (1,))
    assert parse(b'{"x": {}, "x.a": 1}') == ({"x": {}}, (0,))
    assert parse(b'{"y": 1}') == ({"y": 1}, None)


def test_the_first_choice_that_takes_it_is_taken() -> None:
    """And the next, where it is refused."""
    parse = PartParser("x", either({"type": "int"}, {"type": "str"}), alone)
    assert parse(b'{"x": "7"}') == ({}, (7,))
    assert parse(b'{"x": "a"}') == ({}, ("a",))
    assert parse(b'{"x": null}') is None


def test_a_fault_while_reading_is_no_fault() -> None:
    """Whatever a function raises, the codec reads the answer."""

    def refuse(_value: Any) -> Any:
        raise CodecError("no")

    assert PartParser("x", function(refuse), alone)(b'{"x": 1}') is None


def test_what_a_function_raises_refuses_a_value_and_no_more() -> None:
    """Whatever it is, and from the first time on; what else fails is left to the codec."""
    calls: list[Any] = []

    def reciprocal(value: float) -> float:
        calls.append(value)
        return 1 / value

    rows: CoreSchema = {"type": "list", "items_schema": either(function(reciprocal), ANY)}
    parse = PartParser("x", rows, list)
    assert parse(b'{"x": [1, 0, 4]}') == ({}, [1, 0, 0.25])
    assert calls == [1, 0, 1, 0, 4]
    assert parse(b'{"x": [0]}') == ({}, [0])
    assert calls[5:] == [0]

    def fail() -> Any:
        raise KeyError

    default: CoreSchema = {"type": "default", "schema": ANY, "default_factory": fail}
    failing = PartParser(
        "x",
        {"type": "typed-dict", "fields": {"y": {"type": "typed-dict-field", "schema": default}}},
        alone,
    )
    for _ in range(2):
        assert failing(b'{"x": {}}') is None
