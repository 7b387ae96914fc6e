"""OpenTelemetry spans and metrics by the semantic conventions for databases and DynamoDB.

Only the API is used, so that both cost next to nothing without an SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import context, metrics, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider

from dynrepo.instrumentation import conventions
from dynrepo.instrumentation.call import is_refusal
from dynrepo.instrumentation.event_meter import EventMeter
from dynrepo.instrumentation.events import AttemptFailed, BudgetSpent
from dynrepo.instrumentation.fence import UNTOUCHED
from dynrepo.instrumentation.store_meter import observe_stores
from dynrepo.sending.interrupted import stopped_from_outside
from dynrepo.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.instrumentation.call import Call
    from dynrepo.instrumentation.events import Event
    from dynrepo.instrumentation.fence import Verb

# What the instrumentation of botocore looks for, and other instrumentations do.
_SUPPRESS = "suppress_instrumentation"

# The globals of the API. While no provider is set the API looks into the environment each time, at
# half the cost of a get's idle instruments; one that is named there was loaded when the instrument
# was made. Where the private name is gone, the API is asked all the same.
_TRACES: dict[str, Any] = getattr(trace.get_tracer_provider, "__globals__", {})
_METRICS: dict[str, Any] = getattr(metrics.get_meter_provider, "__globals__", {})


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

    def started(self, call: Call, /) -> tuple[Span, Any]:
        """Starts the span and makes it current; `UNTOUCHED` while there is no provider."""
        if self._proxied and (_TRACES.get("_TRACER_PROVIDER", 0) is None or _traces_are_idle()):
            return UNTOUCHED  # type: ignore[no-any-return]
        span: Span = self.tracer.start_span(
            conventions.span_name(call),
            kind=SpanKind.CLIENT,
            attributes=self.attributes(call),
        )
        current = trace.set_span_in_context(span)
        if self.suppress_nested:
            current = context.set_value(_SUPPRESS, True, current)  # noqa: FBT003 - its signature
        return span, context.attach(current)

    def finished(self, call: Call, begun: tuple[Span, Any] | None, /) -> None:
        """Ends the span; the class of an error stands on it, its text does not.

        A call that was cancelled, whose condition did not hold, or that looked for a table which is
        not there, leaves the status unset.
        """
        if begun is None:
            return
        if begun is UNTOUCHED:  # by one that hands both on
            return
        span, token = begun
        _detach(span, token)
        if span.is_recording():
            span.set_attributes(conventions.answer_attributes(call))
            for event in call.events:
                _add_event(span, event)
            if _is_fault(call.error) and not call.refused:
                span.set_status(Status(StatusCode.ERROR))
        span.end()

    def opened(self, verb: Verb) -> _VerbSpan | None:
        """Starts the span of a verb, below which those of its requests stand."""
        if self._proxied and (_TRACES.get("_TRACER_PROVIDER", 0) is None or _traces_are_idle()):
            return None
        span: Span = self.tracer.start_span(
            verb.name,
            attributes={
                conventions.DB_SYSTEM_NAME: conventions.SYSTEM,
                conventions.DB_COLLECTION_NAME: verb.table,
            },
        )
        return _VerbSpan(span)

    def attributes(self, call: Call) -> dict[str, Any]:
        """What is known before the request is sent, and a sampler may decide by."""
        attributes = {
            **conventions.common_attributes(call),
            **conventions.request_attributes(call),
        }
        if self.expressions:
            attributes |= conventions.expression_attributes(call.operation.request)
        return attributes


class _VerbSpan:
    """The span of a verb; it is current around each request, and never while the caller works."""

    def __init__(self, span: Span) -> None:
        self.span = span

    def enter(self) -> Any:
        return context.attach(trace.set_span_in_context(self.span))

    def leave(self, entered: Any, /) -> None:
        _detach(self.span, entered)

    def end(self, error: BaseException | None, /) -> None:
        if error is not None:
            self.span.set_attributes(conventions.error_attributes(error))
            if _is_fault(error):
                self.span.set_status(Status(StatusCode.ERROR))
        self.span.end()


def _is_fault(error: BaseException | None) -> bool:
    """Whether an error makes a span one that failed."""
    return error is not None and not (is_refusal(error) or stopped_from_outside(error))


class MeterInstrument:
    """Durations of calls and rows that reads returned, as histograms; counters of what they cost.

    Those are requests sent again, requests that were throttled, and capacity units by table.
    """

    def __init__(self, meter_provider: metrics.MeterProvider | None = None) -> None:
        self._global = meter_provider is None
        meter = metrics.get_meter("dynrepo", VERSION, meter_provider, conventions.SCHEMA_URL)
        self.duration = conventions.seconds_measured(
            meter, conventions.DURATION, "How long calls took, with all their attempts."
        )
        self.rows = meter.create_histogram(
            conventions.RETURNED_ROWS,
            unit="{row}",
            description="How many rows reads returned.",
            explicit_bucket_boundaries_advisory=conventions.ROWS_BUCKETS,
        )
        self.retries = meter.create_counter(
            conventions.RETRIES, "{request}", "Requests that were sent again."
        )
        self.throttles = meter.create_counter(
            conventions.THROTTLES, "{request}", "Requests that DynamoDB throttled."
        )
        self.capacity = meter.create_counter(
            conventions.CONSUMED_CAPACITY, "{capacity_unit}", "Capacity units consumed."
        )
        self._on_the_way = EventMeter(meter)
        self._provider = meter_provider
        self._observes_stores = False

    def started(self, call: Call, /) -> Any:  # noqa: ARG002 - the protocol's
        """`UNTOUCHED` while there is no provider."""
        if self._global and (_METRICS.get("_METER_PROVIDER", 0) is None or _metrics_are_idle()):
            return UNTOUCHED
        return None

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Records the call."""
        if not (self._observes_stores or self._observe_stores()):
            return
        located = conventions.common_attributes(call)
        failure = conventions.failure_attributes(call)
        attributes = {**located, **failure} if failure else located
        self.duration.record(call.duration, attributes)
        rows = call.rows
        if rows is not None:
            self.rows.record(rows, attributes)
        for table, units in call.consumption:
            own = table == call.operation.table
            self.capacity.add(
                units, located if own else {**located, conventions.DB_COLLECTION_NAME: table}
            )
        for event in call.events:
            self._on_the_way.record(event, located)
        if failure or call.attempts > 1:
            self._count_attempts(call, located, failure)

    def _observe_stores(self) -> bool:
        """Has what belongs to stores observed; False, and not yet, while there is no provider."""
        if self._global and _metrics_are_idle():
            return False
        observe_stores(self._provider or metrics.get_meter_provider())
        self._observes_stores = True
        return True

    def _count_attempts(
        self, call: Call, located: Mapping[str, Any], failure: Mapping[str, Any]
    ) -> None:
        """Counts what failed on the way; what another kind of store does not tell has no cause."""
        failed = [event for event in call.events if isinstance(event, AttemptFailed)]
        untold = call.attempts - 1
        for attempt in failed:
            attributes = {**located, **conventions.cause_attributes(attempt)}
            if attempt.pause is not None:
                self.retries.add(1, attributes)
                untold -= 1
            if attempt.is_throttled:
                self.throttles.add(1, attributes)
        if untold > 0:
            self.retries.add(untold, located)
        if call.throttles and not any(attempt.is_throttled for attempt in failed):
            self.throttles.add(1, {**located, **failure})


