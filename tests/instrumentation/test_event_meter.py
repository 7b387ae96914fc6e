"""What happens on the way of a call is measured where it happened."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import SenderUsed
from dynrepo.instrumentation.event_meter import EventMeter
from dynrepo.instrumentation.events import (
    BudgetSpent,
    ConnectionAwaited,
    ConnectionMade,
    Event,
    SenderChosen,
)
from tests.instrumentation.metered import Metered

POOL = {"db.client.connection.pool.name": "h:1"}


@pytest.mark.parametrize(
    ("event", "name", "unit", "value"),
    [
        (ConnectionMade("h:1", 0.25), "db.client.connection.create_time", "s", 0.25),
        (ConnectionAwaited("h:1", 0.5, False), "db.client.connection.wait_time", "s", 0.5),
        (ConnectionAwaited("h:1", 0.5, True), "db.client.connection.timeouts", "{timeout}", 1),
    ],
)
def test_a_connection_is_measured_by_its_pool(
    event: Event, name: str, unit: str, value: float
) -> None:
    """Under the name and in the unit of the conventions."""
    metered = Metered()
    EventMeter(metered.meters.get_meter("x")).record(event, {})
    ((found, metric),) = metered.metrics().items()
    (point,) = metric.data.data_points
    assert (found, metric.unit, dict(point.attributes)) == (name, unit, POOL)
    assert getattr(point, "sum", None) in {None, value}
    assert getattr(point, "value", value) == value


def test_a_spent_budget_is_measured_by_what_its_call_is_told_by() -> None:
    """It is the call's that was not sent again."""
    metered, located = Metered(), {"db.collection.name": "notes"}
    meter = EventMeter(metered.meters.get_meter("x"))
    meter.record(BudgetSpent(), located)
    meter.record(SenderChosen(SenderUsed("direct", "why")), located)
    found: dict[str, Any] = metered.metrics()
    assert set(found) == {"dynrepo.client.retry_budget.refusals"}
    (point,) = metered.points("dynrepo.client.retry_budget.refusals")
    assert (point.value, dict(point.attributes)) == (1, located)
