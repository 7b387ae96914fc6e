"""Metrics of OpenTelemetry for what happens to a call on its way, recorded where it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.instrumentation import conventions
from dynrepo.instrumentation.events import BudgetSpent, ConnectionAwaited, ConnectionMade

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.metrics import Meter

    from dynrepo.instrumentation.events import Event


class EventMeter:
    """Connections that were opened or waited for, and retries that were not left."""

    def __init__(self, meter: Meter) -> None:
        self._create_time = conventions.seconds_measured(
            meter, conventions.CONNECTION_CREATE_TIME, "How long it took to open a connection."
        )
        self._wait_time = conventions.seconds_measured(
            meter,
            conventions.CONNECTION_WAIT_TIME,
            "How long a request waited for a connection, where all were in use.",
        )
        self._timeouts = meter.create_counter(
            conventions.CONNECTION_TIMEOUTS,
            "{timeout}",
            "Requests for which no connection was free in time.",
        )
        self._refusals = meter.create_counter(
            conventions.BUDGET_REFUSALS,
            "{request}",
            "Requests that were not sent again, since the store's retries were used up.",
        )

    def record(self, event: Event, located: Mapping[str, Any]) -> None:
        """Records an event of a call that is told by some attributes."""
        if isinstance(event, ConnectionMade):
            self._create_time.record(event.seconds, _pool(event))
        elif isinstance(event, ConnectionAwaited) and event.is_late:
            self._timeouts.add(1, _pool(event))
        elif isinstance(event, ConnectionAwaited):
            self._wait_time.record(event.seconds, _pool(event))
        elif isinstance(event, BudgetSpent):
            self._refusals.add(1, located)


def _pool(event: ConnectionMade | ConnectionAwaited) -> dict[str, str]:
    return {conventions.CONNECTION_POOL_NAME: event.pool}
