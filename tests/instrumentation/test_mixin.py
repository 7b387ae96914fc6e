"""The hook: every call passes every instrument, and none of them is felt."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import statsd

from dynrepo import Answer, Call, ConditionFailed, Throttled
from dynrepo.instrumentation import InstrumentationMixin, environment, fence, fence_of
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.statsd import StatsdInstrument

if TYPE_CHECKING:
    from collections.abc import Callable


class Broken:
    """An instrument that raises where it is told to."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.heard = 0

    def started(self, _call: Call, /) -> None:
        """Raises, perhaps."""
        self.heard += 1
        if self.where == "started":
            raise RuntimeError("secret 4711")

    def finished(self, _call: Call, _begun: Any, /) -> None:
        """Raises, perhaps."""
        if self.where == "finished":
            raise RuntimeError("secret 4711")


def test_an_instrument_hears_of_a_call_when_it_starts_and_when_it_has_ended(
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
    assert call.duration > 0


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
    notes: Any, recorder: Any, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is reported once, by its class and the error's, and muted; the others go on."""
    broken = Broken(where)
    repository = notes()
    repository.use_instruments(broken, recorder)
    for _ in range(3):
        assert repository.get("1") is None
    assert len(recorder.calls) == 3
    assert broken.heard == 1
    assert [record.getMessage() for record in caplog.records] == [
        "Broken raised RuntimeError and is muted for 60 s"
    ]
    assert "4711" not in caplog.text


def test_a_muted_instrument_comes_back(notes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its time is over."""
    broken = Broken("started")
    repository = notes()
    repository.use_instruments(broken)
    monkeypatch.setattr(fence, "MUTED_FOR", 0.0)
    repository.get("1")
    repository.get("1")
    assert broken.heard == 2


def test_an_instrument_of_many_repositories_is_reported_once(
    notes: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """It has one fence, however many share it, and however many threads run into it."""
    broken = Broken("finished")
    repositories = [notes() for _ in range(8)]
    for repository in repositories:
        repository.use_instruments(broken)
    barrier = threading.Barrier(8)

    def get(repository: Any) -> None:
        barrier.wait()
        repository.get("1")

    threads = [threading.Thread(target=get, args=(one,)) for one in repositories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(caplog.records) == 1
    assert fence_of(broken).muted


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


@pytest.mark.parametrize(
    "instrument",
    [object(), LogInstrument, SimpleNamespace(finished=1), SimpleNamespace(finished=id, started=1)],
)
def test_what_would_be_muted_at_its_first_call_is_refused(notes: Any, instrument: Any) -> None:
    """A class, an object without the method, and methods that cannot be called."""
    with pytest.raises(TypeError, match="an instrument is an object with a method finished"):
        notes().use_instruments(instrument)


@pytest.mark.parametrize("use", ["use_logger", "use_metrics", "use_tracer"])
def test_the_wrong_thing_is_refused_at_once(notes: Any, use: str) -> None:
    """A TypeError says what is taken instead."""
    with pytest.raises(TypeError, match=f"{use} takes a .*, not object"):
        getattr(notes(), use)(object())


def test_the_order_of_base_classes_does_not_matter(notes: Any, recorder: Any) -> None:
    """The mixin needs no __init__ of its own to be called."""

    class Mine:
        def __init__(self) -> None:
            self.mine = True

    for bases in ((Mine, InstrumentationMixin), (InstrumentationMixin, Mine)):
        thing: Any = type("Thing", bases, {})()
        thing.use_instruments(recorder)
        with thing._observe(notes().store, lambda: None) as call:
            assert isinstance(call, Call)
    assert len(recorder.calls) == 2


def test_the_defaults_are_logs_spans_and_histograms(
    notes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And StatsD when the environment names a daemon."""

    def defaults() -> tuple[Any, ...]:
        forget_defaults()
        repository = notes()
        repository._fences = None
        return tuple(repository.instruments)

    monkeypatch.delenv("DYNREPO_STATSD", raising=False)
    kinds = [type(one).__name__ for one in defaults()]
    assert kinds == ["LogInstrument", "SpanInstrument", "MeterInstrument"]
    monkeypatch.setenv("DYNREPO_STATSD", "127.0.0.1:8125")
    *_, statsd = defaults()
    assert isinstance(statsd, StatsdInstrument)
    statsd.client.close()
    forget_defaults()


def forget_defaults() -> None:
    """Lets the environment be asked again."""
    environment._fences.cache_clear()
    environment._instruments.cache_clear()


def test_nobody_listens_where_opentelemetry_is_not() -> None:
    """Until somebody imports it there are logs alone, and its import is left to them."""
    program = """
import sys
from dynrepo import Repository, PartitionKey
from dynrepo.testing import MemoryStore
from pydantic import BaseModel
from typing import Annotated
class Note(BaseModel):
    note_id: Annotated[str, PartitionKey()]
class Notes(Repository[Note]):
    table = "notes"
notes = Notes(MemoryStore(Notes))
notes.get("1")
assert "opentelemetry" not in sys.modules
assert [type(one).__name__ for one in notes.instruments] == ["LogInstrument"]
import opentelemetry.trace
notes.get("1")
kinds = [type(one).__name__ for one in notes.instruments]
assert kinds == ["LogInstrument", "SpanInstrument", "MeterInstrument"], kinds
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_wrong_variable_costs_no_call_its_result(
    notes: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in one warning, and there are logs and spans all the same."""
    monkeypatch.setenv("DYNREPO_STATSD", "here:there")
    forget_defaults()
    repository = notes()
    repository._fences = None
    assert repository.get("1") is None
    assert "DYNREPO_STATSD: should be host:port" in caplog.text
    forget_defaults()


def test_what_a_call_says_of_itself(ended: Callable[..., Call]) -> None:
    """Refused writes, codes, attempts, capacity, rows, batches and tables."""
    refused = ended("PutItem", error=ConditionFailed("no"))
    assert (refused.refused, refused.outcome, refused.code) == (True, "failure", "ConditionFailed")
    throttled = ended(error=Throttled("no", code="ThrottlingException", attempts=4))
    assert (throttled.refused, throttled.code, throttled.attempts) == (
        False,
        "ThrottlingException",
        4,
    )
    page = ended("Query", body={"Count": 3, "ConsumedCapacity": {"CapacityUnits": 1.5}}, attempts=2)
    assert (page.code, page.attempts, page.rows, page.capacity) == (None, 2, 3, 1.5)
    batch = ended(
        "BatchGetItem",
        request={"RequestItems": {"a": {"Keys": [{}, {}]}, "b": {"Keys": [{}]}}},
        body={
            "Responses": {"a": [{}, {}], "b": []},
            "ConsumedCapacity": [{"CapacityUnits": 1}, {"CapacityUnits": 0.5}],
        },
    )
    assert (batch.batch_size, batch.rows, batch.capacity, batch.tables) == (3, 2, 1.5, ("a", "b"))
    writes = ended("BatchWriteItem", request={"RequestItems": {"a": [{}, {}]}})
    assert (writes.batch_size, writes.rows, writes.capacity) == (2, None, None)
    transaction = ended(
        "TransactWriteItems",
        request={"TransactItems": [{"Put": {"TableName": "b"}}, {"Delete": {"TableName": "a"}}]},
    )
    assert (transaction.batch_size, transaction.tables) == (2, ("b", "a"))
    assert (ended().batch_size, ended().tables, ended().rows) == (None, ("notes",), 0)


@pytest.mark.parametrize("use", ["use_logger", "use_tracer", "use_instruments"])
@pytest.mark.parametrize("wrong", [None, LogInstrument])
def test_what_would_never_be_heard_is_refused_at_once(notes: Any, use: str, wrong: Any) -> None:
    """Neither None nor a class is taken for the thing itself, to be muted at the first call."""
    with pytest.raises(TypeError):
        getattr(notes(), use)(wrong)


def test_the_class_of_a_client_is_no_client(notes: Any) -> None:
    """A forgotten pair of parentheses costs no metrics."""
    with pytest.raises(TypeError, match="use_metrics takes a StatsD client"):
        notes().use_metrics(statsd.StatsClient)
