"""Items whose values are, here and there, not in the form in which dynrepo writes them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, JsonValue

from dynrepo.markers import PartitionKey
from tests.encodings import Cat, Dog

if TYPE_CHECKING:
    from random import Random


class Colour(Enum):
    """An enum of texts."""

    RED = "red"


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


class Line(BaseModel):
    """A model in lists and maps."""

    sku: str
    count: int
    price: Decimal | None = None
    at: AwareDatetime | None
    tags: set[str] = set()


class Free(BaseModel):
    """A model of which nothing need be stored."""

    a: int = 1
    b: str | None = None


class Odd(BaseModel):
    """Every kind of place that a value may stand in."""

    id: Annotated[UUID, PartitionKey()]
    text: str = "x"
    name: str
    number: int
    ratio: float = 0.5
    price: Decimal
    is_open: bool = False
    day: date | None
    other: UUID | None = None
    lines: list[Line] = []
    line: Line | None = None
    first: Line
    free: Free = Free()
    perhaps_free: Free | None = None
    names: list[str]
    perhaps_names: list[str | None] = []
    numbers: list[int] | None = None
    counts: dict[str, int] = {}
    notes: dict[str, str | None] | None
    by_name: dict[str, Line]
    labels: set[str]
    ratings: frozenset[int] = frozenset()
    groups: list[set[int]] = []
    needed: str | None
    others: set[UUID] | None = None
    pet: Pet | None = None
    pets: list[Pet] = []
    mixed: int | str = 0
    colour: Colour = Colour.RED
    perhaps_colour: Colour | None = None
    letter: Literal["a", "b"] = "a"
    wait: timedelta | None = None
    pair: tuple[int, str] | None = None
    more: Annotated[int, AfterValidator(lambda value: value + 1)] | None = None
    most: Annotated[int | None, AfterValidator(lambda value: (value or 0) + 1)]
    thing: Any = None
    raw: bytes = b""
    document: JsonValue = None


NULL: dict[str, Any] = {"NULL": True}
IDENTIFIER = "123e4567-e89b-12d3-a456-426614174000"
DIGITS = "12345678901234567890123456789012345678"
MISPLACED: list[dict[str, Any]] = [
    *({tag: NULL} for tag in ("S", "N", "B", "BOOL", "SS", "NS", "NULL")),
    *({tag: {"L": []}} for tag in ("S", "N", "SS", "NS", "L")),
    *({"S": {"S": "a"}}, {"S": {"N": "1"}}, {"N": {"N": "1"}}, {"N": {"S": "a"}}),
    *({"S": {"NULL": "a"}}, {"N": {"NULL": "1"}}, {"SS": {"L": ["a"]}}, {"SS": {"SS": ["a"]}}),
]
"""Attribute values below the tags of others, where no table has any."""
ODD: list[dict[str, Any]] = [
    *({"S": text} for text in ("a", "red", "b", "", "2024-02-29", "2024-02-29T01:02:03+00:00")),
    *({"S": text} for text in ("2024-02-29T01:02:03.000000Z", IDENTIFIER, IDENTIFIER.upper())),
    *({"N": text} for text in ("1", "1E+3", DIGITS, "1.50", "0.12345678901234567", "1_0", " 1")),
    *({"BOOL": value} for value in (True, False)),
    *({"SS": texts} for texts in (["a", "b"], [IDENTIFIER], [IDENTIFIER.upper()])),
    *({"NS": texts} for texts in (["1", "2"], ["1E+1"])),
    *(NULL, {"L": []}, {"M": {}}, {"B": "YWI="}, {"L": [NULL]}, {"M": {"NULL": NULL}}),
    *MISPLACED,
]


class OddItems:
    """Makes items of `Odd`: readable ones, but for `share` of the values, which may be anything."""

    def __init__(self, chance: Random, share: float) -> None:
        self._chance = chance
        self._share = share

    def item(self) -> dict[str, Any]:
        """One item."""
        some, texts, numbers = self._some, self._text, self._number
        values: dict[str, Any] = {
            "text": texts(),
            "name": texts(),
            "number": numbers(),
            "ratio": some({"N": "1.5"}, {"N": "0.12345678901234567"}),
            "price": numbers(),
            "is_open": {"BOOL": True},
            "day": some({"S": "2024-02-29"}, NULL),
            "other": some({"S": IDENTIFIER}, {"S": IDENTIFIER.upper()}, NULL),
            "lines": {"L": [self._line(), self._line()]},
            "line": some(self._line(), NULL),
            "first": self._line(),
            "free": {"M": {"a": numbers(), "b": texts()}},
            "perhaps_free": some({"M": {}}, NULL),
            "names": {"L": [texts()]},
            "perhaps_names": {"L": [texts(), NULL]},
            "numbers": some({"L": [numbers()]}, NULL),
            "counts": {"M": {"a": numbers(), "NULL": numbers()}},
            "notes": some({"M": {"S": texts(), "M": NULL}}, NULL),
            "by_name": {"M": {"a": self._line()}},
            "labels": some({"SS": ["a", "b"]}, {"L": []}),
            "ratings": some({"NS": ["1", "2E+1"]}, {"L": []}),
            "groups": {"L": [some({"NS": ["1"]}), some({"L": []})]},
            "needed": some(texts(), NULL),
            "others": some({"SS": [IDENTIFIER]}, {"SS": [IDENTIFIER.upper()]}, NULL),
            "pet": {"M": {"kind": {"S": "cat"}, "lives": numbers()}},
            "pets": {"L": [{"M": {"kind": {"S": "dog"}, "name": texts()}}]},
            "mixed": some(numbers(), texts()),
            "colour": {"S": "red"},
            "perhaps_colour": some({"S": "red"}, NULL),
            "letter": {"S": "b"},
            "wait": some({"N": "1.5"}, NULL),
            "pair": {"L": [numbers(), texts()]},
            "more": some(numbers(), NULL),
            "most": some(numbers(), NULL),
            "thing": texts(),
            "raw": {"B": "YWI="},
            "document": {"L": [NULL]},
        }
        needed = ("name", "number", "price", "first", "names", "by_name")
        kept = [name for name in values if name in needed or self._chance.random() < 0.8]
        item = {name: self._or_odd(values[name]) for name in kept}
        return {"id": self._or_odd({"S": IDENTIFIER}), **item}

    def _line(self) -> dict[str, Any]:
        line = {"sku": self._text(), "count": self._number()}
        more = {
            "price": self._some(self._number(), NULL),
            "at": self._some({"S": "2024-02-29T01:02:03+00:00"}, NULL),
            "tags": self._some({"SS": ["a", "b"]}, {"L": []}),
        }
        kept = [name for name in more if self._chance.random() < 0.6]
        return self._or_odd({"M": {**line, **{name: more[name] for name in kept}}})

    def _text(self) -> dict[str, Any]:
        return self._some({"S": "a"}, {"S": "\u00e9"})

    def _number(self) -> dict[str, Any]:
        return self._some({"N": "7"}, {"N": "1E+3"}, {"N": DIGITS})

    def _some(self, *values: dict[str, Any]) -> dict[str, Any]:
        return self._or_odd(self._chance.choice(values))

    def _or_odd(self, value: dict[str, Any]) -> dict[str, Any]:
        return self._chance.choice(ODD) if self._chance.random() < self._share else value
