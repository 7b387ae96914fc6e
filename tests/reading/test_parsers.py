"""What is validated straight from an answer's text is what the codec reads, or is left to it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal
from unittest.mock import Mock
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)

from dynrepo.errors import CodecError
from dynrepo.markers import Attribute, PartitionKey
from dynrepo.reading import parsers, rewriter
from dynrepo.schema import entity
from dynrepo.schema.entity import Schema, schema_of
from tests.accelerator import if_accelerated
from tests.codec.test_properties import TYPES
from tests.encodings import ENCODINGS, Example
from tests.reading.odd_items import MISPLACED

KEY = {"id": {"S": "1"}}
FOREIGN: list[Any] = [
    *(one.stored for one in ENCODINGS),
    *({tag: text} for tag in ("S", "N") for text in ("1_0", " 1", "1e2", "01", "\u0661", "NaN")),
    *(
        {"S": text}
        for text in ("2024-02-29", "2024-02-29T01:02:03Z", "2024-02-30T01:02:03.000000Z")
    ),
    *({"L": [one]} for one in ({"S": "a"}, {"N": "1"}, {"M": {}}, {})),
    *({"BOOL": one} for one in (0, "true", None)),
    {"SS": ["a", "1"]},
    {"NS": ["1", "1_0"]},
    {"N": f"0.1{'0' * 35}1"},
    {"NS": ["0.1", f"0.1{'0' * 35}1", "9" * 38]},
    {"L": [{"N": f"0.1{'0' * 35}1"}]},
    {"NULL": False},
    *MISPLACED,
    {},
]


each = pytest.mark.parametrize(
    "example",
    [pytest.param(one, id=f"{number}-{one.name}") for number, one in enumerate(ENCODINGS)],
)


def model_with(annotation: Any, **options: Any) -> type[BaseModel]:
    """An item with a field of a type: itself, with a default, in a model, in a list of models."""
    config = ConfigDict(arbitrary_types_allowed=True, **options)
    inner = create_model("Inner", __config__=config, number=(int, ...), field=(annotation, ...))
    return create_model(
        "Outer",
        __config__=config,
        id=(Annotated[str, PartitionKey()], ...),
        field=(annotation, ...),
        perhaps=(annotation | None if annotation is not None else None, None),
        inner=(inner | None, None),
        several=(list[inner], []),  # type: ignore[valid-type]
    )


def items_with(stored: Any) -> list[dict[str, Any]]:
    """Items of such a model."""
    inner = {"M": {"number": {"N": "1"}, "field": stored}}
    return [
        {**KEY, "field": stored},
        {**KEY, "field": stored, "perhaps": stored},
        {**KEY, "field": stored, "inner": inner, "several": {"L": [inner, inner]}},
    ]


def by_accelerator(schema: Schema[Any], item: Any) -> Any:
    """The instance in an answer that holds an item; None where it is left to the codec."""
    parse = schema.parse("Item")
    assert parse is not None, schema.unaccelerated
    answer = parse(json.dumps({"Item": item, "ConsumedCapacity": {"CapacityUnits": 0.5}}).encode())
    if answer is None:
        return None
    assert answer[0]["ConsumedCapacity"] == {"CapacityUnits": 0.5}
    assert answer[1] is not None
    return answer[1][0]


def by_codec(schema: Schema[Any], item: Any) -> Any:
    """The instance that the codec reads; None where it reads none."""
    try:
        return schema.decode(item)
    except CodecError:
        return None


def is_same(one: Any, other: Any) -> bool:
    """Whether two instances are equal in all that can be seen of them."""
    return (
        type(one) is type(other)
        and one == other
        and _shown(one) == _shown(other)
        and one.model_fields_set == other.model_fields_set
    )


def _shown(one: BaseModel) -> list[str]:
    """What an instance looks like, but for places in memory and the order of sets."""
    return sorted(re.sub(r" at 0x\w+", "", repr(one.model_dump())))


@if_accelerated
@each
def test_the_accelerator_reads_what_the_codec_reads(example: Example) -> None:
    """What each type is stored as comes back as the same value and type, wherever it stands."""
    schema = schema_of(model_with(example.annotation))

    for item in items_with(example.stored):
        found = by_accelerator(schema, item)
        # A NULL, and a number with an exponent, are the codec's.
        assert found is not None or "NULL" in example.stored or "E" in example.stored["N"].upper()
        assert found is None or is_same(found, by_codec(schema, item))


@if_accelerated
@each
def test_it_takes_nothing_else(example: Example) -> None:
    """Whatever is stored, it makes of it what the codec makes, or leaves it to the codec."""
    schema = schema_of(model_with(example.annotation))

    for stored in FOREIGN:
        for item in items_with(stored)[1:]:
            found = by_accelerator(schema, item)
            assert found is None or is_same(found, by_codec(schema, item)), stored


@if_accelerated
@pytest.mark.parametrize("annotation", TYPES, ids=repr)
@given(data=st.data())
def test_it_reads_whatever_is_written(annotation: Any, data: st.DataObject) -> None:
    """Every value of a type, once written, is read by it as by the codec."""
    schema = schema_with(annotation)
    value = data.draw(TYPES[annotation])
    item = schema.encode(schema.model.model_construct(id="1", field=value))

    found = by_accelerator(schema, item)

    assert found is None or is_same(found, by_codec(schema, item))


@cache
def schema_with(annotation: Any) -> Schema[Any]:
    """The schema of a model with a field of a type."""
    return Schema(
        create_model("Item", id=(Annotated[str, PartitionKey()], "1"), field=(annotation, ...))
    )


class Colour(Enum):
    """An enum of texts."""

    RED = "red"


class Item(BaseModel):
    """An item of types that pydantic-core reads by itself."""

    id: Annotated[UUID, PartitionKey()]
    number: Annotated[int, Field(ge=0), Attribute("no")] = 7
    price: Decimal = Decimal(1)
    weight: Annotated[float, AfterValidator(lambda value: value * 2)] = 1.0
    made: AwareDatetime | None = None
    day: date = date(2024, 1, 1)
    colour: Colour = Colour.RED
    kind: Literal["a", "b"] = "a"
    tags: frozenset[str] = frozenset()
    numbers: set[int] = set()
    fragile: bool = False
    secret: int = Field(default=1, exclude=True)


ID = {"id": {"S": "123e4567-e89b-12d3-a456-426614174000"}}


@if_accelerated
def test_the_types_that_it_knows_need_no_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scalars, enums, literals, sets, lists and maps of them are read by pydantic-core alone."""
    asked: list[Any] = []
    monkeypatch.setattr(rewriter, "attribute_reader", lambda *_: asked.append)

    model = create_model(
        "Whole", __base__=Item, names=(list[str], []), prices=(dict[str, Decimal], {})
    )
    whole = model(id=ID["id"]["S"], names=["a"], prices={"a": Decimal(1)})
    schema = Schema(model)

    item = schema.encode(whole)
    assert by_accelerator(schema, item) == by_codec(schema, item)
    assert (schema.unaccelerated, asked) == ("", [])


