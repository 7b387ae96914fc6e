"""Whether a model asks no more of its values than their types."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    NaiveDatetime,
    PositiveInt,
    StringConstraints,
    create_model,
)

from dynrepo.codec.plain import is_plain
from dynrepo.errors import CodecError
from dynrepo.markers import Encoding, PartitionKey
from dynrepo.schema.entity import Fields

T = TypeVar("T")


class Colour(Enum):
    """A choice."""

    RED = "red"


class Part(BaseModel, frozen=True):
    """A part of something."""

    size: int = 0
    parts: list[Part] = []


class Box(BaseModel, Generic[T]):
    """Holds something."""

    content: T


PLAIN: list[Any] = [
    *(str, int, float, bool, bytes, Decimal, UUID, date, AwareDatetime, NaiveDatetime, timedelta),
    *(Any, Colour, Literal["a", 1], Part, Box[int], int | None, list[str], set[int]),
    *(frozenset[UUID], dict[str, list[Part | None]], tuple[int, ...], tuple[str, Decimal]),
    Annotated[str, PartitionKey(index="by_field")],
]

ASKING: list[Any] = [
    *(PositiveInt, Annotated[int, Field(ge=0)], Annotated[str, Field(max_length=3)]),
    *(Annotated[str, StringConstraints(to_lower=True)], Annotated[str, Field(pattern="a")]),
    *(Annotated[str, AfterValidator(str.lower)], Annotated[Decimal, Field(max_digits=3)]),
    *(list[PositiveInt], dict[str, Annotated[int, Field(lt=9)]], PositiveInt | None),
    *(Annotated[list[int], Field(min_length=1)], Annotated[set[int], Field(max_length=1)]),
    *(HttpUrl, Box[PositiveInt], list[Box[PositiveInt]], tuple[PositiveInt, ...]),
]


@pytest.mark.parametrize("annotation", PLAIN, ids=str)
def test_types_are_plain(annotation: Any) -> None:
    """At any depth, with defaults, aliases and markers."""
    assert is_plain(create_model("M", field=(annotation, ...)))
    assert is_plain(create_model("M", field=(annotation, Field(default=None, alias="f"))))


@pytest.mark.parametrize("name", ["type", "ref", "metadata", "definitions"])
def test_a_field_may_have_the_name_of_a_key_of_schemas(name: str) -> None:
    """What its type asks is seen under any name, in a part too."""
    plain, asking = (create_model("M", **{name: (kind, ...)}) for kind in (str, PositiveInt))
    assert is_plain(plain)
    assert is_plain(create_model("M", parts=(list[plain], ...)))
    assert not is_plain(asking)
    assert not is_plain(create_model("M", parts=(list[asking], ...)))


@pytest.mark.parametrize("annotation", ASKING, ids=str)
def test_what_asks_for_more_is_not_plain(annotation: Any) -> None:
    """A bound, a pattern, a length, a function, wherever it stands."""
    assert not is_plain(create_model("M", field=(annotation, ...)))


def test_what_is_not_known_is_not_plain() -> None:
    """A type whose validation is Pydantic's own, a setting, a validator of the whole."""
    pytest.importorskip("email_validator")
    assert not is_plain(create_model("M", field=(EmailStr, ...)))


@pytest.mark.parametrize(
    "settings",
    [
        ConfigDict(str_max_length=3),
        ConfigDict(strict=True),
        ConfigDict(str_to_lower=True),
        ConfigDict(revalidate_instances="always"),
    ],
    ids=str,
)
def test_settings_that_ask_for_more_are_not_plain(settings: ConfigDict) -> None:
    """Those of a part count, too."""
    part = create_model("Part", __config__=settings, text=(str, ""))
    assert not is_plain(part)
    assert not is_plain(create_model("Whole", part=(part | None, None)))
    assert is_plain(create_model("M", __config__=ConfigDict(frozen=True, title="t"), n=(int, 0)))


class Init(BaseModel):
    """Makes something of what it is given."""

    text: str = ""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


class PostInit(BaseModel):
    """Looks at itself."""

    text: str = ""

    def model_post_init(self, _: Any, /) -> None:
        """Nothing."""


def test_code_of_a_model_is_not_plain() -> None:
    """Nor is a model of which no core schema is there."""
    assert not is_plain(Init)
    assert not is_plain(PostInit)
    assert not is_plain(BaseModel)


def test_what_is_written_by_functions_of_the_users_is_not_surely_read() -> None:
    """The core schema does not tell of an Encoding; the codecs do."""
    lowered = Annotated[str, Encoding("S", encode=str.lower, decode=str)]
    assert not Fields(create_model("M", words=(list[lowered], ...))).is_plain
    assert Fields(create_model("M", words=(list[str], ...))).is_plain


class Everything(BaseModel):
    """A field of each plain type."""

    text: str = ""
    number: int = 0
    real: float = 0.5
    exact: Decimal = Decimal(1)
    when: AwareDatetime | None = None
    day: datetime | None = None
    colour: Colour = Colour.RED
    word: Literal["a", "b"] = "a"
    part: Part = Part()
    parts: list[Part] = []
    tags: frozenset[str] = frozenset()
    by_name: dict[str, Part] = {}
    pair: tuple[int, str] = (1, "a")
    anything: Any = None


WRONG: list[Any] = [
    *(5, "5", 0.5, None, True, b"x", [], {}, set(), ("a", 1), object(), Colour.RED, "red"),
    *(datetime(2024, 1, 1), Part(), Part.model_construct(size="5"), [Part.model_construct()]),  # noqa: DTZ001
    *({"a": Part.model_construct(size=None)}, float("nan"), Decimal("Infinity"), 10**40),
]


@pytest.mark.parametrize("name", Everything.model_fields)
def test_what_a_plain_model_writes_is_read_again(name: str) -> None:
    """Whatever stands in a field: it is refused by its codec, or is read as it was."""
    fields = Fields(Everything)
    assert fields.is_plain
    for wrong in WRONG:
        instance = Everything.model_construct(**{name: wrong})
        try:
            stored = fields.encode(instance)
        except CodecError:
            continue
        assert getattr(fields.decode(stored), name) == wrong
