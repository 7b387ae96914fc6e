"""A unique value that another item has: an answer, to whatever instrument is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dynrepo import NotUnique
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.otel import MeterInstrument
from dynrepo.testing import MemoryStore
from tests.members import Member, Members

if TYPE_CHECKING:
    from collections.abc import Callable

BOB = Member(member_id="b", nick="ada")

VERBS: dict[str, Callable[[Members], object]] = {
    "create": lambda members: members.create(BOB),
    "set": lambda members: members.set(BOB),
    "save": lambda members: members.save(BOB),
    "update": lambda members: members.update("b", Members.fields.nick.set("ada"), upsert=True),
}


class Daemon:
    """A client of a StatsD daemon that keeps what is counted, with tags."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.others: set[str] = set()

    def timing(self, *_: Any) -> None:
        """Is not looked at."""

    def increment(self, name: str, _value: int, tags: list[str], _rate: float, /) -> None:
        """Keeps operation, outcome and error of a call, and the names of the other counters."""
        if name == "dynrepo.calls":
            _table, *told = (tag.partition(":")[2] for tag in tags)
            self.calls.append(tuple(told))
        else:
            self.others.add(name)


@pytest.fixture
def members() -> Members:
    """Members of whom one has the nickname."""
    store = MemoryStore(Members)
    Members(store, instruments=()).create(Member(member_id="a", nick="ada"))
    return Members(store, instruments=[LogInstrument()])


@pytest.mark.parametrize("verb", VERBS)
def test_a_value_that_is_taken_is_no_error_in_the_log(
    members: Members, verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    """No request of the verb is, and no line has the value."""
    caplog.set_level("DEBUG", "dynrepo")
    with pytest.raises(NotUnique):
        VERBS[verb](members)
    assert {record.levelname for record in caplog.records} == {"DEBUG"}
    assert caplog.records[-1].getMessage().startswith("TransactWriteItems members: Transaction")
    assert "ada" not in str([vars(record) for record in caplog.records])


@pytest.mark.parametrize("verb", VERBS)
def test_metrics_count_a_refused_transaction(members: Members, verb: str) -> None:
    """As of any condition that does not hold: nothing throttled, nothing in doubt, no retry."""
    daemon, reader, exporter = Daemon(), InMemoryMetricReader(), InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    members.use_instruments(MeterInstrument(MeterProvider([reader])))
    members.use_metrics(daemon)
    members.use_tracer(provider)
    with pytest.raises(NotUnique):
        VERBS[verb](members)
    assert daemon.calls[-1] == ("TransactWriteItems", "failure", "TransactionCanceled")
    assert not daemon.others & {"dynrepo.throttled", "dynrepo.in_doubt", "dynrepo.retries"}
    data: Any = reader.get_metrics_data()
    (points,) = [
        metric.data.data_points
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
        if metric.name == "db.client.operation.duration"
    ]
    kinds = {point.attributes["error.type"] for point in points if "error.type" in point.attributes}
    assert kinds - {"Outdated"} == {"TransactionCanceled"}
    sent = [s for s in exporter.get_finished_spans() if s.kind is trace.SpanKind.CLIENT]
    attributes = sent[-1].attributes or {}
    assert attributes["error.type"] == "TransactionCanceled"
    assert attributes["db.response.status_code"] == "TransactionCanceledException"
    assert "dynrepo.in_doubt" not in attributes
