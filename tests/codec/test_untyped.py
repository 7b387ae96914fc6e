"""A value that no annotation describes is stored by its class and read by its tag."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, Field, JsonValue

from dynrepo import PartitionKey, Repository
from dynrepo.codec.untyped import ANY, JSON_VALUE, decode_any, encode_any, listed, map_key
from dynrepo.errors import CodecError
from dynrepo.testing import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

EVERYTHING = {
    "text": "a",
    "numbers": [1, Decimal("0.5")],
    "bytes": b"x",
    "flags": [True, False, None],
    "sets": [{"y"}, {1}, {b"z"}],
    "map": {"a": {"b": []}},
}


def test_every_class_that_reads_back_as_an_equal_is_stored() -> None:
    """Under the tag of its own."""
    stored = encode_any(EVERYTHING)

    assert decode_any(stored) == ANY.fast_decode(stored) == EVERYTHING
    assert encode_any({1}) == {"NS": ["1"]}


def test_a_json_value_has_floats_and_no_sets() -> None:
    """As JSON has."""
    value = {"a": [1, 0.5, None, True, "x"]}

    assert JSON_VALUE.decode(JSON_VALUE.encode(value)) == value
    for other in ({1}, b"x", Decimal(1), 2.0**60):
        with pytest.raises(CodecError):
            JSON_VALUE.encode(other)
    for whole in (2.0**53, 1e22, -0.0):
        assert JSON_VALUE.decode(JSON_VALUE.encode(whole)) == whole


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (0.5, "float has no DynamoDB type that reads back as an equal value: give it as a Dec"),
        ({0.5}, r"declare `set\[float\]`"),
        ((1,), "tuple has no DynamoDB type"),
        ({(1,)}, "tuple has no DynamoDB type"),
        ({True}, "bool has no DynamoDB type"),
        (set(), "empty, or of mixed types"),
        ({1, "a"}, "empty, or of mixed types"),
        ({"": 1}, "cannot be empty"),
        ({1: 1}, "expected str, found int"),
    ],
)
def test_what_would_come_back_as_something_else_is_refused(value: Any, says: str) -> None:
    """A tuple as a list, a float as a Decimal."""
    with pytest.raises(CodecError, match=says):
        encode_any([value])


@pytest.mark.parametrize(
    "stored",
    [
        *({"X": 1}, {}, {"S": "a", "N": "1"}, "ab", {"S": 1}, {"B": "a"}, {"BOOL": 1}),
        *({"N": "NaN"}, {"N": 1}, {"L": ""}, {"M": []}, {"SS": "ab"}, {"NS": ["1", "1.0"]}),
    ],
)
def test_what_is_no_attribute_value_is_refused(stored: Any) -> None:
    """Whatever a foreign writer stored."""
    with pytest.raises(CodecError):
        decode_any({"L": [stored]})


def test_a_part_of_any_value_may_be_any_value() -> None:
    """Found by any step, and looked through where it is a list or a dict."""
    assert ANY.child("a") == ("a", ANY)
    assert ANY.parts([1]) == ((ANY, [1]),)
    assert [(codec, list(values)) for codec, values in ANY.parts({"a": 1})] == [(ANY, [1])]
    assert not ANY.parts({1})


def test_the_payload_of_a_list_is_a_list() -> None:
    """Not a text, which can be looped over, too."""
    assert listed([1]) == [1]
    with pytest.raises(CodecError):
        listed("ab")
    assert map_key("a") == "a"


class Free(BaseModel, extra="allow"):
    """A model with values of any type wherever one may stand."""

    name: Annotated[str, PartitionKey()]
    value: Any = None
    entries: dict[str, Any] = {}
    elements: list[Any] = []
    both: tuple[Any, ...] = ()
    nested: list[dict[str, Any]] = []


@pytest.mark.parametrize(
    ("changed", "cure"),
    [
        ({"value": 0.1}, "JsonValue"),
        ({"value": {"a": [0.1]}}, "JsonValue"),
        ({"entries": {"a": 0.1}}, "dict[str, JsonValue]"),
        ({"entries": {"a": [{"b": 0.1}]}}, "dict[str, JsonValue]"),
        ({"elements": [0.1]}, "list[JsonValue]"),
        ({"both": (0.1,)}, "list[JsonValue]"),
        ({"nested": [{"a": 0.1}]}, "dict[str, JsonValue]"),
        ({"undeclared": 0.1}, "__pydantic_extra__: dict[str, JsonValue]"),
        ({"undeclared": {"a": [0.1]}}, "__pydantic_extra__: dict[str, JsonValue]"),
    ],
)
def test_a_float_that_would_come_back_as_a_decimal_is_refused_with_a_cure(
    changed: dict[str, Any], cure: str
) -> None:
    """By every write: of an item, of a part, in a condition."""
    items = Frees(MemoryStore(Frees))
    ((name, value),) = changed.items()
    path = items.fields[name]
    writes: list[Callable[[], object]] = [
        lambda: items.set(Free(name="a", **changed)),
        lambda: items.save(Free(name="a", **changed)),
        lambda: items.set_many([Free(name="a", **changed)]),
        lambda: path.set(value),
        lambda: path == value,
    ]
    for write in writes:
        with pytest.raises(CodecError, match=re.escape(f"declare `{cure}`")):
            write()


class Frees(Repository[Free]):
    """Their repository."""

    table = "free"


class Cured(BaseModel, extra="allow"):
    """The same with the cures, pasted."""

    __pydantic_extra__: dict[str, JsonValue]
    name: Annotated[str, PartitionKey()]
    value: JsonValue = Field(None, alias="theValue")
    entries: dict[str, JsonValue] = Field({}, alias="theEntries")
    elements: list[JsonValue] = []
    inner: Cured | None = None


class CuredItems(Repository[Cured]):
    """Their repository."""

    table = "cured"
    by_alias = True


@pytest.mark.parametrize("store", ["memory", "moto"])
def test_a_json_value_takes_floats_everywhere(store: str, request: pytest.FixtureRequest) -> None:
    """In items, parts, batches, transactions, conditions, actions, and in what nobody declares."""
    items = CuredItems(request.getfixturevalue(store))
    items.create_table()
    inner = Cured(name="b", theValue={"a": [0.1]}, other=0.1)
    item = Cured(
        name="a", theValue=0.1, theEntries={"a": 0.1}, elements=[0.1, 1], inner=inner, x=0.1
    )
    fields = items.fields

    items.create(item)
    assert items.get("a") == item
    items.set_many([item.model_copy(update={"name": name}) for name in "bc"])
    assert [found.value for found in items.get_many(["b", "c"])] == [0.1, 0.1]
    with items.transaction() as transaction:
        transaction.set(items, item.model_copy(update={"name": "d"}))
        transaction.update(items, "b", fields.value.set(0.25), fields["x"].set([0.2]))
    assert items.get("b").value == 0.25
    assert items.get("b").model_extra == {"x": [0.2]}

    changed = items.update(
        "a",
        fields.value.set({"b": 0.3}),
        fields.entries["a"].set(0.4),
        fields.elements.append(0.5),
        fields.inner["value"].set(0.6),
        fields["x"].add(0.5),
        condition=(fields.value == 0.1) & (fields["x"] < 0.2) & fields.elements.contains(0.1),
    )
    assert changed.value == {"b": 0.3}
    assert changed.entries == {"a": 0.4}
    assert changed.elements == [0.1, 1, 0.5]
    assert changed.inner
    assert changed.inner.value == 0.6
    assert changed.model_extra == {"x": 0.6}
    assert [found.name for found in items.scan(where=fields.value == 0.25)] == ["b"]