@if_accelerated
@pytest.mark.parametrize(
    "attributes",
    [
        {"no": {"N": "-1"}},
        {"no": {"S": "7"}},
        {"no": {"N": "1_0"}},
        {"price": {"N": "NaN"}},
        {"weight": {"N": "Infinity"}},
        {"day": {"S": "1709164800"}},
        {"fragile": {"BOOL": "true"}},
        {"tags": {"L": [{"S": "a"}]}},
        {"numbers": {"SS": ["1"]}},
        {"id": {"S": "123E4567-E89B-12D3-A456-426614174000"}},
        {"id": {"S": "urn:uuid:123e4567-e89b-12d3-a456-426614174000"}},
    ],
    ids=str,
)
def test_what_is_no_value_of_its_type_is_refused(attributes: Any) -> None:
    """A wrong tag is not taken for absence, and a text in another form not for that form."""
    assert by_accelerator(schema_of(Item), {**ID, **attributes}) is None


@if_accelerated
def test_a_field_that_is_not_stored_is_not_read() -> None:
    """An attribute that happens to have the name of an excluded field stays out of it."""
    found = by_accelerator(schema_of(Item), {**ID, "secret": {"N": "2"}, "number": {"N": "3"}})

    assert (found.secret, found.number) == (1, 7)
    assert found.model_fields_set == {"id"}


