"""The table of encodings: what each type looks like in DynamoDB.

The tests of writing and of reading range over it, and so does the table in the documentation.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum, auto
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    TypeVar,
)
from uuid import UUID

import pydantic.dataclasses
from pydantic import (
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    Base64Str,
    BaseModel,
    ByteSize,
    Discriminator,
    EmailStr,
    Field,
    HttpUrl,
    IPvAnyAddress,
    Json,
    JsonValue,
    NaiveDatetime,
    NameEmail,
    NonNegativeInt,
    PastDate,
    PastDatetime,
    PositiveInt,
    PostgresDsn,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    StringConstraints,
    Tag,
)
from typing_extensions import TypeAliasType, TypedDict

from dynrepo.markers import Attribute, Encoding, PlainText

T = TypeVar("T")


class Status(StrEnum):
    """An enum of strings."""

    OPEN = "open"
    PAID = "paid"


class Level(IntEnum):
    """An enum of ints."""

    LOW = 1
    HIGH = 2


class Mixed(Enum):
    """An enum of values of several types."""

    ONE = 1
    TWO = "two"
    HALF = Decimal("0.5")


class Right(Flag):
    """A flag."""

    READ = auto()
    WRITE = auto()


class Line(BaseModel):
    """A nested model."""

    sku: str
    count: Annotated[int, Attribute("n")] = 1
    note: str | None = None


class Node(BaseModel):
    """A recursive model."""

    name: str
    children: list[Node] = []


class Ping(BaseModel):
    """One of two that contain each other."""

    pong: Pong | None = None


class Pong(BaseModel):
    """The other one."""

    ping: Ping | None = None


class Box(BaseModel, Generic[T]):
    """A generic model."""

    content: T


class Tags(RootModel[list[str]]):
    """A model that is its root."""


@dataclass
class Point:
    """A dataclass of the standard library."""

    x: int
    y: int = 0


@pydantic.dataclasses.dataclass(frozen=True)
class Pixel:
    """A dataclass of Pydantic."""

    x: int
    colour: str = "red"


class Options(TypedDict):
    """A dict with declared keys."""

    name: str
    size: NotRequired[int | None]


class Pair(NamedTuple):
    """A tuple with names."""

    left: int
    right: str = "r"


class Cat(BaseModel):
    """A member of unions."""

    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    """Another one."""

    kind: Literal["dog"] = "dog"
    name: str


class Colour:
    """A class that Pydantic knows nothing of."""

    def __init__(self, red: int) -> None:
        self.red = red

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Colour) and other.red == self.red

    def __hash__(self) -> int:
        return hash(self.red)

    @classmethod
    def parse(cls, text: str) -> Colour:
        """The colour of a text."""
        return cls(int(text, 16))

    def text(self) -> str:
        """The text of a colour."""
        return f"{self.red:02x}"


def _which(value: Any) -> str:
    """What a callable discriminator says of an animal, made or stored."""
    return (
        "cat" if isinstance(value, Cat) or (isinstance(value, dict) and "lives" in value) else "dog"
    )


UserId = NewType("UserId", int)
Scores = TypeAliasType("Scores", dict[str, int])
Tree = TypeAliasType("Tree", "dict[str, Tree] | list[Tree] | int")

_ID = UUID("123e4567-e89b-12d3-a456-426614174000")
_PLUS_TWO = timezone(timedelta(hours=2))


@dataclass(frozen=True)
class Example:
    """A type, a value of it, and what is stored for the value."""

    name: str
    annotation: Any
    value: Any
    stored: dict[str, Any]
    key: str = ""
    """What the type may be in a key: a sort key too, a partition key only, or nothing."""

    @property
    def model(self) -> type[BaseModel]:
        """A model with a field of the type."""
        return pydantic.create_model(
            "Sample",
            __config__=pydantic.ConfigDict(arbitrary_types_allowed=True),
            field=(self.annotation, ...),
        )


def _s(text: str) -> dict[str, Any]:
    return {"S": text}


def _n(text: str) -> dict[str, Any]:
    return {"N": text}


ENCODINGS = [
    # Scalars
    Example("str", str, "ada ☃", _s("ada ☃"), "sort"),
    Example("str", str, "", _s(""), "sort"),
    Example("int", int, -36, _n("-36"), "sort"),
    Example("int", int, 10**38 - 1, _n("9" * 38), "sort"),
    Example("int", int, 3 * 10**125, _n("3E+125"), "sort"),
    Example("float", float, 0.1, _n("0.1"), "sort"),
    Example("float", float, 1e-130, _n("1e-130"), "sort"),
    Example("Decimal", Decimal, Decimal("12.50"), _n("12.50"), "sort"),
    Example("Decimal", Decimal, Decimal("1E+125"), _n("1E+125"), "sort"),
    Example("bool", bool, True, {"BOOL": True}),
    Example("bytes", bytes, b"\x00\xff", {"B": "AP8="}, "sort"),
    Example("bytes", bytes, b"", {"B": ""}, "sort"),
    Example("None", None, None, {"NULL": True}),
    # Dates and times
    Example("date", date, date(987, 6, 5), _s("0987-06-05"), "sort"),
    Example("PastDate", PastDate, date(2020, 1, 2), _s("2020-01-02"), "sort"),
    Example("time", time, time(1, 2, 3), _s("01:02:03.000000")),
    Example("time", time, time(1, 2, tzinfo=_PLUS_TWO), _s("01:02:00.000000+02:00")),
    Example(
        "timedelta", timedelta, timedelta(days=-1, microseconds=1), _n("-86399.999999"), "sort"
    ),
    Example("timedelta", timedelta, timedelta(hours=1), _n("3600"), "sort"),
    Example(
        "datetime, AwareDatetime",
        AwareDatetime,
        datetime(2024, 2, 29, 1, 0, 0, 5, tzinfo=_PLUS_TWO),
        _s("2024-02-28T23:00:00.000005Z"),
        "sort",
    ),
    Example(
        "datetime, AwareDatetime",
        datetime,
        datetime(99, 1, 1, tzinfo=UTC),
        _s("0099-01-01T00:00:00.000000Z"),
        "sort",
    ),
    Example(
        "PastDatetime",
        PastDatetime,
        datetime(2020, 1, 1, tzinfo=UTC),
        _s("2020-01-01T00:00:00.000000Z"),
        "sort",
    ),
    Example(
        "NaiveDatetime",
        NaiveDatetime,
        datetime(2024, 1, 1),  # noqa: DTZ001
        _s("2024-01-01T00:00:00.000000"),
        "sort",
    ),
    # Names and addresses
    Example("UUID", UUID, _ID, _s(str(_ID)), "sort"),
    Example("EmailStr", EmailStr, "ada@example.com", _s("ada@example.com"), "sort"),
    Example(
        "NameEmail",
        NameEmail,
        NameEmail("Ada", "ada@example.com"),
        {"M": {"name": _s("Ada"), "email": _s("ada@example.com")}},
    ),
    Example(
        "AnyUrl, HttpUrl ...",
        HttpUrl,
        HttpUrl("http://x.org/é"),
        _s("http://x.org/%C3%A9"),
        "partition",
    ),
    Example("AnyUrl, HttpUrl ...", AnyUrl, AnyUrl("ftp://x.org"), _s("ftp://x.org/"), "partition"),
    Example(
        "PostgresDsn ...",
        PostgresDsn,
        PostgresDsn("postgres://a:b@h1,h2/db"),
        _s("postgres://a:b@h1,h2/db"),
        "partition",
    ),
    Example("IPv4Address", IPv4Address, IPv4Address("10.0.0.1"), _s("10.0.0.1"), "partition"),
    Example("IPv6Address", IPv6Address, IPv6Address("::1"), _s("::1"), "partition"),
    Example("IPvAnyAddress", IPvAnyAddress, IPv6Address("::1"), _s("::1"), "partition"),
    Example("IPv4Network", IPv4Network, IPv4Network("10.0.0.0/8"), _s("10.0.0.0/8"), "partition"),
    Example("IPv6Network", IPv6Network, IPv6Network("::/8"), _s("::/8"), "partition"),
    Example(
        "IPv4Interface", IPv4Interface, IPv4Interface("10.0.0.1/8"), _s("10.0.0.1/8"), "partition"
    ),
    Example("IPv6Interface", IPv6Interface, IPv6Interface("::1/8"), _s("::1/8"), "partition"),
    Example("Path", Path, Path("/tmp/x"), _s("/tmp/x"), "partition"),  # noqa: S108
    Example("Pattern", re.Pattern[str], re.compile("a+"), _s("a+")),
    Example("Pattern", re.Pattern[bytes], re.compile(b"a+"), {"B": "YSs="}),
    Example("ByteSize", ByteSize, ByteSize(1024), _n("1024"), "sort"),
    # Choices
    Example("Enum", Status, Status.OPEN, _s("open"), "sort"),
    Example("Enum", Level, Level.HIGH, _n("2"), "sort"),
    Example("Enum of several types", Mixed, Mixed.ONE, _n("1")),
    Example("Enum of several types", Mixed, Mixed.TWO, _s("two")),
    Example("Flag", Right, Right.READ | Right.WRITE, _n("3"), "partition"),
    Example("Literal", Literal["a", "b"], "a", _s("a"), "sort"),
    Example("Literal of several types", Literal["a", 1, True], 1, _n("1")),
    Example("Literal of several types", Literal["a", 1, True], True, {"BOOL": True}),
    Example("Literal", Literal[Status.PAID] | None, None, {"NULL": True}, "sort"),
    # Secrets and encodings
    Example(
        "SecretStr with PlainText()", Annotated[SecretStr, PlainText()], SecretStr("s3"), _s("s3")
    ),
    Example(
        "SecretBytes with PlainText()",
        Annotated[SecretBytes, PlainText()],
        SecretBytes(b"a"),
        {"B": "YQ=="},
    ),
    Example(
        "Secret[T] with PlainText()", Annotated[Secret[int], PlainText()], Secret[int](7), _n("7")
    ),
    Example(
        "any type with Encoding(...)",
        Annotated[Colour, Encoding("S", encode=Colour.text, decode=Colour.parse)],
        Colour(255),
        _s("ff"),
        "sort",
    ),
    Example("Base64Bytes ...", Base64Bytes, b"plain", {"B": "cGxhaW4="}),
    Example("Base64Str ...", Base64Str, "plain", _s("plain")),
    Example("Json[T]", Json[list[int]], [1, 2], _s("[1,2]")),
    Example("Json[T]", Json[dict[str, Any]], {"a": None}, _s('{"a":null}')),
    # Optional and unions
    Example("T | None", int | None, 1, _n("1"), "sort"),
    Example("T | None", Optional[str], None, {"NULL": True}, "sort"),  # noqa: UP045
    Example("unions told apart by tag", int | str | bytes | bool, "1", _s("1")),
    Example("unions told apart by tag", int | str | list[int] | None, [1], {"L": [_n("1")]}),
    Example("unions told apart by tag", Literal["a"] | str, "b", _s("b"), "sort"),  # noqa: PYI051
    Example("unions told apart by tag", Literal["a", 1] | Literal["b"], "b", _s("b")),  # noqa: PYI030
    Example(
        "unions told apart by tag", PositiveInt | Annotated[int, Field(lt=0)], -1, _n("-1"), "sort"
    ),
    Example("unions tried in their order", UUID | str, _ID, _s(str(_ID)), "sort"),
    Example("unions tried in their order", UUID | str, "ada", _s("ada"), "sort"),
    Example("unions tried in their order", int | float, 0.5, _n("0.5"), "sort"),
    Example(
        "unions tried in their order",
        AwareDatetime | date,
        date(2024, 1, 1),
        _s("2024-01-01"),
        "sort",
    ),
    Example(
        "unions tried in their order",
        Cat | Line,
        Line(sku="a"),
        {"M": {"sku": _s("a"), "n": _n("1")}},
    ),
    Example(
        "unions with a discriminator",
        Annotated[Cat | Dog, Field(discriminator="kind")],
        Cat(lives=9),
        {"M": {"kind": _s("cat"), "lives": _n("9")}},
    ),
    Example(
        "unions with a discriminator",
        list[Annotated[Cat | Dog | None, Discriminator("kind")]],
        [Dog(name="d"), None],
        {"L": [{"M": {"kind": _s("dog"), "name": _s("d")}}, {"NULL": True}]},
    ),
    Example(
        "unions with a discriminator function",
        Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(_which)],
        Dog(name="d"),
        {"M": {"kind": _s("dog"), "name": _s("d")}},
    ),
    # Records
    Example("models", Line, Line(sku="a"), {"M": {"sku": _s("a"), "n": _n("1")}}),
    Example(
        "recursive models",
        Node,
        Node(name="a", children=[Node(name="b")]),
        {
            "M": {
                "name": _s("a"),
                "children": {"L": [{"M": {"name": _s("b"), "children": {"L": []}}}]},
            }
        },
    ),
    Example(
        "recursive models",
        Ping,
        Ping(pong=Pong(ping=Ping())),
        {"M": {"pong": {"M": {"ping": {"M": {}}}}}},
    ),
    Example("generic models", Box[UUID], Box[UUID](content=_ID), {"M": {"content": _s(str(_ID))}}),
    Example("RootModel", Tags, Tags(["a"]), {"L": [_s("a")]}),
    Example("dataclasses", Point, Point(1), {"M": {"x": _n("1"), "y": _n("0")}}),
    Example("dataclasses", Pixel, Pixel(1), {"M": {"x": _n("1"), "colour": _s("red")}}),
    Example("TypedDict", Options, {"name": "a"}, {"M": {"name": _s("a")}}),
    Example(
        "TypedDict",
        Options,
        {"name": "a", "size": None},
        {"M": {"name": _s("a"), "size": {"NULL": True}}},
    ),
    Example("NamedTuple", Pair, Pair(1, "b"), {"L": [_n("1"), _s("b")]}),
    # Containers
    Example("list, deque", list[int | None], [1, None], {"L": [_n("1"), {"NULL": True}]}),
    Example("list, deque", list[set[int]], [{1}, set()], {"L": [{"NS": ["1"]}, {"L": []}]}),
    Example("list, deque", deque[str], deque(["a"]), {"L": [_s("a")]}),
    Example("Sequence (holding a list)", Sequence[str], ["a"], {"L": [_s("a")]}),
    Example("tuple", tuple[int, str], (1, "a"), {"L": [_n("1"), _s("a")]}),
    Example("tuple", tuple[int, ...], (1, 2), {"L": [_n("1"), _n("2")]}),
    Example("tuple", tuple[()], (), {"L": []}),
    Example("set, frozenset of S", frozenset[str], frozenset({"a"}), {"SS": ["a"]}),
    Example("set, frozenset of S", set[UUID], {_ID}, {"SS": [str(_ID)]}),
    Example("set, frozenset of S", set[date], {date(2024, 1, 1)}, {"SS": ["2024-01-01"]}),
    Example("set, frozenset of S", set[Status], {Status.OPEN}, {"SS": ["open"]}),
    Example("set, frozenset of N", set[int], {1}, {"NS": ["1"]}),
    Example("set, frozenset of N", set[Decimal], {Decimal("1.5")}, {"NS": ["1.5"]}),
    Example("set, frozenset of N", frozenset[Level], frozenset({Level.LOW}), {"NS": ["1"]}),
    Example("set, frozenset of B", set[bytes], {b"a"}, {"BS": ["YQ=="]}),
    Example("set, frozenset of B", set[bytes], {b""}, {"BS": [""]}),
    Example("set, frozenset of anything else", set[bool], {True}, {"L": [{"BOOL": True}]}),
    Example(
        "set, frozenset of anything else",
        frozenset[tuple[int, int]],
        frozenset({(1, 2)}),
        {"L": [{"L": [_n("1"), _n("2")]}]},
    ),
    Example("dict, Mapping, defaultdict, Counter", dict[str, int], {"a": 1}, {"M": {"a": _n("1")}}),
    Example("dict, Mapping, defaultdict, Counter", dict[int, str], {1: "a"}, {"M": {"1": _s("a")}}),
    Example(
        "dict, Mapping, defaultdict, Counter", dict[UUID, int], {_ID: 1}, {"M": {str(_ID): _n("1")}}
    ),
    Example(
        "dict, Mapping, defaultdict, Counter",
        dict[Level, int],
        {Level.LOW: 1},
        {"M": {"1": _n("1")}},
    ),
    Example(
        "dict, Mapping, defaultdict, Counter",
        Mapping[date, int],
        {date(2024, 1, 1): 1},
        {"M": {"2024-01-01": _n("1")}},
    ),
    Example(
        "dict, Mapping, defaultdict, Counter",
        defaultdict[str, list[int]],
        defaultdict(list, {"a": [1]}),
        {"M": {"a": {"L": [_n("1")]}}},
    ),
    Example(
        "dict, Mapping, defaultdict, Counter", Counter[str], Counter("a"), {"M": {"a": _n("1")}}
    ),
    # Free forms
    Example(
        "Any, dict[str, Any]",
        dict[str, Any],
        {"a": [1, Decimal("0.5"), None, True, b"x", {"y"}]},
        {
            "M": {
                "a": {
                    "L": [
                        _n("1"),
                        _n("0.5"),
                        {"NULL": True},
                        {"BOOL": True},
                        {"B": "eA=="},
                        {"SS": ["y"]},
                    ]
                }
            }
        },
    ),
    Example(
        "JsonValue",
        JsonValue,
        {"a": [1, 0.1, None]},
        {"M": {"a": {"L": [_n("1"), _n("0.1"), {"NULL": True}]}}},
    ),
    # Ways to name a type
    Example("constrained types", NonNegativeInt, 3, _n("3"), "sort"),
    Example(
        "constrained types", Annotated[str, StringConstraints(to_lower=True)], "a", _s("a"), "sort"
    ),
    Example("NewType", UserId, UserId(1), _n("1"), "sort"),
    Example("type X = ...", Scores, {"a": 1}, {"M": {"a": _n("1")}}),
    Example("type X = ...", Tree, {"a": [1]}, {"M": {"a": {"L": [_n("1")]}}}),
]


NO_NUMBERS = (
    *(
        "",
        " 1",
        "1 ",
        "1\n",
        "1_0",
        "0x1",
        "1e",
        "e1",
        ".",
        "-",
        "+-1",
        "1-2",
        "1,5",
        "--1",
        "\N{MINUS SIGN}1",
    ),
    *(
        "NaN",
        "nan",
        "sNaN",
        "NaN1",
        "inf",
        "Infinity",
        "-Infinity",
        "1E+126",
        "1E+999999999",
        "1E-131",
    ),
    *("\N{FULLWIDTH DIGIT ONE}", "\N{ARABIC-INDIC DIGIT ONE}", "\N{SUPERSCRIPT TWO}", "1\0"),
    *("9" * 39, "9" * 5000, "0." + "1" * 39, 1, 1.5, True, None, [], ["1"], {}, b"1"),
)
"""What `int`, `float` or `Decimal` may take, and DynamoDB never stores as a number."""


_INSTANT = "`YYYY-MM-DDThh:mm:ss.ffffffZ`, in UTC"
_DAY = "`YYYY-MM-DD`"
_NORMAL = "as Pydantic spells it"
_PLAIN = "as `str()` spells it"
KEY_SPELLINGS = {
    "date": _DAY,
    "PastDate": _DAY,
    "datetime, AwareDatetime": _INSTANT,
    "PastDatetime": _INSTANT,
    "NaiveDatetime": "`YYYY-MM-DDThh:mm:ss.ffffff`",
    "UUID": "lower case, with hyphens",
    "AnyUrl, HttpUrl ...": _NORMAL,
    "PostgresDsn ...": _NORMAL,
    **{
        f"IP{kind}": _PLAIN
        for kind in (
            *("v4Address", "v6Address", "vAnyAddress"),
            *("v4Network", "v6Network", "v4Interface", "v6Interface"),
        )
    },
    "Path": _PLAIN,
    "Enum": "the value of the member",
    "any type with Encoding(...)": "what `encode` makes",
}
"""How a key of a type has to be spelled, where that is not the text, or the number, itself."""
_BY_TAG = {"S": "the text", "N": "the number, in any digits", "B": "the bytes"}


_DIGITS = "any digits, as `1E+3`"
_CLASS = "what the class takes"
ALSO_READ = {
    **dict.fromkeys(("int", "Decimal", "timedelta", "ByteSize", "Flag"), _DIGITS),
    "float": "any number, as the nearest float",
    **dict.fromkeys(
        ("datetime, AwareDatetime", "PastDatetime"),
        "ISO 8601 with an offset and a time, of whole microseconds",
    ),
    "NaiveDatetime": "ISO 8601 without an offset, with a time, of whole microseconds",
    "time": "ISO 8601 with seconds and colons, of whole microseconds",
    "UUID": "upper case",
    **dict.fromkeys(("AnyUrl, HttpUrl ...", "PostgresDsn ..."), "what Pydantic takes"),
    **dict.fromkeys((name for name in KEY_SPELLINGS if name.startswith("IP")), _CLASS),
    "Path": _CLASS,
    "Enum": "what `_missing_` takes",
    "any type with Encoding(...)": "what `decode` takes",
    "Json[T]": "any JSON of a T",
    "T | None": "NULL, as None",
    "set, frozenset of S": "an empty list",
    "set, frozenset of N": "an empty list",
    "set, frozenset of B": "an empty list",
}
"""What is read of a type besides what is written; in a key that alone is read, but for digits."""
CORE = ("str", "bool", "date", "PastDate", "datetime, AwareDatetime", "PastDatetime", "UUID")
"""The types that pydantic-core reads from the text of an answer, in the form that is written."""
_CORE, _PARTS, _PYTHON = "pydantic-core", "as its parts", "a Python function a value"
READ_BY = {
    **dict.fromkeys(CORE, _CORE),
    **dict.fromkeys(("int", "float", "Decimal"), f"{_CORE}; with an exponent {_PYTHON}"),
    **dict.fromkeys(("Enum", "Literal"), f"{_CORE}, of texts; of others {_PYTHON}"),
    **dict.fromkeys(("set, frozenset of S", "set, frozenset of N"), _PARTS),
    **dict.fromkeys(("T | None", "models", "generic models", "constrained types"), _PARTS),
    **dict.fromkeys(("list, deque", "dict, Mapping, defaultdict, Counter"), _PARTS),
    **dict.fromkeys(("NewType", "type X = ..."), _PARTS),
}
"""Who reads a type, where that is no function of Python."""


def table() -> str:
    """The table of the documentation."""
    heads = ("Type", "A value", "Stored as", "Read as well", "Read by", "In a key", "Spelled there")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [
        f"| {one.name} | {_code(one.value)} | {_code(one.stored)} |"
        f" {ALSO_READ.get(one.name, '')} | {READ_BY.get(one.name, _PYTHON)} |"
        f" {_KEYS[one.key]} | {_spelling(one)} |"
        for one in ENCODINGS
    ]
    return "\n".join(lines)


_KEYS = {"sort": "partition, sort", "partition": "partition", "": ""}


def _spelling(example: Example) -> str:
    (tag,) = example.stored
    return KEY_SPELLINGS.get(example.name, _BY_TAG.get(tag, "")) if example.key else ""


def _code(value: Any) -> str:
    text = repr(value) if not isinstance(value, Colour) else "Colour(255)"
    if text.startswith("PosixPath"):
        text = text.removeprefix("Posix")
    return "`" + text.replace("|", "\\|") + "`"
