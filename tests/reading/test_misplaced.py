"""An attribute value that stands below the tag of another is none of a field's."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo.codec import codec_for
from dynrepo.codec.core_schemas import NotAccelerated
from dynrepo.markers import PartitionKey
from dynrepo.reading.misplaced import Misplaced
from dynrepo.schema.entity import Schema, schema_of
from tests.reading.odd_items import MISPLACED, NULL
from tests.reading.test_parsers import by_accelerator, by_codec, if_accelerated, is_same


class Grade(Enum):
    """An enum of texts."""

    GOOD = "good"


class Part(BaseModel):
    """A model in a list, with a text that is always there."""

    sku: str
    note: str | None = None
    tags: set[str] = set()


class Loose(BaseModel):
    """A model in a list without one."""

    parts: list[int]
    note: str | None = None


class Whole(BaseModel):
    """Fields that may be absent, None, empty or a default."""

    id: Annotated[str, PartitionKey()]
    text: str | None = None
    number: int | None = None
    flag: bool | None = None
    other: UUID | None = None
    at: AwareDatetime | None = None
    grade: Grade | None = None
    tags: set[str] = set()
    labels: frozenset[int] | None = None
    name: str = "x"
    needed: str | None
    names: set[str]
    part: Part | None = None
    below: list[Part] = []
    loose: list[Loose] = []


class Alone(BaseModel):
    """A model of nothing that is there without its key."""

    id: Annotated[str, PartitionKey()] = "1"


class Open(Whole, extra="allow"):
    """The same, made by its own validator."""


VALUES = ("text", "number", "flag", "other", "at", "grade", "tags", "labels", "name", "needed")


@if_accelerated
@pytest.mark.parametrize("model", [Whole, Open])
@pytest.mark.parametrize("name", [*VALUES, "names", "part", "below"])
def test_what_stands_below_another_tag_is_no_value(model: type[BaseModel], name: str) -> None:
    """Neither None nor empty: the codec refuses it, and so does the reader in one pass."""
    schema: Schema[Any] = schema_of(model)
    for stored in MISPLACED:
        item = {"id": {"S": "1"}, name: stored}
        found = by_accelerator(schema, item)
        assert found is None or is_same(found, by_codec(schema, item)), stored


@if_accelerated
@pytest.mark.parametrize("stored", MISPLACED, ids=repr)
def test_nor_is_it_within(stored: Any) -> None:
    """In models of a field and of a list, with a text that is always there and without one."""
    schema = schema_of(Whole)
    part = {"M": {"sku": {"S": "a"}, "note": stored}}
    tags = {"M": {"sku": {"S": "a"}, "tags": stored}}
    loose = {"M": {"parts": {"L": []}, "note": stored}}
    for name, value in {"part": part, "below": {"L": [tags]}, "loose": {"L": [loose]}}.items():
        item = {"id": {"S": "1"}, name: value}
        found = by_accelerator(schema, item)
        assert found is None or is_same(found, by_codec(schema, item)), name


@if_accelerated
def test_what_stands_in_its_place_is_read() -> None:
    """None and the empty set as attribute values are values, where the field says so."""
    schema = schema_of(Whole)
    part = {"M": {"sku": {"S": "a"}, "note": NULL, "tags": {"L": []}}}
    loose = {"M": {"parts": {"L": []}, "note": NULL}}
    item = {
        "id": {"S": "1"},
        **dict.fromkeys(("text", "number", "flag", "other", "at", "grade", "needed"), NULL),
        "tags": {"L": []},
        "labels": {"L": []},
        "below": {"L": [part]},
        "loose": {"L": [loose]},
    }
    assert is_same(by_accelerator(schema, item), by_codec(schema, item))


def test_a_field_that_is_always_there_looks_for_the_others() -> None:
    """Below their tags first; without such a field the values are for their codecs."""
    whole = schema_of(Whole)
    misplaced = Misplaced(whole._record, whole.key_schema.fields)
    text = codec_for(str | None)
    misplaced.refuse(["text"], "S", text.tags)
    fields = {"id": {"validation_alias": [["id", "S"]]}, "text": {}}
    assert misplaced.looked_for(fields)["id"] == {
        "validation_alias": [["text", "S", "NULL"], ["id", "S"]]
    }
    alone = Misplaced(schema_of(Alone)._record, ())
    assert alone.looked_for(fields) == fields
    with pytest.raises(NotAccelerated):
        alone.refuse(["text"], "S", text.tags)
