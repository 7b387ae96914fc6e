"""Whether a model runs code of its author's when it is validated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import pydantic.dataclasses
import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    PlainSerializer,
    PlainValidator,
    WrapValidator,
    create_model,
    field_serializer,
    field_validator,
    model_validator,
)
from typing_extensions import TypedDict

from dynrepo.codec.own_code import dicts_in, fields_schema, refuse_input_only, runs_own_code
from dynrepo.errors import CodecError, SchemaError
from dynrepo.schema.entity import Fields
from tests.encodings import ENCODINGS, Node


class WithFieldValidator(BaseModel):
    """A validator of a field."""

    text: str = ""

    @field_validator("text")
    @classmethod
    def check(cls, text: str) -> str:
        """The text."""
        return text


class WithModelValidator(BaseModel):
    """A validator of the whole."""

    text: str = ""

    @model_validator(mode="before")
    @classmethod
    def check(cls, values: Any) -> Any:
        """The values."""
        return values


class WithPostInit(BaseModel):
    """A method that is called when an instance is made."""

    text: str = ""

    def model_post_init(self, _: Any, /) -> None:
        """Does nothing."""


class WithInit(BaseModel):
    """An `__init__` of its own."""

    text: str = ""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


@dataclass
class Point:
    """A dataclass that changes itself."""

    x: int

    def __post_init__(self) -> None:
        self.x += 1


@pydantic.dataclasses.dataclass
class Pixel:
    """A dataclass of Pydantic with a validator."""

    x: int

    @field_validator("x")
    @classmethod
    def check(cls, x: int) -> int:
        """The number."""
        return x


class Words(TypedDict):
    """A TypedDict with a validator."""

    word: Annotated[str, AfterValidator(str.lower)]


class Serialized(BaseModel):
    """A model that is written in its own way by Pydantic alone."""

    text: Annotated[str, PlainSerializer(str.upper)] = ""

    @field_serializer("text")
    def write(self, text: str) -> str:
        """The text."""
        return text


class Tree(BaseModel):
    """A recursive model with a validator far inside."""

    branches: list[Tree] = []
    leaf: WithFieldValidator | None = None


OWN = [
    Annotated[str, AfterValidator(lambda text: text)],
    Annotated[str, AfterValidator(str.lower)],
    Annotated[str, AfterValidator(partial(str, encoding="utf-8"))],
    Annotated[str, BeforeValidator(lambda text: text)],
    Annotated[str, PlainValidator(lambda text: text)],
    Annotated[str, WrapValidator(lambda text, handler: handler(text))],
    *(WithFieldValidator, WithModelValidator, WithPostInit, WithInit, Point, Pixel, Words, Tree),
]


@pytest.mark.parametrize("part", OWN, ids=range(len(OWN)))
def test_a_part_that_runs_code_of_its_own_is_found(part: Any) -> None:
    """Wherever it stands in the model."""
    for annotation in (part, list[part], dict[str, part] | None, tuple[part, int]):
        assert runs_own_code(create_model("Holder", field=(annotation, ...)))


@pytest.mark.parametrize("model", [WithFieldValidator, WithModelValidator, WithPostInit, WithInit])
def test_a_model_that_runs_code_of_its_own_is_found(model: type[BaseModel]) -> None:
    """Itself, and a class below it."""
    assert runs_own_code(model)
    assert runs_own_code(create_model("Below", __base__=model))


def test_the_types_of_pydantic_run_none() -> None:
    """Every type of the table of encodings, but those with functions in their annotation."""
    found = {
        example.name
        for example in ENCODINGS
        if "Validator" not in str(example.annotation) and runs_own_code(example.model)
    }
    assert found == set()


def test_what_pydantic_writes_is_not_asked() -> None:
    """A serializer runs when the library writes nothing by it."""
    assert not runs_own_code(Serialized)
    assert not runs_own_code(Node)


def test_a_schema_of_another_kind_counts_as_own_code() -> None:
    """What cannot be looked into is not taken for harmless."""

    class Odd(BaseModel):
        """A model whose schema is something else."""

    Odd.__pydantic_core_schema__ = object()  # type: ignore[assignment]
    assert runs_own_code(Odd)


def test_every_dict_of_a_schema_is_found() -> None:
    """In lists and tuples, but not what describes or writes."""
    schema = {"a": [{"b": ({"c": 1},)}], "metadata": {"d": 1}, "serialization": {"e": 1}}
    assert [sorted(part) for part in dicts_in(schema)] == [
        ["a", "metadata", "serialization"],
        ["b"],
        ["c"],
    ]


class Part(BaseModel):
    """A part that is read as a dict."""

    name: str = ""


INPUT_ONLY = {
    "a list": (list[str], lambda text: text.split(","), r"takes no list, .* \(split\)"),
    "a set": (frozenset[int], lambda text: text.split(","), "takes no frozenset"),
    "a dict": (dict[str, int], lambda text: text.split(","), "takes no dict"),
    "a tuple": (tuple[int, ...], lambda text: text.split(","), "takes no tuple"),
    "a model": (Part, lambda part: part.name, "takes no dict"),
}


@pytest.mark.parametrize(("annotation", "check", "says"), INPUT_ONLY.values(), ids=INPUT_ONLY)
def test_a_validator_that_takes_the_input_form_alone_is_refused(
    annotation: Any, check: Any, says: str
) -> None:
    """In an item and in a part, beside other validators, with a default and where None may be."""
    before = BeforeValidator(check)
    for declared in (
        (Annotated[annotation, before], ...),
        (Annotated[annotation | None, before], None),
        (Annotated[annotation, before, AfterValidator(lambda value: value)], ...),
    ):
        model = create_model("Item", field=declared)
        for kind in (model, create_model("Holder", items=(list[model], []))):  # type: ignore[valid-type]
            with pytest.raises(SchemaError, match=rf"Item\.field: its before-validator {says}"):
                Fields(kind)


class Splitting(BaseModel):
    """A before-validator as a method."""

    words: list[str]

    @field_validator("words", mode="before")
    @classmethod
    def split(cls, text: Any) -> Any:
        """The words of a text."""
        return text.split(",")


def test_a_method_that_takes_the_input_form_alone_is_refused() -> None:
    """As a function is."""
    with pytest.raises(SchemaError, match=r"Splitting\.words: its before-validator takes no list"):
        Fields(Splitting)


@pytest.mark.parametrize(
    "check",
    [
        lambda text: text.split(",") if isinstance(text, str) else text,
        lambda words: words and words.split(","),
        lambda words: [word.strip() for word in words],
        lambda _: None.split(","),  # type: ignore[attr-defined]
        lambda words: words[0],
        lambda _: 1 / 0,
        lambda words: ",".join(words).split(),
    ],
    ids=["asks", "guards", "each", "of None", "the first", "divides", "joins"],
)
def test_a_validator_of_which_it_is_not_known_is_taken(check: Any) -> None:
    """It is asked about an empty value alone; whatever else it raises is for a write to tell."""
    model = create_model("Item", field=(Annotated[list[str], BeforeValidator(check)], ...))
    assert Fields(model)


def test_what_is_not_known_is_refused_before_it_is_stored() -> None:
    """A validator that fails on what is not empty."""
    split = BeforeValidator(lambda words: words and words.split(","))
    model = create_model("Item", field=(Annotated[list[str], split], ...))
    fields = Fields(model)
    with pytest.raises(CodecError, match=r"the validation of Item\.field raised AttributeError"):
        fields.decode(fields.encode(model(field="a,b")))


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[list[str], WrapValidator(lambda text, handler: handler(text.split(",")))],
        Annotated[list[str], BeforeValidator(lambda text, info: text.split(info.field_name))],
        Annotated[Node, BeforeValidator(lambda node: node)],
        Annotated[str, BeforeValidator(lambda when: when.isoformat())],
        list[Annotated[str, BeforeValidator(lambda when: when.isoformat())]],
    ],
    ids=["around", "informed", "a model", "a text", "a part"],
)
def test_other_validators_are_not_asked(annotation: Any) -> None:
    """They are told more than a value, or given a part of it, or one that holds no others."""
    assert Fields(create_model("Item", field=(annotation, ...)))


def test_the_fields_of_a_model_are_found_below_its_validators() -> None:
    """And below a reference, where it is inside itself; of another schema nothing is refused."""
    for model in (WithModelValidator, WithPostInit, Node, Tree):
        assert fields_schema(model).schema["fields"].keys() == model.model_fields.keys()

    class Odd(BaseModel):
        """A model whose schema is something else."""

        text: Annotated[list[str], BeforeValidator(lambda text: text.split())]

    fields = Fields(create_model("Item", field=(int, ...))).fields
    Odd.__pydantic_core_schema__ = {"type": "unknown"}  # type: ignore[assignment, typeddict-item]
    refuse_input_only(Odd, fields)
