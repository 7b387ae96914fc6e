"""Spans and histograms by the semantic conventions, from the real SDK's memory."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import context, metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from dynrepo import (
    Answer,
    ItemExists,
    ItemNotFound,
    Location,
    NotUnique,
    OutcomeUnknown,
    Throttled,
    TransactionCanceled,
)
from dynrepo.instrumentation import conventions, otel
from dynrepo.instrumentation.events import BudgetSpent, ConnectionMade
from dynrepo.instrumentation.fence import UNTOUCHED, Verb
from dynrepo.instrumentation.otel import MeterInstrument, SpanInstrument
from dynrepo.operations.operation import Effect
from dynrepo.sending.interrupted import note_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Call

    Ended = Callable[..., Call]


class Traces:
    """A tracer provider whose spans can be read."""

    def __init__(self, **options: Any) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(**options)
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """The spans that have ended."""
        return self.exporter.get_finished_spans()


def observe(instrument: Any, call: Call) -> None:
    """Lets an instrument hear of a call."""
    started = getattr(instrument, "started", None)
    instrument.finished(call, started and started(call))


def test_a_call_is_a_client_span(ended: Ended) -> None:
    """With the operation, the table, the place, and what the answer says."""
    traces = Traces()
    call = ended(
        "Query",
        request={"IndexName": "by_text", "Limit": 20, "ConsistentRead": False},
        body={
            "Count": 2,
            "ScannedCount": 5,
            "ConsumedCapacity": {"TableName": "notes", "CapacityUnits": 0.5},
        },
        request_id="R1",
        attempts=3,
    )
    observe(SpanInstrument(traces.provider), call)
    (span,) = traces.spans
    assert span.name == "Query notes"
    assert span.kind is trace.SpanKind.CLIENT
    assert span.status.status_code is trace.StatusCode.UNSET
    assert span.instrumentation_scope.name == "dynrepo"
    assert dict(span.attributes or {}) == {
        "db.system.name": "aws.dynamodb",
        "db.operation.name": "Query",
        "db.collection.name": "notes",
        "server.address": "127.0.0.1",
        "server.port": 8000,
        "cloud.region": "eu-west-1",
        "aws.dynamodb.table_names": ("notes",),
        "aws.dynamodb.index_name": "by_text",
        "aws.dynamodb.consistent_read": False,
        "aws.dynamodb.limit": 20,
        "dynrepo.attempts": 3,
        "aws.request_id": "R1",
        "db.response.returned_rows": 2,
        "aws.dynamodb.count": 2,
        "aws.dynamodb.scanned_count": 5,
        "aws.dynamodb.consumed_capacity": ('{"TableName": "notes", "CapacityUnits": 0.5}',),
    }


def test_a_batch_says_how_large_it_is(ended: Ended) -> None:
    """From two on, as the conventions want it."""
    traces = Traces()
    for keys in ([{}], [{}, {}]):
        call = ended("BatchGetItem", request={"RequestItems": {"notes": {"Keys": keys}}})
        observe(SpanInstrument(traces.provider), call)
    sizes = [(span.attributes or {}).get("db.operation.batch.size") for span in traces.spans]
    assert sizes == [None, 2]


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (Throttled("x", code="ThrottlingException"), "Throttled", "ThrottlingException"),
        (OutcomeUnknown("x", code="AnswerLost"), "OutcomeUnknown", "AnswerLost"),
        (TransactionCanceled("x"), "TransactionCanceled", "TransactionCanceledException"),
        (RuntimeError("x"), "RuntimeError", None),
    ],
)
def test_a_failure_is_a_class_and_a_code(
    ended: Ended, error: Exception, kind: str, code: str | None
) -> None:
    """And never a text: no event, no description."""
    traces = Traces()
    observe(SpanInstrument(traces.provider), ended(error=error))
    (span,) = traces.spans
    assert span.status.status_code is trace.StatusCode.ERROR
    assert span.status.description is None
    assert span.events == ()
    attributes = span.attributes or {}
    assert attributes["error.type"] == kind
    assert attributes.get("db.response.status_code") == code


REFUSED = [
    (ItemExists("x"), "ConditionalCheckFailedException"),
    (ItemNotFound("x"), "ConditionalCheckFailedException"),
    (TransactionCanceled("x", reasons=[NotUnique("y")]), "TransactionCanceledException"),
]


@pytest.mark.parametrize(("error", "code"), REFUSED)
def test_a_write_whose_condition_did_not_hold_has_not_failed(
    ended: Ended, error: Exception, code: str
) -> None:
    """Neither its span nor that of its verb is an error; the class and the code stand on both."""
    traces = Traces()
    instrument = SpanInstrument(traces.provider)
    observe(instrument, ended("PutItem", error=error))
    opened = instrument.opened(Verb("create", "notes"))
    assert opened is not None
    opened.end(error)
    span, verb = traces.spans
    for each in (span, verb):
        assert each.status.status_code is trace.StatusCode.UNSET
        assert (each.attributes or {})["error.type"] == type(error).__name__
    assert (span.attributes or {})["db.response.status_code"] == code


def test_a_lost_answer_is_told_by_its_code_in_spans_and_histograms(ended: Ended) -> None:
    """What happened, beside that the outcome is not known."""
    traces, reader = Traces(), InMemoryMetricReader()
    lost = OutcomeUnknown("x", code="InternalServerError")
    call = ended("PutItem", error=lost, effect=Effect.ONCE)
    observe(SpanInstrument(traces.provider), call)
    observe(MeterInstrument(MeterProvider([reader])), call)
    (point,) = metrics_of(reader)[conventions.DURATION].data.data_points
    for attributes in (traces.spans[0].attributes or {}, point.attributes):
        assert attributes["error.type"] == "OutcomeUnknown"
        assert attributes.get("db.response.status_code") == "InternalServerError"


@pytest.mark.parametrize("in_doubt", [True, False])
def test_a_cancelled_call_is_no_error_of_its_span(ended: Ended, *, in_doubt: bool) -> None:
    """As in the conventions for HTTP; it says that it was cancelled, and whether it is in doubt.

    https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status
    """
    error = asyncio.CancelledError("hush")
    note_interrupted(error, 2, in_doubt=in_doubt)
    traces, reader = Traces(), InMemoryMetricReader()
    call = ended("PutItem", error=error, effect=Effect.ONCE)
    observe(SpanInstrument(traces.provider), call)
    observe(MeterInstrument(MeterProvider([reader])), call)
    (span,) = traces.spans
    (point,) = metrics_of(reader)[conventions.DURATION].data.data_points
    assert span.status.status_code is trace.StatusCode.UNSET
    assert (span.attributes or {})["dynrepo.attempts"] == 2
    assert "hush" not in span.to_json()
    for attributes in (span.attributes or {}, point.attributes):
        assert attributes["dynrepo.outcome"] == "cancelled"
        assert attributes.get("dynrepo.in_doubt", False) is in_doubt
        assert "error.type" not in attributes


def test_a_verb_that_was_cancelled_is_no_error_either() -> None:
    """The span of its requests together says what it came to."""
    traces = Traces()
    opened = SpanInstrument(traces.provider).opened(Verb("get_many", "notes"))
    assert opened is not None
    opened.end(asyncio.CancelledError())
    (verb,) = traces.spans
    assert verb.status.status_code is trace.StatusCode.UNSET
    assert (verb.attributes or {})["dynrepo.outcome"] == "cancelled"


def test_a_span_below_is_a_child(notes: Any) -> None:
    """Our span is current while the request is sent, and not afterwards."""
    traces = Traces()

    class Sdk:
        table_prefix = ""
        deadline = 10.0
        location = Location("eu-west-1")

        def sleep(self, _seconds: float, /) -> None:
            """Does not wait."""

        def execute(self, _operation: Any, /) -> Answer:
            with traces.provider.get_tracer("sdk").start_as_current_span("DynamoDB.GetItem"):
                return Answer({})

    repository = type(notes())(Sdk(), instruments=())
    repository.use_tracer(traces.provider)
    with traces.provider.get_tracer("app").start_as_current_span("request"):
        repository.get("1")
        assert trace.get_current_span().name == "request"  # type: ignore[attr-defined]
    sdk, ours, request = traces.spans
    assert sdk.parent is not None
    assert ours.parent is not None
    assert sdk.parent.span_id == ours.context.span_id
    assert ours.parent.span_id == request.context.span_id
    assert "server.address" not in (ours.attributes or {})


def test_spans_of_the_sdk_can_be_suppressed(ended: Ended) -> None:
    """By the mark that other instrumentations look for, for the time of the call."""
    instrument = SpanInstrument(Traces().provider, suppress_nested=True)
    call = ended()
    begun = instrument.started(call)
    assert context.get_value("suppress_instrumentation") is True
    instrument.finished(call, begun)
    assert context.get_value("suppress_instrumentation") is None


def test_a_span_that_is_not_sampled_stays_current(ended: Ended) -> None:
    """So that spans below it are not sampled either, and nothing is exported."""
    traces = Traces(sampler=ALWAYS_OFF)
    instrument = SpanInstrument(traces.provider.get_tracer("mine"))
    call = ended()
    begun = instrument.started(call)
    assert begun is not None
    assert trace.get_current_span() is begun[0]
    instrument.finished(call, begun)
    assert traces.spans == ()


def test_without_an_sdk_nothing_is_done(ended: Ended) -> None:
    """Not even the location is asked for."""
    call = ended()
    call.locate = pytest.fail  # type: ignore[assignment]
    for instrument in (SpanInstrument(), MeterInstrument()):
        assert instrument.started(call) is UNTOUCHED
        observe(instrument, call)


@pytest.mark.parametrize("provider", ["tracer", "meter"])
def test_without_a_private_name_the_api_is_asked(
    ended: Ended, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names of its two global variables only save a call of it."""
    asked: list[str] = []
    api = {"tracer": trace, "meter": metrics}[provider]
    get = getattr(api, f"get_{provider}_provider")
    monkeypatch.setattr(otel, {"tracer": "_TRACES", "meter": "_METRICS"}[provider], {})
    monkeypatch.setattr(api, f"get_{provider}_provider", lambda: asked.append(provider) or get())
    call = ended()
    call.locate = pytest.fail  # type: ignore[assignment]
    observe({"tracer": SpanInstrument(), "meter": MeterInstrument()}[provider], call)
    assert asked


