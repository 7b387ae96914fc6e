"""The fields that writes count and stamp, and by which an item expires, have types for that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel, create_model

from dynrepo import ConditionFailed, Repository
from dynrepo.codec.field import Field
from dynrepo.codec.scalars import STR
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import (
    CreatedAt,
    Encoding,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)
from dynrepo.schema.entity import Schema, schema_of
from dynrepo.schema.marked import MarkedFields
from dynrepo.testing import MemoryStore

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
ISO = Encoding("S", encode=datetime.isoformat, decode=datetime.fromisoformat)
SECONDS = Encoding(
    "N",
    encode=lambda value: f"{value.timestamp():.0f}",
    decode=lambda text: datetime.fromtimestamp(int(text), UTC),
)
MILLISECONDS = Encoding(
    "N",
    encode=lambda value: f"{value.timestamp() * 1000:.0f}",
    decode=lambda text: datetime.fromtimestamp(int(text) / 1000, UTC),
)
BROKEN = Encoding("N", encode=lambda value: value.nothing, decode=int)


def schema_with(**fields: Any) -> Schema[Any]:
    """The schema of an item with these fields."""
    declared: Any = {name: (annotation, ...) for name, annotation in fields.items()}
    return schema_of(create_model("Item", id=(Annotated[str, PartitionKey()], ...), **declared))


def test_a_model_without_marks_has_none_of_them() -> None:
    """And nothing is asked of its fields."""
    marked = MarkedFields("Item", (Field("a", "a", STR),))

    assert (marked.version, marked.ttl, marked.created, marked.updated) == (None,) * 4


def test_each_mark_is_found() -> None:
    """Once in a model."""
    schema = schema_with(
        one=Annotated[int, Version()],
        two=Annotated[AwareDatetime | None, CreatedAt()],
        three=Annotated[AwareDatetime | None, UpdatedAt()],
        four=Annotated[AwareDatetime, TimeToLive()],
    )
    found = (schema.version, schema.created, schema.updated, schema.ttl)

    assert [field and field.name for field in found] == ["one", "two", "three", "four"]
    with pytest.raises(SchemaError, match=r"Item: one and two are both marked CreatedAt\(\)"):
        schema_with(
            one=Annotated[AwareDatetime, CreatedAt()], two=Annotated[AwareDatetime, CreatedAt()]
        )


def test_a_stamp_may_be_stored_by_an_encoding() -> None:
    """For its field is an aware datetime all the same."""
    schema = schema_with(
        made=Annotated[AwareDatetime | None, CreatedAt(), ISO],
        changed=Annotated[AwareDatetime | None, UpdatedAt(), MILLISECONDS],
    )

    assert schema.created is not None
    assert schema.created.codec.encode(NOON) == {"S": "2024-02-29T12:00:00+00:00"}
    with pytest.raises(SchemaError, match=r"Item\.one: an? UpdatedAt\(\) is an aware datetime"):
        schema_with(one=Annotated[str, UpdatedAt(), ISO])


def test_a_time_to_live_in_other_units_is_refused() -> None:
    """DynamoDB would take milliseconds for seconds, and never remove the item."""
    assert schema_with(one=Annotated[AwareDatetime, TimeToLive(), SECONDS]).ttl is not None
    for encoding in (MILLISECONDS, BROKEN):
        with pytest.raises(SchemaError, match=r"Item\.one: a TimeToLive\(\) is stored in seconds"):
            schema_with(one=Annotated[AwareDatetime | None, TimeToLive(), encoding])
    with pytest.raises(SchemaError, match=r"Item\.one: a TimeToLive\(\) is an aware datetime"):
        schema_with(one=Annotated[AwareDatetime, TimeToLive(), ISO])


def test_a_time_to_live_of_milliseconds_is_not_written() -> None:
    """Nor read, with what to do about it."""
    schema = schema_with(
        one=Annotated[int, TimeToLive()], two=Annotated[int, PartitionKey("by_two")]
    )
    in_a_day = int((NOON + timedelta(days=1)).timestamp())
    item = schema.model(id="a", one=in_a_day, two=in_a_day * 1000)

    assert schema.encode(item)["one"] == {"N": str(in_a_day)}
    with pytest.raises(CodecError, match=r"Item\.one: a time to live is in seconds .* by 1000"):
        schema.encode(schema.model(id="a", one=in_a_day * 1000, two=1))
    times = schema_with(one=Annotated[AwareDatetime, TimeToLive()])
    with pytest.raises(CodecError, match=r"Item\.one: a time to live is in seconds .* by 1000"):
        times.decode({"id": {"S": "a"}, "one": {"N": str(in_a_day * 1000)}})


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[str, Version()],
        Annotated[int, Version(), Encoding("N", encode=str, decode=int)],
        Annotated[int | None, Version()],
    ],
    ids=["text", "an encoding", "None"],
)
def test_a_version_is_counted_by_dynamodb(annotation: Any) -> None:
    """So it is a number, stored as one."""
    with pytest.raises(SchemaError, match=r"Item\.one: a Version\(\) is an int"):
        schema_with(one=annotation)


class Session(BaseModel):
    """What ends, in its key and beside it."""

    id: Annotated[str, PartitionKey()]
    first: Annotated[AwareDatetime, SortKey()] = NOON
    ends: Annotated[AwareDatetime | None, TimeToLive(), PartitionKey(index="by_end")] = None


class Sessions(Repository[Session]):
    """Some of them."""

    table = "sessions"


LATER = NOON + timedelta(days=1, microseconds=700_000)
SECOND = LATER.replace(microsecond=0)


@pytest.fixture
def sessions() -> Sessions:
    """A table with one, that ends at noon."""
    repository = Sessions(MemoryStore(Sessions))
    repository.set(Session(id="a", ends=NOON))
    return repository


@pytest.mark.parametrize("upsert", [False, True])
def test_an_update_of_a_time_to_live_drops_its_fraction(
    sessions: Sessions, *, upsert: bool
) -> None:
    """As the creation of an instance does."""
    key = ("b", NOON) if upsert else ("a", NOON)
    updated = sessions.update(key, sessions.fields.ends.set(LATER), upsert=upsert)

    assert updated.ends == SECOND == sessions.require(key).ends
    assert Session(id="a", ends=LATER).ends == SECOND


def test_so_does_every_write_of_an_instance(sessions: Sessions) -> None:
    """Of one that Pydantic has not validated again."""
    late = Session(id="a").model_copy(update={"ends": LATER})
    for write in (sessions.set, sessions.save, lambda each: sessions.set_many([each])):
        write(late)
        assert sessions.require(("a", NOON)).ends == SECOND
    with sessions.transaction() as transaction:
        transaction.update(sessions, ("a", NOON), sessions.fields.ends.set(LATER))
    assert sessions.require(("a", NOON)).ends == SECOND


def test_conditions_and_keys_drop_it_too(sessions: Sessions) -> None:
    """Of a time that is compared with whole seconds."""
    ends = sessions.fields.ends
    sessions.update(("a", NOON), ends.set(LATER))

    for condition in (ends == LATER, ends >= LATER, ends.between(LATER, LATER), ends.is_in(LATER)):
        sessions.update(("a", NOON), ends.set(LATER), condition=condition)
    with pytest.raises(ConditionFailed):
        sessions.update(("a", NOON), ends.set(LATER), condition=ends > LATER)
    assert [each.id for each in sessions.query(ends == LATER, index="by_end")] == ["a"]
