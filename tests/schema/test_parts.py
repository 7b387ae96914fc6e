"""A smaller model is read of the items of another as these are stored."""

from __future__ import annotations

import gc
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any
from weakref import ref

import pytest
from pydantic import BaseModel, ConfigDict, create_model

from dynrepo import Attribute, PartitionKey, SchemaError, SortKey, TimeToLive, encodings
from dynrepo.errors import CodecError
from dynrepo.places.schema import placed_schema_of
from dynrepo.schema.entity import Schema, schema_of
from dynrepo.schema.parts import PartFields, part_in
from tests.accelerator import if_accelerated
from tests.encodings import ENCODINGS, Example
from tests.reading.test_parsers import is_same, items_with, model_with
from tests.shop import ORDER, Order, Orders

if TYPE_CHECKING:
    from dynrepo.codec import Item


class Song(BaseModel):
    """A song, as another program stores it."""

    artist: Annotated[str, PartitionKey()]
    title: Annotated[str, SortKey(), Attribute("t")]
    length: Annotated[timedelta, encodings.NANOSECONDS, Attribute("l")]
    cover: bytes = b""


class Length(BaseModel):
    """A part of one, with nothing said of how it is stored."""

    title: str
    length: timedelta


WHOLE = schema_of(Song)
STORED = WHOLE.encode(Song(artist="Nina", title="Sinnerman", length=timedelta(seconds=622)))


def test_a_part_is_stored_as_the_whole_says() -> None:
    """Under its attributes, and in its forms: nanoseconds are not read as seconds."""
    part = part_in(WHOLE, Length)
    assert [field.attribute for field in part.fields] == ["t", "l"]
    assert part.decode(STORED) == Length(title="Sinnerman", length=timedelta(seconds=622))


def test_a_form_of_its_own_is_not_that_of_the_items() -> None:
    """What was written, was written by the whole."""

    class Otherwise(BaseModel):
        length: Annotated[timedelta, encodings.MILLISECONDS, Attribute("milliseconds")]

    assert part_in(WHOLE, Otherwise).decode(STORED).length == timedelta(seconds=622)


def test_a_part_is_made_once_for_each_whole() -> None:
    """And for each spelling of its attributes."""
    by_alias = schema_of(Song, by_alias=True)
    assert part_in(WHOLE, Length) is part_in(WHOLE, Length)
    assert part_in(WHOLE, Length) is not part_in(by_alias, Length)


@pytest.mark.parametrize("wrong", ["length", ["length"], STORED])
def test_a_part_is_a_class(wrong: Any) -> None:
    """Who names fields is told what to give."""
    with pytest.raises(
        TypeError, match="expected a smaller model, a class with some of the fields"
    ):
        part_in(WHOLE, wrong)


def test_a_part_keeps_no_whole_alive() -> None:
    """A model that is made and thrown away takes its parts with it."""

    def whole() -> Schema[Any]:
        model = create_model("Song", __base__=Song)
        return schema_of(model)

    schema = whole()
    part_in(schema, Length)
    gone = ref(schema)
    del schema
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("settings", [{}, {"extra": "forbid"}, {"extra": "allow"}])
def test_what_is_read_beside_a_part_is_none_of_it(settings: Any) -> None:
    """As the end of life that hides it, whatever the part does with attributes of its own."""
    part = part_in(WHOLE, create_model("Part", __config__=ConfigDict(**settings), title=(str, ...)))
    assert part.decode(STORED).model_dump() == {"title": "Sinnerman"}


def test_a_part_has_fields_of_the_whole_alone() -> None:
    """Of the same type."""
    for part, said in (
        (create_model("P", title=(int, ...)), "P.title has another type than Song.title"),
        (create_model("P", name=(str, ...)), "P.name is no field of Song"),
    ):
        with pytest.raises(SchemaError, match=f"^{said}$"):
            part_in(WHOLE, part)


def test_a_default_of_the_part_stands_for_what_is_absent() -> None:
    """And what is required is missed."""
    part = create_model("Part", cover=(bytes, b"none"))
    needing = create_model("Part", cover=(bytes, ...))
    assert part_in(WHOLE, part).decode({}).model_dump() == {"cover": b"none"}
    with pytest.raises(CodecError, match=r"Part.*cover"):
        part_in(WHOLE, needing).decode({})


class Ticket(BaseModel):
    """Something that ends."""

    code: Annotated[str, PartitionKey()]
    ends: Annotated[int | None, TimeToLive()] = None
    seat: int = 0


def by_text(part: PartFields[Any], item: Item) -> Any:
    """What is made of the text of an answer: the JSON that is left, and the instance."""
    parse = part.parse("Item")
    assert parse is not None, part.unaccelerated
    answer = parse(json.dumps({"Item": item}).encode())
    return None if answer is None or answer[1] is None else (answer[0], answer[1][0])


@if_accelerated
def test_the_key_and_the_end_are_seen_beside_the_instance() -> None:
    """As far as they are there: they tell whose it is, and whether it is over."""
    part = part_in(schema_of(Ticket), create_model("Seat", seat=(int, 0)))
    item: Item = {"code": {"S": "a"}, "ends": {"N": "1"}, "seat": {"N": "7"}, "more": {"S": "x"}}
    left, instance = by_text(part, item)
    assert instance.seat == 7
    assert left == {"Item": {"code": {"S": "a"}, "ends": {"N": "1"}}}
    assert by_text(part, {"seat": {"N": "7"}})[0] == {"Item": {}}


@if_accelerated
@pytest.mark.parametrize(
    "settings", [{}, {"strict": True}, {"extra": "forbid"}, {"str_strip_whitespace": True}]
)
def test_the_text_of_a_part_is_read_as_its_json(settings: Any) -> None:
    """In each stored form of each type, whatever the settings of the part."""
    for example in ENCODINGS[::7]:
        agrees_on(example, settings)


def agrees_on(example: Example, settings: dict[str, Any]) -> None:
    """Fails where the text of a part gives another instance than its JSON."""
    whole = schema_of(model_with(example.annotation))
    config = ConfigDict(arbitrary_types_allowed=True, **settings)
    field: Any = (example.annotation, ...)
    part = part_in(whole, create_model("Part", __config__=config, field=field))
    for item in items_with(example.stored):
        try:
            read = part.decode(item)
        except CodecError:
            assert by_text(part, item) is None
        else:
            found = by_text(part, item)
            assert found is not None, example.name
            assert is_same(found[1], read), example.name


def test_a_part_of_an_item_in_a_shared_table_is_none_of_its_keys() -> None:
    """An upcast of it sees the attributes of the model alone."""
    whole = placed_schema_of(Order, Orders.place)
    seen: list[Any] = []

    class Note(BaseModel):
        note: str | None = None

    def upcast(attributes: dict[str, Any]) -> dict[str, Any]:
        seen.append(attributes)
        return attributes

    part = part_in(whole, Note)
    row = whole.encode(ORDER.model_copy(update={"note": "n"}))
    assert part.decode(row) == part.decode(row, upcast=upcast) == Note(note="n")
    assert seen[0].keys() == {"user_id", "placed", "number", "status", "note"}
