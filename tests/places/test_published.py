"""Key designs that AWS has published, as places: each can be said, and its entities told apart.

They are those of the developer guide and of aws-samples/aws-dynamodb-examples, with their texts:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/data-modeling-schemas.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-sort-keys.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import AwareDatetime, BaseModel, NaiveDatetime

from dynrepo import encodings
from dynrepo.errors import CodecError
from dynrepo.places.schema import PlacedSchema, placed_schema_of
from dynrepo.places.shared_table import Key, SharedTable

AT = datetime(2023, 4, 1, 12, 0, 0, 1000, tzinfo=UTC)


class Fields(BaseModel):
    """What the keys of the designs are made of."""

    id: str = ""
    other: str = ""
    part: str = ""
    place: str = ""
    version: int = 0
    at: Annotated[AwareDatetime, encodings.ISO_MILLISECONDS] = AT
    local: NaiveDatetime = AT.replace(tzinfo=None)


class Entity(NamedTuple):
    """Templates of an entity, with the key of an item that the design shows."""

    partition: str
    sort: str
    shown: tuple[str, str]
    values: dict[str, Any]
    lossy: bool = False


DESIGNS = {
    "a social network": [
        Entity("u#{id}", "info", ("u#12345", "info"), {"id": "12345"}),
        Entity("u#{id}", "count", ("u#12345", "count"), {"id": "12345"}),
        Entity(
            "u#{id}#follower",
            "u#{other}",
            ("u#12345#follower", "u#23456"),
            {"id": "12345", "other": "23456"},
        ),
        Entity(
            "u#{id}#following",
            "u#{other}",
            ("u#12345#following", "u#56789"),
            {"id": "12345", "other": "56789"},
        ),
        Entity(
            "u#{id}#post", "p#{part}", ("u#12345#post", "p#23456"), {"id": "12345", "part": "23456"}
        ),
        Entity(
            "p#{id}#likelist",
            "u#{other}",
            ("p#12345#likelist", "u#23456"),
            {"id": "12345", "other": "23456"},
        ),
        Entity("p#{id}#likecount", "count", ("p#12345#likecount", "count"), {"id": "12345"}),
        Entity(
            "u#{id}#timeline",
            "p#{part}#u#{other}",
            ("u#12345#timeline", "p#34567#u#56789"),
            {"id": "12345", "part": "34567", "other": "56789"},
        ),
    ],
    "a session store": [
        Entity(
            "suuid#{id}",
            "c#{other}",
            ("suuid#c342etj3", "c#ABC"),
            {"id": "c342etj3", "other": "ABC"},
        ),
        Entity(
            "suuid#{id}",
            "child#suuid#{part}",
            ("suuid#c342etj3", "child#suuid#ert54fbgn"),
            {"id": "c342etj3", "part": "ert54fbgn"},
        ),
    ],
    "complaints, at whole seconds": [
        Entity("{id}", "metadata", ("Complaint123", "metadata"), {"id": "Complaint123"}),
        Entity(
            "{id}",
            "comm#{at:.19}Z#{part}",
            ("Complaint123", "comm#2023-04-01T12:00:00Z#comm456"),
            {"id": "Complaint123", "part": "comm456"},
            lossy=True,
        ),
    ],
    "the same without a zone": [
        Entity(
            "{id}",
            "comm#{local:.19}#{part}",
            ("Complaint123", "comm#2023-04-01T12:00:00#comm1"),
            {"id": "Complaint123", "part": "comm1"},
            lossy=True,
        ),
    ],
    "recurring payments": [
        Entity(
            "ACC#{id}",
            "SUB#{part}#SKU#{other}",
            ("ACC#123", "SUB#123#SKU#999"),
            {"id": "123", "part": "123", "other": "999"},
        ),
        Entity(
            "ACC#{id}",
            "REC#{at}#SKU#{other}",
            ("ACC#123", "REC#2023-04-01T12:00:00.001Z#SKU#999"),
            {"id": "123", "other": "999"},
        ),
    ],
    "a chat": [
        Entity("User:{id}", "{at}", ("User:UserA", "2023-04-01T12:00:00.001Z"), {"id": "UserA"}),
        Entity("Room:{id}", "meta", ("Room:Music", "meta"), {"id": "Music"}),
    ],
    "connected vehicles": [
        Entity("VIN#{id}", "#META#", ("VIN#WDD", "#META#"), {"id": "WDD"}),
        Entity(
            "VIN#{id}",
            "FEATURE#{part}",
            ("VIN#WDD", "FEATURE#CAMERAS"),
            {"id": "WDD", "part": "CAMERAS"},
        ),
        Entity("VIN#{id}", "ID#{other}", ("VIN#WDD", "ID#cb"), {"id": "WDD", "other": "cb"}),
        Entity(
            "ID#{id}",
            "PREFERENCES#{part}",
            ("ID#cb", "PREFERENCES#SEATS"),
            {"id": "cb", "part": "SEATS"},
        ),
        Entity(
            "ID#{id}",
            "F#ACTIVE#{part}#{other}",
            ("ID#cb", "F#ACTIVE#CAMERAS#x"),
            {"id": "cb", "part": "CAMERAS", "other": "x"},
        ),
        Entity(
            "ID#{id}",
            "F#EXPIRED#{part}#{other}",
            ("ID#cb", "F#EXPIRED#SEATS#x"),
            {"id": "cb", "part": "SEATS", "other": "x"},
        ),
    ],
    "places within places": [
        Entity(
            "{id}",
            "{other}#{part}#{place}",
            ("USA", "NY#New York City#JFK"),
            {"id": "USA", "other": "NY", "part": "New York City", "place": "JFK"},
        ),
    ],
    "versions": [
        Entity("{id}", "v{version}_{part}", ("1", "v0_Audit"), {"id": "1", "part": "Audit"}),
    ],
}


def laid_out(entities: list[Entity]) -> list[PlacedSchema[Fields]]:
    """The entities of a design in a table of their own, without a mark."""

    class Table(SharedTable):
        table = "published"
        key = Key("PK", "SK")

    places = [Table.place(it.partition, it.sort, lossy=it.lossy) for it in entities]
    return [placed_schema_of(Fields, place) for place in places]


@pytest.mark.parametrize("design", DESIGNS)
def test_the_keys_of_a_design_are_made_and_read(design: str) -> None:
    """In one table without a mark, where none makes a key of another, or reads its items."""
    entities = DESIGNS[design]
    schemas = laid_out(entities)
    rows = [
        schema.encode(Fields(**it.values)) for schema, it in zip(schemas, entities, strict=True)
    ]
    shown = [{"PK": {"S": it.shown[0]}, "SK": {"S": it.shown[1]}} for it in entities]
    assert [schema.key_of(row) for schema, row in zip(schemas, rows, strict=True)] == shown
    for schema, row, it in zip(schemas, rows, entities, strict=True):
        assert schema.decode(row) == Fields(**it.values)
        assert not schema.neighbours.are_reached(schema)


@pytest.mark.parametrize("design", DESIGNS)
def test_an_item_of_one_entity_is_none_of_another(design: str) -> None:
    """Whoever reads its row says so."""
    schemas, entities = laid_out(DESIGNS[design]), DESIGNS[design]
    for (mine, it), (other, _) in permutations(zip(schemas, entities, strict=True), 2):
        with pytest.raises(CodecError):
            other.decode(mine.encode(Fields(**it.values)))