def test_expressions_are_recorded_on_request(ended: Ended) -> None:
    """With names and placeholders, never with values."""
    request = {
        "KeyConditionExpression": "#0 = :0",
        "FilterExpression": "#1 > :1",
        "ProjectionExpression": "#0, #1",
        "ExpressionAttributeNames": {"#0": "note_id", "#1": "text"},
        "ExpressionAttributeValues": {":0": {"S": "keyhush"}, ":1": {"S": "texthush"}},
    }
    traces = Traces()
    observe(SpanInstrument(traces.provider, expressions=True), ended("Query", request=request))
    observe(SpanInstrument(traces.provider), ended("Query", request=request))
    told, silent = (span.attributes or {} for span in traces.spans)
    assert told["db.query.text"] == (
        "KeyConditionExpression: note_id = :0; FilterExpression: text > :1"
    )
    assert told["aws.dynamodb.projection"] == "note_id, text"
    assert "db.query.text" not in silent
    assert "hush" not in str((told, silent))


def test_no_key_no_item_and_no_text_is_recorded(notes: Any) -> None:
    """Whether a call succeeds or fails."""
    traces = Traces()
    repository = notes(
        Answer({"Item": {"note_id": {"S": "keyhush"}, "text": {"S": "texthush"}}}),
        Throttled("texthush", code="ThrottlingException"),
    )
    repository.use_tracer(traces.provider)
    repository.get("keyhush")
    with pytest.raises(Throttled):
        repository.get("keyhush")
    assert len(traces.spans) == 2
    assert "hush" not in str([span.to_json() for span in traces.spans])


