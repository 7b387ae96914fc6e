"""Members of a union that share a tag are tried in their order; what one misreads is refused."""

from __future__ import annotations

from collections import deque
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel, Field, HttpUrl, NaiveDatetime
from typing_extensions import TypeAliasType

from dynrepo.codec import codec_for
from dynrepo.codec.ordered_unions import OneTagUnion, UnionMember, ordered_union
from dynrepo.codec.scalars import INT, STR
from dynrepo.codec.untyped import ANY_IN_LIST
from dynrepo.errors import CodecError
from dynrepo.markers import Encoding
from tests.encodings import Cat, Dog, Level, Status

if TYPE_CHECKING:
    from dynrepo.codec.value import Codec

ID = UUID("123e4567-e89b-12d3-a456-426614174000")
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
BY_TAG = codec_for(int | list[Any] | Cat)


@pytest.mark.parametrize(
    ("annotation", "value", "stored"),
    [
        (int | list[Any], [1], {"L": [{"N": "1"}]}),
        (str | UUID, "a", {"S": "a"}),
        (UUID | str, "a", {"S": "a"}),
        (UUID | str, ID, {"S": str(ID)}),
        (int | float, 0.5, {"N": "0.5"}),
        (Decimal | int | float, Decimal("0.1"), {"N": "0.1"}),
        (datetime | date, date(2024, 1, 1), {"S": "2024-01-01"}),
        (datetime | date, NOON, {"S": "2024-01-01T12:00:00.000000Z"}),
        (NaiveDatetime | datetime, NOON, {"S": "2024-01-01T12:00:00.000000Z"}),
        (UUID | datetime, NOON, {"S": "2024-01-01T12:00:00.000000Z"}),
        (Status | str, "other", {"S": "other"}),
        (Status | str, Status.OPEN, {"S": "open"}),
        (int | timedelta, timedelta(seconds=0.5), {"N": "0.500000"}),
        (list[int] | list[str], ["a"], {"L": [{"S": "a"}]}),
        (dict[str, int] | dict[str, str], {"a": "b"}, {"M": {"a": {"S": "b"}}}),
        (set[int] | set[str], {"a"}, {"SS": ["a"]}),
        (frozenset[str] | list[str], ["a"], {"L": [{"S": "a"}]}),
        (set[UUID | str], {"a"}, {"SS": ["a"]}),
        (dict[int | float, str], {0.5: "a"}, {"M": {"0.5": {"S": "a"}}}),
        (
            list[UUID | str | None],
            [ID, None, "a"],
            {"L": [{"S": str(ID)}, {"NULL": True}, {"S": "a"}]},
        ),
        (HttpUrl | str, HttpUrl("http://x.org/"), {"S": "http://x.org/"}),
        (bytes | HttpUrl, HttpUrl("http://x.org/"), {"S": "http://x.org/"}),
    ],
    ids=repr,
)
def test_a_value_comes_back_equal_and_of_its_class(
    annotation: Any, value: Any, stored: Any
) -> None:
    """Fast and carefully, whichever member it is of."""
    codec = codec_for(annotation)

    assert codec.encode(value) == codec.fast_encode(value) == stored
    for read in (codec.decode(stored), codec.fast_decode(stored)):
        assert read == value
        assert type(read) is type(value)


@pytest.mark.parametrize(
    ("annotation", "value", "writer", "reader"),
    [
        (UUID | str, str(ID), "str", "UUID"),
        (str | UUID, ID, "UUID", "str"),
        (Path | str, "some/file", "str", "Path"),
        (datetime | str, "2024-01-01T12:00:00Z", "str", "aware datetime"),
        (timedelta | int, 5, "int", "timedelta"),
        (Decimal | float, 0.1, "float", "Decimal"),
        (str | Status, Status.OPEN, "Status", "str"),
        (int | Level, Level.LOW, "Level", "int"),
        (list[str] | list[Status], [Status.OPEN], "list of Status", "list of str"),
        (HttpUrl | str, "http://x.org", "str", "HttpUrl"),
        (list[str] | frozenset[str], frozenset(), "frozenset of str", "list of str"),
        (
            *(dict[str, str] | dict[int, str], {1111: "a"}),
            *("dict of int and str", "dict of str and str"),
        ),
    ],
    ids=repr,
)
def test_a_value_that_would_be_read_as_another_is_refused(
    annotation: Any, value: Any, writer: str, reader: str
) -> None:
    """When it is written, by an error that names both members and not the value."""
    with pytest.raises(CodecError) as raised:
        codec_for(annotation).encode(value)

    said = str(raised.value)
    assert f"a value of {writer} is another value of {reader}" in said
    assert "or tell them apart by an Encoding" in said
    assert str(value) not in said


