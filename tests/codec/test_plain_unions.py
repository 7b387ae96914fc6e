"""A union without a discriminator has a codec by its annotation."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NamedTuple, Self, TypeVar
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, HttpUrl, Json, RootModel, create_model
from typing_extensions import TypedDict

from dynrepo import Repository
from dynrepo.codec import codec_for
from dynrepo.codec.annotations import TypeContext
from dynrepo.codec.choices import literal
from dynrepo.codec.compiler import Compiler
from dynrepo.codec.ordered_unions import UnionMember
from dynrepo.codec.plain_unions import distinct, mode_of, plain_union
from dynrepo.codec.scalars import IDENTIFIER, INT, STR
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Encoding, PartitionKey, SortKey
from dynrepo.schema.entity import Fields
from dynrepo.testing import MemoryStore
from tests.encodings import Cat, Line, Options, Pair, Point

if TYPE_CHECKING:
    from dynrepo.codec.value import Codec

T = TypeVar("T")
Stamp = TypeVar("Stamp", datetime, date)


class Slug(RootModel[str]):
    """A text of a class of its own."""


class Leaf(BaseModel):
    """A model that holds itself, or a text."""

    inner: Self | str


class Twig(BaseModel, Generic[T]):
    """A generic model that holds itself, or something."""

    inner: Twig[T] | T


class Extra(TypedDict):
    """A dict with another key than those of the table."""

    weight: int


class Only(NamedTuple):
    """A tuple with a name."""

    first: int


def through(annotation: Any, value: Any) -> Any:
    """A value, written and read as the field of a model."""
    model = create_model("Sample", field=(annotation, ...))
    made = model(field=value)
    fields = Fields(model)
    return fields.decode(fields.encode(made)).field  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Line | Point, Point(1)),
        (Point | Line, Line(sku="a")),
        (Options | Line, Line(sku="a")),
        (Line | Options, {"name": "a"}),
        (Extra | Options, {"name": "a"}),
        (Options | dict[str, int], {"name": "a"}),
        (dict[str, int] | Line, Line(sku="a")),
        (Pair | tuple[int, int], (1, 2)),
        (list[str] | Only, Only(1)),
        (list[Line] | list[Point], [Point(1)]),
        (Slug | int, Slug("5")),
        (int | Slug, Slug("5")),
        (bytes | HttpUrl, HttpUrl("http://x.org")),
        (HttpUrl | str, "ada"),
        (set[HttpUrl | str], {"ada", HttpUrl("http://x.org")}),
        (Leaf | str, Leaf(inner=Leaf(inner="a"))),
        (Twig[int] | str, Twig[int](inner=Twig[int](inner=1))),
        (Stamp, date(2024, 1, 1)),
        (Annotated[UUID, Field()] | Annotated[str, Field(max_length=3)], "abc"),
        (Annotated[int | Slug, Field(union_mode="left_to_right")], Slug("a")),
        (Cat | None | Line, None),
    ],
    # A set of texts has another order in each process of a run.
    ids=lambda part: None if isinstance(part, set) else repr(part),
)
def test_what_is_read_is_what_pydantic_makes_of_it(annotation: Any, value: Any) -> None:
    """Models, dataclasses, dicts with keys, roots, URLs, generic and recursive types."""
    read = through(annotation, value)

    assert read == value
    assert type(read) is type(value)


def test_a_mode_by_which_pydantic_makes_another_value_is_known() -> None:
    """What an instance holds may not have been validated."""
    union = Annotated[int | str, Field(union_mode="left_to_right")]
    model = create_model("Sample", field=(union, ...))

    assert mode_of((Field(union_mode="left_to_right").metadata[0],)) == "left_to_right"
    assert mode_of(()) == "smart"
    with pytest.raises(CodecError, match="Pydantic makes another value of what is read of str"):
        Fields(model).encode(model.model_construct(field="5"))
    taken = create_model("Sample", field=(Literal["a", 1] | bool, ...))
    assert taken(field=True).field == 1  # type: ignore[attr-defined]
    with pytest.raises(CodecError, match="Pydantic makes another value of what is read of bool"):
        Fields(taken).encode(taken.model_construct(field=True))


def test_a_type_that_is_made_of_text_is_given_its_text() -> None:
    """Beside members of other tags, when Pydantic then makes it."""
    model = create_model("Sample", field=(Json[list[int]] | int | None, None))
    fields = Fields(model)
    for value in ("[1]", 5):
        made = model(field=value)
        assert fields.decode(fields.encode(made)) == made
    taken = Fields(create_model("Sample", field=(bytes | Json[list[int]], ...)))
    with pytest.raises(CodecError, match="Pydantic makes another value"):
        taken.encode(taken.model.model_construct(field=[1]))


def test_a_type_that_is_made_of_text_shares_no_tag() -> None:
    """Pydantic takes no value of it; the cure, pasted, does."""
    import json  # noqa: PLC0415

    with pytest.raises(SchemaError) as raised:
        codec_for(Json[list[int]] | str)
    cure = "Annotated[list[int], Encoding('S', encode=json.dumps, decode=json.loads)]"
    assert cure in str(raised.value)

    codec = codec_for(eval(cure, {**globals(), "json": json, "Encoding": Encoding}) | str)  # noqa: S307
    assert codec.decode(codec.encode([1])) == [1]
    assert codec.decode(codec.encode("a")) == "a"


def test_a_type_that_pydantic_does_not_make_alone_is_refused() -> None:
    """With Self below, which has to be named then."""

    class Branch(BaseModel):
        below: list[Self] | list[str]

    with pytest.raises(SchemaError, match="name the class in place of Self"):
        Fields(Branch)


def test_one_member_is_no_union() -> None:
    """It is the codec of the type itself."""
    context = TypeContext()
    codec = plain_union([int, Annotated[int, Field(gt=0)]], Compiler().codec, context)
    assert codec is codec_for(int)


class Event(BaseModel):
    """An item whose key and values are of unions."""

    owner: Annotated[UUID | str, PartitionKey()]
    place: Annotated[int | float, SortKey()]
    amount: int | float = 0
    at: datetime | date | None = None
    marks: set[UUID | str] = set()
    history: list[UUID | str] = []


class Events(Repository[Event]):
    """Their repository."""

    table = "events"


@pytest.fixture
def events() -> Events:
    """An empty repository."""
    return Events(MemoryStore(Events))


def test_a_union_is_a_key(events: Events) -> None:
    """Equal values are one key; a range of a sort key is in the order of the numbers."""
    for place in (1, 2.0, 2.5, 10):
        events.create(Event(owner=ID, place=place))
    events.create(Event(owner="ada", place=1))

    assert events.get((ID, 2)).place == events.get((ID, 2.0)).place == 2
    in_partition = (events.fields.owner == ID) & (events.fields.place >= 2)
    assert [event.place for event in events.query(in_partition)] == [2, 2.5, 10]
    assert events.get(("ada", 1)).owner == "ada"
    with pytest.raises(CodecError, match="a value of str is another value of UUID"):
        events.get((str(ID), 1))


def test_conditions_and_actions_write_as_an_item_does(events: Events) -> None:
    """By the member of each value, and refuse what an item could not hold."""
    events.create(Event(owner="ada", place=1))
    fields = events.fields
    events.update(
        ("ada", 1),
        fields.at.set(date(2024, 1, 1)),
        fields.amount.add(0.5),
        fields.marks.add(ID, "red"),
        fields.history.append("blue", ID),
        condition=(fields.owner == "ada") & fields.place.between(0.5, 1.5),
    )

    event = events.get(("ada", 1))
    assert event.at == date(2024, 1, 1)
    assert type(event.at) is date
    assert event.amount == 0.5
    assert event.marks == {ID, "red"}
    assert event.history == ["blue", ID]
    assert [*events.scan(where=fields.marks.contains("red") & fields.at.is_in(date(2024, 1, 1)))]
    for refused in (
        fields.history.append,
        fields.marks.add,
        fields.marks.contains,
        fields.owner.set,
    ):
        with pytest.raises(CodecError, match="a value of str is another value of UUID"):
            refused(str(ID))


ID = UUID("123e4567-e89b-12d3-a456-426614174000")


def test_members_that_read_alike_are_one() -> None:
    """A class twice, Literals of one tag, a Literal and the class of its values."""
    either = codec_for(Annotated[int, Field(gt=0)] | Annotated[int, Field(lt=0)])

    assert either is INT
    assert distinct(members(STR, literal(["a"]))) == members(STR)
    assert distinct(members(IDENTIFIER, literal(["a"]), STR)) == members(IDENTIFIER, STR)
    assert distinct(members(literal(["a"]), literal(["b"])))[0].codec.decode({"S": "b"}) == "b"
    mixed = codec_for(Literal["a", 1] | UUID | Literal["b"])  # noqa: PYI030
    assert mixed.name == "Literal of 3 | UUID"


def members(*codecs: Codec) -> list[UnionMember]:
    """The members of these codecs."""
    return [UnionMember(codec, codec.kinds) for codec in codecs]


def test_an_empty_set_beside_a_list_is_not_stored_by_absence() -> None:
    """Of the two either would be read where nothing is."""
    assert through(frozenset[str] | list[str], frozenset()) == frozenset()
    assert through(list[str] | frozenset[str], []) == []
    with pytest.raises(CodecError, match="value of frozenset of str is another value of list"):
        through(list[str] | frozenset[str], frozenset())