class Strict(BaseModel, strict=True):
    """Strict."""

    id: Annotated[str, PartitionKey()]


class Open(BaseModel, extra="allow"):
    """With attributes of its own."""

    id: Annotated[str, PartitionKey()]


class Looking(BaseModel):
    """A validator sees the values before they are."""

    id: Annotated[str, PartitionKey()]

    @model_validator(mode="before")
    @classmethod
    def look(cls, values: Any) -> Any:
        """Wants fields."""
        assert set(values) == {"id"}
        return values


class Informed(BaseModel):
    """A validator sees how a value comes."""

    id: Annotated[str, PartitionKey()]

    name: str = ""

    @field_validator("name")
    @classmethod
    def look(cls, value: str, info: ValidationInfo) -> str:
        """Tells the mode."""
        return f"{value} of {info.mode}"


class Made(BaseModel):
    """Makes itself."""

    id: Annotated[str, PartitionKey()]

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


@if_accelerated
@pytest.mark.parametrize("model", [Strict, Open, Looking, Informed, Made])
def test_a_model_that_could_tell_the_difference_cannot(model: type[BaseModel]) -> None:
    """Its own validator makes the instance, of the values that the codec reads."""
    schema = Schema(model)

    assert schema.unaccelerated == ""
    for item in (KEY, {**KEY, "name": {"S": "a"}}, {"id": {"N": "1"}}):
        found, expected = by_accelerator(schema, item), by_codec(schema, item)
        assert found is expected is None or is_same(found, expected)


@if_accelerated
def test_validators_of_fields_are_given_values() -> None:
    """One that comes before the type is given what the codec reads, as ever."""
    seen: list[Any] = []

    def look(value: Any) -> Any:
        seen.append(value)
        return value

    model = create_model(
        "Watched",
        id=(Annotated[str, PartitionKey()], ...),
        wait=(Annotated[timedelta, BeforeValidator(look)], ...),
        count=(Annotated[int, BeforeValidator(look)], ...),
    )
    found = by_accelerator(schema_of(model), {**KEY, "wait": {"N": "1.5"}, "count": {"N": "2"}})

    assert seen == [timedelta(seconds=1.5), 2]
    assert found.count == 2


class Node(BaseModel):
    """A model inside itself."""

    name: str
    below: list[Node] = []


@if_accelerated
def test_a_recursive_model_is_read() -> None:
    """At the second level its codec reads on."""
    tree = Node(name="a", below=[Node(name="b", below=[Node(name="c")])])
    model = create_model("Tree", id=(Annotated[str, PartitionKey()], ...), root=(Node, ...))
    schema = schema_of(model)
    item = schema.encode(model(id="1", root=tree))

    assert is_same(by_accelerator(schema, item), by_codec(schema, item))


def test_a_pydantic_that_is_not_known_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where core schemas look otherwise, the codec reads alone."""
    monkeypatch.setattr(entity, "accelerated_schema", lambda *_: {}["schema"])

    schema = Schema(Item)

    assert schema.parse("Item") is None
    assert "KeyError" in schema.unaccelerated


@if_accelerated
@pytest.mark.parametrize(
    ("part", "answer", "rest"),
    [
        ("Item", {"Item": ID}, {}),
        ("Attributes", {"Attributes": ID, "more": 1}, {"more": 1}),
        ("Items", {"Items": [ID], "Count": 1}, {"Count": 1}),
        ("Responses", {"Responses": {"a": [ID], "b": []}}, {"Responses": {"a": [], "b": []}}),
    ],
)
def test_the_instances_stand_beside_the_answer(
    part: parsers.AnswerPart, answer: Any, rest: Any
) -> None:
    """The JSON is without the items; an answer without any has no instances."""
    parse = Schema(Item).parse(part)
    assert parse is not None

    found = parse(json.dumps(answer).encode())
    assert found is not None
    body, instances = found
    assert body == rest
    assert list(instances or ()) == [Item(id=UUID(ID["id"]["S"]))]
    assert parse(b'{"more": 1}') == ({"more": 1}, None)
    assert parse(json.dumps({part: 1}).encode()) is None


@if_accelerated
def test_where_no_more_is_made_the_codec_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the end of the interpreter, when a destructor reads its first answer of a kind."""
    schema = Schema(Item)
    monkeypatch.setattr(parsers, "parser", Mock(side_effect=ImportError("shutting down")))
    assert schema.parse("Attributes") is None
    assert schema.parse("Item") is not None