@pytest.mark.parametrize(
    ("annotation", "value", "stored", "read"),
    [
        (int | float, 1.0, {"N": "1"}, 1),
        (int | float, 1e22, {"N": str(10**22)}, 10**22),
        (Status | str, "open", {"S": "open"}, Status.OPEN),
        (set[int | float], {2.0}, {"NS": ["2"]}, {2}),
        (dict[int | float, str], {2.0: "a"}, {"M": {"2": {"S": "a"}}}, {2: "a"}),
        (float | int, 2, {"N": "2.0"}, 2.0),
        (Decimal | int | float, 0.5, {"N": "0.5"}, Decimal("0.5")),
    ],
    ids=repr,
)
def test_a_value_that_an_earlier_member_reads_as_an_equal_is_stored_as_that(
    annotation: Any, value: Any, stored: Any, read: Any
) -> None:
    """So equal values have one stored form, in a key too."""
    codec = codec_for(annotation)

    assert codec.encode(value) == stored
    assert codec.decode(stored) == read == value
    assert type(codec.decode(stored)) is type(read)


def test_a_union_of_models_is_read_by_the_first_that_takes_what_is_stored() -> None:
    """As Pydantic takes it; an instance of a later one that the first would take is refused."""

    class Mail(BaseModel):
        address: str
        note: str = ""

    class Phone(BaseModel):
        number: str

    class Note(BaseModel):
        address: str

    codec = codec_for(Mail | Phone | Note)
    for value in (Mail(address="a"), Phone(number="1")):
        assert codec.decode(codec.encode(value)) == value
    with pytest.raises(CodecError, match=r"value of Note is another value of Mail") as raised:
        codec.encode(Note(address="a"))
    assert "Field(discriminator='kind'), with `kind: Literal['note'] = 'note'`" in str(raised.value)


def test_the_cure_of_a_union_of_models_pasted_is_one() -> None:
    """Also of models of the same fields."""

    class Mail(BaseModel):
        kind: Literal["mail"] = "mail"
        address: str

    class Note(BaseModel):
        kind: Literal["note"] = "note"
        address: str

    codec = codec_for(Annotated[Mail | Note, Field(discriminator="kind")])
    for value in (Mail(address="a"), Note(address="a")):
        assert codec.decode(codec.encode(value)) == value.model_dump()
    assert codec_for(Mail | Note).decode(codec.encode(Note(address="a"))) == Note(address="a")


def test_a_value_of_no_member_is_refused() -> None:
    """It would not be read back; where one member alone is of its class, by that one's reason."""
    with pytest.raises(CodecError, match=r"expected int \| list of Any \| Cat, found str"):
        BY_TAG.encode("a")
    with pytest.raises(CodecError, match=r"expected list of int \| list of str, found list"):
        codec_for(list[int] | list[str]).encode([0.5])
    with pytest.raises(CodecError, match="lone surrogate"):
        codec_for(UUID | str).encode("\ud800")


def test_a_form_of_no_member_is_refused() -> None:
    """Whoever stored it."""
    with pytest.raises(CodecError, match="found BOOL, which no member of the union is stored as"):
        BY_TAG.decode({"BOOL": True})
    with pytest.raises(CodecError, match=r"the S found is of no member of UUID \| aware datetime"):
        codec_for(UUID | datetime).decode({"S": "a"})


def test_a_key_has_to_be_spelled_as_its_member_spells_it() -> None:
    """Numbers are found in any digits; what no member reads is never found."""
    of_text, of_number = codec_for(UUID | str), codec_for(int | float)
    assert isinstance(of_text, OneTagUnion)
    assert of_text.key == of_number.key == "sort"
    assert of_text.canonical
    assert of_number.canonical
    assert of_text.canonical(str(ID))
    assert not of_text.canonical(str(ID).upper())
    assert of_number.canonical("1.0")
    assert not codec_for(UUID | date).canonical("a")  # type: ignore[misc]
    assert codec_for(Path | UUID).key == "partition"
    assert codec_for(Path | UUID).canonical("a//b") is False  # type: ignore[misc]
    assert codec_for(UUID | list[str]).key == ""


