"""OpenTelemetry spans and metrics by the semantic conventions for databases and DynamoDB.

Only the API is used, so that both cost next to nothing without an SDK. The names stand here, since
the package of conventions pins the version of the API; a test compares them with it.
https://opentelemetry.io/docs/specs/semconv/db/dynamodb/
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from opentelemetry import context, metrics, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider

from dynrepo.errors import TransactionCanceled
from dynrepo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynrepo.instrumentation.call import Call
    from dynrepo.instrumentation.fence import Verb
    from dynrepo.operations.protocols import Location

SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"
SYSTEM = "aws.dynamodb"

DB_SYSTEM_NAME = "db.system.name"
DB_OPERATION_NAME = "db.operation.name"
DB_OPERATION_BATCH_SIZE = "db.operation.batch.size"
DB_COLLECTION_NAME = "db.collection.name"
DB_QUERY_TEXT = "db.query.text"
DB_RESPONSE_STATUS_CODE = "db.response.status_code"
DB_RESPONSE_RETURNED_ROWS = "db.response.returned_rows"
ERROR_TYPE = "error.type"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
CLOUD_REGION = "cloud.region"
AWS_REQUEST_ID = "aws.request_id"
AWS_DYNAMODB_TABLE_NAMES = "aws.dynamodb.table_names"
AWS_DYNAMODB_CONSUMED_CAPACITY = "aws.dynamodb.consumed_capacity"
AWS_DYNAMODB_COUNT = "aws.dynamodb.count"
AWS_DYNAMODB_SCANNED_COUNT = "aws.dynamodb.scanned_count"
AWS_DYNAMODB_PROJECTION = "aws.dynamodb.projection"

FROM_REQUEST = {
    "IndexName": "aws.dynamodb.index_name",
    "ConsistentRead": "aws.dynamodb.consistent_read",
    "Limit": "aws.dynamodb.limit",
    "ScanIndexForward": "aws.dynamodb.scan_forward",
    "Segment": "aws.dynamodb.segment",
    "TotalSegments": "aws.dynamodb.total_segments",
    "Select": "aws.dynamodb.select",
}
"""Parameters of a request that name or count, by the attribute that they are shown as."""

ATTEMPTS = "dynrepo.attempts"
"""Requests sent, where it was more than one; the conventions have no name for it."""

DURATION = "db.client.operation.duration"
RETURNED_ROWS = "db.client.response.returned_rows"
DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
ROWS_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]

# What the instrumentation of botocore looks for, and other instrumentations do.
_SUPPRESS = "suppress_instrumentation"

_PROVIDER_NAMED = not {"OTEL_PYTHON_TRACER_PROVIDER", "OTEL_PYTHON_METER_PROVIDER"}.isdisjoint(
    os.environ
)
"""Whether the environment names a provider, which OpenTelemetry loads when it is asked for one."""

Attributes: TypeAlias = dict[str, Any]


class SpanInstrument:
    """A CLIENT span for each call, current while it is sent: spans of the SDK become its children.

    With `suppress_nested` there are no spans of the SDK below. With `expressions` the texts of the
    request's expressions are recorded, with attribute names and placeholders, never with values.
    """

    def __init__(
        self,
        tracer: Tracer | TracerProvider | None = None,
        *,
        suppress_nested: bool = False,
        expressions: bool = False,
    ) -> None:
        self.tracer = _tracer(tracer)
        self._proxied = isinstance(self.tracer, trace.ProxyTracer)
        self.suppress_nested = suppress_nested
        self.expressions = expressions

    def started(self, call: Call, /) -> tuple[Span, Any] | None:
        """Starts the span and makes it current."""
        if self._proxied and _is_idle(trace.get_tracer_provider, "_TRACER_PROVIDER"):
            return None
        span: Span = self.tracer.start_span(
            f"{call.operation.name} {call.operation.table}".strip(),
            kind=SpanKind.CLIENT,
            attributes=self.attributes(call),
        )
        current = trace.set_span_in_context(span)
        if self.suppress_nested:
            current = context.set_value(_SUPPRESS, True, current)  # noqa: FBT003 - its signature
        return span, context.attach(current)

    def finished(self, call: Call, begun: tuple[Span, Any] | None, /) -> None:
        """Ends the span; the class of an error stands on it, its text does not."""
        if begun is None:
            return
        span, token = begun
        context.detach(token)
        if span.is_recording():
            span.set_attributes(dict(_answered(call)))
            if call.error is not None:
                span.set_status(Status(StatusCode.ERROR))
        span.end()

    def opened(self, verb: Verb) -> _VerbSpan | None:
        """Starts the span of a verb, below which those of its requests stand."""
        if self._proxied and _is_idle(trace.get_tracer_provider, "_TRACER_PROVIDER"):
            return None
        span: Span = self.tracer.start_span(
            verb.name,
            attributes={DB_SYSTEM_NAME: SYSTEM, DB_COLLECTION_NAME: verb.table},
        )
        return _VerbSpan(span)

    def attributes(self, call: Call) -> Attributes:
        """What is known before the request is sent, and a sampler may decide by."""
        texts = _expressions(call.operation.request) if self.expressions else {}
        return {**_basic(call), **dict(_asked(call)), **texts}


class _VerbSpan:
    """The span of a verb; it is current around each request, and never while the caller works."""

    def __init__(self, span: Span) -> None:
        self.span = span

    def enter(self) -> Any:
        return context.attach(trace.set_span_in_context(self.span))

    def leave(self, entered: Any, /) -> None:
        context.detach(entered)

    def end(self, error: BaseException | None, /) -> None:
        if error is not None:
            self.span.set_attribute(ERROR_TYPE, type(error).__name__)
            self.span.set_status(Status(StatusCode.ERROR))
        self.span.end()


class MeterInstrument:
    """The duration of each call, and the rows that a read returned, as histograms."""

    def __init__(self, meter_provider: metrics.MeterProvider | None = None) -> None:
        self._global = meter_provider is None
        meter = metrics.get_meter("dynrepo", VERSION, meter_provider, SCHEMA_URL)
        self.duration = meter.create_histogram(
            DURATION,
            unit="s",
            description="Duration of database client operations.",
            explicit_bucket_boundaries_advisory=DURATION_BUCKETS,
        )
        self.rows = meter.create_histogram(
            RETURNED_ROWS,
            unit="{row}",
            description="The actual number of records returned by the database operation.",
            explicit_bucket_boundaries_advisory=ROWS_BUCKETS,
        )

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Records the call."""
        if self._global and _is_idle(metrics.get_meter_provider, "_METER_PROVIDER"):
            return
        attributes = {**_basic(call), **_failure(call)}
        self.duration.record(call.duration, attributes)
        if call.rows is not None:
            self.rows.record(call.rows, attributes)


