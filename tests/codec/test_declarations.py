"""The fields of a class are stored under names of their own, as their annotations say."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    Json,
    RootModel,
    computed_field,
    create_model,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from dynrepo.codec.compiler import Compiler
from dynrepo.codec.declarations import nested, record_of, refuse_lone_markers
from dynrepo.codec.records import Record, RecordCodec, StrictDataclassCodec
from dynrepo.errors import SchemaError
from dynrepo.markers import Attribute, PartitionKey, SortKey, TimeToLive

if TYPE_CHECKING:
    from dynrepo.codec.annotations import TypeContext
    from dynrepo.codec.value import Codec


def declared(kind: Any, *, by_alias: bool = False) -> Record:
    """The record of a class."""

    def compiled(annotation: Any, context: TypeContext, metadata: tuple[Any, ...]) -> Codec:
        return Compiler().codec(annotation, context, metadata)

    return record_of(kind, compiled, by_alias=by_alias)


def fields_of(kind: Any, *, by_alias: bool = False) -> dict[str, Any]:
    """The fields of a class by their names."""
    return {field.name: field for field in declared(kind, by_alias=by_alias).fields}


class Named(BaseModel):
    """Fields with names of three kinds."""

    plain: int
    marked: Annotated[int, Attribute("m")]
    aliased: int = Field(alias="a")
    hidden: int = Field(0, exclude=True)

    @computed_field
    def total(self) -> Annotated[int, Attribute("t")]:
        """A computed field that is stored."""
        return 1

    @computed_field(alias="s")
    def maybe(self) -> Annotated[int | None, SortKey()]:
        """Another, by its alias."""
        return None

    @computed_field
    def unmarked(self) -> int:
        """A computed field that is not stored."""
        return 1


def test_an_attribute_is_named_by_marker_alias_or_field() -> None:
    """The alias counts where it is asked for; what is excluded has none."""
    names = {name: field.attribute for name, field in fields_of(Named).items()}
    by_alias = {name: field.attribute for name, field in fields_of(Named, by_alias=True).items()}

    assert names == {"plain": "plain", "marked": "m", "aliased": "aliased", "total": "t"} | {
        "maybe": "maybe"
    }
    assert (by_alias["aliased"], by_alias["maybe"]) == ("a", "s")


class Absent(BaseModel):
    """Fields that hold nothing in every way."""

    required: int | None
    default: int | None = None
    other: int | None = 1
    never: int
    tags: set[int]
    made: set[int] = Field(default_factory=set)
    filled: set[int] = {1}
    listed: set[bool] = set()
    maybe: set[int] | None
    either: set[int] | None = set()


def test_nothing_is_absent_where_absence_reads_back_as_nothing() -> None:
    """Else None is a NULL, and the empty set an empty list, also where absence is None."""
    fields = fields_of(Absent)

    assert [fields[name].none for name in ("required", "default", "other", "never")] == [
        *("absent", "absent", "stored", "refused")
    ]
    sets = ("tags", "made", "filled", "listed", "maybe", "either")
    assert [fields[name].empty for name in sets] == [
        *("absent", "absent", "stored", "stored", "stored", "absent")
    ]
    assert fields["other"].default == 1


class Options(TypedDict, total=False):
    """A dict with declared keys."""

    size: int | None
    width: int


def test_a_key_of_a_typed_dict_is_absent_or_there() -> None:
    """So None is stored where it may be a value."""
    fields = fields_of(Options)

    assert (fields["size"].none, fields["width"].none) == ("stored", "refused")
    assert not fields["size"].required


def model(**fields: Any) -> type[BaseModel]:
    """A model with these fields."""
    return create_model("Sample", **fields)


class Base(BaseModel):
    """A model with a key."""

    id: Annotated[str, PartitionKey()]


class Lost(Base):
    """Declares the key again, and loses it."""

    id: str


class Private(BaseModel):
    """Marks what is no field."""

    _id: Annotated[str, PartitionKey()] = ""


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (model(a=(int, Field(exclude=True))), "Sample.a is excluded"),
        (model(a=(int, PartitionKey)), "a marker is no default"),
        (model(a=(complex, ...)), "Sample.a: complex has no DynamoDB type"),
        (model(a=(int, 1), b=(Annotated[int, Attribute("a")], 1)), "a and b are both stored as"),
        (model(a=(Annotated[int, Attribute("")], 1)), "cannot be empty"),
        (model(a=(Annotated[int, Attribute("x" * 65_536)], 1)), "65535 bytes at most"),
        (Lost, "Lost.id declares the field of Base again without its PartitionKey"),
        (Private, "Private._id is marked, but is no field"),
    ],
)
def test_a_declaration_that_would_lose_something_is_refused(kind: Any, says: str) -> None:
    """With the name of the field."""
    with pytest.raises(SchemaError) as raised:
        declared(kind)
    assert says in str(raised.value)


def test_a_computed_field_of_a_type_that_cannot_be_stored_is_named() -> None:
    """As any field."""

    class Bad(BaseModel):
        """A model with one."""

        @computed_field
        def wrong(self) -> Annotated[complex, Attribute("w")]:
            """No number of DynamoDB."""
            return 1j

    with pytest.raises(SchemaError, match=r"^Bad\.wrong: complex has no DynamoDB type"):
        declared(Bad)


def test_extra_attributes_have_the_type_that_the_class_gives_them() -> None:
    """Any, if it gives none; they are kept for models only."""

    class Loose(BaseModel, extra="allow"):
        """Says nothing of them."""

    class Typed(BaseModel, extra="allow"):
        """Says of what type they are."""

        __pydantic_extra__: dict[str, int]

    @pydantic_dataclass(config=ConfigDict(extra="allow"))
    class Point:
        """No model."""

        x: int

    loose = Loose.model_validate({"a": "x"})
    assert declared(Loose).encode(loose) == {"a": {"S": "x"}}
    assert declared(Typed).encode(Typed.model_validate({"a": 1})) == {"a": {"N": "1"}}
    with pytest.raises(SchemaError, match="stored for models only"):
        declared(Point)


def test_the_keys_of_a_nested_class_are_no_keys() -> None:
    """Unless it is an item in its own right."""
    lone = model(a=(Annotated[int, TimeToLive()], 1))

    refuse_lone_markers(declared(Base))
    refuse_lone_markers(declared(model(a=(Annotated[int, Attribute("b")], 1))))
    with pytest.raises(SchemaError, match="marks a field of a nested Sample"):
        refuse_lone_markers(declared(lone))


@dataclasses.dataclass
class Plain:
    """A dataclass."""

    kind: Literal["a"] = "a"


def test_a_dataclass_is_made_where_its_holder_or_it_is_strict() -> None:
    """Where Pydantic takes no dict for it."""
    strict = pydantic_dataclass(config=ConfigDict(strict=True))(type("Strict", (), {}))
    plain = declared(Plain)

    assert type(nested(Plain, plain, strict=False)) is RecordCodec
    assert type(nested(Plain, plain, strict=True)) is StrictDataclassCodec
    assert type(nested(strict, declared(strict), strict=False)) is StrictDataclassCodec


def nested_lists(levels: int, inner: Any = int) -> Any:
    """Lists in lists, so many."""
    return inner if levels == 0 else list[nested_lists(levels - 1, inner)]  # type: ignore[misc]


class Box(BaseModel):
    """One level around the levels of its field."""

    content: nested_lists(29)  # type: ignore[valid-type]


@pytest.mark.parametrize(
    "annotation",
    [
        nested_lists(31),
        nested_lists(31, Json[list[int]]),
        dict[str, nested_lists(30)] | None,
        tuple[int, nested_lists(30)],
        Box,
        list[Box] | str,
        nested_lists(31, set[int]),
    ],
    ids=["lists", "json", "a dict", "a tuple", "a model", "a union", "a set"],
)
def test_as_many_levels_as_dynamodb_has_are_declared(annotation: Any) -> None:
    """The innermost value is one of them."""
    assert fields_of(create_model("Item", field=(annotation, ...)))


@pytest.mark.parametrize(
    "annotation",
    [
        nested_lists(33),
        nested_lists(32),
        dict[str, nested_lists(31)] | None,
        tuple[int, nested_lists(31)],
        list[list[Box]],
        str | list[list[Box]],
        nested_lists(31, set[bool]),
        nested_lists(31, RootModel[list[int]]),
    ],
    ids=["33", "32", "a dict", "a tuple", "a model", "a union", "a set", "a root"],
)
def test_more_levels_than_dynamodb_has_are_refused(annotation: Any) -> None:
    """Where they are declared: no value that goes so deep could be stored."""
    with pytest.raises(SchemaError, match=r"Item\.field: its values have 3\d levels, and DynamoDB"):
        fields_of(create_model("Item", field=(annotation, ...)))


def test_a_type_inside_itself_may_go_as_deep_as_dynamodb() -> None:
    """What stands in it is judged when it is written."""

    class Tree(BaseModel):
        """A tree."""

        branches: list[Tree] = []

    assert fields_of(Tree)
