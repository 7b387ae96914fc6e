"""The operations that read single items: what they ask for, and what they make of the answer."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import Answer, Attribute, PartitionKey, SchemaError, SortKey
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.reads import get_item, get_part, get_stored, has_item, part_of
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

    with pytest.raises(SchemaError, match=r"Wrong\.title is no field of Song"):
        part_of(SONGS, Wrong)


def test_what_is_stored_is_looked_at_as_it_is_now() -> None:
    """Undecoded and consistent: it settles what a lost answer left open."""
    looking = get_stored(SONGS, KEY)
    assert looking.request["ConsistentRead"] is True
    assert looking.read(Answer({"Item": STORED})) == STORED
