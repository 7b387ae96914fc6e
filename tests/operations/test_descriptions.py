"""What the description of a table says of its keys and states."""

from __future__ import annotations

from typing import Any

from dynrepo.operations.descriptions import (
    index_keys,
    key_of,
    key_types,
    partial_indexes,
    states_in,
    stored_key,
)
from tests.events import Events

RANGE = {"AttributeName": "number", "KeyType": "RANGE"}
HASH = {"AttributeName": "stream", "KeyType": "HASH"}
KIND = {"AttributeName": "kind", "KeyType": "HASH"}
DESCRIPTION: dict[str, Any] = {
    "TableName": "events",
    "TableStatus": "UPDATING",
    "KeySchema": [RANGE, HASH],
    "AttributeDefinitions": [
        {"AttributeName": "number", "AttributeType": "N"},
        {"AttributeName": "stream", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {"IndexName": "by_kind", "IndexStatus": "CREATING", "KeySchema": [KIND]},
        {"IndexName": "by_number", "KeySchema": [RANGE]},
    ],
    "LocalSecondaryIndexes": [{"IndexName": "by_weight", "KeySchema": [HASH, RANGE]}],
}


def test_a_key_is_its_names_and_types_partition_first() -> None:
    """However the description orders them; as the key of a model is."""
    assert stored_key(DESCRIPTION, DESCRIPTION) == (("stream", "S"), ("number", "N"))
    assert stored_key(DESCRIPTION, DESCRIPTION) == key_of(Events.schema.key_schema)
    assert key_of(Events.schema.indexes["by_kind"]) == (("kind", "S"), ("weight", "N"))
    assert key_types(DESCRIPTION) == {"number": "N", "stream": "S"}


def test_the_keys_of_indexes_are_named() -> None:
    """Global and local ones; an attribute without a type is of another one than any."""
    assert dict(index_keys(DESCRIPTION)) == {
        "by_kind": (("kind", "?"),),
        "by_number": (("number", "N"),),
        "by_weight": (("stream", "S"), ("number", "N")),
    }


def test_the_states_are_of_the_table_and_of_its_global_indexes() -> None:
    """An index whose state is not told is active."""
    states = {"events": "UPDATING", "by_kind": "CREATING", "by_number": "ACTIVE"}
    assert states_in(DESCRIPTION) == states
    assert states_in({"TableName": "t", "TableStatus": "ACTIVE"}) == {"t": "ACTIVE"}


def test_an_index_holds_all_attributes_unless_it_says_otherwise() -> None:
    """Of the others, those of both keys and those that are named."""
    only = {"ProjectionType": "KEYS_ONLY"}
    some = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]}
    by_kind, by_number = DESCRIPTION["GlobalSecondaryIndexes"]
    described = {
        **DESCRIPTION,
        "GlobalSecondaryIndexes": [
            {**by_kind, "Projection": only},
            {**by_number, "Projection": {"ProjectionType": "ALL"}},
        ],
        "LocalSecondaryIndexes": [{**DESCRIPTION["LocalSecondaryIndexes"][0], "Projection": some}],
    }
    assert dict(partial_indexes(described)) == {
        "by_kind": {"stream", "number", "kind"},
        "by_weight": {"stream", "number", "text"},
    }
    assert dict(partial_indexes(DESCRIPTION)) == {}
