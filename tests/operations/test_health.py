"""UP is said of a table that can serve, and of no other."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import DynamoStore, DynrepoError, PartitionKey, Repository, SortKey
from tests.scripted import Scripted, refused
from tests.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.exceptions import ClientError

    from dynrepo import Health


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
        ({"Table": {}}, "KeyError"),
    ],
)
def test_a_failure_is_told_not_raised(failure: ClientError | dict[str, Any], error: str) -> None:
    """DOWN with the error's class; who may neither describe nor read is denied."""
    found = health(failure)
    assert (found.status, found.details["error"]) == ("DOWN", error)
    assert found.details["region"] == "eu-west-1"


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The URL of an endpoint that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_black_hole_is_down_within_two_seconds(black_hole: str) -> None:
    """The check answers in time, and says whom it waited for."""
    store = DynamoStore(endpoint=black_hole, region="eu-west-1")
    watch = Stopwatch()
    found = Stops(store, instruments=[]).health_check()
    assert watch.seconds < 2.0
    assert found.status == "DOWN"
    assert found.details["error"] == "Timeout"
    assert found.details["latency_ms"] <= 2000
    assert (found.details["region"], found.details["endpoint"]) == ("eu-west-1", black_hole)


def test_health_does_not_queue_behind_calls(black_hole: str) -> None:
    """Sixteen calls that hang do not hold up the check; it has a connection of its own."""
    store = DynamoStore(endpoint=black_hole, region="eu-west-1", deadline=3.0)
    stops = Stops(store, instruments=[])
    waiting = threading.Barrier(17)

    def call() -> None:
        waiting.wait()
        with pytest.raises(DynrepoError):
            stops.get(("1", 1))

    threads = [threading.Thread(target=call, daemon=True) for _ in range(16)]
    for thread in threads:
        thread.start()
    waiting.wait()
    watch = Stopwatch()
    assert stops.health_check().status == "DOWN"
    assert watch.seconds < 2.0


def test_nothing_that_hangs_holds_up_the_check() -> None:
    """Not even a step that has no time limit, such as the look-up of a name."""
    forever = threading.Event()
    watch = Stopwatch()
    found = health(lambda: forever.wait(30))
    forever.set()
    assert watch.seconds < 2.0
    assert (found.status, found.details["error"]) == ("DOWN", "Timeout")
