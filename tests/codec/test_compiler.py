"""Every annotation of the table is stored as the table says, and nothing else is let in."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, deque
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NotRequired, Required, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import (
    UUID7,
    AfterValidator,
    AnyUrl,
    AwareDatetime,
    Base64UrlStr,
    BaseModel,
    ByteSize,
    ConfigDict,
    FailFast,
    Field,
    HttpUrl,
    InstanceOf,
    IPvAnyAddress,
    Json,
    JsonValue,
    NaiveDatetime,
    NameEmail,
    NonNegativeInt,
    OnErrorOmit,
    PlainSerializer,
    PostgresDsn,
    Secret,
    SecretStr,
    SerializeAsAny,
    SkipValidation,
    create_model,
)
from pydantic_core.core_schema import (
    CoreSchema,
    no_info_plain_validator_function,
    plain_serializer_function_ser_schema,
)
from typing_extensions import TypedDict

from dynrepo.codec import codec_for
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Encoding, PlainText, TimeToLive
from dynrepo.schema.entity import Fields
from tests.encodings import (
    ENCODINGS,
    NO_NUMBERS,
    Box,
    Cat,
    Dog,
    Example,
    Level,
    Line,
    Mixed,
    Options,
    Pair,
    Point,
    Right,
    Scores,
    Status,
    Tags,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
ANIMAL = Annotated[Cat | Dog, Field(discriminator="kind")]

each = pytest.mark.parametrize(
    "example",
    [pytest.param(one, id=f"{number}-{one.name}") for number, one in enumerate(ENCODINGS)],
)


@each
def test_a_value_is_written_in_its_form(example: Example) -> None:
    """The codec of a type writes what the table of encodings shows."""
    assert codec_for(example.annotation).encode(example.value) == example.stored


@each
def test_a_stored_form_is_read_as_its_value(example: Example) -> None:
    """A model with the field reads the stored form as the value, of the same type."""
    model = Fields(example.model)
    read = model.decode({"field": example.stored}).field

    assert read == example.value
    assert type(read) is type(example.value)


@each
def test_a_strict_model_reads_its_value(example: Example) -> None:
    """Pydantic is given values, not texts, so a strict model reads what it wrote."""
    strict = create_model(
        "Strict",
        __config__=ConfigDict(strict=True, arbitrary_types_allowed=True),
        field=(example.annotation, ...),
    )

    assert Fields(strict).decode({"field": example.stored}).field == example.value


@each
def test_a_type_is_a_key_where_its_order_is_kept(example: Example) -> None:
    """The table says which types may be keys, and the codec agrees."""
    codec = codec_for(example.annotation)

    assert codec.key == example.key


GARBAGE: tuple[Any, ...] = (
    *(
        {"S": one}
        for one in ("", "\0", "a", "1", "-1", "true", "null", "NaN", "2024", "[", "{}", "0.5")
    ),
    *({"S": one} for one in (None, True, 0, 1.5, [], ["a"], {}, {"a": 1})),
    *({"N": one} for one in NO_NUMBERS),
    *(
        {"B": one}
        for one in ("a", "YQ", "YQ==YQ==", "Y Q=", "\N{FULLWIDTH DIGIT ONE}", None, 1, [], {})
    ),
    *({"BOOL": one} for one in ("true", "yes", "", 0, 1, None, [], {})),
    *(
        {"L": one}
        for one in (None, "", "ab", 1, {}, {"a": 1}, [None], ["a"], [{}], [{"X": 1}], [[]])
    ),
    *(
        {"M": one}
        for one in (None, "", "ab", 1, [], ["a"], {"a": None}, {"a": "b"}, {"a": {}}, {"": 1})
    ),
    *(
        {tag: one}
        for tag in ("SS", "NS", "BS")
        for one in (
            None,
            "",
            "12",
            "abcd",
            {},
            {"a": 1},
            [None],
            [1],
            [[]],
            ["1", "1"],
            ["1", "1.0"],
        )
    ),
    *({}, {"X": "a"}, {"s": "a"}, "a", [], 1, ["S", "a"]),
)
"""Payloads of every tag that DynamoDB never sends, or that few types have."""


@each
def test_what_is_stored_under_any_other_tag_is_refused_or_read_exactly(example: Example) -> None:
    """Every other row of the table, and garbage: a value that is stored so, or a CodecError."""
    fields = Fields(example.model)
    for stored in (*(one.stored for one in ENCODINGS), *GARBAGE):
        try:
            read = fields.decode({"field": stored})
        except CodecError:
            continue
        written = fields.encode(read)
        again = fields.decode(written)
        assert again == read
        assert type(again.field) is type(read.field)  # type: ignore[attr-defined]
        assert set(written.get("field", stored)) == set(stored)


@pytest.mark.parametrize(
    ("annotation", "stored"),
    [
        (time, {"S": "2024"}),
        (time, {"S": "12:30"}),
        (NaiveDatetime, {"S": "2024-01-01"}),
        (IPv4Address, {"S": 1}),
        (IPvAnyAddress, {"S": 1}),
        (Mixed, {"BOOL": True}),
        (Right, {"N": "-1"}),
        (str | None, {"S": None}),
        (bool, {"BOOL": "no"}),
        (list[int], {"L": ""}),
        (tuple[()], {"L": {}}),
        (frozenset[str], {"SS": "abc"}),
        (set[int], {"NS": "12"}),
        (set[int], {"NS": ["1", "1.0"]}),
        (set[UUID], {"SS": [str(UUID(int=10)), str(UUID(int=10)).upper()]}),
        (set[bool], {"L": [{"BOOL": True}, {"BOOL": True}]}),
        (Any, {"NS": ["1", "1.0"]}),
        (Any, {"SS": "ab"}),
        (Json[int], {"S": 1}),
        (Annotated[str, Encoding("S", encode=str, decode=str)], {"S": 1}),
        (Annotated[int, Encoding("N", encode=str, decode=int)], {"N": "1_0"}),
    ],
    ids=map(str, count()),
)
def test_what_python_would_make_something_of_is_refused(annotation: Any, stored: Any) -> None:
    """Constructors of Python take more than what is ever written; none of that is a value."""
    with pytest.raises(CodecError):
        Fields(create_model("Sample", field=(annotation, ...))).decode({"field": stored})


@pytest.mark.parametrize(
    "annotation",
    [
        *(
            int,
            float,
            Decimal,
            timedelta,
            ByteSize,
            Level,
            Mixed,
            Right,
            Literal[1, 2],
            Any,
            JsonValue,
        ),
        *(
            int | None,
            int | str,
            list[int],
            tuple[int, ...],
            tuple[float, int],
            set[int],
            frozenset[Decimal],
        ),
        *(
            set[float],
            set[Level],
            set[Any],
            dict[str, int],
            dict[int, int],
            dict[Decimal, str],
            deque[int],
        ),
        *(Line, list[Line], Tags, Box[int], Annotated[int, Encoding("N", encode=str, decode=int)]),
        *(Annotated[Secret[int], PlainText()], NonNegativeInt, list[Any], dict[str, JsonValue]),
        *(
            Annotated[datetime, TimeToLive()],
            Counter[str],
            int | list[int],
            Pair,
            Point,
            Scores,
        ),
    ],
    ids=map(str, count()),
)
def test_a_number_that_dynamodb_never_stores_is_refused(annotation: Any) -> None:
    """Wherever a number may stand, it is what DynamoDB calls a number."""
    fields = Fields(create_model("Sample", field=(annotation, ...)))
    for number in NO_NUMBERS:
        for stored in _with(number):
            with pytest.raises(CodecError):
                fields.decode({"field": stored})


def _with(number: Any) -> Iterator[dict[str, Any]]:
    """A number in all places where the types above have one."""
    stored = {"N": number}
    yield stored
    yield {"NS": [number]}
    yield {"L": [stored]}
    yield {"L": [{"N": "1"}, stored]}
    yield {"L": [stored, {"S": "a"}]}
    yield {"L": [{"M": {"sku": {"S": "a"}, "n": stored}}]}
    for name in ("a", "content", "x", "size"):
        yield {"M": {name: stored, "name": {"S": "a"}, "y": {"N": "1"}}}
    yield {"M": {"sku": {"S": "a"}, "n": stored}}


@pytest.mark.parametrize(
    "annotation", [dict[int, int], dict[Decimal, int], dict[Level, int]], ids=repr
)
def test_a_key_of_a_map_that_is_no_number_is_refused(annotation: Any) -> None:
    """Map keys are texts, so a foreign writer may have made any."""
    for text in (one for one in NO_NUMBERS if isinstance(one, str)):
        with pytest.raises(CodecError):
            codec_for(annotation).decode({"M": {text: {"N": "1"}}})


def test_the_documentation_has_the_same_table() -> None:
    """The page of types shows what is tested here."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "types.md"

    assert table() in page.read_text(encoding="utf-8")


