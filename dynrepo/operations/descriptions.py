"""What the description of a table says of its keys and states.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from dynrepo.schema.keys import KeySchema

Description: TypeAlias = Mapping[str, Any]

_INDEXES = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def states_in(description: Description) -> dict[str, str]:
    """The states of the table and of its global indexes, by name."""
    indexes = description.get("GlobalSecondaryIndexes", ())
    return {
        description.get("TableName", "the table"): description["TableStatus"],
        **{index["IndexName"]: index.get("IndexStatus", "ACTIVE") for index in indexes},
    }


def key_of(key: KeySchema) -> tuple[tuple[str, str], ...]:
    """The names and types of a key's attributes, partition first."""
    return tuple([(field.attribute, min(field.codec.tags - {"NULL"})) for field in key.fields])


def index_keys(description: Description) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """The keys of the indexes, by name."""
    for kind in _INDEXES:
        for index in description.get(kind, ()):
            yield index["IndexName"], stored_key(index, description)


def partial_indexes(description: Description) -> Iterator[tuple[str, AbstractSet[str]]]:
    """The attributes that each index holds which does not hold all, by the index's name.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Projection.html
    """
    of_table = dict(stored_key(description, description))
    for kind in _INDEXES:
        for index in description.get(kind, ()):
            projection = index.get("Projection", {})
            if projection.get("ProjectionType", "ALL") != "ALL":
                keys = {**of_table, **dict(stored_key(index, description))}
                yield index["IndexName"], keys.keys() | set(projection.get("NonKeyAttributes", ()))


def stored_key(holder: Description, described: Description) -> tuple[tuple[str, str], ...]:
    """The same of a table, or of an index of it, as the table is described."""
    types = key_types(described)
    elements = sorted(holder.get("KeySchema", ()), key=itemgetter("KeyType"))  # HASH before RANGE
    names = [element["AttributeName"] for element in elements]
    return tuple([(name, types.get(name, "?")) for name in names])  # unknown: another one


def key_types(described: Description) -> dict[str, str]:
    """The types of the attributes that are keys of something, by name."""
    definitions = described.get("AttributeDefinitions", ())
    return {each["AttributeName"]: each["AttributeType"] for each in definitions}
