"""A marker that cannot mean anything, and a type that cannot be exact, fail at class definition."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, Union

import pytest
from pydantic import (
    AwareDatetime,
    Base64Str,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    FilePath,
    FutureDate,
    FutureDatetime,
    HttpUrl,
    ImportString,
    InstanceOf,
    Json,
    RootModel,
    Secret,
    SecretStr,
    SkipValidation,
    Strict,
    Tag,
    ValidateAs,
    create_model,
)
from pydantic_core import MISSING
from typing_extensions import TypeAliasType, TypedDict

from dynrepo.codec import codec_for
from dynrepo.errors import SchemaError
from dynrepo.markers import (
    Attribute,
    Encoding,
    PartitionKey,
    PlainText,
    SortKey,
    Version,
)
from dynrepo.schema.entity import Fields, schema_of

T = TypeVar("T")
Id = Annotated[str, PartitionKey()]
KeyAlias = TypeAliasType("KeyAlias", Annotated[str, PartitionKey()])
Nested = TypeAliasType("Nested", KeyAlias)


class Empty(Enum):
    """An enum that has no members yet."""


class Unknown(Enum):
    """An enum with a member for nothing."""

    NOTHING = None


class Letter(Enum):
    """An enum that is stored as a text."""

    A = "a"


class Uneven(Enum):
    """An enum that is stored under two tags."""

    ONE = 1
    TWO = "two"


class Planet(Enum):
    """An enum of values that have no one stored form."""

    EARTH = (1, 2)


class One(BaseModel):
    """A member of unions."""

    kind: Literal["one"] = "one"


class Two(BaseModel):
    """Another one."""

    kind: str = "two"


class Unsaid(BaseModel):
    """One that does not store what it is."""

    kind: Literal["unsaid"] = Field("unsaid", exclude=True)


class Opaque:
    """A class that nobody knows."""


@dataclass
class Late:
    """A dataclass with a field that its constructor does not take."""

    a: int
    b: int = field(init=False, default=1)


@dataclass
class Initial:
    """A dataclass with an argument that is no field."""

    a: int
    b: InitVar[int] = 1


class Loose(BaseModel, frozen=True):
    """A model without markers."""

    a: int = 1


class Closed(TypedDict, extra_items=int):  # type: ignore[call-arg]  # mypy does not know it yet
    """A dict with keys that are not declared."""

    a: int


class Lone(BaseModel):
    """A nested model with the key of an index that cannot be."""

    zip: Annotated[str, PartitionKey(index="by_zip")]


class Customer(BaseModel):
    """An item in its own right."""

    id: Id
    zip: Annotated[str, PartitionKey(index="by_zip")]


REFUSED = [
    (Json[int] | str, r"JSON text is made of a text that another .*Encoding\("),
    (SecretStr, r"Annotated\[SecretStr, PlainText\(\)\]"),
    (list[SecretStr], "PlainText"),
    (FutureDate, "once it has passed"),
    (FutureDatetime, "once it has passed"),
    (FilePath, "declare `Path`"),
    (collections.OrderedDict[str, int], "no order"),
    (complex, "complex has no DynamoDB type"),
    (Opaque, r"Opaque cannot be stored exactly: .*Encoding\("),
    (Callable[[], int], "cannot be stored exactly"),
    (Iterable[int], "cannot be stored exactly"),
    (type[int], "cannot be stored exactly"),
    (Empty, "Empty has no members: give it one"),
    (Planet, "Planet has a value of type tuple, .*: let its values be texts or numbers"),
    (Unknown, r"Unknown has a value of type NoneType, .* `T \| None` for None"),
    (Literal["a", Letter.A], "two values with one stored form: leave one of them out"),
    (dict[float | None, int], "the keys of a map are texts, .*: declare keys of one type"),
    (dict[tuple[int, int], int], "the keys of a map are texts, .*, or a list of pairs"),
    (dict[bool, int], "the keys of a map are texts, .*, or a list of pairs"),
    (dict[Uneven, int], "the keys of a map are texts, .*, or a list of pairs"),
    (Late, r"Late\.b has init=False"),
    (Initial, "Initial has an InitVar"),
    (Lone, r"Lone\.zip: PartitionKey\(\.\.\.\) marks a field of a nested Lone"),
    (list[Annotated[int, SortKey()]], r"SortKey\(\) stands inside the type"),
    (Annotated[int, PartitionKey], r"write `PartitionKey\(\)`"),
    (
        InstanceOf[Loose],
        "Loose is made by Pydantic .* InstanceOf forbids: declare the type without",
    ),
    (list[InstanceOf[Loose]], "InstanceOf forbids: declare the type without it"),
    (SkipValidation[list[Loose | None]], "SkipValidation forbids: declare the type without it"),
    (SkipValidation[HttpUrl], "HttpUrl is made by Pydantic .* declare the type without it"),
    (SkipValidation[Base64Str], "SkipValidation forbids: declare the type without it"),
    (SkipValidation[Json[int]], "SkipValidation forbids: declare the type without it"),
    (
        Annotated[Opaque, ValidateAs(int, lambda _: Opaque())],
        r"ValidateAs takes another .*Encod",
    ),
    (ImportString[Any], r"ImportString takes another value than it gives, .*Encoding\("),
    (int | MISSING, r"MISSING is stored by absence, as None is, .*declare `T \| None = None`"),
    (Annotated[set[Loose], Strict()], "Pydantic makes no set where it is strict: declare a list"),
    (RootModel[int | None] | None, "both stored as NULL, .*: let one of them take no None"),
    (Annotated[Secret[int | None] | None, PlainText()], "let one of them take no None"),
    (Closed, "extra attributes are stored for models only"),
    (Annotated[Opaque, Encoding("X", encode=list, decode=list)], "a tag is one of S, N, B, BOOL"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("annotation", "says"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_type_that_cannot_be_exact_is_refused(annotation: Any, says: str) -> None:
    """The error names model and field, and says what to write instead."""
    config = ConfigDict(arbitrary_types_allowed=True)
    model = create_model("Sample", __config__=config, field=(annotation, ...))
    with pytest.raises(SchemaError, match=rf"Sample\.field: .*{says}"):
        Fields(model)


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        (Annotated[One | Two, Discriminator("kind")], "must be a stored Literal in each member"),
        (Annotated[One | Unsaid, Discriminator("kind")], "must be a stored Literal in each member"),
        (Annotated[One | dict[str, int], Discriminator("kind")], "no field 'kind'"),
        (Annotated[Annotated[One, Tag("1")] | Two, Discriminator(lambda _: "1")], "has a Tag"),
    ],
    ids=["no literal", "not stored", "no field", "no tag"],
)
def test_a_union_needs_members_that_can_be_told_apart(annotation: Any, says: str) -> None:
    """A discriminator is a field that is stored, with its own values in each member."""
    with pytest.raises(SchemaError, match=says):
        codec_for(annotation)


@pytest.mark.parametrize("annotation", [Literal[Letter.A], Letter])
def test_an_enum_that_would_not_be_taken_back_is_refused(annotation: Any) -> None:
    """With `use_enum_values`: a Literal of members, and a default that stays a member."""
    config = ConfigDict(use_enum_values=True)
    model = create_model("Sample", __config__=config, field=(annotation, Letter.A))
    with pytest.raises(SchemaError, match=r"Literal of the values|validate_default=True"):
        Fields(model)


def test_two_fields_on_one_attribute_are_refused() -> None:
    """One would overwrite the other."""

    class Twice(BaseModel):
        id: Id
        name: Annotated[str, Attribute("id")]

    with pytest.raises(SchemaError, match="id and name are both stored as the attribute id"):
        schema_of(Twice)


def test_two_aliases_on_one_attribute_are_refused() -> None:
    """By alias the attributes may collide where the names do not."""

    class Twice(BaseModel):
        id: Id
        name: str = Field(alias="id")

    schema_of(Twice)
    with pytest.raises(SchemaError, match="id and name are both stored as the attribute id"):
        schema_of(Twice, by_alias=True)


def test_an_attribute_has_a_name() -> None:
    """DynamoDB has no empty attribute names."""

    class Nameless(BaseModel):
        id: Annotated[str, PartitionKey(), Attribute("")]

    with pytest.raises(SchemaError, match=r"Nameless\.id: an attribute name cannot be empty"):
        schema_of(Nameless)


def test_a_name_that_no_expression_takes_is_refused() -> None:
    """`set` would store it, and no `save`, condition or projection could ever name it."""
    name = "é" * 32_768
    nested = create_model("Nested", part=(Annotated[int, Attribute(name)], ...))
    for annotation in (Annotated[int, Attribute(name)], nested):
        with pytest.raises(SchemaError, match="65535 bytes at most: shorten it"):
            schema_of(create_model("Sample", id=(Id, ...), field=(annotation, ...)))


def test_a_marker_lost_in_a_subclass_is_refused() -> None:
    """A field that is declared again has the markers of its new annotation only."""

    class Base(BaseModel):
        id: Id
        other: Annotated[str, PartitionKey(index="by_other")] = ""

    class Lost(Base):
        other: str = "x"

    class Kept(Base):
        other: Annotated[str, PartitionKey(index="by_else")] = "x"

    with pytest.raises(SchemaError, match=r"Lost\.other declares the field of Base again without"):
        schema_of(Lost)
    assert list(schema_of(Kept).indexes) == ["by_else"]


def test_a_marker_off_its_place_is_refused() -> None:
    """As a default, or on what is no field, it would be lost without a word."""

    class Default(BaseModel):
        id: str = PartitionKey()  # type: ignore[assignment]

    class Private(BaseModel):
        id: Id
        _hidden: Annotated[int, SortKey()] = 1

    class Constant(BaseModel):
        id: Id
        kind: ClassVar[Annotated[str, SortKey()]] = "x"

    with pytest.raises(SchemaError, match=r"Default\.id: a marker is no default"):
        schema_of(Default)
    with pytest.raises(SchemaError, match=r"Private\._hidden is marked, but is no field"):
        schema_of(Private)
    with pytest.raises(SchemaError, match=r"Constant\.kind is marked, but is no field"):
        schema_of(Constant)


def test_an_excluded_field_needs_a_default() -> None:
    """It is not stored, so nothing else could be read."""

    class Excluded(BaseModel):
        id: Id
        secret: str = Field(exclude=True)

    with pytest.raises(SchemaError, match=r"Excluded\.secret is excluded"):
        schema_of(Excluded)


@pytest.mark.parametrize(
    ("annotation", "default"),
    [(list[int], ()), (int, "1"), (datetime, datetime(2024, 1, 1))],  # noqa: DTZ001
    ids=["tuple", "text", "naive"],
)
def test_a_default_that_cannot_be_stored_is_refused(annotation: Any, default: Any) -> None:
    """Pydantic does not look at defaults, but every item without the field would have it."""
    with pytest.raises(SchemaError, match=r"Sample\.field: its default cannot be stored"):
        Fields(create_model("Sample", field=(annotation, default)))


def test_a_type_that_is_not_defined_yet_is_named() -> None:
    """The schema is needed now, so what it is made of must be known."""

    class Waiting(BaseModel):
        id: Id
        later: "Later"  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(SchemaError, match="names the type Later, which is not defined yet"):
        schema_of(Waiting)


def test_a_root_model_is_no_item() -> None:
    """An item has attributes with names."""
    with pytest.raises(SchemaError, match="is a RootModel"):
        schema_of(RootModel[dict[str, int]])


def test_an_item_may_be_held_in_another() -> None:
    """A copy of an item in another one keeps its markers to itself."""

    class Order(BaseModel):
        id: Id
        customer: Customer

    assert schema_of(Order).indexes == {}


class Keyed(BaseModel, Generic[T]):
    """A generic model with a key of a type to come."""

    id: Annotated[T, PartitionKey()]
    at: Annotated[AwareDatetime, SortKey(index="by_at"), PartitionKey(index="by_x")] | None = None
    x: Annotated[int, PartitionKey(index="by_at"), SortKey(index="by_x")] = 0


class Inherited(Keyed[int]):
    """A subclass of one that has its type."""

    name: str = ""


class Aliased(BaseModel):
    """A key behind two aliases."""

    id: Nested
    other: Annotated[Union[str, None], PartitionKey(index="by_other")] = None  # noqa: UP007


@pytest.mark.parametrize("model", [Keyed[str], Inherited, Aliased], ids=lambda one: one.__name__)
def test_a_key_is_found_through_generics_inheritance_and_aliases(model: type[BaseModel]) -> None:
    """Wherever the marker was written, the field has it."""
    assert schema_of(model).key_schema.partition.markers == (PartitionKey(),)


def test_a_marker_is_found_in_a_union_with_none() -> None:
    """`Annotated[...] | None` marks the field, too."""
    by_at = schema_of(Keyed[str]).indexes["by_at"]
    assert by_at.sort is schema_of(Keyed[str]).field("at")


@pytest.mark.parametrize("found", [int, dict, list[int], BaseModel, "User", None])
def test_what_is_no_model_is_refused(found: Any) -> None:
    """Whatever stands in the brackets of `Repository[...]`, the class says what belongs there."""
    with pytest.raises(SchemaError, match="is no model"):
        schema_of(found)


@pytest.mark.parametrize(
    ("declare", "takes"),
    [
        (lambda: PartitionKey(indx="by_x"), "it takes index"),  # type: ignore[call-arg]
        (Attribute, "it takes name"),
        (lambda: Version(3), "it takes nothing"),  # type: ignore[call-arg]
    ],
)
def test_a_wrong_argument_of_a_marker_is_refused(declare: Callable[[], Any], takes: str) -> None:
    """A typo is a wrong declaration, and the message says what would be right."""
    with pytest.raises(SchemaError, match=takes):
        declare()
