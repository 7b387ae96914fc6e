"""One table that several repositories declare: its key, and the indexes of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.errors import SchemaError
from dynrepo.operations.descriptions import index_keys, key_types, stored_key
from dynrepo.testing.table_requests import rebuilt
from dynrepo.testing.table_rules import INDEXES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.testing.tables import MemoryTable


def declared(table: MemoryTable, definition: Mapping[str, Any], ttl: str | None) -> MemoryTable:
    """A table with what another definition of it has, and with the attribute of its time to live.

    SchemaError when they contradict each other.
    """
    wider = rebuilt(table, widened(table.request, definition))
    if ttl is not None and wider.ttl not in (None, ttl):
        raise SchemaError(
            f"the table {table.name} is declared twice, with different ends of life:"
            f" {wider.ttl}; {ttl}"
        )
    wider.ttl = wider.ttl if ttl is None else ttl
    return wider


def widened(definition: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A table with the indexes of two definitions; SchemaError when they contradict each other."""
    contradiction = _contradiction(definition, other)
    if contradiction:
        raise SchemaError(
            f"the table {definition['TableName']} is declared twice, with different {contradiction}"
        )
    types = {**key_types(definition), **key_types(other)}
    return {
        **definition,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": types[name]} for name in types
        ],
        **{kind: _united(definition.get(kind, ()), other.get(kind, ())) for kind in INDEXES},
    }


def _united(indexes: Any, others: Any) -> list[Any]:
    by_name = {index["IndexName"]: index for index in (*indexes, *others)}
    return list(by_name.values())


def _contradiction(definition: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """In what two definitions of one table cannot both be true, in words; "" when they can."""
    keys = stored_key(definition, definition), stored_key(other, other)
    if keys[0] != keys[1]:
        return f"keys: {_text(keys[0])}; {_text(keys[1])}"
    types, others = key_types(definition), key_types(other)
    for name in types.keys() & others.keys():
        if types[name] != others[name]:
            return f"types of {name}: {types[name]}; {others[name]}"
    indexes, other_indexes = _indexes(definition), _indexes(other)
    for name in indexes.keys() & other_indexes.keys():
        if indexes[name] != other_indexes[name]:
            return f"keys of the index {name}"
    return ""


def _indexes(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The kind and the key of each index, by its name."""
    keys = dict(index_keys(definition))
    return {
        index["IndexName"]: (kind, keys[index["IndexName"]])
        for kind in INDEXES
        for index in definition.get(kind, ())
    }


def _text(key: tuple[tuple[str, str], ...]) -> str:
    return " and ".join(f"{name} ({kind})" for name, kind in key)