def test_a_processor_that_raises_is_not_felt(notes: Any) -> None:
    """Neither at the start of a span nor at its end, and no context is left behind."""

    class Raising(SpanProcessor):
        def on_end(self, _span: ReadableSpan) -> None:
            raise RuntimeError("full")

    provider = TracerProvider()
    provider.add_span_processor(Raising())
    repository = notes()
    repository.use_tracer(provider)
    assert repository.get("1") is None
    assert trace.get_current_span() is trace.INVALID_SPAN


def metrics_of(reader: InMemoryMetricReader) -> dict[str, Any]:
    """The metrics that a reader collected, by name."""
    data = reader.get_metrics_data()
    assert data is not None
    (resource,) = data.resource_metrics
    (scope,) = resource.scope_metrics
    return {metric.name: metric for metric in scope.metrics}


def test_durations_and_rows_are_histograms(ended: Ended) -> None:
    """In seconds, in the buckets of the conventions, by operation, table and failure."""
    reader = InMemoryMetricReader()
    instrument = MeterInstrument(MeterProvider([reader]))
    observe(instrument, ended("Query", body={"Count": 7}))
    observe(instrument, ended("PutItem", error=Throttled("x", code="ThrottlingException")))
    found = metrics_of(reader)
    duration, rows = found[conventions.DURATION], found[conventions.RETURNED_ROWS]
    assert (duration.unit, rows.unit) == ("s", "{row}")
    query, put = duration.data.data_points
    assert (query.count, query.sum) == (1, pytest.approx(0.0012345))
    assert list(query.explicit_bounds) == conventions.DURATION_BUCKETS
    assert dict(put.attributes) == {
        "db.system.name": "aws.dynamodb",
        "db.operation.name": "PutItem",
        "db.collection.name": "notes",
        "server.address": "127.0.0.1",
        "server.port": 8000,
        "cloud.region": "eu-west-1",
        "error.type": "Throttled",
        "db.response.status_code": "ThrottlingException",
    }
    assert [point.sum for point in rows.data.data_points] == [7]