@dataclass
class Crate(Generic[T]):
    """A generic dataclass with a factory for a default."""

    content: T
    labels: list[str] = dataclasses.field(default_factory=list)


class Spelled(Enum):
    """An enum that takes another spelling of its member."""

    HALF = Decimal("0.50")

    @classmethod
    def _missing_(cls, value: object) -> Spelled | None:
        return cls.HALF if value == "half" else None


class Loose(TypedDict):
    """A TypedDict in the words of older code."""

    a: Required[int]
    b: NotRequired[list[int]]


class Branch(BaseModel, Generic[T]):
    """A generic model that contains itself."""

    leaf: T
    more: list[Branch[T]] = []


class Frozen(BaseModel, frozen=True):
    """A model that may be in a set."""

    a: int


Bound = TypeVar("Bound", bound=int)
Chosen = TypeVar("Chosen", int, str)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Crate[UUID], Crate(UUID(int=1), ["x"])),
        (Loose, {"a": 1, "b": []}),
        (set, {1, 2}),
        (frozenset[Any], frozenset()),
        (list, [None]),
        (tuple, (1, "a")),
        (dict, {"a": [1]}),
        (Bound, 3),
        (Chosen, "a"),
        (Annotated[SecretStr | None, PlainText()], SecretStr("s")),
        (Literal[None], None),  # noqa: PYI061
        (Annotated[int, Encoding("N", encode=str, decode=int)], 7),
        (Annotated[str, Encoding("B", encode=str.encode, decode=bytes.decode)], "é"),
        (dict[Any, int], {"a": 1}),
        (dict[int, set[int]], {3 * 10**60: {5 * 10**60}}),
        (tuple[Crate[int], ...], (Crate(1),)),
        (dict[HttpUrl, int], {HttpUrl("http://x.org"): 1}),
        (dict[float, int], {1: 2, 0.5: 3}),
        (dict[Path, int], {Path("a"): 1}),
        (Json[Line], Line(sku="a", count=1, note=None)),
        (Json[Loose], {"a": 1}),
        (Branch[int], Branch[int](leaf=1, more=[Branch[int](leaf=2)])),
        (list[Branch[UUID]], [Branch[UUID](leaf=UUID(int=1))]),
        (set[Frozen], {Frozen(a=1), Frozen(a=2)}),
        (frozenset[tuple[Frozen, int]], frozenset({(Frozen(a=1), 1)})),
        (SkipValidation[set[int]], {1}),
        (InstanceOf[UUID], UUID(int=1)),
        (SerializeAsAny[Line], Line(sku="a")),
        (list[OnErrorOmit[int]], [1]),
        (UUID7, UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")),
        (Base64UrlStr, "plain?>"),
        (Annotated[int, PlainSerializer(str)], 1),
        (Annotated[list[int], FailFast()], [1]),
    ],
    ids=map(str, count()),
)
def test_less_common_ways_to_name_a_type_are_known(annotation: Any, value: Any) -> None:
    """Bare containers, type variables, generic dataclasses and the like round-trip too."""
    fields = Fields(create_model("Sample", field=(annotation, ...)))
    written = fields.encode(fields.model.model_construct(field=value))

    assert fields.decode(written).field == value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("annotation", "stored", "says"),
    [
        (list[int], {"L": [{"N": "1"}, {"S": "x"}]}, "expected N for int, found S"),
        (list[int], {"S": "x"}, "expected L for list of int, found S"),
        (tuple[int, int], {"L": [{"N": "1"}]}, "expected 2 elements, found another number"),
        (set[int], {"SS": ["1"]}, "expected NS for set of int, found SS"),
        (set[int], {"NS": ["x"]}, "the N found is no number"),
        (set[int], {"NS": ["0.5"]}, "found a fraction"),
        (set[Any], {"S": "abc"}, "expected a set, found S"),
        (dict[UUID, int], {"M": {"x": {"N": "1"}}}, "the S found is no UUID"),
        (Spelled, {"N": "2"}, "the N found is no Spelled"),
        (Mixed, {"S": "three"}, "Mixed"),
        (Literal["a"], {"S": "b"}, "none of the values of the Literal"),
        (Literal["a", 1], {"BOOL": True}, "found BOOL, which no value of Literal"),
        (int | str, {"BOOL": True}, "found BOOL, which no member of the union is stored as"),
        (Any, {"X": 1}, "no attribute value is no attribute value"),
        (UUID, {"S": "x"}, "the S found is no UUID"),
        (bytes, {"B": "x"}, "the B found is no bytes"),
        (AwareDatetime, {"S": "2024-01-01T00:00:00"}, "expected an aware datetime"),
        (AwareDatetime, {"S": "2024-01-01T00:00:00.1234567"}, "expected an aware datetime"),
        (AwareDatetime, {"S": "2024-01-01T00:00:00.1234567Z"}, "whole microseconds"),
        (AwareDatetime, {"S": "2024-01-01T00:00:00.12345xZ"}, "the S found is no aware datetime"),
        (NaiveDatetime, {"S": "2024-01-01T00:00:00Z"}, "expected a naive datetime"),
        (time, {"S": "00:00:00.1234567"}, "whole microseconds"),
        (timedelta, {"N": "0.0000001"}, "whole microseconds"),
        (ANIMAL, {"M": {"kind": {"S": "cow"}}}, "the discriminator found names no member"),
        (PostgresDsn, {"N": "1"}, "expected S for PostgresDsn"),
        (date, {"S": "20200101"}, "the S found is no date"),
        (date, {"S": "2020-W01-1"}, "the S found is no date"),
        (UUID, {"S": f"{{{UUID(int=1)}}}"}, "the S found is no UUID"),
        (UUID, {"S": UUID(int=1).hex}, "the S found is no UUID"),
        *[
            (kind, {"N": text}, "the N found is no number")
            for kind in (Any, JsonValue, timedelta)
            for text in ("1_0", " 1", "1 ", "", "NaN", "inf", "\N{ARABIC-INDIC DIGIT ONE}")
        ],
        (int, {"N": "NaN"}, "the N found is no number"),
        (dict[int, int], {"M": {"01": {"N": "1"}}}, "not in the form written for int"),
        (dict[int, int], {"M": {"1": {"N": "1"}, "01": {"N": "1"}}}, "not in the form"),
        (dict[Decimal, int], {"M": {"1": {"N": "1"}, "1.0": {"N": "1"}}}, "are equal"),
        (dict[float, int], {"M": {"1": {"N": "1"}, "1.0": {"N": "1"}}}, "are equal"),
        (dict[UUID, int], {"M": {str(UUID(int=10)).upper(): {"N": "1"}}}, "not in the form"),
    ],
    ids=map(str, count()),
)
def test_what_another_writer_stored_is_refused(annotation: Any, stored: Any, says: str) -> None:
    """A stored form that the type does not have is a CodecError, and shows no value."""
    fields = Fields(create_model("Sample", field=(annotation, ...)))
    with pytest.raises(CodecError, match=says):
        fields.decode({"field": stored})


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (bool, 1),
        (HttpUrl, AnyUrl("http://x.org")),
        (IPvAnyAddress, "10.0.0.1"),
        (NameEmail, "a@b.org"),
        (re.Pattern[str], "a"),
        (Annotated[SecretStr, PlainText()], "s"),
        (Right, 1),
        (Status, "open"),
        (Literal["a"], []),
        (Tags, ["a"]),
        (set[int], frozenset({1})),
        (set[Any], [1]),
        (dict[str, int], [("a", 1)]),
        (Line, {"sku": "a"}),
        (timedelta, 1),
        (time, time(1, tzinfo=ZoneInfo("Europe/Paris"))),
        (AwareDatetime, datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))),
        (Annotated[int, Encoding("N", encode=lambda _: "x", decode=int)], 1),
        (Annotated[int, Encoding("S", encode=lambda _: 1, decode=int)], 1),
        (Annotated[int, Encoding("S", encode=lambda one: one.nope, decode=int)], 1),
        (list[Options], [{}]),
        (list[Options], [{"name": "a", "undeclared": 1}]),
    ],
    ids=map(str, count()),
)
def test_a_value_of_another_type_is_not_written(annotation: Any, value: Any) -> None:
    """Whatever came around Pydantic is refused, for it could never be read again."""
    with pytest.raises(CodecError):
        codec_for(annotation).encode(value)


