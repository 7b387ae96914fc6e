"""The members of a union are told apart by a stored Literal of each, or by a function."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired

import pytest
from pydantic import BaseModel, Discriminator, Tag
from pydantic import Field as PydanticField
from typing_extensions import TypedDict

from dynrepo.codec import codec_for
from dynrepo.codec.annotations import TypeContext
from dynrepo.codec.discriminators import discriminator_of, union_by_field, union_by_function
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import PartitionKey
from dynrepo.schema.entity import schema_of
from tests.encodings import Cat, Dog

if TYPE_CHECKING:
    from dynrepo.codec.value import Codec


class Cow(BaseModel):
    """A member that is told by an alias."""

    kind: Literal["cow", "bull"] = PydanticField("cow", alias="type")


class Vague(BaseModel):
    """No member: its field holds anything."""

    kind: str = "vague"


class Hidden(BaseModel):
    """No member: its field is not stored."""

    kind: Literal["hidden"] = PydanticField("hidden", exclude=True)


def compiled(annotation: Any, _context: TypeContext) -> Codec:
    """The codec of a member."""
    return codec_for(annotation)


def by_kind(*members: Any, by_alias: bool = False) -> Codec:
    """The codec of a union that is told by the field `kind`."""
    return union_by_field("kind", list(members), compiled, TypeContext(), by_alias=by_alias)


def test_a_member_is_found_by_what_is_stored_in_its_field() -> None:
    """Under the attribute of that field, and by each of its values."""
    codec = by_kind(Cat, Cow)
    by_alias = by_kind(Cat, Cow, by_alias=True)

    assert codec.decode({"M": {"kind": {"S": "bull"}}}) == {"kind": "bull"}
    assert codec.encode(Cat(lives=9)) == {"M": {"kind": {"S": "cat"}, "lives": {"N": "9"}}}
    assert by_alias.decode({"M": {"type": {"S": "cow"}, "kind": {"S": "cow"}}}) == {"kind": "cow"}


def test_a_union_may_be_a_member() -> None:
    """Whose members are those of both."""
    inner = Annotated[Cat | Dog, Discriminator("kind")]
    codec = by_kind(inner, Cow)

    assert codec.decode({"M": {"kind": {"S": "dog"}, "name": {"S": "d"}}})["name"] == "d"


class Calf(BaseModel):
    """A member with a value that another one has, too."""

    kind: Literal["calf", "bull"] = "calf"


def test_no_two_members_are_told_by_one_value() -> None:
    """What is written of the one would be read as the other; the error names both."""
    with pytest.raises(SchemaError, match="Cow and Calf have one value of the discriminator"):
        by_kind(Cat, Cow, Calf)


class Raven(BaseModel):
    """A bird of a color."""

    kind: Literal["bird"] = "bird"
    color: Literal["black"] = "black"


class Swan(BaseModel):
    """A bird of another color."""

    kind: Literal["bird"] = "bird"
    color: Literal["white"] = "white"


class Horse(BaseModel):
    """No bird, of any color."""

    kind: Literal["horse"] = "horse"
    color: str = "black"


class Stable(BaseModel):
    """An item that holds one of them."""

    pk: Annotated[str, PartitionKey()]
    animal: Annotated[
        Annotated[Raven | Swan, Discriminator("color")] | Horse, Discriminator("kind")
    ]


@pytest.mark.parametrize("animal", [Raven(), Swan(), Horse(), Horse(color="brown")])
def test_the_discriminator_of_a_union_within_a_union_is_asked_second(animal: Any) -> None:
    """A field of its name in a member of the outer one is a field as any other."""
    schema, stable = schema_of(Stable), Stable(pk="a", animal=animal)
    assert schema.decode(schema.encode(stable)) == stable


@pytest.mark.parametrize(
    ("member", "says"),
    [
        (int, "int has no field 'kind'"),
        (Vague, "must be a stored Literal"),
        (Hidden, "must be a stored Literal"),
    ],
)
def test_a_member_that_cannot_be_told_is_refused(member: Any, says: str) -> None:
    """When the class is defined."""
    with pytest.raises(SchemaError, match=says):
        by_kind(Cat, member)


def test_a_function_names_the_tag_of_a_member() -> None:
    """So each has one."""

    def choose(value: Any) -> str:
        held = value if isinstance(value, dict) else vars(value)
        return "cat" if "lives" in held else "dog"

    tagged: list[Any] = [Annotated[Cat, Tag("cat")], Annotated[Dog, Tag("dog")]]
    codec = union_by_function(choose, tagged, compiled, TypeContext())

    assert codec.decode(codec.encode(Dog(name="d"))) == {"kind": "dog", "name": "d"}
    with pytest.raises(SchemaError, match="has a Tag"):
        union_by_function(choose, [Cat, Dog], compiled, TypeContext())


def test_a_discriminator_is_found_among_the_metadata() -> None:
    """As a field says it, or as a piece of its own."""
    function = len

    assert discriminator_of(()) is None
    assert discriminator_of(("x", PydanticField(discriminator="kind"))) == "kind"
    assert discriminator_of((Discriminator("kind"),)) == "kind"
    assert discriminator_of((PydanticField(discriminator=Discriminator(function)),)) is function


class Circle(TypedDict):
    """A dict that is told by a text."""

    kind: Literal["circle", "disc"]
    radius: int


class Square(TypedDict):
    """A dict that is told by a text, or a number."""

    kind: Literal["square", 4]


class Flagged(TypedDict):
    """A dict that is told by a number that is equal to a bool."""

    kind: Literal[True]
    inner: NotRequired[list[Any]]


class Status(StrEnum):
    """What others are told by."""

    OPEN = "open"


Shapes = Annotated[Circle | Square, PydanticField(discriminator="kind")]
ANY_SHAPE = [
    {"kind": "circle", "radius": 1},
    {"kind": "disc", "radius": 2},
    {"kind": "square"},
    {"kind": 4},
    {"kind": True, "inner": [["a"], {"b": None}]},
    {"kind": True},
    Cat(lives=9),
    Dog(name="d"),
]


class Drawing(BaseModel):
    """Unions of dicts and of models, alone and in containers, of a union and in a union."""

    pk: Annotated[str, PartitionKey()]
    shape: Annotated[Shapes | Flagged | Cat | Dog, PydanticField(discriminator="kind")]
    shapes: list[Shapes] = []
    by_name: dict[str, Shapes | None] = {}
    other: Annotated[
        Annotated[Circle, Tag("circle")] | Annotated[Flagged, Tag("flagged")],
        Discriminator(lambda value: "flagged" if value["kind"] is True else "circle"),
    ] = {"kind": "circle", "radius": 1}


@pytest.mark.parametrize("shape", ANY_SHAPE, ids=str)
def test_every_member_is_written(shape: Any) -> None:
    """Fast and carefully, and is read as what it was: a dict by its discriminator."""
    schema = schema_of(Drawing)
    for drawing in (
        Drawing(pk="k", shape=shape),
        Drawing(pk="k", shape=shape, shapes=ANY_SHAPE[:4], by_name={"a": ANY_SHAPE[2], "b": None}),
        Drawing(pk="k", shape=shape, other=ANY_SHAPE[4]),
    ):
        assert schema.decode(schema.encode(drawing)) == drawing


def test_a_dict_of_no_member_is_refused() -> None:
    """One without its discriminator, with another value, or with one that only looks equal."""
    schema = schema_of(Drawing)
    drawing = Drawing(pk="k", shape=ANY_SHAPE[0])
    for shape in ({}, {"kind": "oval"}, {"kind": 1}, {"kind": []}, {"kind": Status.OPEN}):
        with pytest.raises(CodecError, match=r"Drawing\.shape: "):
            schema.encode(drawing.model_copy(update={"shape": shape}))


def test_a_dict_inside_itself_is_refused_in_a_union() -> None:
    """The parts of the member that it is of are looked at."""
    endless: list[Any] = []
    endless.append(endless)
    for field in ("shape", "other"):
        drawing = Drawing(pk="k", shape=ANY_SHAPE[0])
        endlessly = drawing.model_copy(update={field: {"kind": True, "inner": endless}})
        with pytest.raises(CodecError, match=rf"Drawing\.{field}: .*deeper than 32 levels"):
            schema_of(Drawing).encode(endlessly)
