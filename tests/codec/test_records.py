"""A record writes and reads its class field by field, and names the field that stops it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import BaseModel

from dynrepo.codec.field import Field
from dynrepo.codec.records import Record, RecordCodec, StrictDataclassCodec, _extra_of
from dynrepo.codec.scalars import INT, STR
from dynrepo.codec.sets import set_of
from dynrepo.codec.untyped import ANY
from dynrepo.codec.wrappers import optional
from dynrepo.errors import CodecError
from dynrepo.schema.entity import Fields


class User(BaseModel):
    """A model."""

    name: str
    age: int | None = None
    tags: set[int] = set()


class Open(BaseModel, extra="allow"):
    """A model that keeps what it does not declare."""

    name: str


@dataclass(slots=True)
class Point:
    """A dataclass without a dict."""

    x: int
    free: Any = None


def field(name: str, codec: Any, owner: str = "User", **options: Any) -> Field:
    """A field of a model."""
    return Field(name, options.pop("attribute", name), codec, owner=owner, **options)


USER = Record(
    "User",
    User,
    (
        field("name", STR, attribute="n"),
        field("age", optional(INT), none="absent", required=False),
        field("tags", set_of(set, INT), empty="absent"),
    ),
)
OPEN = Record("Open", Open, (field("name", STR, "Open"),), extra="allow", extra_codec=ANY)
CLOSED = Record("User", User, (field("name", STR),), extra="forbid")
OPTIONS = Record("Options", dict, (field("a", INT), field("b", INT, required=False)))
POINT = Record("Point", Point, (field("x", INT, "Point"), field("free", ANY, "Point")))
CYCLE: list[Any] = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("record", "instance", "item", "values"),
    [
        (
            USER,
            User(name="a", age=1),
            {"n": {"S": "a"}, "age": {"N": "1"}},
            {"name": "a", "age": 1, "tags": set()},
        ),
        (USER, User(name="a"), {"n": {"S": "a"}}, {"name": "a", "tags": set()}),
        (
            OPEN,
            Open.model_validate({"name": "a", "z": [1]}),
            {"name": {"S": "a"}, "z": {"L": [{"N": "1"}]}},
            {"name": "a", "z": [1]},
        ),
        (CLOSED, User(name="a"), {"name": {"S": "a"}}, {"name": "a"}),
        (OPTIONS, {"a": 1}, {"a": {"N": "1"}}, {"a": 1}),
        (
            POINT,
            Point(1, ["a"]),
            {"x": {"N": "1"}, "free": {"L": [{"S": "a"}]}},
            {"x": 1, "free": ["a"]},
        ),
    ],
)
def test_an_instance_comes_back_as_its_values(
    record: Record, instance: Any, item: Any, values: Any
) -> None:
    """Of which Pydantic makes an instance: fast and carefully alike."""
    assert record.encode(instance) == record.write(instance) == item
    assert record.decode(item) == record.read(item) == values


NULL = {"NULL": True}
DEFAULTS = Record(
    "User",
    User,
    (
        field("name", STR, required=False, default=""),
        field("age", optional(INT), none="absent", required=False),
        field("tags", set_of(set, INT), required=False),
    ),
)


def test_a_stored_null_is_the_default_where_it_is_no_none() -> None:
    """As nothing stored is; a field without a default takes none."""
    item = {"name": NULL, "age": NULL, "tags": NULL}

    assert DEFAULTS.decode(item) == DEFAULTS.read(item) == {"age": None}
    untrue = {"name": {"NULL": False}, "age": NULL}  # as None is read of it too
    assert DEFAULTS.decode(untrue) == DEFAULTS.read(untrue) == {"age": None}
    with pytest.raises(
        CodecError, match=r"User\.name \(attribute n\): expected S for str, found NU"
    ):
        USER.decode({"n": NULL})
    with pytest.raises(CodecError, match=r"User\.b: expected N for int, found NULL"):
        OPTIONS.decode({"a": {"N": "1"}, "b": NULL})
    with pytest.raises(CodecError, match=r"User\.name: expected S for str, found N"):
        DEFAULTS.decode({"name": {"N": "1"}})


@pytest.mark.parametrize(
    ("record", "instance", "says"),
    [
        (USER, {"name": "a"}, "expected User, found dict"),
        (USER, User.model_construct(), "User.name (attribute n): has no value"),
        (USER, User.model_construct(name=1), "User.name (attribute n): expected str, found int"),
        (OPTIONS, {"b": 1}, "User.a: has no value"),
        (OPTIONS, {"a": 1, "c": 1}, "Options: a key that is not declared would not be read back"),
        (OPEN, Open.model_validate({"name": "a", "z": 0.5}), "Open, extra attribute: float has no"),
        (OPEN, Open.model_validate({"name": "a", "": 1}), "Open, extra attribute: the key of a"),
        (OPEN, Open.model_validate({"name": "a", "z": CYCLE}), "Open, extra attribute: a value is"),
        (POINT, Point(1, CYCLE), "Point.free: a value is nested deeper"),
    ],
)
def test_what_cannot_be_stored_is_named(record: Record, instance: Any, says: str) -> None:
    """By its field; of an extra attribute the name is data."""
    with pytest.raises(CodecError) as raised:
        record.encode(instance)
    assert str(raised.value).startswith(says)


def test_an_extra_attribute_takes_no_place_of_a_declared_one() -> None:
    """Neither when it is written nor when it is read."""
    record = Record("Open", Open, (field("name", STR, attribute="n"),), extra="allow")

    with pytest.raises(CodecError, match="has the name of a declared one"):
        record.encode(Open.model_validate({"name": "a", "n": 1}))
    with pytest.raises(CodecError, match=r"has the name of the field User\.name"):
        record.decode({"n": {"S": "a"}, "name": {"S": "b"}})


def test_of_a_forbidden_attribute_the_name_is_read() -> None:
    """So that Pydantic can refuse it; an ignored one is not looked at."""
    assert CLOSED.decode({"name": {"S": "a"}, "z": {"X": 1}}) == {"name": "a", "z": None}
    assert USER.decode({"n": {"S": "a"}, "z": {"X": 1}}) == {"name": "a", "tags": set()}


def test_a_property_that_fails_is_a_codec_error() -> None:
    """That tells the class of the error, and no more."""

    class Faulty:
        """A class with a property."""

        @property
        def name(self) -> str:
            """Fails."""
            raise LookupError

    record = Record("Faulty", Faulty, (field("name", STR, "Faulty", computed=True),))
    with pytest.raises(CodecError, match=r"^Faulty\.name: raised LookupError$"):
        record.encode(Faulty())
    assert record.decode({"name": {"S": "a"}}) == {}


def test_a_json_null_is_no_attribute_and_is_not_absent() -> None:
    """DynamoDB has none: what came has lost the value, and no default takes its place."""

    class Part(BaseModel):
        x: int = 0

    class Whole(BaseModel):
        n: int = 0
        part: Part = Part()

    fields: Fields[Whole] = Fields(Whole)
    odd: Any = None
    assert fields.decode({"part": {"M": {}}}) == Whole()
    with pytest.raises(CodecError, match=r"Whole\.n"):
        fields.decode({"n": odd})
    with pytest.raises(CodecError, match=r"Part\.x"):
        fields.decode({"part": {"M": {"x": odd}}})


def test_a_record_inside_an_item_is_a_map() -> None:
    """Its fields are found by their names."""
    codec = RecordCodec(USER)
    stored = {"M": {"n": {"S": "a"}}}

    assert codec.encode(User(name="a")) == codec.fast_encode(User(name="a")) == stored
    assert codec.decode(stored) == codec.fast_decode(stored) == {"name": "a", "tags": set()}
    assert codec.child("name") == ("n", STR)
    with pytest.raises(CodecError, match="User has no such field: it has name, age, tags"):
        codec.child("n")
    with pytest.raises(CodecError, match=r"^User\.name \(attribute n\): expected S"):
        codec.decode({"M": {"n": {"N": "1"}}})


def test_a_dataclass_is_made_where_pydantic_takes_no_dict_for_it() -> None:
    """By Pydantic, which is not strict about what it is made of."""
    codec = StrictDataclassCodec(POINT, Point)
    stored = codec.encode(Point(1, ["a"]))

    assert codec.decode(stored) == codec.fast_decode(stored) == Point(1, ["a"])
    assert not codec.made


def test_only_what_may_be_nested_without_end_is_a_part() -> None:
    """Of an instance of the class itself, where there is a value."""
    codec = RecordCodec(POINT)
    extra = Open.model_validate({"name": "a", "z": 1})

    assert list(codec.parts(Point(1, ["a"]))) == [(ANY, (["a"],))]
    assert not codec.parts(Point(1))
    assert not codec.parts(1)
    assert [(inner, list(parts)) for inner, parts in OPEN.parts(extra)] == [(ANY, [1])]
    assert (POINT.deep, USER.deep, OPEN.deep) == (True, False, True)


def test_what_is_undeclared_is_found_by_the_public_name_too() -> None:
    """Where a release of Pydantic keeps it under another private one."""

    class Renamed(BaseModel, extra="allow"):
        name: str

        def __getattribute__(self, name: str) -> Any:
            if name == "__pydantic_extra__" and sys._getframe(1).f_code.co_name == "_extra_of":
                raise AttributeError(name)
            return super().__getattribute__(name)

    assert _extra_of(Renamed.model_validate({"name": "a", "z": 1})) == {"z": 1}
