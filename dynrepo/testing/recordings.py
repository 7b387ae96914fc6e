"""What a container for tests keeps: its tables, what its instruments said, its mocks."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.otel import SpanInstrument
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mock import allow_health_checks, mock_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from dynrepo.instrumentation import Instrument
    from dynrepo.operations.definition import RepositoryDefinition


class RecordedMetrics:
    """A StatsD client that keeps what it is told: `counts`, and `timings` in milliseconds."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.timings: dict[str, list[float]] = {}

    def timing(self, stat: str, delta: float, _rate: float = 1, /) -> None:
        """Keeps a timing."""
        self.timings.setdefault(stat, []).append(delta)

    def incr(self, stat: str, count: int = 1, _rate: float = 1, /) -> None:
        """Adds to a counter."""
        self.counts[stat] += count


class RecordedLogs(logging.Handler):
    """A log handler that keeps its records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a record."""
        self.records.append(record)

    @property
    def lines(self) -> list[str]:
        """The messages, as they would be printed."""
        return [record.getMessage() for record in self.records]


class Recordings:
    """The base of containers for tests: `memory` is their store, all else was said above it."""

    provide: Callable[[Any, Any], None]
    """That of the container."""

    def _record(self, repositories: Iterable[type[Any]]) -> list[Instrument]:
        """Begins with the tables of repositories; gives the instruments that are listened to."""
        self.memory = MemoryStore(*repositories)
        self.metrics = RecordedMetrics()
        self.logs = RecordedLogs()
        self._exporter, tracing = _tracing()
        self._mocks: list[Any] = []
        logger = logging.Logger("dynrepo.mock", logging.DEBUG)  # noqa: LOG001 - not shared
        logger.addHandler(self.logs)
        return [LogInstrument(logger), StatsdInstrument(self.metrics), *tracing]

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """The spans that have ended; RuntimeError without the SDK of OpenTelemetry."""
        if self._exporter is None:
            raise RuntimeError("spans need opentelemetry-sdk: pip install 'dynrepo[otel]'")
        spans: tuple[ReadableSpan, ...] = self._exporter.get_finished_spans()
        return spans

    def verify(self) -> None:
        """Verifies every mock."""
        for mocked in self._mocks:
            mocked.verify()

    def mock(self, kind: type[RepositoryDefinition[Any]]) -> Any:
        """A strict mock of a repository, in its place from now on; it is UP unless told."""
        mocked = mock_of(kind)
        allow_health_checks(mocked)
        self._mocks.append(mocked)
        self.provide(kind, mocked)
        return mocked


def _tracing() -> tuple[Any, list[SpanInstrument]]:
    """What keeps the spans, and the instrument that makes them; neither without the SDK."""
    try:
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: PLC0415
            InMemorySpanExporter,
        )
    except ImportError:
        return None, []
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter, [SpanInstrument(provider)]
