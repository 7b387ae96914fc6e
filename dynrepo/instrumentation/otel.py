"""OpenTelemetry spans and metrics by the semantic conventions for databases.

Only the API is used: without an SDK a span costs about a microsecond. The names stand here, since
the package of conventions pins the API; a test compares them.
https://opentelemetry.io/docs/specs/semconv/database/dynamodb/
"""

from __future__ import annotations

from functools import cache

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opentelemetry import context, metrics, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider

from dynrepo.version import VERSION

if TYPE_CHECKING:
    from dynrepo.instrumentation import Call

SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"
SYSTEM = "aws.dynamodb"
BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]


class SpanInstrument:
    """A CLIENT span and a duration for each call; spans of the SDK below become its children."""

    def __init__(
        self,
        tracer: Tracer | TracerProvider | None = None,
        *,
        meter_provider: metrics.MeterProvider | None = None,
    ) -> None:
        self.tracer = _tracer(tracer)
        self.duration = metrics.get_meter(
            "dynrepo", VERSION, meter_provider, SCHEMA_URL
        ).create_histogram(
            "db.client.operation.duration",
            unit="s",
            description="Duration of database client operations.",
            explicit_bucket_boundaries_advisory=BUCKETS,
        )

    def started(self, call: Call, /) -> tuple[Span, Any] | None:
        """Starts the span and makes it current."""
        operation = call.operation
        span = self.tracer.start_span(
            f"{operation.name} {operation.table}",
            kind=SpanKind.CLIENT,
            attributes=_attributes(call),
        )
        return span, context.attach(trace.set_span_in_context(span))

    def finished(self, call: Call, begun: tuple[Span, Any], /) -> None:
        """Ends the span; the class of an error stands on it, its text does not."""
        span, token = begun
        context.detach(token)
        if call.answer is not None and call.answer.request_id:
            span.set_attribute("aws.request_id", call.answer.request_id)
        failure = _failure(call)
        if failure:
            span.set_attributes(failure)
            span.set_status(Status(StatusCode.ERROR))
        span.end()
        self.duration.record(call.duration, {**_attributes(call), **failure})


def _failure(call: Call) -> dict[str, str]:
    if call.error is None:
        return {}
    attributes = {"error.type": type(call.error).__name__}
    if call.code and call.code != attributes["error.type"]:
        attributes["db.response.status_code"] = call.code
    return attributes


def _attributes(call: Call) -> dict[str, str | int]:
    operation = call.operation
    return {
        "db.system.name": SYSTEM,
        "db.operation.name": operation.name,
        "db.collection.name": operation.table,
        **_where(call.locate()),
    }


@cache
def _where(location: Any) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {}
    url = urlsplit(location.endpoint or "")
    if url.hostname:
        attributes["server.address"] = url.hostname
    if url.port:
        attributes["server.port"] = url.port
    if location.region:
        attributes["cloud.region"] = location.region
    return attributes


def _tracer(given: Tracer | TracerProvider | None) -> Tracer:
    if isinstance(given, Tracer):
        return given
    if given is not None and not isinstance(given, TracerProvider):
        raise TypeError(f"use_tracer takes a Tracer or a TracerProvider, not {type(given).__name__}")
    return trace.get_tracer("dynrepo", VERSION, given, SCHEMA_URL)
