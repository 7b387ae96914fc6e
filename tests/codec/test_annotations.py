"""What an annotation means is found below its layers."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections import namedtuple
from dataclasses import dataclass
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Required,
    TypeVar,
)

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType, TypedDict

from dynrepo.codec.annotations import (
    TypeContext,
    alias_of,
    config_of,
    context_of,
    is_class,
    is_root_model,
    is_union,
    markers_of,
    members_of,
    metadata_of,
    peeled,
    reference_to,
    refuse_misplaced,
    substituted,
)
from dynrepo.errors import SchemaError
from dynrepo.markers import Attribute, Encoding, PartitionKey

T = TypeVar("T")
KEY = PartitionKey()
UserId = NewType("UserId", int)
Id = TypeAliasType("Id", Annotated[str, KEY])
Couple = TypeAliasType("Couple", tuple[T, T], type_params=(T,))


class Model(BaseModel, Generic[T]):
    """A model."""

    a: T


class Root(RootModel[int]):
    """A model that is its root."""


@dataclass
class Point(Generic[T]):
    """A dataclass of the standard library."""

    x: T
    y: int = 0
    tags: list[str] = dataclasses.field(default_factory=list)


@pydantic_dataclass(config=ConfigDict(strict=True))
class Pixel:
    """A dataclass of Pydantic."""

    x: int


@dataclass
class Uninitialised:
    """A dataclass whose field is not given to it."""

    x: int = dataclasses.field(init=False)


@dataclass
class Initialised:
    """A dataclass that is given more than it holds."""

    x: dataclasses.InitVar[int]


class Options(TypedDict):
    """A dict with declared keys."""

    a: Annotated[Required[int], "x"]
    b: NotRequired[int]


class Pair(NamedTuple):
    """A tuple with names."""

    left: int


class Later(BaseModel):
    """A model whose field is not defined yet."""

    a: Unknown  # type: ignore[name-defined]  # noqa: F821


def test_a_type_is_found_below_its_layers() -> None:
    """With the metadata on the way, and those of a field among them."""
    info = Field(gt=1)

    assert peeled(Annotated[UserId, "a", info]) == (int, ("a", info, *info.metadata))
    assert peeled(Final[int]) == (int, ())
    assert peeled(int) == (int, ())


def test_an_alias_is_its_value() -> None:
    """With its parameters filled in."""
    assert alias_of(Id) == Annotated[str, KEY]
    assert alias_of(Couple[int]) == tuple[int, int]
    assert alias_of(int) is None
    assert substituted(list[T], {T: int}) == list[int]
    assert substituted(Model, {T: int}) is Model


@pytest.mark.parametrize(
    ("annotation", "markers"),
    [
        (Annotated[str, KEY], (KEY,)),
        (Optional[Annotated[str, KEY]], (KEY,)),  # noqa: UP045
        (Id, (KEY,)),
        (Annotated[Id, Attribute("i")], (Attribute("i"), KEY)),
        (Annotated[str, KEY] | int, ()),
        (str, ()),
    ],
)
def test_a_marker_is_found_through_aliases_and_unions_with_none(
    annotation: Any, markers: Any
) -> None:
    """Of a union of two types it would be that of one only."""
    assert markers_of(annotation) == markers


def test_a_marker_off_its_place_is_refused() -> None:
    """One of a field inside a type, and one without parentheses."""
    refuse_misplaced(KEY, TypeContext(top=True))
    refuse_misplaced("x", TypeContext())
    refuse_misplaced(Encoding("S", encode=str, decode=str), TypeContext())
    with pytest.raises(SchemaError, match="stands inside the type"):
        refuse_misplaced(KEY, TypeContext(top=True).inner)
    with pytest.raises(SchemaError, match="lacks its parentheses"):
        refuse_misplaced(PartitionKey, TypeContext(top=True))


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (Model[int], {"a": int}),
        (Point[int], {"x": int, "y": int, "tags": list[str]}),
        (Pixel, {"x": int}),
        (Options, {"a": int, "b": int}),
        (Pair, {"left": int}),
        (namedtuple("Bare", "left"), {"left": Any}),  # noqa: PYI024 - it has no annotations
    ],
)
def test_the_fields_of_a_class_are_known(kind: Any, members: dict[str, Any]) -> None:
    """Whatever it is made with."""
    found = members_of(kind)

    assert found is not None
    assert {member.name: member.info.annotation for member in found} == members


def test_a_default_is_known_with_its_field() -> None:
    """As a value or as a factory."""
    _, y, tags = members_of(Point) or ()

    assert y.info.default == 0
    assert tags.info.default_factory is list
    assert [member.present for member in members_of(Options) or ()] == [True, False]


@pytest.mark.parametrize("kind", [int, list[int], "X", tuple])
def test_another_type_has_no_fields(kind: Any) -> None:
    """It is stored as a whole."""
    assert members_of(kind) is None


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (Uninitialised, "Uninitialised.x has init=False"),
        (Initialised, "has an InitVar"),
        (Later, "names the type Unknown, which is not defined yet"),
    ],
)
def test_a_class_that_could_not_be_made_again_is_refused(kind: Any, says: str) -> None:
    """With what to do about it."""
    with pytest.raises(SchemaError, match=says):
        members_of(kind)


def test_the_settings_of_a_class_are_its_context() -> None:
    """Of one that has none they are Pydantic's own."""
    assert context_of(Pixel).strict
    assert not context_of(Model).strict
    assert config_of(int) == {}