def instruments() -> tuple[SpanInstrument, MeterInstrument]:
    """Both, in their order: what is measured is measured inside the span, and points to it."""
    return SpanInstrument(), MeterInstrument()


def _is_idle(get: Any, name: str) -> bool:
    """Whether a global provider is one of the API's own, which record nothing."""
    # While none is set the API looks into the environment each time, at half the cost of a get's
    # idle instruments. Where the private name is gone, the API is asked all the same.
    variables: dict[str, Any] = getattr(get, "__globals__", {})
    if variables.get(name, get) is None and not _PROVIDER_NAMED:
        return True
    provider = get()
    return type(provider).__module__.startswith(("opentelemetry.trace", "opentelemetry.metrics"))


def _tracer(source: Any) -> Tracer:
    if isinstance(source, Tracer):
        return source
    if not isinstance(source, TracerProvider | None):
        kind = type(source).__name__
        raise TypeError(f"use_tracer takes a Tracer or a TracerProvider, not {kind}")
    return trace.get_tracer("dynrepo", VERSION, source, SCHEMA_URL)


def _basic(call: Call) -> Mapping[str, Any]:
    return _located(call.operation.name, call.operation.table, call.locate())


@lru_cache(maxsize=1024)
def _located(operation: str, table: str, location: Location) -> Mapping[str, Any]:
    """What every span and measurement says: what is done, to which table, and where."""
    url = urlsplit(location.endpoint or "")
    attributes = {
        DB_SYSTEM_NAME: SYSTEM,
        DB_OPERATION_NAME: operation,
        DB_COLLECTION_NAME: table,
        SERVER_ADDRESS: url.hostname,
        SERVER_PORT: url.port,
        CLOUD_REGION: location.region,
    }
    return {name: value for name, value in attributes.items() if value}


def _asked(call: Call) -> Iterator[tuple[str, Any]]:
    """What the request says besides."""
    request = call.operation.request
    yield AWS_DYNAMODB_TABLE_NAMES, call.tables
    for parameter, attribute in FROM_REQUEST.items():
        if parameter in request:
            yield attribute, request[parameter]
    size = call.batch_size
    if size is not None and size > 1:
        yield DB_OPERATION_BATCH_SIZE, size


def _answered(call: Call) -> Iterator[tuple[str, Any]]:
    """What the answer, or the error, says."""
    yield from _failure(call).items()
    if call.attempts > 1:
        yield ATTEMPTS, call.attempts
    if request_id := getattr(call.answer or call.error, "request_id", None):
        yield AWS_REQUEST_ID, request_id
    if call.answer is not None:
        yield from _counted(call, call.answer.body)


def _counted(call: Call, body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if call.rows is not None:
        yield DB_RESPONSE_RETURNED_ROWS, call.rows
    if "Count" in body:
        yield AWS_DYNAMODB_COUNT, body["Count"]
    if "ScannedCount" in body:
        yield AWS_DYNAMODB_SCANNED_COUNT, body["ScannedCount"]
    if consumed := call.consumed:
        yield AWS_DYNAMODB_CONSUMED_CAPACITY, consumed


def _failure(call: Call) -> Mapping[str, str]:
    """The class of an error, and its code where AWS gave one."""
    if call.error is None:
        return {}
    failure = {ERROR_TYPE: type(call.error).__name__}
    if isinstance(call.error, TransactionCanceled):
        failure[DB_RESPONSE_STATUS_CODE] = "TransactionCanceledException"
    elif call.refused:
        failure[DB_RESPONSE_STATUS_CODE] = "ConditionalCheckFailedException"
    elif call.code and call.code != failure[ERROR_TYPE]:
        failure[DB_RESPONSE_STATUS_CODE] = call.code
    return failure


def _expressions(request: Mapping[str, Any]) -> Attributes:
    """The request's expressions with attribute names put in; values stay placeholders."""
    names = request.get("ExpressionAttributeNames", {})
    texts = {
        parameter: re.sub(r"#\w+", lambda found: names.get(found[0], found[0]), request[parameter])
        for parameter in (
            "KeyConditionExpression",
            "FilterExpression",
            "ConditionExpression",
            "UpdateExpression",
            "ProjectionExpression",
        )
        if parameter in request
    }
    projection = texts.pop("ProjectionExpression", None)
    recorded = {} if projection is None else {AWS_DYNAMODB_PROJECTION: projection}
    if texts:
        recorded[DB_QUERY_TEXT] = "; ".join(f"{name}: {text}" for name, text in texts.items())
    return recorded
