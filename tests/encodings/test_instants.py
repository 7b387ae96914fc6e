"""Instants are read exactly in the texts of other programs, and written in the same form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pynamodb.attributes import UTCDateTimeAttribute

from dynrepo import CodecError, PartitionKey, Repository, SchemaError, SortKey, encodings
from dynrepo.codec import codec_for
from dynrepo.markers import UpdatedAt
from dynrepo.testing import MemoryStore

FINE = datetime(2024, 2, 29, 12, 0, 0, 120_000, tzinfo=UTC)
WHOLE = FINE.replace(microsecond=0)
TEXTS: dict[str, tuple[str, str]] = {
    "ISO_OFFSET": ("2024-02-29T12:00:00.120000+00:00", "2024-02-29T12:00:00+00:00"),
    "ISO_SPACED": ("2024-02-29 12:00:00.120000+00:00", "2024-02-29 12:00:00+00:00"),
    "ISO_BASIC_OFFSET": ("2024-02-29T12:00:00.120000+0000", "2024-02-29T12:00:00.000000+0000"),
    "ISO_MILLISECONDS": ("2024-02-29T12:00:00.120Z", "2024-02-29T12:00:00.000Z"),
    "ISO_Z": ("2024-02-29T12:00:00.120000Z", "2024-02-29T12:00:00Z"),
    "ISO_INSTANT": ("2024-02-29T12:00:00.120Z", "2024-02-29T12:00:00Z"),
    "RFC3339_NANO": ("2024-02-29T12:00:00.12Z", "2024-02-29T12:00:00Z"),
}
"""What each writer makes of an instant with a fraction, and of one without."""
IN_ORDER = {"ISO_OFFSET", "ISO_SPACED", "ISO_BASIC_OFFSET", "ISO_MILLISECONDS"}
# PynamoDB's UTCDateTimeAttribute, Go's attributevalue, Java's Instant, JavaScript's toISOString.
RECORDED: list[tuple[str, str, datetime]] = [
    ("ISO_BASIC_OFFSET", "2024-02-29T12:00:00.000001+0000", WHOLE + timedelta(microseconds=1)),
    ("RFC3339_NANO", "2024-02-29T12:00:00.000001Z", WHOLE + timedelta(microseconds=1)),
    ("RFC3339_NANO", "1969-12-31T23:59:59.9Z", datetime(1969, 12, 31, 23, 59, 59, 900_000, UTC)),
    ("ISO_INSTANT", "2024-02-29T12:00:00.000001Z", WHOLE + timedelta(microseconds=1)),
    (
        "ISO_MILLISECONDS",
        "0099-12-31T23:59:59.999Z",
        datetime(99, 12, 31, 23, 59, 59, 999_000, UTC),
    ),
]


def codec_of(encoding: Any) -> Any:
    """The codec of an instant in a form."""
    return codec_for(Annotated[AwareDatetime, encoding])


@pytest.mark.parametrize("name", TEXTS)
def test_an_instant_has_the_text_of_its_writer(name: str) -> None:
    """In UTC, whatever its zone."""
    codec = codec_of(getattr(encodings, name))
    east = timezone(timedelta(hours=2))

    for value, text in zip((FINE, WHOLE), TEXTS[name], strict=True):
        assert codec.encode(value) == codec.encode(value.astimezone(east)) == {"S": text}
        assert codec.decode({"S": text}) == codec.fast_decode({"S": text}) == value
        assert codec.decode({"S": text}).tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "text", "value"), RECORDED, ids=[str(number) for number in range(len(RECORDED))]
)
def test_what_was_written_elsewhere_comes_back_unchanged(
    name: str, text: str, value: datetime
) -> None:
    """To the last character."""
    codec = codec_of(getattr(encodings, name))

    assert codec.decode({"S": text}) == value
    assert codec.encode(value) == {"S": text}


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_instant_comes_back(value: datetime) -> None:
    """And its text is one in the form."""
    for name in TEXTS.keys() - {"ISO_MILLISECONDS"}:
        codec = codec_of(getattr(encodings, name))
        stored = codec.encode(value)
        assert codec.decode(stored) == value
        assert codec.encode(codec.decode(stored)) == stored


@given(st.datetimes(timezones=st.just(UTC)))
def test_pynamodb_and_this_write_the_same(value: datetime) -> None:
    """By its attribute of a time in UTC."""
    attribute = UTCDateTimeAttribute()
    written = attribute.serialize(value)  # type: ignore[no-untyped-call]

    assert codec_of(encodings.ISO_BASIC_OFFSET).encode(value) == {"S": written}
    assert codec_of(encodings.ISO_BASIC_OFFSET).decode({"S": written}) == value


@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2))
def test_the_order_of_the_texts_is_said(values: list[datetime]) -> None:
    """Where it is that of the instants, ranges are asked for; elsewhere they are refused."""
    for name in TEXTS:
        codec = codec_of(getattr(encodings, name))
        assert codec.ordered is (name in IN_ORDER)
        if codec.ordered:
            unit = codec.unit // timedelta(microseconds=1)
            cut = [each.replace(microsecond=each.microsecond // unit * unit) for each in values]
            texts = [codec.encode(each)["S"] for each in sorted(cut)]
            assert all(first <= second for first, second in pairwise(texts))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2024-02-29T12:00:00", "expected an aware datetime"),
        ("2024-02-29T12:00:00.1234567Z", "whole microseconds"),
        ("20240229T120000.1234567Z", "whole microseconds"),
        ("2024-02-29T12:00:00.000000001+00:00", "whole microseconds"),
        ("2024-02-30T12:00:00Z", "no aware datetime as"),
        ("1709208000", "no aware datetime as|expected an aware"),
    ],
)
def test_what_says_less_or_more_is_refused(text: str, says: str) -> None:
    """Python has no nanoseconds."""
    for name in TEXTS:
        with pytest.raises(CodecError, match=says):
            codec_of(getattr(encodings, name)).decode({"S": text})


def test_other_offsets_and_zeros_are_read() -> None:
    """They are the same instant, exactly."""
    codec = codec_of(encodings.RFC3339_NANO)

    for text in ("2024-02-29T14:00:00.120000000+02:00", "2024-02-29T12:00:00.120000000Z"):
        assert codec.decode({"S": text}) == FINE


def test_a_field_may_say_that_what_is_finer_is_dropped() -> None:
    """In what is read, and in what is written where the form has no more."""
    codec = codec_of(encodings.truncated(encodings.RFC3339_NANO))
    assert codec.decode({"S": "2024-02-29T12:00:00.120000999Z"}) == FINE
    assert codec.decode({"S": "2024-02-29T14:00:00.12+02:00"}) == FINE
    with pytest.raises(CodecError, match="expected an aware datetime"):
        codec.decode({"S": "2024-02-29T12:00:00"})

    fine = FINE + timedelta(microseconds=1)
    cut = codec_of(encodings.truncated(encodings.ISO_MILLISECONDS))
    assert cut.encode(fine) == {"S": "2024-02-29T12:00:00.120Z"}
    with pytest.raises(CodecError, match=r"truncated\(encodings\.ISO_MILLISECONDS\)"):
        codec_of(encodings.ISO_MILLISECONDS).encode(fine)
    with pytest.raises(SchemaError, match="nothing that could be truncated"):
        encodings.truncated(encodings.UUID_HEX)
    with pytest.raises(CodecError, match="found a naive one"):
        codec.encode(FINE.replace(tzinfo=None))


class Event(BaseModel):
    """What has a time of Go in its key, and one of JavaScript beside it."""

    name: Annotated[str, PartitionKey()]
    at: Annotated[AwareDatetime, encodings.RFC3339_NANO, SortKey()]
    seen: Annotated[AwareDatetime | None, encodings.ISO_MILLISECONDS, UpdatedAt()] = None
    due: Annotated[AwareDatetime | None, encodings.ISO_OFFSET, PartitionKey(index="by_due")] = None


class Events(Repository[Event]):
    """The table of another program."""

    table = "events"


def test_a_key_is_found_by_its_own_text() -> None:
    """Read in that alone, and without ranges where the texts have another order."""
    store = MemoryStore(Events)
    events, at = Events(store), Events.fields.at
    first, second = WHOLE, WHOLE + timedelta(milliseconds=500)
    for moment in (first, second):
        events.create(Event(name="a", at=moment, due=FINE))

    assert [each.at for each in events.query(Events.fields.name == "a")] == [second, first]
    assert events.require(("a", second)).seen is not None
    assert len(list(events.query(Events.fields.due == FINE, index="by_due"))) == 2
    with pytest.raises(CodecError, match="stored in another order than that of its values"):
        events.query((Events.fields.name == "a") & (at > first))
    events.update(("a", first), Events.fields.due.set(second), condition=Events.fields.due < second)
    with pytest.raises(CodecError, match=r"Event\.at: the stored form is another"):
        events.mapper.schema.decode(
            {"name": {"S": "a"}, "at": {"S": "2024-02-29T12:00:00.500000Z"}}
        )