def _add_event(span: Span, event: Event) -> None:
    """Tells a span of what happened to its call, at the time when it did."""
    if isinstance(event, AttemptFailed):
        attributes = conventions.attempt_attributes(event)
        span.add_event(conventions.ATTEMPT_FAILED, attributes, event.at)
    elif isinstance(event, BudgetSpent):
        span.add_event(conventions.BUDGET_SPENT, timestamp=event.at)


def _detach(span: Span, token: Any) -> None:
    """Makes current what was so before a span.

    In another context there is nothing to do, nor to log: so it is where a coroutine is dropped
    half way, with its task, since its loop was closed.
    """
    if trace.get_current_span() is span:
        context.detach(token)


def instruments() -> tuple[SpanInstrument, MeterInstrument]:
    """Both, in their order: what is measured is measured inside the span, and points to it."""
    return SpanInstrument(), MeterInstrument()


def _traces_are_idle() -> bool:
    """Whether the global tracer provider is one of the API's own, which record nothing."""
    return type(trace.get_tracer_provider()).__module__.startswith("opentelemetry.trace")


def _metrics_are_idle() -> bool:
    """The same of the global meter provider."""
    return type(metrics.get_meter_provider()).__module__.startswith("opentelemetry.metrics")


def _tracer(source: Any) -> Tracer:
    if isinstance(source, Tracer):
        return source
    if not isinstance(source, TracerProvider | None):
        kind = type(source).__name__
        raise TypeError(f"use_tracer takes a Tracer or a TracerProvider, not {kind}")
    return trace.get_tracer("dynrepo", VERSION, source, conventions.SCHEMA_URL)