def test_two_datetimes_of_one_instant_are_one_element_of_a_set() -> None:
    """DynamoDB refuses a set that names one twice."""
    paris = ZoneInfo("Europe/Paris")
    first = datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=paris)
    with pytest.raises(CodecError, match="two elements of a set are stored alike"):
        codec_for(set[date | datetime]).encode({first, first.astimezone(UTC)})


def members(*codecs: Codec) -> list[UnionMember]:
    """The members of these codecs."""
    return [UnionMember(codec, codec.kinds) for codec in codecs]


def test_an_instance_of_a_subclass_is_written_by_the_member_of_its_base() -> None:
    """Which may refuse it."""

    class Exact(int):
        """An int with more to it."""

    with pytest.raises(CodecError, match="expected int, found Exact"):
        BY_TAG.encode(Exact(1))


def test_the_parts_of_a_value_are_those_of_its_member() -> None:
    """A value of no member has none."""
    assert BY_TAG.deep
    assert BY_TAG.parts([1]) == ((ANY_IN_LIST, [1]),)
    assert not BY_TAG.parts("a")


def test_a_value_that_pydantic_would_make_another_of_is_refused() -> None:
    """What is read is validated again."""
    codec = ordered_union(members(STR, INT), lambda read: 5 if read == "5" else read)

    assert codec.encode("a") == {"S": "a"}
    with pytest.raises(CodecError, match=r"Pydantic makes another value .* of str in the union"):
        codec.encode("5")


class Word:
    """A class that only its Encoding knows."""

    def __init__(self, text: str) -> None:
        self.text = text


SHOUTED = Encoding(
    "S", encode=lambda word: word.text.upper(), decode=lambda text: Word(text.lower())
)


def test_members_with_encodings_are_told_apart_by_their_classes() -> None:
    """Beside others, and beside each other."""
    number = Encoding("N", encode=str, decode=int)
    codec = codec_for(Annotated[Word, SHOUTED] | Annotated[int, number] | bool)
    assert codec.encode(True) == {"BOOL": True}
    assert codec.encode(1) == codec.fast_encode(1) == {"N": "1"}
    assert codec.encode(Word("a")) == codec.fast_encode(Word("a")) == {"S": "A"}
    assert codec.decode({"S": "A"}).text == "a"


def test_a_member_of_any_class_takes_what_is_of_no_other() -> None:
    """As one of any type does, which reads what no earlier one does."""
    codec = codec_for(UUID | int | Any)
    for value in (ID, 5, "a", [1], Decimal("0.5")):
        assert codec.decode(codec.encode(value)) == value
    with pytest.raises(CodecError, match="deque has no DynamoDB type"):
        codec.encode(deque([1]))


Sum = TypeAliasType("Sum", "Annotated[Plus, None] | Times | int")


class Times(BaseModel):
    """A product."""

    left: Sum
    right: Sum
    times: bool = True


class Plus(BaseModel):
    """A sum, which has other values below the fields of a product."""

    left: Sum
    right: Sum
    plus: str


def test_members_within_members_are_tried_once_each() -> None:
    """Of 25 levels, each tried as two types: doubled with each they would take an hour."""
    value: Any = 1
    for _ in range(25):
        value = Times(left=value, right=2)
    codec = codec_for(Sum)

    assert codec.decode(codec.encode(value)) == value
    assert codec.fast_decode(codec.fast_encode(value)) == value


def test_a_type_in_the_making_is_a_member() -> None:
    """It does not know yet how it is stored."""
    codec = codec_for(Deep)

    assert codec.encode([["a"], "b"]) == {"L": [{"L": [{"S": "a"}]}, {"S": "b"}]}
    assert codec.decode(codec.encode([["a"], "b"])) == [["a"], "b"]


Deep = TypeAliasType("Deep", "list[Inner]")
Inner = TypeAliasType("Inner", "Deep | str")


def test_a_dog_is_no_cat() -> None:
    """Models told apart by a Literal alone need no discriminator to be read, but for speed."""
    codec = codec_for(Cat | Dog)
    assert codec.decode(codec.encode(Dog(name="d"))) == Dog(name="d")
