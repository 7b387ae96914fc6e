"""A type that Pydantic alone knows is stored as what it is made of, and exactly, or refused."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, ConfigDict, create_model
from pydantic_core import core_schema
from pydantic_extra_types.color import Color
from pydantic_extra_types.coordinate import Coordinate, Latitude
from pydantic_extra_types.country import CountryAlpha2, CountryShortName
from pydantic_extra_types.epoch import Integer, Number
from pydantic_extra_types.mac_address import MacAddress
from pydantic_extra_types.payment import PaymentCardNumber
from pydantic_extra_types.pendulum_dt import Date, DateTime, Duration, Time
from pydantic_extra_types.phone_numbers import PhoneNumber, PhoneNumberValidator
from pydantic_extra_types.ulid import ULID

from dynrepo import PartitionKey, Repository, SortKey
from dynrepo.codec import codec_for
from dynrepo.codec.serialized import SerializedCodec, serialized, serialized_by
from dynrepo.errors import CodecError, SchemaError
from dynrepo.schema.entity import Fields
from dynrepo.testing import MemoryStore

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

OPEN = ConfigDict(arbitrary_types_allowed=True)
PHONE = Annotated[str | PhoneNumber, PhoneNumberValidator(number_format="E164")]


class Version:
    """A class that says nothing of itself."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


class OfText:
    """Says what a Version is made of."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, Version) else Version(value),
            serialization=core_schema.to_string_ser_schema(),
        )


class Serial(bytes):
    """Bytes of a class of their own."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.bytes_schema())


@pytest.mark.parametrize(
    ("annotation", "given", "stored"),
    [
        (PhoneNumber, "+33 1 23 45 67 89", {"S": "tel:+33-1-23-45-67-89"}),
        (PHONE, "+33 1 23 45 67 89", {"S": "+33123456789"}),
        (CountryAlpha2, "FR", {"S": "FR"}),
        (CountryShortName, "France", {"S": "France"}),
        (Color, "#ff0000", {"S": "red"}),
        (Latitude, 0.1, {"N": "0.1"}),
        (Latitude, Decimal("1.5"), {"N": "1.5"}),
        (Coordinate, (0.1, 2), {"M": {"latitude": {"N": "0.1"}, "longitude": {"N": "2.0"}}}),
        (DateTime, "2024-01-01T01:00:00+01:00", {"S": "2024-01-01T00:00:00.000000Z"}),
        (Date, "2024-01-01", {"S": "2024-01-01"}),
        (Time, "01:02:03", {"S": "01:02:03.000000+00:00"}),
        (Duration, "PT1H0.5S", {"N": "3600.500000"}),
        (Number, 1.5, {"N": "1.5"}),
        (Integer, 1, {"N": "1"}),
        (MacAddress, "00:00:5e:00:53:01", {"S": "00:00:5e:00:53:01"}),
        (PaymentCardNumber, "4000000000000002", {"S": "4000000000000002"}),
        (ULID, "01ARZ3NDEKTSV4RRFFQ69G5FAV", {"S": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}),
        (Annotated[Version, OfText], "1.2", {"S": "1.2"}),
        (Serial, b"a", {"B": "YQ=="}),
        (ZoneInfo, "Europe/Paris", {"S": "Europe/Paris"}),
        (Fraction, "1/3", {"S": "1/3"}),
        (set[CountryAlpha2], {"FR"}, {"SS": ["FR"]}),
        (dict[CountryAlpha2, int], {"FR": 1}, {"M": {"FR": {"N": "1"}}}),
        (list[Color | int], ["red", 1], {"L": [{"S": "red"}, {"N": "1"}]}),
        (DateTime | date, date(2024, 1, 1), {"S": "2024-01-01"}),
        (PhoneNumber | str, "ada", {"S": "ada"}),
        (Color | None, None, None),
    ],
    ids=repr,
)
def test_a_value_is_stored_as_what_its_type_is_made_of(
    annotation: Any, given: Any, stored: Any
) -> None:
    """And read as an equal one of its class."""
    model = create_model("Sample", field=(annotation, ...))
    fields, made = Fields(model), model(field=given)

    item = fields.encode(made)
    read: Any = fields.decode(item)

    assert item.get("field") == stored
    assert read == made
    assert type(read.field) is type(made.field) or isinstance(made.field, Decimal)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (CountryAlpha2, CountryAlpha2("XX")),
        (PhoneNumber, "+33 1 23 45 67 89"),
        (Latitude, Decimal("0.1")),
        (Duration, Duration(months=1)),
        (Color, "red"),
        (ULID, "a"),
    ],
    ids=repr,
)
def test_what_would_be_made_another_value_of_is_refused(annotation: Any, value: Any) -> None:
    """When it is written, for no class says beforehand what it makes of what."""
    with pytest.raises(CodecError, match="that Pydantic makes of what would be stored for it"):
        codec_for(annotation).encode(value)


