"""An encoding with a name takes the place of a type's own form, and others are read beside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Optional

import pytest
from pydantic import AwareDatetime, BaseModel, NaiveDatetime
from typing_extensions import TypeAliasType

from dynrepo.codec import codec_for
from dynrepo.codec.forms import AlsoReads, FormCodec, NamedEncoding, ScalarEncoding
from dynrepo.codec.scalars import INT
from dynrepo.codec.times import AWARE, EPOCH
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import CreatedAt, Encoding, PartitionKey, SortKey, TimeToLive
from dynrepo.schema.entity import schema_of

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
HOURS = ScalarEncoding(
    "HOURS",
    {
        AWARE: FormCodec(
            AWARE,
            "N",
            lambda value: str((value - EPOCH) // timedelta(hours=1)),
            lambda text: EPOCH + timedelta(hours=int(text)),
            form="HOURS",
            unit=timedelta(hours=1),
            key="sort",
        )
    },
)
DAYS = Encoding("N", encode=str, decode=int)
SLASHES = Encoding(
    "S",
    encode=lambda value: f"{value:%d/%m/%Y}",
    decode=lambda text: datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=UTC),
)
Moment = TypeAliasType("Moment", AwareDatetime)


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[AwareDatetime, HOURS],
        Annotated[Moment, HOURS],
        Annotated[Optional[datetime], HOURS],  # noqa: UP045
        Annotated[AwareDatetime, HOURS] | None,
    ],
    ids=["the type", "an alias", "within", "beside"],
)
def test_a_type_is_stored_in_the_named_form(annotation: Any) -> None:
    """Whatever its name, and if it may be None."""
    codec = codec_for(annotation)

    assert codec.encode(NOON) == {"N": "474780"}
    assert codec.decode({"N": "474780"}) == NOON
    assert codec.present.plain is AWARE
    assert codec.present.unit == timedelta(hours=1)


def test_a_form_of_another_type_is_refused() -> None:
    """With the types that it is a form of."""
    for annotation in (Annotated[str, HOURS], Annotated[NaiveDatetime, HOURS]):
        with pytest.raises(SchemaError, match=r"encodings\.HOURS is a form of aware datetime, and"):
            codec_for(annotation)
    with pytest.raises(NotImplementedError):
        NamedEncoding("X").codec(int, None, None)  # type: ignore[arg-type]


def test_two_encodings_are_two_annotations() -> None:
    """Equal ones would be one to `typing`, which keeps the first."""
    other = ScalarEncoding("OTHER", {})

    assert {HOURS: 1, other: 2}[HOURS] == 1
    assert Annotated[AwareDatetime, HOURS] != Annotated[AwareDatetime, other]
    assert AlsoReads(HOURS) == AlsoReads(HOURS) != AlsoReads(other)


def test_it_is_a_form_in_every_place() -> None:
    """In a list, a set, a map's keys and values, a key, beside the time of a write."""

    class Event(BaseModel):
        id: Annotated[str, PartitionKey()]
        at: Annotated[AwareDatetime, HOURS, SortKey()]
        each: list[Annotated[AwareDatetime, HOURS]] = []
        some: set[Annotated[AwareDatetime, HOURS]] = set()
        by: dict[Annotated[AwareDatetime, HOURS], int] = {}
        made: Annotated[AwareDatetime | None, CreatedAt(), HOURS] = None

    schema = schema_of(Event)
    event = Event(id="a", at=NOON, each=[NOON], some={NOON}, by={NOON: 1}, made=NOON)
    item = schema.encode(event)

    assert item["at"] == item["made"] == {"N": "474780"}
    assert item["each"] == {"L": [{"N": "474780"}]}
    assert item["some"] == {"NS": ["474780"]}
    assert item["by"] == {"M": {"474780": {"N": "1"}}}
    assert schema.decode(item) == event
    assert schema.key(("a", NOON)) == {"id": {"S": "a"}, "at": {"N": "474780"}}


def test_a_time_to_live_has_no_form_but_its_own() -> None:
    """DynamoDB reads it."""

    class Session(BaseModel):
        id: Annotated[str, PartitionKey()]
        ends: Annotated[AwareDatetime, TimeToLive(), HOURS]

    with pytest.raises(SchemaError, match=r"Session\.ends: .* in seconds.*: leave encodings\.HOUR"):
        schema_of(Session)


def test_other_forms_are_read_and_not_written() -> None:
    """The own one is that of the type, or of the encoding beside it."""
    own = codec_for(Annotated[AwareDatetime, AlsoReads(HOURS)])
    other = codec_for(Annotated[AwareDatetime, SLASHES, AlsoReads(HOURS)])

    assert own.encode(NOON) == own.fast_encode(NOON) == {"S": "2024-02-29T12:00:00.000000Z"}
    for stored in (own.encode(NOON), {"N": "474780"}):
        assert own.decode(stored) == own.fast_decode(stored) == NOON
    assert other.encode(NOON) == {"S": "29/02/2024"}
    assert own.plain is other.plain is AWARE
    for stored in ({"BOOL": True}, {"N": "x"}, {"S": "29/02/2024"}):
        with pytest.raises(CodecError):
            own.decode(stored)


def test_two_forms_of_text_are_tried_in_their_order() -> None:
    """The own one first; in a key that alone is read."""

    class Event(BaseModel):
        id: Annotated[AwareDatetime, AlsoReads(SLASHES), PartitionKey()]
        at: Annotated[AwareDatetime, AlsoReads(SLASHES)]

    schema = schema_of(Event)
    own, other = {"S": "2024-02-29T00:00:00.000000Z"}, {"S": "29/02/2024"}

    assert schema.decode({"id": own, "at": other}) == schema.decode({"id": own, "at": own})
    with pytest.raises(CodecError, match=r"Event\.id: the stored form is another"):
        schema.decode({"id": other, "at": own})
    with pytest.raises(CodecError, match=r"Event\.at: the S found"):
        schema.decode({"id": own, "at": {"S": "2024"}})
    assert codec_for(set[Annotated[AwareDatetime, AlsoReads(SLASHES)]]).tag == "SS"


def test_a_bare_number_is_never_guessed() -> None:
    """Of two forms that are numbers nobody could tell which a stored one is."""
    with pytest.raises(SchemaError, match="another form that is a number"):
        codec_for(Annotated[AwareDatetime, HOURS, AlsoReads(DAYS)])
    with pytest.raises(SchemaError, match=r"AlsoReads\(...\) is for types with one tag, and no"):
        codec_for(Annotated[set[int], AlsoReads(Encoding("S", encode=str, decode=set))])
    with pytest.raises(SchemaError, match=r"a set of .* two tags"):
        codec_for(set[Annotated[AwareDatetime, AlsoReads(HOURS)]])
    assert codec_for(Annotated[int, AlsoReads(SLASHES)]).plain is INT
