"""The page for operators lists what is sent: each name, type, unit and attribute, and no other."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import SenderUsed, StoreError, Throttled
from dynrepo.instrumentation.events import (
    AttemptFailed,
    BudgetSpent,
    ConnectionAwaited,
    ConnectionMade,
    Event,
    SenderChosen,
)
from dynrepo.instrumentation.otel import MeterInstrument
from dynrepo.instrumentation.resources import PoolState, StoreState, note_use, pools, stores
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.operations.operation import Effect, Location
from dynrepo.sending.interrupted import note_interrupted
from tests.instrumentation.metered import Metered

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Call

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "observe.md").read_text(encoding="utf-8")
OF_CALLS = {
    *("db.system.name", "db.operation.name", "db.collection.name"),
    *("server.address", "server.port", "cloud.region"),
}


def rows(columns: int) -> list[list[str]]:
    """The rows of the tables that have so many columns and begin with a name."""
    found = re.findall(r"^\| (`.*) \|$", PAGE, re.MULTILINE)
    cells = [row.split(" | ") for row in found]
    return [row for row in cells if len(row) == columns]


EVENTS: tuple[Event, ...] = (
    AttemptFailed(1, "ThrottlingException", True, True, "R", 0.1),
    BudgetSpent(),
    ConnectionMade("h:1", 0.1),
    ConnectionAwaited("h:1", 0.1, is_late=False),
    ConnectionAwaited("h:1", 0.1, is_late=True),
    SenderChosen(SenderUsed("direct", "why")),
    SenderChosen(SenderUsed("botocore", "why")),
)


def calls(ended: Callable[..., Call]) -> list[Call]:
    """Calls to which all happens that can."""
    body = {"Count": 1, "ConsumedCapacity": {"CapacityUnits": 1}}
    read = ended("Query", body=body, attempts=2)
    read.events = EVENTS
    cancelled = asyncio.CancelledError()
    note_interrupted(cancelled, 1, in_doubt=True)
    return [
        read,
        ended(error=Throttled("x", code="ThrottlingException")),
        ended(error=StoreError("x", code="ValidationException")),
        ended("PutItem", error=cancelled, effect=Effect.ONCE),
    ]


class Watched:
    """A pool of each kind of limit."""

    def __init__(self, state: Any) -> None:
        self._state = state

    def state(self) -> Any:
        """As it was given."""
        return self._state


@pytest.fixture
def watched() -> list[Watched]:
    """A pool and a store, which are there for the time of the test."""
    place = Location("eu-west-1", "http://127.0.0.1:8000")
    store = StoreState(place, SenderUsed("direct", "why"), 100.0)
    made = [Watched(PoolState("h:1", 1, 1, 0, 50, 50)), Watched(store)]
    pools.add(made[0])
    stores.add(made[1])
    return made


@pytest.mark.usefixtures("watched")
def test_the_metrics_of_opentelemetry_are_those_of_the_page(ended: Callable[..., Call]) -> None:
    """With their types, units and attributes."""
    metered = Metered()
    instrument = MeterInstrument(metered.meters)
    for call in calls(ended):
        instrument.finished(call, None)
    note_use("h:1", 0.1)
    sent = {
        name: (kind_of(metric.data), metric.unit, attributes_of(metric))
        for name, metric in metered.metrics().items()
    }
    told = {
        name.strip("`"): (kind, unit.strip("`"), listed(attributes))
        for name, kind, unit, _, attributes in rows(5)
    }
    assert set(sent) == set(told)
    for name, (kind, unit, attributes) in sent.items():
        assert (kind, unit) == told[name][:2], name
        assert attributes <= told[name][2], name
    everywhere = set().union(*(attributes for _, _, attributes in sent.values()))
    assert set().union(*(attributes for _, _, attributes in told.values())) == everywhere


def kind_of(data: Any) -> str:
    """Histogram, counter or up-down counter."""
    if not hasattr(data, "is_monotonic"):
        return "histogram"
    return "counter" if data.is_monotonic else "up-down counter"


def attributes_of(metric: Any) -> set[str]:
    """Of all points."""
    return {name for point in metric.data.data_points for name in point.attributes}


def listed(attributes: str) -> set[str]:
    """The attributes of a row; `of calls` stands for those that all calls have."""
    names = set(re.findall(r"`([^`]+)`", attributes))
    return names | OF_CALLS if attributes.startswith("of calls") else names


def test_the_lines_of_statsd_are_those_of_the_page(ended: Callable[..., Call]) -> None:
    """By their last level and type."""
    sent: set[tuple[str, str]] = set()

    class Client:
        def timing(self, name: str, *_: Any) -> None:
            sent.add((name.rpartition(".")[2], "timing"))

        def incr(self, name: str, *_: Any) -> None:
            sent.add((name.rpartition(".")[2], "counter"))

    for call in calls(ended):
        StatsdInstrument(Client()).finished(call, None)
    told = {
        (name.rpartition(".")[2], kind)
        for names, kind, _ in rows(3)
        if "{operation}" in names
        for name in re.findall(r"`([^`]+)`", names)
    }
    assert sent == told
