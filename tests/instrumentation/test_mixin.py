"""The hook: every call passes every instrument, and none of them is felt."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
import statsd
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dynrepo import Answer, Call, Location, Throttled, Usage, usage
from dynrepo.aio.sender import AsyncSender
from dynrepo.instrumentation import InstrumentationMixin
from dynrepo.instrumentation.fence import UNTOUCHED
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.otel import SpanInstrument
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.sending.outcomes import AnswerLost
from tests.aio import loops
from tests.facade import without_facade

if TYPE_CHECKING:
    from collections.abc import Callable


def test_an_instrument_is_called_when_a_call_starts_and_when_it_has_ended(
    notes: Any, recorder: Any
) -> None:
    """With the answer and the duration of what was sent."""
    repository = notes(Answer({"Item": {"note_id": {"S": "1"}}}, request_id="R1"))
    repository.use_instruments(recorder)
    assert repository.get("1").note_id == "1"
    (call,) = recorder.calls
    assert recorder.begun == [call]
    assert (call.operation.name, call.operation.table) == ("GetItem", "notes")
    assert call.answer.request_id == "R1"
    assert call.outcome == "success"
    assert 0 < call.duration < 60


@pytest.mark.parametrize("kind", loops.KINDS)
def test_the_calls_of_tasks_that_run_in_turn_are_told_apart(
    async_notes: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spans, costs, and what log lines take of the context, are those of the task that calls."""
    logger = logging.getLogger("dynrepo.tasks")
    logger.setLevel(logging.DEBUG)
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    repository = async_notes(Answer({"ConsumedCapacity": {"CapacityUnits": 0.5}}))
    repository.use_tracer(provider)
    repository.use_logger(logger)
    whose = contextvars.ContextVar[int]("whose")
    lines: list[int] = []
    monkeypatch.setattr(logger, "handle", lambda _: lines.append(whose.get()))

    async def work(number: int) -> Usage:
        whose.set(number)
        own = provider.get_tracer("app").start_as_current_span(f"task {number}")
        with own as span, usage() as used:
            for _ in range(1 + number % 3):
                await repository.get("1")
                assert trace.get_current_span() is span
        return used

    async def all_at_once() -> list[Usage]:
        return await asyncio.gather(*map(work, range(50)))

    costs = loops.run(all_at_once, kind)
    assert [used.total.calls for used in costs] == [1 + number % 3 for number in range(50)]
    spans = exporter.get_finished_spans()
    names = {span.context.span_id: span.name for span in spans if span.context}
    parents = [names[span.parent.span_id] for span in spans if span.parent]
    expected = [number for number in range(50) for _ in range(1 + number % 3)]
    assert sorted(parents) == sorted(f"task {number}" for number in expected)
    assert sorted(lines) == expected