def test_what_the_form_cannot_hold_is_refused_by_its_reason() -> None:
    """As a text without a form in UTF-8."""
    with pytest.raises(CodecError, match="lone surrogate"):
        codec_for(MacAddress).encode("\ud800")


class Visit(BaseModel):
    """An item with such types in its key."""

    country: Annotated[CountryAlpha2, PartitionKey()]
    at: Annotated[DateTime, SortKey()]


class Visits(Repository[Visit]):
    """Their repository."""

    table = "visits"


def test_a_type_is_a_key_as_the_class_that_it_extends() -> None:
    """One form for equal values, in the order of Python; a type of no such class is no key."""
    visits = Visits(MemoryStore(Visits))
    made = [Visit(country="FR", at=f"2024-01-0{day}T01:00:00+01:00") for day in (1, 2)]  # type: ignore[arg-type]
    visits.set_many(made)

    assert visits.get((made[0].country, made[0].at)) == made[0]
    assert visits.get(("FR", made[0].at)) == made[0]  # an equal of the country
    fields = visits.fields
    later = (fields.country == CountryAlpha2("FR")) & (fields.at > made[0].at)
    assert [*visits.query(later)] == [made[1]]
    assert codec_for(Color).key == codec_for(Number).key == ""


def test_a_key_in_another_spelling_is_known() -> None:
    """It would never be found."""
    for annotation, known, other in [
        (DateTime, "2024-01-01T00:00:00.000000Z", "2024-01-01T00:00:00Z"),
        (PhoneNumber, "tel:+33-1-23-45-67-89", "+33123456789"),
        (Number, "1.50", "x"),
    ]:
        canonical: Any = codec_for(annotation).canonical
        assert canonical(known)
        assert not canonical(other)
    with pytest.raises(CodecError, match="not in the form written for PhoneNumber"):
        codec_for(dict[PhoneNumber, int]).decode({"M": {"+33123456789": {"N": "1"}}})


def test_a_class_that_pydantic_does_not_know_is_refused() -> None:
    """Also where a model lets it pass unseen."""
    assert serialized(Version, OPEN) is None
    assert serialized_by(Version, (), OPEN) is None
    with pytest.raises(SchemaError, match="Version cannot be stored exactly: give it functions"):
        Fields(create_model("Sample", __config__=OPEN, field=(Version, ...)))


def test_a_class_that_is_no_text_and_no_number_is_refused() -> None:
    """As one that is a list in JSON."""

    class Several:
        @classmethod
        def __get_pydantic_core_schema__(
            cls, source: Any, handler: GetCoreSchemaHandler
        ) -> core_schema.CoreSchema:
            return core_schema.list_schema()

    assert serialized(Several, OPEN) is None


def test_a_dataclass_that_is_a_text_in_json_is_one() -> None:
    """One that is an object is stored by its fields."""

    @dataclass
    class Fields:
        x: int

    assert isinstance(codec_for(ULID), SerializedCodec)
    assert codec_for(Coordinate).tag == "M"
    assert codec_for(Fields).tag == "M"


def test_no_such_type_is_imported_here() -> None:
    """They are known by what they say of themselves."""
    import subprocess  # noqa: PLC0415

    code = (
        "import dynrepo, sys; dynrepo.Repository; sys.exit('pydantic_extra_types' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
