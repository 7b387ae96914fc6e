"""What the definition of a table may be: names, keys, indexes, and their numbers.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from dynrepo.testing.refusals import invalid, refused
from dynrepo.testing.rules import KEY_NAME_BYTES, ORDERED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INDEXES: Final = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")

_GLOBAL_INDEXES: Final = 20
_LOCAL_INDEXES: Final = 5
_PROJECTED: Final = 100
"""Attributes that all indexes of a table together may name beyond keys.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+", re.ASCII)
SHORTEST, LONGEST = 3, 255
"""Characters of the name of a table or an index."""
_WRONG: Final = "One or more parameter values were invalid: "


def key_attributes(request: Mapping[str, Any]) -> set[str]:
    """The attributes that are in a key of the table or of an index of it."""
    schemas = [request["KeySchema"], *(index["KeySchema"] for index in _indexes(request))]
    return {element["AttributeName"] for schema in schemas for element in schema}


def check_definition(request: Mapping[str, Any]) -> None:
    """Refuses a table as DynamoDB does, where it is made and where it is changed."""
    _check_name("tableName", request["TableName"])
    for index in _indexes(request):
        _check_name("indexName", index["IndexName"])
    _check_attributes(request)
    _check_key(request["KeySchema"])
    for index in _indexes(request):
        _check_key(index["KeySchema"])
        _check_projection(index.get("Projection", {"ProjectionType": "ALL"}))
    _check_local(request)
    _check_numbers(request)


def _indexes(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [index for kind in INDEXES for index in request.get(kind) or ()]


def _check_name(parameter: str, name: str) -> None:
    if len(name) < SHORTEST:
        broken = f"have length greater than or equal to {SHORTEST}"
    elif len(name) > LONGEST:
        broken = f"have length less than or equal to {LONGEST}"
    elif _NAME.fullmatch(name) is None:
        broken = f"satisfy regular expression pattern: {_NAME.pattern}"
    else:
        return
    raise invalid(
        f"1 validation error detected: Value '{name}' at '{parameter}' failed to satisfy"
        f" constraint: Member must {broken}"
    )


def _check_attributes(request: Mapping[str, Any]) -> None:
    definitions = request["AttributeDefinitions"]
    names = [definition["AttributeName"] for definition in definitions]
    for name in (*names, *key_attributes(request)):
        _check_key_name(name)
    if any(definition["AttributeType"] not in ORDERED for definition in definitions):
        raise invalid(f"Member must satisfy enum value set: [{', '.join(sorted(ORDERED))}]")
    if len(set(names)) < len(names):
        raise invalid(f"{_WRONG}Duplicate AttributeName in AttributeDefinitions")
    if set(names) != key_attributes(request):
        raise invalid(
            f"{_WRONG}Number of attributes in KeySchema does not exactly match number of"
            " attributes defined in AttributeDefinitions"
        )


def _check_key_name(name: str) -> None:
    if not 1 <= len(name.encode()) <= KEY_NAME_BYTES:
        raise invalid(f"Member must have length less than or equal to {KEY_NAME_BYTES}")


def _check_key(elements: Sequence[Mapping[str, str]]) -> None:
    kinds = tuple(element["KeyType"] for element in elements)
    if kinds not in (("HASH",), ("HASH", "RANGE")):
        raise invalid("Invalid KeySchema: it takes one HASH, and after it one RANGE or none")
    if len({element["AttributeName"] for element in elements}) < len(elements):
        raise invalid("Both the Hash Key and the Range Key element have the same name")


def _check_projection(projection: Mapping[str, Any]) -> None:
    kind, more = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if kind not in ("ALL", "KEYS_ONLY", "INCLUDE"):
        raise invalid(f"{_WRONG}Unknown ProjectionType")
    if (kind == "INCLUDE") is not bool(more):
        raise invalid(f"{_WRONG}NonKeyAttributes go with the ProjectionType INCLUDE, and no other")
    for name in more or ():
        _check_key_name(name)


def _check_local(request: Mapping[str, Any]) -> None:
    own = request["KeySchema"]
    for index in request.get("LocalSecondaryIndexes") or ():
        if len(own) == 1:
            raise invalid(f"{_WRONG}Table KeySchema does not have a range key")
        if len(index["KeySchema"]) == 1:
            raise invalid(f"{_WRONG}Index KeySchema does not have a range key")
        if index["KeySchema"][0]["AttributeName"] != own[0]["AttributeName"]:
            raise invalid(
                f"{_WRONG}Index KeySchema does not have the same leading hash key as table"
                " KeySchema"
            )


def _check_numbers(request: Mapping[str, Any]) -> None:
    if len(request.get("GlobalSecondaryIndexes") or ()) > _GLOBAL_INDEXES:
        raise refused(
            "LimitExceededException", "More global secondary indexes than a table can have"
        )
    if len(request.get("LocalSecondaryIndexes") or ()) > _LOCAL_INDEXES:
        raise invalid(f"{_WRONG}Number of LocalSecondaryIndexes exceeds per-table limit")
    names = [index["IndexName"] for index in _indexes(request)]
    if len(set(names)) < len(names):
        raise invalid(f"{_WRONG}Duplicate index name")
    projections = [index.get("Projection", {}) for index in _indexes(request)]
    if sum(len(each.get("NonKeyAttributes") or ()) for each in projections) > _PROJECTED:
        raise invalid(f"{_WRONG}Number of NonKeyAttributes over all indexes exceeds {_PROJECTED}")