@pytest.mark.parametrize("kind", loops.KINDS)
def test_a_cancelled_task_leaves_the_context_as_it_was(
    async_notes: Any, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Its own and that of others; its call is told as cancelled."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    repository = async_notes()
    repository.use_instruments(LogInstrument(), SpanInstrument(provider))
    current: list[Any] = []

    async def call() -> None:
        try:
            await repository.set(repository.schema.model(note_id="1"))
        finally:
            current.append(trace.get_current_span())

    async def cancelled() -> list[Any]:
        tasks = [asyncio.create_task(call()) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        current.append(trace.get_current_span())
        return results

    first, second, third = loops.run(cancelled, kind)
    assert (first, third) == (None, None)
    assert type(second) is asyncio.CancelledError
    assert current == [trace.INVALID_SPAN] * 4
    levels = [record.levelname for record in caplog.records if record.name != "asyncio"]
    assert levels == ["WARNING"]
    assert [span.status.status_code for span in exporter.get_finished_spans()] == [
        trace.StatusCode.UNSET
    ] * 3


@pytest.mark.parametrize("kind", loops.KINDS)
def test_a_call_that_runs_out_of_its_caller_s_time_is_told_as_cancelled(
    async_notes: Any, recorder: Any, kind: str
) -> None:
    """With the attempts that it made, and in doubt: its second request was on its way."""

    class Lossy:
        table_prefix = ""
        deadline = 60.0
        location = Location()

        async def sleep_async(self, seconds: float, /) -> None:
            """Sends one request a verb, and so never waits between two."""

        async def execute_async(self, operation: Any, /) -> Answer:
            return await AsyncSender(self.attempt).send(operation, time.monotonic() + 60.0)

        async def attempt(self, _operation: Any, attempt: int, _ends: float, **_: Any) -> Answer:
            if attempt == 1:
                raise AnswerLost
            reached.set()
            await asyncio.sleep(60.0)
            raise AssertionError

    repository = async_notes()
    repository.store = Lossy()
    repository.use_instruments(recorder)

    async def late() -> None:
        task = asyncio.create_task(repository.set(repository.schema.model(note_id="1")))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    reached = asyncio.Event()
    loops.run(late, kind)
    (call,) = recorder.calls
    assert (call.outcome, call.attempts, call.in_doubt) == ("cancelled", 2, True)


@without_facade("it is of the asynchronous face as it is")
def test_a_call_that_is_dropped_with_its_loop_is_told_and_complains_of_nothing(
    async_notes: Any, recorder: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Its coroutine ends in another context than it began in, which stays as it is."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    repository = async_notes()
    repository.use_instruments(recorder, SpanInstrument(provider))
    coroutine = repository.get("1")
    contextvars.copy_context().run(coroutine.send, None)
    with provider.get_tracer("app").start_as_current_span("other") as span:
        coroutine.close()
        assert trace.get_current_span() is span
    (call,) = recorder.calls
    assert call.outcome == "cancelled"
    assert [span.name for span in exporter.get_finished_spans()] == ["GetItem notes", "other"]
    assert caplog.records == []


def test_an_error_reaches_the_instruments_and_the_caller(notes: Any, recorder: Any) -> None:
    """It is the same one."""
    error = Throttled("too much", code="ThrottlingException", attempts=4)
    repository = notes(error)
    repository.use_instruments(recorder)
    with pytest.raises(Throttled) as raised:
        repository.get("1")
    assert raised.value is error
    assert recorder.calls[0].error is error
    assert recorder.calls[0].outcome == "failure"


@pytest.mark.parametrize("where", ["started", "finished"])
def test_an_instrument_that_raises_is_not_felt(
    notes: Any, recorder: Any, broken: Any, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is reported once, by its class and the error's, and muted; the others go on."""
    raising = broken(where)
    repository = notes()
    repository.use_instruments(raising, recorder)
    for _ in range(3):
        assert repository.get("1") is None
    assert len(recorder.calls) == 3
    assert raising.started_calls == 1
    assert [record.getMessage() for record in caplog.records] == [
        "Broken raised RuntimeError and is muted for 60 s"
    ]
    assert "hush" not in caplog.text


def test_an_instrument_may_hear_of_the_end_alone(notes: Any) -> None:
    """Most have nothing to do at the beginning."""
    heard: list[Any] = []

    class Ending:
        def finished(self, call: Call, begun: Any, /) -> None:
            heard.append((call.operation.name, begun))

    repository = notes()
    repository.use_instruments(Ending())
    repository.get("1")
    assert heard == [("GetItem", None)]


def test_an_instrument_may_leave_a_call_alone(notes: Any, recorder: Any) -> None:
    """It says so when the call starts, and is not asked again; the others are."""

    class Idle:
        def started(self, _call: Call, /) -> Any:
            return UNTOUCHED

        def finished(self, _call: Call, _begun: Any, /) -> None:
            heard.append("finished")

    heard: list[str] = []
    repository = notes()
    repository.use_instruments(Idle(), recorder)
    repository.get("1")
    assert (heard, len(recorder.calls)) == ([], 1)


def test_instruments_finish_in_the_reverse_of_their_order(notes: Any) -> None:
    """As nested blocks do, so that a metric is measured inside its span."""
    heard: list[str] = []

    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        def started(self, _call: Call, /) -> None:
            heard.append(f"+{self.name}")

        def finished(self, _call: Call, _begun: Any, /) -> None:
            heard.append(f"-{self.name}")

    repository = notes()
    repository.use_instruments(Named("a"), Named("b"))
    repository.get("1")
    assert heard == ["+a", "+b", "-b", "-a"]


class SpansOfLines(logging.Handler):
    """Keeps the id of the span in which each line is written."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[int] = []

    def emit(self, _record: logging.LogRecord) -> None:
        """Keeps it."""
        self.ids.append(trace.get_current_span().get_span_context().span_id)


def heard_by(tracer_first: bool) -> tuple[Callable[[Any], None], SpansOfLines, Any]:  # noqa: FBT001
    """What gives a repository a logger and a tracer, in either order, and what they hear."""
    logger = logging.Logger("lines", logging.DEBUG)  # noqa: LOG001 - of this test alone
    logger.addHandler(lines := SpansOfLines())
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    def use(repository: Any) -> None:
        if tracer_first:
            repository.use_tracer(provider)
        repository.use_logger(logger)
        repository.use_tracer(provider)

    return use, lines, exporter


@pytest.mark.parametrize("tracer_first", [True, False])
def test_a_line_stands_in_the_span_that_it_is_about(notes: Any, *, tracer_first: bool) -> None:
    """Not in that of the caller, and in whatever order logger and tracer were given."""
    use, lines, exporter = heard_by(tracer_first)
    repository = notes(Throttled("no", retryable=True, attempts=4), Answer({}))
    use(repository)
    with pytest.raises(Throttled):
        repository.get("1")
    with TracerProvider().get_tracer("app").start_as_current_span("request"):
        repository.get("1")
    spans = [span.context.span_id for span in exporter.get_finished_spans()]
    assert lines.ids == [spans[0], spans[0], spans[1]]


@without_facade("it awaits by itself")
@pytest.mark.parametrize("tracer_first", [True, False])
def test_a_line_of_an_awaited_call_stands_in_its_span(
    async_notes: Any, *, tracer_first: bool
) -> None:
    """As one of the other face."""
    use, lines, exporter = heard_by(tracer_first)
    repository = async_notes()
    use(repository)
    asyncio.run(repository.get("1"))
    assert lines.ids == [span.context.span_id for span in exporter.get_finished_spans()]


def test_use_replaces_what_is_of_the_same_kind(notes: Any, recorder: Any) -> None:
    """And leaves the others."""

    class Client:
        def timing(self, *_: Any) -> None: ...
        def incr(self, *_: Any) -> None: ...

    class Own(StatsdInstrument):
        pass

    repository = notes()
    repository.use_instruments(recorder, Own(Client()))
    client = Client()
    repository.use_metrics(client)
    repository.use_logger(logging.getLogger("mine"))
    first, second, third = repository.instruments
    assert first is recorder
    assert type(second) is StatsdInstrument
    assert second.client is client
    assert isinstance(third, LogInstrument)


@pytest.mark.parametrize("use", ["use_logger", "use_metrics", "use_tracer"])
def test_the_wrong_thing_is_refused_at_once(notes: Any, use: str) -> None:
    """A TypeError says what is taken instead."""
    with pytest.raises(TypeError, match=f"{use} takes a .*, not object"):
        getattr(notes(), use)(object())


def test_the_order_of_base_classes_does_not_matter(recorder: Any) -> None:
    """The mixin needs no __init__ of its own to be called."""

    class Mine:
        def __init__(self) -> None:
            self.mine = True

    for bases in ((Mine, InstrumentationMixin), (InstrumentationMixin, Mine)):
        thing: Any = type("Thing", bases, {})()
        thing.use_instruments(recorder)
        assert thing.instruments == (recorder,)


@pytest.mark.parametrize("use", ["use_logger", "use_tracer", "use_instruments"])
@pytest.mark.parametrize("wrong", [None, LogInstrument])
def test_what_would_never_be_used_is_refused_at_once(notes: Any, use: str, wrong: Any) -> None:
    """Neither None nor a class is taken for the thing itself, to be muted at the first call."""
    with pytest.raises(TypeError):
        getattr(notes(), use)(wrong)


def test_the_class_of_a_client_is_no_client(notes: Any) -> None:
    """A forgotten pair of parentheses costs no metrics."""
    with pytest.raises(TypeError, match="use_metrics takes a StatsD client"):
        notes().use_metrics(statsd.StatsClient)


def test_a_cost_that_cannot_be_added_is_not_felt(
    notes: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Usage is fenced as instruments are."""
    repository = notes(Answer({"ConsumedCapacity": {"CapacityUnits": "many"}}))
    with usage() as used:
        assert repository.get("1") is None
    assert used.total.calls == 0
    assert "UsageInstrument raised ValueError" in caplog.text


def test_without_a_word_the_defaults_are_used(notes: Any) -> None:
    """Until other instruments are named, or none."""
    repository = notes()
    repository._fences = None
    assert any(isinstance(instrument, LogInstrument) for instrument in repository.instruments)
    repository.use_instruments()
    assert repository.instruments == ()


def test_who_wants_to_hear_of_a_connection_does(notes: Any, recorder: Any) -> None:
    """Once it is there, with its place; others are not asked."""
    heard: list[str] = []

    class Told:
        def connected(self, table: str, location: Any, /) -> None:
            heard.append(f"{table} in {location.region}")

        def finished(self, _call: Call, _begun: Any, /) -> None: ...

    repository = notes(Answer({"Table": {"TableStatus": "ACTIVE"}}))
    repository.use_instruments(recorder, Told())
    repository.connect()
    assert heard == ["notes in eu-west-1"]
