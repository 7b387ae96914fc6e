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

from dynrepo.codec.own_code import dicts_in, runs_own_code
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


@pytest.mark.parametrize("part", OWN, ids=str)
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
