"""An instrument that raises is muted, and a verb of several requests is one span."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dynrepo import AccessDenied, Answer, Throttled
from dynrepo.instrumentation import Requests, Verb, fence, fence_of
from dynrepo.instrumentation.logs import LogInstrument
from tests.aio import loops

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_muted_instrument_comes_back(
    notes: Any, broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When its time is over."""
    raising = broken("started")
    repository = notes()
    repository.use_instruments(raising)
    monkeypatch.setattr(fence, "MUTED_FOR", 0.0)
    repository.get("1")
    repository.get("1")
    assert raising.started_calls == 2


def test_an_instrument_of_many_repositories_is_reported_once(
    notes: Any, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It has one fence, however many share it, and however many threads run into it."""
    raising = broken("finished")
    repositories = [notes() for _ in range(8)]
    for repository in repositories:
        repository.use_instruments(raising)
    barrier = threading.Barrier(8)

    def get(repository: Any) -> None:
        barrier.wait()
        repository.get("1")

    threads = [threading.Thread(target=get, args=(repository,)) for repository in repositories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(caplog.records) == 1
    assert fence_of(raising).muted


def test_a_log_that_raises_is_not_felt_either(notes: Any) -> None:
    """Not even when it is told that it is broken."""

    class Raising(logging.Handler):
        def handle(self, _record: logging.LogRecord) -> bool:
            raise OSError("disk full")

    logger = logging.getLogger("dynrepo")
    handler = Raising()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        repository = notes()
        repository.use_logger(logger)
        assert repository.get("1") is None
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


@pytest.mark.parametrize(
    "instrument",
    [object(), LogInstrument, SimpleNamespace(finished=1), SimpleNamespace(finished=id, started=1)],
)
def test_what_would_be_muted_at_its_first_call_is_refused(notes: Any, instrument: Any) -> None:
    """A class, an object without the method, and methods that cannot be called."""
    with pytest.raises(TypeError, match="an instrument is an object with a method finished"):
        notes().use_instruments(instrument)


def page(number: int, *, last: bool = False) -> Answer:
    """A page of one item."""
    key = {"note_id": {"S": str(number)}}
    more = {} if last else {"LastEvaluatedKey": key}
    return Answer({"Items": [key], "Count": 1, "ScannedCount": 1, **more})


PAGES = (page(1), page(2), page(3, last=True))


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    """Keeps the spans that have ended."""
    return InMemorySpanExporter()


@pytest.fixture
def traced(notes: Any, exporter: InMemorySpanExporter) -> Callable[..., Any]:
    """Makes a repository whose spans are kept."""

    def make(*answers: Any) -> Any:
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        repository = notes(*answers)
        repository.use_tracer(provider)
        return repository

    return make


def family(exporter: InMemorySpanExporter) -> tuple[list[ReadableSpan], ReadableSpan]:
    """The spans of the requests, and the one above them."""
    *children, parent = exporter.get_finished_spans()
    assert parent.context is not None
    for child in children:
        assert child.parent is not None
        assert child.parent.span_id == parent.context.span_id
    return children, parent


def test_a_query_of_three_pages_is_one_span_with_three_below(
    traced: Any, exporter: InMemorySpanExporter
) -> None:
    """Named after the verb, and no CLIENT itself."""
    assert len(traced(*PAGES).scan().all()) == 3
    children, parent = family(exporter)
    assert [child.name for child in children] == ["Scan notes"] * 3
    assert (parent.name, parent.kind) == ("Notes.scan", trace.SpanKind.INTERNAL)
    assert dict(parent.attributes or {}) == {
        "db.system.name": "aws.dynamodb",
        "db.collection.name": "notes",
    }


def test_the_span_is_not_current_while_the_caller_looks_at_an_item(
    traced: Any, exporter: InMemorySpanExporter
) -> None:
    """Between two pages the context is the caller's, and stays so."""
    tracer = TracerProvider().get_tracer("app")
    with tracer.start_as_current_span("outer") as outer:
        for _ in traced(*PAGES).scan():
            assert trace.get_current_span() is outer
    children, _ = family(exporter)
    assert len(children) == 3


def test_who_stops_early_ends_the_span(traced: Any, exporter: InMemorySpanExporter) -> None:
    """And it is no failure."""
    iterator = traced(*PAGES).scan().pages()
    next(iterator)
    assert len(exporter.get_finished_spans()) == 1
    iterator.close()
    children, parent = family(exporter)
    assert len(children) == 1
    assert parent.status.status_code is trace.StatusCode.UNSET


def fill(repository: Any, block: Any, count: int) -> None:
    """Sets so many notes."""
    for number in range(count):
        block.set(repository.schema.model(note_id=str(number)))
        assert not trace.get_current_span().get_span_context().is_valid


def test_a_batch_block_is_one_span_with_its_parts_below(
    traced: Any, exporter: InMemorySpanExporter
) -> None:
    """Between its requests, while the caller's code runs, no span of ours is current."""
    repository = traced(Answer({"UnprocessedItems": {}}))
    with repository.batch() as block:
        fill(repository, block, 60)
    children, parent = family(exporter)
    assert [child.name for child in children] == ["BatchWriteItem notes"] * 3
    assert parent.name == "Notes.batch"
    assert parent.status.is_ok


@pytest.mark.parametrize("count", [25, 26])
def test_a_batch_block_that_cannot_be_sent_is_a_failure(
    traced: Any, exporter: InMemorySpanExporter, count: int
) -> None:
    """Within the block, and at its end."""
    fine, refused = Answer({"UnprocessedItems": {}}), AccessDenied("no")
    repository = traced(*[fine] * (count - 25), refused)
    with pytest.raises(AccessDenied), repository.batch() as block:
        fill(repository, block, count)
    _, parent = family(exporter)
    assert parent.attributes is not None
    assert parent.attributes["error.type"] == "AccessDenied"


def test_a_page_that_fails_is_a_failure_of_the_verb(
    traced: Any, exporter: InMemorySpanExporter
) -> None:
    """By its class."""
    with pytest.raises(Throttled):
        traced(page(1), Throttled("no", code="ThrottlingException")).scan().all()
    children, parent = family(exporter)
    assert len(children) == 2
    assert parent.status.status_code is trace.StatusCode.ERROR
    assert (parent.attributes or {})["error.type"] == "Throttled"


@pytest.mark.parametrize("kind", loops.KINDS)
def test_a_query_that_is_awaited_is_one_span_too(
    async_notes: Any, exporter: InMemorySpanExporter, kind: str
) -> None:
    """It is current for the tasks that send, and neither for the caller nor for any other task."""
    repository = async_notes(*PAGES)
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    repository.use_tracer(provider)
    tracer = TracerProvider().get_tracer("app")
    foreign: list[bool] = []

    async def beside() -> None:
        for _ in range(20):
            foreign.append(trace.get_current_span() is trace.INVALID_SPAN)
            await asyncio.sleep(0)

    async def read() -> int:
        task = asyncio.create_task(beside())
        with tracer.start_as_current_span("outer") as outer:
            seen = [trace.get_current_span() is outer async for _ in repository.scan()]
        await task
        return seen.count(True)

    assert loops.run(read, kind) == 3
    assert all(foreign)
    children, parent = family(exporter)
    assert [child.name for child in children] == ["Scan notes"] * 3
    assert parent.name == "AsyncNotes.scan"


@pytest.mark.parametrize("kind", loops.KINDS)
def test_a_query_that_is_dropped_half_read_ends_its_span(
    async_notes: Any, exporter: InMemorySpanExporter, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """Then, without an `await`; once, and as no failure."""
    repository = async_notes(*PAGES)
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    repository.use_tracer(provider)

    async def drop() -> int:
        pages = repository.scan().pages()
        await anext(pages)
        assert len(exporter.get_finished_spans()) == 1
        del pages
        gc.collect()
        return len(exporter.get_finished_spans())

    assert loops.run(drop, kind) == 2
    children, parent = family(exporter)
    assert len(children) == 1
    assert parent.status.status_code is trace.StatusCode.UNSET
    assert [record for record in caplog.records if record.name != "asyncio"] == []


def test_a_verb_ends_once_whoever_ends_it() -> None:
    """From several threads at once, as a finalizer and the caller may; and again later."""
    ended: list[Any] = []
    barrier = threading.Barrier(4)

    class Counted(Raising):
        def end(self, error: Any, /) -> None:
            ended.append(error)
            time.sleep(0.001)  # lets others come between

    fences = tuple(fence_of(each) for each in [Counted("nowhere") for _ in range(50)])
    requests = Requests(Verb("scan", "notes"), fences, lambda: fences)
    requests.begin()

    def end() -> None:
        barrier.wait()
        requests.end()

    threads = [threading.Thread(target=end) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    requests.end(RuntimeError())
    assert ended == [None] * 50
    with requests.request():
        """There is no scope left to enter."""


UNFINISHED = """
import asyncio
from typing import Annotated
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
from pydantic import BaseModel
from dynrepo import Answer, Location, PartitionKey
from dynrepo.aio.repository import AsyncRepository

class Note(BaseModel):
    note_id: Annotated[str, PartitionKey()]

class Notes(AsyncRepository[Note]):
    table = "notes"

class Store:
    table_prefix, deadline, location = "", 10.0, Location()

    async def sleep_async(self, seconds): ...

    async def execute_async(self, operation):
        key = {"note_id": {"S": "1"}}
        page = {"Items": [key], "Count": 1, "ScannedCount": 1, "LastEvaluatedKey": key}
        return Answer(page)

provider = TracerProvider(shutdown_on_exit=False)  # which may come first
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=lambda s: s.name)))
notes = Notes(Store(), instruments=())
notes.use_tracer(provider)
pages = notes.scan().pages()
asyncio.run(pages.__anext__())
"""


def test_a_query_that_is_left_at_the_end_of_the_process_ends_its_span() -> None:
    """And the process ends as if nothing were."""
    command = [sys.executable, "-W", "error", "-c", UNFINISHED]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.stderr, ran.stdout) == ("", "Scan notesNotes.scan")


def test_segments_in_threads_are_below_one_span(
    traced: Any, exporter: InMemorySpanExporter
) -> None:
    """However many read at the same time."""
    assert len(traced(page(1, last=True)).scan(segments=4).all()) == 4
    children, _ = family(exporter)
    assert len(children) == 4


def test_a_batch_of_three_requests_is_one_span_with_three_below(
    traced: Any, exporter: InMemorySpanExporter
) -> None:
    """Whatever the number of chunks."""
    traced(Answer({"UnprocessedItems": {}})).delete_many(str(number) for number in range(60))
    children, parent = family(exporter)
    assert [child.name for child in children] == ["BatchWriteItem notes"] * 3
    assert parent.name == "Notes.delete_many"


def test_a_single_request_has_no_span_above_it(traced: Any, exporter: InMemorySpanExporter) -> None:
    """It would say the same."""
    repository = traced(page(1))
    repository.get("1")
    repository.scan().page(1)
    assert len(exporter.get_finished_spans()) == 2


def test_a_muted_instrument_is_left_out_of_verbs_too(notes: Any) -> None:
    """Until its minute is over."""

    class Opened:
        def __init__(self) -> None:
            self.verbs: list[str] = []

        def finished(self, *_: Any) -> None:
            raise RuntimeError

        def opened(self, verb: Any) -> None:
            self.verbs.append(verb.name)

    instrument = Opened()
    repository = notes(page(1, last=True))
    repository.use_instruments(instrument)
    repository.scan().all()
    repository.scan().all()
    assert instrument.verbs == ["Notes.scan"]


class Raising:
    """An instrument that raises where it is told to, else does nothing."""

    def __init__(self, where: str) -> None:
        self.where = where

    def finished(self, *_: Any) -> None:
        """Has nothing to do."""

    def opened(self, _verb: Any) -> Raising:
        """Opens itself."""
        self._raise("opened")
        return self

    def enter(self) -> str:
        """Enters."""
        self._raise("enter")
        return "entered"

    def leave(self, entered: str, /) -> None:
        """Leaves."""
        assert entered == "entered"
        self._raise("leave")

    def end(self, _error: Any, /) -> None:
        """Ends."""
        self._raise("end")

    def _raise(self, where: str) -> None:
        if where == self.where:
            raise RuntimeError(where)


@pytest.mark.parametrize("where", ["opened", "enter", "leave", "end", "nowhere"])
def test_an_instrument_that_raises_around_a_verb_is_not_felt(
    notes: Any, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is reported once, as around a call."""
    repository = notes(*PAGES)
    repository.use_instruments(Raising(where))
    assert len(repository.scan().all()) == 3
    assert len(caplog.records) == (where != "nowhere")
