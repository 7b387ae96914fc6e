"""UP is said of a table that can serve, and of no other."""

from __future__ import annotations

import json
import pickle
from copy import copy, deepcopy
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import DynamoStore, Health, PartitionKey, Repository, SortKey, Status
from dynrepo.operations.health import worst_of
from tests.scripted import Scripted, refused

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


class Stop(BaseModel):
    """A place where a line stops."""

    line: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    town: Annotated[str, PartitionKey(index="by_town")]


class Stops(Repository[Stop]):
    """All stops."""

    table = "stops"


def description(
    status: str = "ACTIVE", index: str | None = "ACTIVE", **more: Any
) -> dict[str, Any]:
    """What DescribeTable answers of the table of these tests."""
    table = {
        "TableStatus": status,
        "KeySchema": [
            {"AttributeName": "line", "KeyType": "HASH"},
            {"AttributeName": "number", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "line", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
            {"AttributeName": "town", "AttributeType": "S"},
        ],
        "GlobalSecondaryIndexes": [{"IndexName": "by_town", "IndexStatus": index}] if index else [],
    }
    return {"Table": {**table, **more}}


def health(*script: Any) -> Health:
    """The health by an engine that follows a script."""
    return Stops(DynamoStore(connection=Scripted(*script)), instruments=[]).health_check()


def test_a_table_that_serves_is_up() -> None:
    """With where it is, how it is and how long the answer took."""
    found = health(description())
    assert found.status == "UP"
    assert found.details["latency_ms"] > 0
    assert {**found.details, "latency_ms": 0} == {
        "table": "stops",
        "region": "eu-west-1",
        "endpoint": "http://scripted",
        "table_status": "ACTIVE",
        "indexes": {"by_town": "ACTIVE"},
        "sender": "botocore",
        "sender_reason": "the connection was given",
        "latency_ms": 0,
    }


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("UPDATING", "DEGRADED"),
        ("CREATING", "DOWN"),
        ("DELETING", "DOWN"),
        ("ARCHIVING", "DOWN"),
        ("ARCHIVED", "DOWN"),
        ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "DOWN"),
        ("REPLICATION_NOT_AUTHORIZED", "DOWN"),
        ("SOMETHING_NEW", "DOWN"),
    ],
)
def test_a_table_in_another_state_is_not_up(state: str, status: str) -> None:
    """And the state is told."""
    found = health(description(state))
    assert (found.status, found.details["table_status"]) == (status, state)


@pytest.mark.parametrize(
    ("index", "told"), [("CREATING", "CREATING"), ("DELETING", "DELETING"), (None, "MISSING")]
)
def test_an_index_that_cannot_serve_degrades(index: str | None, told: str) -> None:
    """While it is filled, or when nobody made it."""
    found = health(description(index=index))
    assert (found.status, found.details["indexes"]) == ("DEGRADED", {"by_town": told})


def test_indexes_that_no_model_names_are_told() -> None:
    """They cost with each write, and whoever looks for one finds what the code has forgotten."""
    indexes = [{"IndexName": name, "IndexStatus": "ACTIVE"} for name in ("z", "by_town", "a")]
    found = health(description(GlobalSecondaryIndexes=indexes))
    assert (found.status, found.details["unknown_indexes"]) == ("UP", ["a", "z"])
    assert found.details["indexes"].keys() == {"a", "by_town", "z"}
    assert "unknown_indexes" not in health(description()).details


def test_a_health_is_plain_values_of_whoever_asked() -> None:
    """It can be copied, pickled and written as JSON, and nobody else sees what is changed in it."""
    stops = Stops(DynamoStore(connection=Scripted(description())), instruments=[])
    for found in (stops.health_check(), Health(Status.DOWN)):
        for copied in (copy(found), deepcopy(found), pickle.loads(pickle.dumps(found))):  # noqa: S301
            assert copied == found
        plain = asdict(found)
        assert plain == {
            "status": found.status,
            "details": found.details,
            "service": found.service,
        }
        assert json.loads(json.dumps(plain)) == plain
        assert Health(**plain) == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"KeySchema": [{"AttributeName": "line", "KeyType": "HASH"}]},
        {
            "KeySchema": [
                {"AttributeName": "number", "KeyType": "HASH"},
                {"AttributeName": "line", "KeyType": "RANGE"},
            ]
        },
        {
            "AttributeDefinitions": [
                {"AttributeName": "line", "AttributeType": "S"},
                {"AttributeName": "number", "AttributeType": "S"},
            ]
        },
    ],
    ids=["no sort key", "other order", "other type"],
)
def test_a_table_with_another_key_is_down(wrong: dict[str, Any]) -> None:
    """No get would ever find anything."""
    found = health(description(**wrong))
    assert found.status == "DOWN"
    assert "key" in found.details["note"]


def test_who_may_not_describe_reads() -> None:
    """The least privilege of a reader is enough, and the health says how it was judged."""
    connection = Scripted(refused("AccessDeniedException"), {"ConsumedCapacity": {}})
    found = Stops(DynamoStore(connection=connection), instruments=[]).health_check()
    assert found.status == "UP"
    assert "DescribeTable" in found.details["note"]
    assert [name for name, _ in connection.sent] == ["DescribeTable", "GetItem"]


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (refused("AccessDeniedException"), "AccessDenied"),
        (refused("ResourceNotFoundException"), "TableNotFound"),
        (refused("ValidationException"), "StoreError"),
        (refused("InternalServerError", 500), "Unavailable"),
        (RuntimeError("unheard of"), "StoreError"),
        ({"Table": {}}, "Unavailable"),
    ],
)
def test_a_failure_is_told_not_raised(failure: ClientError | dict[str, Any], error: str) -> None:
    """DOWN with the error's class; who may neither describe nor read is denied."""
    found = health(failure)
    assert (found.status, found.details["error"]) == ("DOWN", error)
    assert found.details["region"] == "eu-west-1"


def test_of_several_it_is_that_of_the_worst() -> None:
    """With the status and the details of each, by its class."""
    found: dict[type[Any], Health] = {
        Stop: Health(Status.DEGRADED, {"note": "a"}),
        Stops: Health(Status.UP, {}),
    }
    told = worst_of(found, {"name": "shop"})
    assert told.service == {"name": "shop"}
    assert told.status == "DEGRADED"
    assert told.details == {"Stop": {"status": "DEGRADED", "note": "a"}, "Stops": {"status": "UP"}}
    assert worst_of({**found, Health: Health(Status.DOWN)}, {}).status == "DOWN"
    assert worst_of({}, {}) == Health(Status.UP, {})


def test_none_of_several_is_hidden_by_its_name() -> None:
    """Classes of the same name are told apart by their modules."""
    other = type("Stops", (), {"__module__": "elsewhere"})
    found = {Stops: Health(Status.DOWN), other: Health(Status.UP), Stop: Health(Status.UP)}
    told = worst_of(found, {})
    assert told.details == {
        f"{__name__}.Stops": {"status": "DOWN"},
        "elsewhere.Stops": {"status": "UP"},
        "Stop": {"status": "UP"},
    }