def test_a_class_is_told_from_what_only_looks_like_one() -> None:
    """A generic one from its origin, a RootModel from a model."""
    assert is_class(int)
    assert is_class(bool, int)
    assert not is_class("int")
    assert is_root_model(Root)
    assert not is_root_model(Model)
    assert not is_root_model(create_model("Tree", root=(str, "")))
    assert is_union(int | str)
    assert not is_union(int)


def test_a_discriminator_stands_beside_the_type() -> None:
    """As a piece of metadata."""
    (named,) = metadata_of(Field(discriminator="kind"))  # type: ignore[arg-type]

    assert named.discriminator == "kind"
    assert metadata_of(Field(gt=1))  # type: ignore[arg-type]


def test_a_model_has_a_name_in_the_annotations_of_a_generic_one() -> None:
    """Another class has none."""
    assert "Model" in reference_to(Model[int])
    assert reference_to(int) == ""


WITHOUT = """
import sys
from typing import Annotated
from pydantic import BaseModel

def own(cls, name):
    user = sys._getframe(1).f_globals.get("__name__", "")
    if name == "__pydantic_complete__" and user.startswith("dynrepo"):
        raise AttributeError(name)
    return type.__getattribute__(cls, name)

type(BaseModel).__getattribute__ = own

from dynrepo import PartitionKey, schema_of

class Page(BaseModel):
    id: Annotated[str, PartitionKey()]
    under: "list[Page]" = []

schema, page = schema_of(Page), Page(id="a", under=[Page(id="b")])
assert schema.decode(schema.encode(page)) == page
"""


@pytest.mark.once
def test_a_model_that_does_not_say_whether_it_is_complete_is_one() -> None:
    """A release of Pydantic may call that otherwise."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_dataclass_of_pydantic_s_is_read_by_its_annotations_alone() -> None:
    """Where Pydantic's own list of its fields, and of its settings, is not there."""

    @pydantic_dataclass
    class Spot:
        x: int
        y: Annotated[int, Field(ge=0)] = 0

    before = members_of(Spot)
    del Spot.__pydantic_fields__  # type: ignore[attr-defined]
    del Spot.__pydantic_config__  # type: ignore[attr-defined]
    assert config_of(Spot) == {}
    after = members_of(Spot)
    assert before is not None
    assert after is not None
    assert [(one.name, one.info.annotation) for one in after] == [
        (one.name, one.info.annotation) for one in before
    ]
