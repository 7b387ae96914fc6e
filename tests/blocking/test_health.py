"""The health of a table is told in time, whatever hangs."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import pytest
from pydantic import BaseModel

from dynrepo import (
    DynamoStore,
    DynrepoError,
    Health,
    Location,
    PartitionKey,
    Repository,
    SortKey,
    Status,
)
from dynrepo.aws.tasks import SharedCall
from dynrepo.blocking import health
from dynrepo.sending.outcomes import NoThread
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import refusal
from tests.facade import without_facade
from tests.scripted import Scripted
from tests.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.aws.tasks import Task


class Stop(BaseModel):
    """A place where a line stops."""

    line: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    town: Annotated[str, PartitionKey(index="by_town")]


class Stops(Repository[Stop]):
    """All stops."""

    table = "stops"


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The URL of an endpoint that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_black_hole_is_down_within_two_seconds(black_hole: str) -> None:
    """The check answers in time, and says whom it waited for."""
    store = DynamoStore(endpoint=black_hole, region="eu-west-1")
    watch, started = Stopwatch(), time.perf_counter()
    found = Stops(store, instruments=[]).health_check()
    took = time.perf_counter() - started
    assert watch.seconds < 2.0
    assert found.status == "DOWN"
    assert found.details["error"] == "Timeout"
    assert 0 < found.details["latency_ms"] < took * 1000
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
    store = DynamoStore(connection=Scripted(lambda: forever.wait(30)))
    found = Stops(store, instruments=[]).health_check()
    forever.set()
    assert watch.seconds < 2.0
    assert (found.status, found.details["error"]) == ("DOWN", "Timeout")


@without_facade("a look is a task, which needs none")
def test_a_check_without_a_thread_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """For who asks, and for those who meanwhile wait for the same look."""

    def refuse(_: threading.Thread) -> None:
        shared.append(look.task())
        raise RuntimeError("can't start new thread")

    look = SharedCall(lambda: Health(Status.UP), "look")
    shared: list[Task[Health]] = []
    monkeypatch.setattr(threading.Thread, "start", refuse)
    told = [health.outcome_within(1, found) for found in (health.look_of(look), *shared)]
    told.append(Stops(MemoryStore(Stops)).health_check())
    assert [found.details["error"] for found in told] == ["Unavailable"] * 3


class Refusing:
    """A shared call that cannot begin."""

    def task(self) -> NoReturn:
        """Has no thread."""
        raise NoThread


def refuse() -> NoReturn:
    """A look that cannot begin what it needs."""
    raise NoThread


def test_a_look_that_cannot_begin_is_down() -> None:
    """Nor one that finds so when it has begun."""
    for call in (Refusing(), health.SharedCall(refuse, "look")):
        found = health.outcome_within(1, health.look_of(call))
        assert (found.status, found.details["error"]) == ("DOWN", "Unavailable")


def test_health_says_where_the_table_is() -> None:
    """With the class of what stands in the way."""
    store = MemoryStore(Stops)
    found = Stops(store).health_check()
    assert (found.status, found.details["endpoint"]) == ("UP", store.location.endpoint)
    with store.inject(refusal("ValidationException"), on="DescribeTable"):
        found = Stops(store).health_check()
    assert (found.status, found.details["error"]) == ("DOWN", "StoreError")
    assert found.details["endpoint"] == store.location.endpoint


@without_facade("`location` never waits in a task")
def test_a_place_that_is_not_found_in_time_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the table is known."""
    go_on = threading.Event()

    class Slow(MemoryStore):
        @property
        def location(self) -> Location:
            go_on.wait(30)
            return Location("nowhere")

    monkeypatch.setattr(health, "WITHIN", 0.01)
    store: Any = Slow(Stops)
    found = health.HealthCheck(Stops(store).mapper, lambda _: None, store).health()
    go_on.set()
    assert (found.status, found.details["error"]) == ("DOWN", "Timeout")
    assert (found.details["table"], found.details["region"]) == ("stops", None)