LATE = """
import os
from uuid import UUID
from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from dynrepo.testing.memory import MemoryStore
from models.user import Users

users = Users(MemoryStore(Users))
users.get(UUID(int=1))
if "OTEL_PYTHON_TRACER_PROVIDER" not in os.environ:
    trace.set_tracer_provider(TracerProvider())
    metrics.set_meter_provider(MeterProvider([reader := InMemoryMetricReader()]))
exporter = InMemorySpanExporter()
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(exporter))
users.get(UUID(int=1))
print([span.name for span in exporter.get_finished_spans()])
if "OTEL_PYTHON_TRACER_PROVIDER" not in os.environ:
    print("db.client.operation.duration" in reader.get_metrics_data().to_json())
"""


def test_a_provider_that_the_environment_names_is_loaded_by_the_first_call() -> None:
    """OpenTelemetry loads it when it is asked for one, so it must be asked."""
    program = """
from dynrepo import Location, Operation
from dynrepo.instrumentation import Call
from dynrepo.instrumentation.otel import SpanInstrument
call = Call(Operation("GetItem", "notes", {}, None), Location)
span, _ = SpanInstrument().started(call)
assert span.is_recording()
"""
    environment = {**os.environ, "OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider"}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=60)


@pytest.mark.parametrize("named", [{}, {"OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider"}])
def test_an_sdk_that_is_set_up_late_is_noticed(named: dict[str, str]) -> None:
    """After the first call, in code; or by the environment."""
    environment = {**os.environ, **named}
    command = [sys.executable, "-c", LATE]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    expected = "['GetItem users']\n" + ("" if named else "True\n")
    assert (ran.stderr, ran.stdout) == ("", expected)


def test_a_verb_of_several_requests_is_a_span_around_them(ended: Ended) -> None:
    """It is current while they are sent, and its failure is a class."""
    traces = Traces()
    instrument = SpanInstrument(traces.provider)
    opened = instrument.opened(Verb("get_many", "notes"))
    assert opened is not None
    entered = opened.enter()
    observe(instrument, ended())
    opened.leave(entered)
    observe(instrument, ended())
    opened.end(Throttled("hush"))
    within, beside, verb = traces.spans
    assert within.parent is not None
    assert within.parent.span_id == (verb.context and verb.context.span_id)
    assert beside.parent is None
    assert (verb.attributes or {})["error.type"] == "Throttled"
    assert verb.status.status_code is trace.StatusCode.ERROR
    assert "hush" not in verb.to_json()


def test_a_verb_that_ended_well() -> None:
    """Its status is left unset."""
    traces = Traces()
    opened = SpanInstrument(traces.provider).opened(Verb("get_many", "notes"))
    assert opened is not None
    opened.end(None)
    (verb,) = traces.spans
    assert verb.status.status_code is trace.StatusCode.UNSET


def test_what_makes_no_spans() -> None:
    """It is refused when it is given."""
    nobody: Any = object()
    with pytest.raises(TypeError, match="takes a Tracer or a TracerProvider, not object"):
        SpanInstrument(nobody)


def test_what_a_store_of_another_kind_does_not_tell_is_counted_all_the_same(ended: Ended) -> None:
    """Without a cause: the answer says how many requests were sent, the error that it throttled."""
    reader = InMemoryMetricReader()
    meter = MeterInstrument(MeterProvider([reader]))
    observe(meter, ended(attempts=3))
    observe(meter, ended(error=Throttled("x", code="ThrottlingException", attempts=2)))
    found = metrics_of(reader)
    (retries,) = found[conventions.RETRIES].data.data_points
    (throttles,) = found[conventions.THROTTLES].data.data_points
    assert (retries.value, throttles.value) == (3, 1)
    assert "error.type" not in retries.attributes
    assert throttles.attributes["error.type"] == "Throttled"


def test_a_spent_budget_is_an_event(ended: Ended) -> None:
    """Other things that happen on the way are measures, and no events."""
    traces, call = Traces(), ended()
    call.events = (BudgetSpent(), ConnectionMade("127.0.0.1:8000", 0.1))
    observe(SpanInstrument(traces.provider), call)
    (span,) = traces.spans
    assert [event.name for event in span.events] == ["dynrepo.retry_budget.spent"]
