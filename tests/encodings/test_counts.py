"""Numbers since 1970, and numbers of a duration, are of the unit that the field names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel

from dynrepo import CodecError, PartitionKey, SchemaError, SortKey, TimeToLive, encodings, schema_of
from dynrepo.codec import codec_for
from dynrepo.markers import CreatedAt

MOMENT = datetime(2024, 1, 31, 23, 59, 59, tzinfo=UTC)
SINCE_1970: list[tuple[str, str, datetime]] = [
    ("EPOCH_SECONDS", "1706745599", MOMENT),
    ("EPOCH_SECONDS", "-1", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ("EPOCH_FRACTION", "1706745599.25", MOMENT.replace(microsecond=250_000)),
    ("EPOCH_FRACTION", "-0.5", datetime(1969, 12, 31, 23, 59, 59, 500_000, UTC)),
    ("EPOCH_MILLISECONDS", "1706745599250", MOMENT.replace(microsecond=250_000)),
    ("EPOCH_MICROSECONDS", "1706745599000001", MOMENT.replace(microsecond=1)),
    ("EPOCH_NANOSECONDS", "1706745599000001000", MOMENT.replace(microsecond=1)),
]
DURATIONS: list[tuple[str, str, timedelta]] = [
    ("MILLISECONDS", "-1500", timedelta(seconds=-1.5)),
    ("NANOSECONDS", "1500000000", timedelta(seconds=1.5)),
    ("NANOSECONDS", "-1000", timedelta(microseconds=-1)),
]


def instant(encoding: Any) -> Any:
    """The codec of an instant in a form."""
    return codec_for(Annotated[AwareDatetime, encoding])


def duration(encoding: Any) -> Any:
    """The codec of a duration in a form."""
    return codec_for(Annotated[timedelta, encoding])


@pytest.mark.parametrize(
    ("name", "number", "value"), SINCE_1970, ids=[str(n) for n in range(len(SINCE_1970))]
)
def test_an_instant_is_a_number_of_its_unit(name: str, number: str, value: datetime) -> None:
    """In the order of time, also before 1970."""
    codec = instant(getattr(encodings, name))

    assert codec.encode(value) == {"N": number}
    assert codec.decode({"N": number}) == codec.fast_decode({"N": number}) == value
    assert codec.decode({"N": f"{number}.0" if "." not in number else number}) == value
    assert codec.ordered
    with pytest.raises(CodecError, match="found a naive one"):
        codec.encode(value.replace(tzinfo=None))


@pytest.mark.parametrize(("name", "number", "value"), DURATIONS)
def test_a_duration_is_a_number_of_its_unit(name: str, number: str, value: timedelta) -> None:
    """As Go has its nanoseconds."""
    codec = duration(getattr(encodings, name))

    assert codec.encode(value) == {"N": number}
    assert codec.decode({"N": number}) == value


@given(st.datetimes(timezones=st.just(UTC)), st.timedeltas(timedelta(-9999), timedelta(9999)))
def test_every_time_comes_back(moment: datetime, length: timedelta) -> None:
    """In each form that has microseconds."""
    for name in ("EPOCH_FRACTION", "EPOCH_MICROSECONDS", "EPOCH_NANOSECONDS"):
        codec = instant(getattr(encodings, name))
        assert codec.decode(codec.encode(moment)) == moment
    codec = duration(encodings.NANOSECONDS)
    assert codec.decode(codec.encode(length)) == length


@pytest.mark.parametrize("name", ["EPOCH_SECONDS", "EPOCH_MILLISECONDS"])
def test_what_is_finer_is_refused_or_dropped(name: str) -> None:
    """As the field says; dropped is a part of the unit, before 1970 too."""
    fine, exact = MOMENT.replace(microsecond=999_999), instant(getattr(encodings, name))
    cut = instant(encodings.truncated(getattr(encodings, name)))

    with pytest.raises(CodecError, match=r"a time is finer than its .*: say truncated"):
        exact.encode(fine)
    with pytest.raises(CodecError, match="expected a whole number"):
        exact.decode({"N": "1706745599.5"})
    kept = fine - (fine - MOMENT) % exact.unit
    assert cut.decode(cut.encode(fine)) == kept
    assert cut.decode({"N": exact.encode(MOMENT)["N"] + ".5"}) == MOMENT
    before = datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)
    assert cut.decode(cut.encode(before)) <= before


def test_parts_of_a_microsecond_are_refused_or_dropped() -> None:
    """Python has none."""
    for encoding, number in (
        (encodings.EPOCH_NANOSECONDS, "1706745599000000999"),
        (encodings.EPOCH_FRACTION, "1706745599.0000009"),
    ):
        with pytest.raises(CodecError, match="whole microseconds"):
            instant(encoding).decode({"N": number})
        assert instant(encodings.truncated(encoding)).decode({"N": number}) == MOMENT
    for number in ("1E+400", "x", "9" * 30):
        with pytest.raises(CodecError):
            instant(encodings.EPOCH_SECONDS).decode({"N": number})
    cut = instant(encodings.truncated(encodings.EPOCH_FRACTION))
    assert cut.encode(MOMENT) == {"N": "1706745599"}


class Session(BaseModel):
    """Times of others in keys, in stamps and as the end."""

    at: Annotated[AwareDatetime, encodings.EPOCH_MILLISECONDS, PartitionKey()]
    for_: Annotated[timedelta, encodings.NANOSECONDS, SortKey()]
    made: Annotated[AwareDatetime | None, CreatedAt(), encodings.EPOCH_SECONDS] = None
    ends: Annotated[AwareDatetime | None, TimeToLive(), encodings.EPOCH_SECONDS] = None


def test_a_number_is_a_key_a_stamp_and_an_end() -> None:
    """The end of life alone is cut to what it has."""
    schema = schema_of(Session)
    session = Session(at=MOMENT, for_=timedelta(seconds=1), made=MOMENT, ends=MOMENT)

    assert schema.encode(session) == {
        "at": {"N": "1706745599000"},
        "for_": {"N": "1000000000"},
        "made": {"N": "1706745599"},
        "ends": {"N": "1706745599"},
    }
    assert schema.decode(schema.encode(session)) == session
    late = session.model_copy(update={"ends": MOMENT + timedelta(microseconds=1)})
    assert schema.encode(late) == schema.encode(session)


def test_an_end_in_milliseconds_is_refused() -> None:
    """DynamoDB would never remove the item."""

    class Odd(BaseModel):
        id: Annotated[str, PartitionKey()]
        ends: Annotated[AwareDatetime, TimeToLive(), encodings.EPOCH_MILLISECONDS]

    with pytest.raises(SchemaError, match=r"Odd\.ends: .* in seconds .* leave encodings\.EPOCH_MI"):
        schema_of(Odd)
