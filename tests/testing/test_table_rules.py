"""A table is made as DynamoDB would make it, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo.sending.outcomes import Refused
from dynrepo.sending.told import told_sentence
from dynrepo.testing.table_rules import check_definition, key_attributes
from tests.testing.test_tables import DEFINITION

GLOBAL, LOCAL = DEFINITION["GlobalSecondaryIndexes"][0], DEFINITION["LocalSecondaryIndexes"][0]
HASH, RANGE = DEFINITION["KeySchema"]
TYPES = DEFINITION["AttributeDefinitions"]
LONG = "a" * 256


def index(**changes: Any) -> dict[str, Any]:
    """A table with one global index."""
    return {"GlobalSecondaryIndexes": [{**GLOBAL, **changes}]}


def local(*elements: Any) -> dict[str, Any]:
    """A table with a local index of another key."""
    return {"LocalSecondaryIndexes": [{**LOCAL, "KeySchema": list(elements)}]}


def named(name: str, kind: str = "HASH") -> dict[str, str]:
    """An element of a key."""
    return {"AttributeName": name, "KeyType": kind}


def including(*names: str, kind: str = "INCLUDE") -> dict[str, Any]:
    """An index with some attributes."""
    return index(Projection={"ProjectionType": kind, "NonKeyAttributes": list(names)})


def test_a_table_may_have_all_that_fits() -> None:
    """Names of 3 to 255 characters, 20 global indexes and 5 local ones, 100 attributes in them."""
    check_definition(DEFINITION)
    check_definition({**DEFINITION, "TableName": "a.B"})
    check_definition({**DEFINITION, "TableName": "-_9" * 85})
    indexes = {
        "GlobalSecondaryIndexes": [
            {**GLOBAL, **including(*map(str, range(5)))["GlobalSecondaryIndexes"][0]}
            | {"IndexName": f"by_{n}"}
            for n in range(20)
        ],
        "LocalSecondaryIndexes": [{**LOCAL, "IndexName": f"own_{n}"} for n in range(5)],
    }
    check_definition({**DEFINITION, **indexes})
    assert key_attributes(DEFINITION) == {"p", "s", "g", "l"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"TableName": "ab"}, "length greater than or equal to 3"),
        ({"TableName": LONG}, "length less than or equal to 255"),
        ({"TableName": "rows of mine"}, "must satisfy regular expression"),
        ({"TableName": "fäden"}, "must satisfy regular expression"),
        (index(IndexName="by"), "'indexName' failed"),
        ({"AttributeDefinitions": TYPES[:3]}, "AttributeDefinitions"),
        ({"AttributeDefinitions": [*TYPES, TYPES[0]]}, "Duplicate AttributeName"),
        ({"AttributeDefinitions": [{**TYPES[0], "AttributeType": "SS"}, *TYPES[1:]]}, "enum"),
        ({"KeySchema": [HASH, named(LONG, "RANGE")]}, "less than or equal to 255"),
        (index(KeySchema=[named(LONG)]), "less than or equal to 255"),
        (including(LONG), "less than or equal to 255"),
        ({"KeySchema": [RANGE, HASH]}, "Invalid KeySchema"),
        ({"KeySchema": [HASH, RANGE, named("l", "RANGE")]}, "Invalid KeySchema"),
        ({"KeySchema": [HASH, named("p", "RANGE")], "AttributeDefinitions": None}, "same name"),
        (index(KeySchema=[named("g"), named("g", "RANGE")]), "same name"),
        (index(Projection={}), "ProjectionType"),
        (index(Projection={"ProjectionType": "SOME"}), "ProjectionType"),
        (index(Projection={"ProjectionType": "INCLUDE"}), "NonKeyAttributes"),
        (including("a", kind="ALL"), "NonKeyAttributes"),
        (including(*[f"a{n}" for n in range(101)]), "exceeds 100"),
        ({**local(HASH), "AttributeDefinitions": None}, "does not have a range key"),
        (local(named("s"), named("l", "RANGE")), "same leading hash key"),
        ({"KeySchema": [HASH], "AttributeDefinitions": None}, "does not have a range key"),
        ({"GlobalSecondaryIndexes": [GLOBAL, GLOBAL]}, "Duplicate index name"),
        (
            {"LocalSecondaryIndexes": [{**LOCAL, "IndexName": f"by_{n}"} for n in range(6)]},
            "LocalSecondaryIndexes exceeds",
        ),
    ],
)
def test_a_definition_that_is_not_valid_is_refused(changes: dict[str, Any], reason: str) -> None:
    """With the code of DynamoDB."""
    request = {**DEFINITION, **changes}
    if request["AttributeDefinitions"] is None:
        keys = key_attributes(request)
        request["AttributeDefinitions"] = [each for each in TYPES if each["AttributeName"] in keys]
    with pytest.raises(Refused) as caught:
        check_definition(request)
    assert caught.value.code == "ValidationException"
    assert reason in caught.value.response["Error"]["Message"]


def test_what_is_wrong_with_a_name_is_told() -> None:
    """The name itself is not; a repository whose table is called `us` has no prefix, say."""
    with pytest.raises(Refused) as caught:
        check_definition({**DEFINITION, "TableName": "us"})
    told = told_sentence(caught.value.response["Error"]["Message"])
    assert told.endswith(
        "at 'tableName' failed to satisfy constraint: Member must have length"
        " greater than or equal to 3"
    )
    assert "us" not in told.split()


def test_a_table_has_twenty_global_indexes() -> None:
    """More are over a limit, by its code."""
    indexes = [{**GLOBAL, "IndexName": f"by_{n}"} for n in range(21)]
    with pytest.raises(Refused) as caught:
        check_definition({**DEFINITION, "GlobalSecondaryIndexes": indexes})
    assert caught.value.code == "LimitExceededException"