@if_accelerated
def test_an_item_that_is_refused_is_read_by_the_codec() -> None:
    """It alone; among several items an error stands for one that is none of the model."""
    asked: list[Any] = []

    def decode(item: Any) -> Any:
        asked.append(item)
        return schema_of(Item).decode(item)

    schema = schema_of(Item)
    made = parsers.accelerated_schema(Item, schema._record, schema.key_schema.fields)
    bad, rows = {**ID, "no": {"N": "x"}}, parsers.parser(made, "Items", decode)
    found = rows(json.dumps({"Items": [ID, bad, ID]}).encode())
    assert found is not None
    assert [type(row) for row in found[1] or ()] == [Item, CodecError, Item]
    assert asked == [bad]
    assert parsers.parser(made, "Item", decode)(json.dumps({"Item": bad}).encode()) is None
    by_table = parsers.parser(made, "Responses", decode)
    assert by_table(json.dumps({"Responses": {"a": [ID, bad]}}).encode()) is None


ALONE = """
import sys
from typing import Annotated

import pydantic_core
from pydantic import BaseModel

{take}

from dynrepo import PartitionKey, Repository, schema_of
from dynrepo.testing import MemoryStore

class Page(BaseModel):
    id: Annotated[str, PartitionKey()]
    visits: int = 0

class Pages(Repository[Page]):
    table = "pages"

assert Pages.schema.parse("Item") is None
pages = Pages(MemoryStore(Pages))
pages.set(Page(id="a"))
assert pages.update("a", pages.fields.visits.add(1)) == Page(id="a", visits=1)
assert pages.get("a") == Page(id="a", visits=1) == pages.query(pages.fields.id == "a").first()
print(Pages.schema.unaccelerated)
"""
HIDE = """
def own(cls, name):
    found = type.__getattribute__(cls, name)
    user = sys._getframe(1).f_globals["__name__"]
    return taken(found) if name == {name!r} and user.startswith("dynrepo") else found

def taken(found):
    {instead}

type(BaseModel).__getattribute__ = own
"""
NO_ARGUMENT = """
real = pydantic_core.SchemaValidator
pydantic_core.SchemaValidator = lambda schema, config=None: real(schema, config)
"""
PRIVATE = {
    "__pydantic_core_schema__": HIDE.format(
        name="__pydantic_core_schema__", instead="raise AttributeError"
    ),
    "__pydantic_validator__": HIDE.format(
        name="__pydantic_validator__", instead="raise AttributeError"
    ),
    "the names in a core schema": HIDE.format(
        name="__pydantic_core_schema__", instead='return {"kind": "model"}'
    ),
    "_use_prebuilt": NO_ARGUMENT,
}


@pytest.mark.once
@pytest.mark.parametrize("take", PRIVATE.values(), ids=PRIVATE)
def test_without_a_private_name_of_pydantic_the_codec_reads(take: str) -> None:
    """Taken away before the library is imported: all works, and the schema says why it is so."""
    run = subprocess.run(
        [sys.executable, "-c", ALONE.format(take=take)], capture_output=True, text=True, check=False
    )

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.strip()


class Labelled(BaseModel):
    """A text and a set that may be absent."""

    id: Annotated[str, PartitionKey()]
    name: str = ""
    tags: set[str] = set()


@if_accelerated
@pytest.mark.parametrize(
    ("attributes", "values"),
    [
        ({"name": "bare"}, {"name": "bare"}),
        ({"tags": []}, {"tags": set()}),
        ({"tags": {"SS": ["a", "a"]}}, {"tags": {"a"}}),
    ],
    ids=str,
)
def test_what_no_table_holds_is_not_looked_for(attributes: Any, values: Any) -> None:
    """A codec refuses it; in one pass it is taken for the only thing that it can be."""
    schema: Schema[Any] = schema_of(Labelled)
    item = {**KEY, **attributes}
    assert by_codec(schema, item) is None
    assert by_accelerator(schema, item) == Labelled(id="1", **values)