def test_what_comes_back_as_an_equal_of_another_kind_is_as_documented() -> None:
    """A set for a frozenset where any type may be, and a bound that is given by a validator."""
    bounded = Annotated[deque[int], AfterValidator(lambda one: deque(one, 2))]
    fields = Fields(
        create_model("Sample", loose=(Any, ...), free=(deque[int], ...), held=(bounded, ...))
    )
    held = fields.model.model_validate(
        {"loose": frozenset({1}), "free": deque([1], 2), "held": deque([1, 2, 3])}
    )
    read: Any = fields.decode(fields.encode(held))

    assert read == held
    assert (type(read.loose), read.free.maxlen, read.held.maxlen) == (set, None, 2)


class Marked:
    """A class that Pydantic knows by what stands beside it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Marked) and other.text == self.text

    __hash__ = None  # type: ignore[assignment]


class Beside:
    """Says what a class is made of: a text."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return no_info_plain_validator_function(
            lambda value: source(getattr(value, "text", value)),
            serialization=plain_serializer_function_ser_schema(lambda value: value.text),
        )


@dataclass
class Itself:
    """A dataclass that is a text to Pydantic."""

    text: str

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        return Beside().__get_pydantic_core_schema__(source, handler)

    def __str__(self) -> str:
        return self.text


def test_a_class_may_be_known_to_pydantic_alone() -> None:
    """By itself, or by what stands beside it; else it is refused with what it lacks."""
    for annotation, value in [
        (Annotated[Marked, Beside()], Marked("a")),
        (Itself, Itself("a")),
        (list[Annotated[Marked, Beside()]], [Marked("a")]),
    ]:
        model = create_model("Sample", field=(annotation, ...))
        item = Fields(model).encode(model(field=value))
        assert Fields(model).decode(item).field == value  # type: ignore[attr-defined]
        assert "M" not in item["field"]
    with pytest.raises(SchemaError, match="Marked cannot be stored exactly: give it functions"):
        codec_for(Annotated[Marked, "nothing"])


def test_the_order_of_a_union_is_its_own() -> None:
    """Not that of an equal one, which `typing` remembers."""
    for first, second in [(UUID, str), (str, UUID)]:
        codec = codec_for(list[first | second] | None)  # type: ignore[valid-type]
        read = codec.decode({"L": [{"S": str(UUID(int=1))}]})
        assert type(read[0]) is first
