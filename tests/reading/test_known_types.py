"""What pydantic-core takes from below a tag is what the codec reads, or is left to it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AwareDatetime, Field, PydanticUserError, Strict, TypeAdapter

from dynrepo import encodings
from dynrepo.codec import codec_for
from dynrepo.codec.core_schemas import CoreSchema, NotAccelerated, PartParser, alone
from dynrepo.codec.times import DATE
from dynrepo.reading import known_types
from dynrepo.reading.known_types import checked
from tests.accelerator import if_accelerated
from tests.encodings import ENCODINGS, Example
from tests.reading.odd_items import IDENTIFIER

pytestmark = if_accelerated

each = pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, id=f"{number}-{example.name}")
        for number, example in enumerate(ENCODINGS)
    ],
)


class Colour(Enum):
    """An enum of texts."""

    RED = "red"


def schema_for(annotation: Any) -> CoreSchema:
    """What Pydantic validates a type by."""
    try:
        made: Any = TypeAdapter(annotation, config={"arbitrary_types_allowed": True}).core_schema
    except PydanticUserError:  # a class with a configuration of its own
        made = TypeAdapter(annotation).core_schema
    return dict(made)


def read(annotation: Any, stored: dict[str, Any], *, is_loose: bool = False) -> Any:
    """What the schema of a type makes of an attribute value; None where it is left to the codec."""
    codec = codec_for(annotation)
    leaf = checked(codec, schema_for(annotation), is_loose=is_loose)
    parse = PartParser("x", leaf, alone, validation_alias=[["x", codec.tag]])
    found = parse(json.dumps({"x": stored}).encode())
    return None if found is None or found[1] is None else found[1][0]


@each
def test_a_type_is_read_as_by_its_codec_or_left_to_it(example: Example) -> None:
    """A schema takes what is stored of every example for what the codec reads."""
    try:
        found = read(example.annotation, example.stored)
    except NotAccelerated:
        return
    assert found in (example.value, None)
    assert type(found) in (type(example.value), type(None))


@pytest.mark.parametrize(
    ("annotation", "stored", "value"),
    [
        (str, {"S": " a "}, " a "),
        (int, {"N": "-7"}, -7),
        (float, {"N": "0.1234567890123456789"}, None),
        (float, {"N": "1.5"}, 1.5),
        (bool, {"BOOL": True}, True),
        (date, {"S": "2024-02-29"}, date(2024, 2, 29)),
        (Colour, {"S": "red"}, Colour.RED),
        (Literal["a", "b"], {"S": "b"}, "b"),
        (set[int], {"NS": ["1", "2"]}, {1, 2}),
        (frozenset[str], {"SS": ["a"]}, frozenset("a")),
        (Annotated[int, Field(ge=0)], {"N": "0"}, 0),
        (Annotated[int, Field(ge=0)], {"N": "-1"}, None),
        (int, {"N": "1_0"}, None),
        (int, {"N": "9" * 39}, None),
        (bool, {"BOOL": "true"}, None),
        (date, {"S": "1709164800"}, None),
        (AwareDatetime, {"S": "2024-02-29T01:02:03Z"}, None),
    ],
    ids=str,
)
def test_a_known_type_is_taken_in_one_form(annotation: Any, stored: Any, value: Any) -> None:
    """Other forms are for the codec, and so is what the model refuses."""
    assert read(annotation, stored) == value


@pytest.mark.parametrize(
    ("annotation", "stored", "value"),
    [
        (float, {"N": "0.1234567890123456789"}, 0.12345678901234568),
        (int, {"N": "1E+3"}, 1000),
        (Decimal, {"N": "9" * 38 + "E-2"}, Decimal("9" * 36 + ".99")),
        (
            AwareDatetime,
            {"S": "2024-02-29T01:02:03+00:00"},
            datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC),
        ),
        (UUID, {"S": str(UUID(int=10)).upper()}, UUID(int=10)),
        (date, {"S": "1709164800"}, None),
        (int, {"N": "1_0"}, None),
        (int, {"N": {"N": "1"}}, None),
        (Annotated[int, Field(ge=0)], {"N": "-1E+1"}, None),
        (str, {"S": 1}, None),
    ],
    ids=str,
)
def test_a_loose_one_takes_what_the_codec_reads(annotation: Any, stored: Any, value: Any) -> None:
    """In whatever form it is, and as the same value; what the model refuses is refused."""
    assert read(annotation, stored, is_loose=True) == value


@pytest.mark.parametrize(
    "annotation",
    [bytes, Literal["a", 1], Annotated[int, Strict()], set[bytes], dict[str, int], complex],
    ids=str,
)
def test_other_types_are_for_their_codecs(annotation: Any) -> None:
    """Of several tags, strict, or in a form that pydantic-core does not know."""
    codec = codec_for(annotation if annotation is not complex else Any)
    with pytest.raises(NotAccelerated, match="its codec reads"):
        checked(codec, schema_for(annotation))


def test_a_type_that_is_read_otherwise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Pydantic takes what the codec does not, the type is left to the codec."""
    loose = {**known_types._KNOWN, DATE: known_types._Known("date")}
    monkeypatch.setattr(known_types, "_KNOWN", loose)
    monkeypatch.setattr(known_types, "_agreed", {})

    for _ in range(2):
        with pytest.raises(NotAccelerated, match="takes what the codec does not"):
            checked(DATE, schema_for(date))


def test_two_spellings_of_one_value_make_no_set() -> None:
    """The set would be written with one element less than was read."""
    upper = Annotated[UUID, encodings.UUID_UPPER]
    texts = [IDENTIFIER, IDENTIFIER.upper()]
    assert read(set[upper], {"SS": texts[:1]}) == {UUID(IDENTIFIER)}
    assert read(set[upper], {"SS": texts}) is None
