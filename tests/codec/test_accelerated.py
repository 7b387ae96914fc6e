"""What is validated straight from an answer's text is what the codec reads, or is left to it."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
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

from dynrepo.codec import accelerated, core_schemas
from dynrepo.codec.scalars import DATE
from dynrepo.errors import CodecError
from dynrepo.markers import Attribute, PartitionKey
from dynrepo.schema.entity import Schema, schema_of
from tests.codec.test_properties import TYPES
from tests.encodings import ENCODINGS, Example

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
    {"NULL": False},
    {},
]


def _is_there() -> bool:
    try:
        accelerated.parser({"type": "any"}, "Item")
    except TypeError:
        return False
    return True


# Older ones, of Pydantic 2.12, cannot be told to leave the validators of the models alone.
if_accelerated = pytest.mark.skipif(not _is_there(), reason="this pydantic-core has no accelerator")

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
    model = create_model("Item", id=(Annotated[str, PartitionKey()], "1"), field=(annotation, ...))
    schema = schema_of(model)
    item = schema.encode(model.model_construct(id="1", field=data.draw(TYPES[annotation])))

    found = by_accelerator(schema, item)

    assert found is None or is_same(found, by_codec(schema, item))


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
    monkeypatch.setattr(accelerated._Rewriter, "_by_codec", None)

    model = create_model(
        "Whole", __base__=Item, names=(list[str], []), prices=(dict[str, Decimal], {})
    )

    assert Schema(model).unaccelerated == ""


@if_accelerated
@pytest.mark.parametrize(
    "attributes",
    [
        {"no": {"N": "-1"}},
        {"no": {"S": "7"}},
        {"no": {"N": "1_0"}},
        {"price": {"N": "NaN"}},
        {"weight": {"N": "Infinity"}},
        {"made": {"S": "2024-02-29T01:02:03+01:00"}},
        {"day": {"S": "1709164800"}},
        {"fragile": {"BOOL": "true"}},
        {"tags": {"L": [{"S": "a"}]}},
        {"numbers": {"SS": ["1"]}},
        {"id": {"S": "123E4567-E89B-12D3-A456-426614174000"}},
        {"id": {"S": "urn:uuid:123e4567-e89b-12d3-a456-426614174000"}},
    ],
    ids=str,
)
def test_what_is_not_as_it_is_written_is_left_to_the_codec(attributes: Any) -> None:
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

    @field_validator("id")
    @classmethod
    def look(cls, value: str, info: ValidationInfo) -> str:
        """Tells the mode."""
        return f"{value} of {info.mode}"


class Made(BaseModel):
    """Makes itself."""

    id: Annotated[str, PartitionKey()]

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


@pytest.mark.parametrize("model", [Strict, Open, Looking, Informed, Made])
def test_a_model_that_could_tell_the_difference_is_left_to_the_codec(
    model: type[BaseModel],
) -> None:
    """Such a model says why it has no accelerator, and is read all the same."""
    schema = Schema(model)

    assert schema.parse("Item") is None
    assert schema.unaccelerated
    assert schema.decode(KEY).id.startswith("1")  # type: ignore[attr-defined]


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


@if_accelerated
def test_a_type_that_is_read_otherwise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Pydantic takes what the codec does not, the field is left to the codec."""
    loose = {**core_schemas._KNOWN, DATE: core_schemas._Known("date")}
    monkeypatch.setattr(core_schemas, "_KNOWN", loose)
    monkeypatch.setattr(core_schemas, "_agreed", {})
    schema = Schema(Item)

    assert by_accelerator(schema, {**ID, "day": {"S": "2024-02-29"}}).day == date(2024, 2, 29)
    assert by_accelerator(schema, {**ID, "day": {"S": "1709164800"}}) is None


def test_a_pydantic_that_is_not_known_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where core schemas look otherwise, the codec reads alone."""
    monkeypatch.setattr(accelerated, "accelerated_schema", lambda *_: {}["schema"])

    schema = Schema(Item)

    assert schema.parse("Item") is None
    assert "KeyError" in schema.unaccelerated
