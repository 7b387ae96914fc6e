"""The operations that read single items: what they ask for, and what they make of the answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    Answer,
    Attribute,
    PartitionKey,
    SchemaError,
    SortKey,
    TimeToLive,
    WrittenUnreadable,
)
from dynrepo.expressions.trees import path_to
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.reads import (
    get_item,
    get_part,
    get_stored,
    get_stored_at,
    get_written,
    has_item,
    key_part,
    part_of,
    ttl_path,
)
from dynrepo.schema.entity import schema_of


class Song(BaseModel):
    """A composite key, and a field with another name."""

    artist: Annotated[str, PartitionKey()]
    title: Annotated[str, SortKey()]
    seconds: Annotated[int, Attribute("s")]


class Title(BaseModel):
    """A part of it."""

    title: str
    seconds: int


class Pass(BaseModel):
    """Something that ends."""

    code: Annotated[str, PartitionKey()]
    line: str = ""
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Code(BaseModel):
    """A part of it."""

    code: str


NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PASSES: Mapper[Pass] = Mapper("passes", schema_of(Pass), clock=lambda: NOON, hide_expired=True)
ENDED: dict[str, Any] = {"code": {"S": "a"}, "ends": {"N": str(int(NOON.timestamp()) - 1)}}
SONGS = Mapper("songs", schema_of(Song))
KEY = ("Nina", "Sinnerman")
STORED: dict[str, Any] = {"artist": {"S": "Nina"}, "title": {"S": "Sinnerman"}, "s": {"N": "622"}}


def asked_for(operation: Any) -> list[str]:
    """The attributes that a projection names."""
    return sorted(operation.request["ExpressionAttributeNames"].values())


def test_an_item_is_read_by_its_whole_key() -> None:
    """Eventually consistent, unless asked otherwise."""
    reading = get_item(SONGS, KEY)
    assert reading.request["Key"] == {"artist": {"S": "Nina"}, "title": {"S": "Sinnerman"}}
    assert reading.request["ConsistentRead"] is False
    assert get_item(SONGS, KEY, consistent=True).request["ConsistentRead"] is True


def test_an_answer_without_an_item_is_none() -> None:
    """Not found is an answer."""
    assert get_item(SONGS, KEY).read(Answer({})) is None
    assert has_item(SONGS, KEY).read(Answer({})) is False


def test_an_answer_with_an_item_is_the_model() -> None:
    """Attribute names are fields again."""
    song = Song(artist="Nina", title="Sinnerman", seconds=622)
    assert get_item(SONGS, KEY).read(Answer({"Item": STORED})) == song


def test_existence_is_asked_of_the_key_alone() -> None:
    """Whatever else is stored does not travel."""
    assert asked_for(has_item(SONGS, KEY)) == ["artist", "title"]


def test_a_part_asks_for_its_attributes_alone() -> None:
    """And is made of them."""
    reading = get_part(SONGS, KEY, Title)
    assert asked_for(reading) == ["s", "title"]
    stored = {"title": STORED["title"], "s": STORED["s"]}
    assert reading.read(Answer({"Item": stored})) == Title(title="Sinnerman", seconds=622)


def test_a_part_has_only_fields_of_the_whole() -> None:
    """Of the same type: else it would read what nobody wrote."""

    class Wrong(BaseModel):
        title: int

    with pytest.raises(SchemaError, match=r"Wrong\.title has another type than Song\.title"):
        part_of(SONGS, Wrong)


def test_what_is_stored_is_looked_at_as_it_is_now() -> None:
    """Undecoded and consistent: it settles what a lost answer left open."""
    looking = get_stored(SONGS, KEY)
    assert looking.request["ConsistentRead"] is True
    assert looking.read(Answer({"Item": STORED})) == STORED
    assert looking.read(Answer({})) is None
    assert get_stored_at(SONGS, looking.request["Key"]).request == looking.request


def test_an_instance_that_the_sender_made_is_taken() -> None:
    """It is beside the body, which is then without the item."""
    song = Song(artist="Nina", title="Sinnerman", seconds=622)
    assert get_item(SONGS, KEY).read(Answer({}, items=[song])) is song


def test_an_instance_whose_end_is_over_is_not_found() -> None:
    """As if it were no more."""
    over, there = (Pass(code="a", ends=NOON + timedelta(hours=hours)) for hours in (-1, 1))
    assert get_item(PASSES, "a").read(Answer({}, items=[over])) is None
    assert get_item(PASSES, "a").read(Answer({}, items=[there])) is there


def test_a_part_that_the_sender_made_is_taken() -> None:
    """What is left of the item beside it tells whose it is, and whether it is over."""
    part, body = Code(code="a"), {"Item": {"code": {"S": "a"}}}
    reading = get_part(PASSES, "a", Code)
    assert reading.read(Answer(body, items=[part])) is part
    assert reading.read(Answer({"Item": ENDED}, items=[part])) is None
    assert accepts(reading, Answer(body, items=[part]))
    assert accepts(reading, Answer({"Item": {}}, items=[part]))
    assert not accepts(reading, Answer({"Item": {"code": {"S": "b"}}}, items=[part]))


def test_an_answer_is_that_to_the_key() -> None:
    """Made or not; nothing is the answer to each."""
    song = Song(artist="Nina", title="Sinnerman", seconds=622)
    for reading in (get_item(SONGS, KEY), get_written(SONGS, KEY)):
        assert accepts(reading, Answer({"Item": STORED}))
        assert accepts(reading, Answer({}))
        assert accepts(reading, Answer({}, items=[song]))
        assert not accepts(reading, Answer({"Item": {**STORED, "title": {"S": "Four Women"}}}))
        assert not accepts(reading, Answer({}, items=[song.model_copy(update={"title": "x"})]))


def accepts(reading: Any, answer: Answer) -> bool:
    """Whether an answer is the one to a read."""
    accepted: bool = reading.accepts(answer)
    return accepted


def test_what_was_written_is_read_as_it_is_now() -> None:
    """Consistently, and also where it is hidden from others; what is no model says so."""
    reading = get_written(PASSES, "a")
    assert reading.request["ConsistentRead"] is True
    assert reading.read(Answer({"Item": ENDED})) == Pass(code="a", ends=NOON - timedelta(seconds=1))
    over = Pass(code="a", ends=NOON - timedelta(hours=1))
    assert reading.read(Answer({}, items=[over])) is over
    assert reading.read(Answer({})) is None
    with pytest.raises(WrittenUnreadable):
        reading.read(Answer({"Item": {**ENDED, "line": {"N": "1"}}}))


def test_a_part_is_that_of_today_s_item() -> None:
    """What an older version stored is read whole, and translated first."""

    def translated(plain: dict[str, Any]) -> dict[str, Any]:
        return {**plain, "s": plain["minutes"] * 60}

    older = Mapper("songs", schema_of(Song), upcast=translated)
    reading = get_part(older, KEY, Title)
    assert "ProjectionExpression" not in reading.request
    stored = {"artist": {"S": "Nina"}, "title": {"S": "Sinnerman"}, "minutes": {"N": "10"}}
    assert reading.read(Answer({"Item": stored})) == Title(title="Sinnerman", seconds=600)


def test_a_key_is_read_as_it_is_asked_for() -> None:
    """One value, or a pair."""
    assert key_part(SONGS).decode(STORED) == KEY
    assert key_part(PASSES).decode(ENDED) == "a"
    assert [str(path) for path in key_part(SONGS).paths] == ["artist", "title"]


@pytest.mark.parametrize("reading", [get_part(PASSES, "a", Code), has_item(PASSES, "a")])
def test_what_has_ended_is_not_found(reading: Any) -> None:
    """So the end of its life is read, too, where it is hidden."""
    assert asked_for(reading) == ["code", "ends"]
    assert not reading.read(Answer({"Item": ENDED}))
    assert reading.read(Answer({"Item": {**ENDED, "ends": {"N": "9999999999"}}}))


def test_an_end_of_life_is_read_once() -> None:
    """Not again where it is asked for, and not where nothing is hidden."""
    assert ttl_path(PASSES, (path_to("ends"),)) == ()
    assert ttl_path(SONGS, ()) == ()
    assert [str(path) for path in ttl_path(PASSES, (path_to("code"),))] == ["ends"]
