"""What the SDK of OpenTelemetry recorded, to be read by name."""

from __future__ import annotations

from collections import Counter
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Metered:
    """Providers of both kinds, and what they have recorded so far."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self._exporter = InMemorySpanExporter()
        self.meters = MeterProvider([self._reader])
        self.traces = TracerProvider()
        self.traces.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """The spans that have ended."""
        return self._exporter.get_finished_spans()

    def metrics(self) -> dict[str, Any]:
        """The metrics by name, of all scopes."""
        data = self._reader.get_metrics_data()
        return {
            metric.name: metric
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def points(self, name: str) -> list[Any]:
        """The points of a metric; none where it was not recorded."""
        metric = self.metrics().get(name)
        return [] if metric is None else list(metric.data.data_points)

    def total(self, name: str) -> float:
        """The sum of a counter over all attributes."""
        return sum(point.value for point in self.points(name))


class Counts:
    """A StatsD client that adds up what it is told."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()
        self.timed: list[str] = []

    def timing(self, name: str, _delta: float, _rate: float = 1, /) -> None:
        """Keeps the name."""
        self.timed.append(name)

    def incr(self, name: str, count: float = 1, _rate: float = 1, /) -> None:
        """Adds."""
        self.told[name] += count  # type: ignore[assignment]
