"""Exactly one timing, one counter and one CLIENT span per request, whatever the verb."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dynrepo import DynrepoError, usage
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.testing.faults import throttling
from dynrepo.testing.memory import MemoryStore
from models.order import Line, Order, Orders, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Answer, Operation
    from dynrepo.instrumentation import Call

ADA = UUID("9a3c1c2e-0000-4000-8000-00000000ada0")


def order(number: int) -> Order:
    """An order of Ada's."""
    placed = datetime(2026, 1, 1, tzinfo=UTC)
    line = Line(sku="secret-sku", quantity=1, price=Decimal(5))
    return Order(user_id=ADA, number=number, placed=placed, lines=[line], total=Decimal(5))


class CountingStore(MemoryStore):
    """A store that counts what it is sent."""

    def __init__(self, *repositories: Any) -> None:
        self.sent: Counter[str] = Counter()
        super().__init__(*repositories)

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Counts."""
        self.sent[operation.name] += 1
        return super().execute(operation)


class Client:
    """A StatsD client that keeps the names that it is told."""

    def __init__(self) -> None:
        self.timings: Counter[str] = Counter()
        self.counters: Counter[str] = Counter()

    def timing(self, name: str, delta: float, _rate: float, /) -> None:
        """Counts a timing of some length."""
        assert delta > 0
        self.timings[name] += 1

    def incr(self, name: str, _count: float, _rate: float, /) -> None:
        """Counts a counter of an outcome."""
        if name.endswith((".success", ".failure")):
            self.counters[name] += 1


def transact(orders: Orders) -> None:
    """Two writes together."""
    with orders.transaction() as tx:
        tx.create(orders, order(90))
        tx.delete(orders, (ADA, 2))


def batch(orders: Orders) -> None:
    """Thirty writes, in two requests."""
    with orders.batch() as writes:
        for number in range(100, 130):
            writes.set(order(number))


FIELDS = Orders.fields
VERBS: dict[str, Callable[[Orders], Any]] = {
    "get": lambda orders: orders.get((ADA, 1)),
    "get of nothing": lambda orders: orders.get((ADA, 99)),
    "require": lambda orders: orders.require((ADA, 1)),
    "require of nothing": lambda orders: orders.require((ADA, 99)),
    "exists": lambda orders: orders.exists((ADA, 1)),
    "get_many": lambda orders: orders.get_many([(ADA, number) for number in range(150)]),
    "query": lambda orders: orders.query(FIELDS.user_id == ADA).all(),
    "query by index": lambda orders: orders.query(
        FIELDS.status == Status.OPEN, index="by_status"
    ).all(),
    "query in pages": lambda orders: list(orders.query(FIELDS.user_id == ADA).pages(2)),
    "count": lambda orders: orders.query(FIELDS.user_id == ADA).count(),
    "first": lambda orders: orders.query(FIELDS.user_id == ADA).first(),
    "page": lambda orders: orders.query(FIELDS.user_id == ADA).page(2),
    "scan": lambda orders: orders.scan().all(),
    "scan in segments": lambda orders: orders.scan(segments=3).all(),
    "create": lambda orders: orders.create(order(10)),
    "create of a taken key": lambda orders: orders.create(order(1)),
    "set": lambda orders: orders.set(order(1)),
    "save": lambda orders: orders.save(orders.require((ADA, 1))),
    "save of a stale version": lambda orders: orders.save(
        order(1).model_copy(update={"version": 7})
    ),
    "update": lambda orders: orders.update((ADA, 1), FIELDS.total.add(1)),
    "update of nothing": lambda orders: orders.update((ADA, 99), FIELDS.total.add(1)),
    "delete": lambda orders: orders.delete((ADA, 1)),
    "set_many": lambda orders: orders.set_many(order(number) for number in range(60)),
    "delete_many": lambda orders: orders.delete_many((ADA, number) for number in range(60)),
    "batch": batch,
    "transaction": transact,
    "get_together": lambda orders: orders.get_together(
        orders.lookup((ADA, 1)), orders.lookup((ADA, 2))
    ),
    "connect": lambda orders: orders.connect(),
    "health_check": lambda orders: orders.health_check(),
    "ensure_table": lambda orders: orders.ensure_table(),
    "verify_table": lambda orders: orders.verify_table(sample=5),
    "drop_table": lambda orders: orders.drop_table(confirm="orders"),
}


ASKED_BY = {"require": "get", "count": "query", "first": "query", "page": "query"}
"""The verbs that ask by another one."""


@pytest.mark.parametrize("verb", VERBS)
def test_a_request_is_one_timing_one_counter_and_one_span(
    verb: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And one log line, and one call of usage; in none of them is a key or an item.

    The look of a health check is shared by all who ask meanwhile, and counted for none of them.
    """
    caplog.set_level("DEBUG", "dynrepo")
    store = CountingStore(Orders)
    Orders(store, instruments=()).set_many(order(number) for number in range(1, 6))
    client, exporter, provider = Client(), InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    orders = Orders(store, instruments=[LogInstrument()])
    orders.use_metrics(client)
    orders.use_tracer(provider)
    store.sent.clear()

    with usage() as used:
        try:
            VERBS[verb](orders)
        except DynrepoError as error:
            assert "nothing" in verb or "taken" in verb or "stale" in verb, error  # noqa: PT017

    assert store.sent.total() > 0
    assert named(client.timings) == store.sent
    assert named(client.counters) == store.sent
    spans = exporter.get_finished_spans()
    sent = [span for span in spans if span.kind is trace.SpanKind.CLIENT]
    assert Counter(span.name.split()[0] for span in sent) == store.sent
    lines = [record for record in caplog.records if "operation" in record.__dict__]
    assert Counter(record.__dict__["operation"] for record in lines) == store.sent
    called = verb.partition(" ")[0]
    assert lines[-1].__dict__["verb"] == ASKED_BY.get(called, called)
    counted = Counter({what.operation: cost.calls for what, cost in used.parts.items()})
    assert counted == (Counter() if verb == "health_check" else store.sent)

    above = [span for span in spans if span.kind is not trace.SpanKind.CLIENT]
    assert len(above) <= 1
    told = str([span.to_json() for span in spans]) + str(
        [vars(record) for record in caplog.records]
    )
    assert str(ADA) not in told
    assert "secret-sku" not in told


def named(names: Counter[str]) -> Counter[str]:
    """Counts by operation, whatever the outcome."""
    found: Counter[str] = Counter()
    for name, count in names.items():
        found[name.split(".")[-2]] += count
    return found


def test_retries_pass_as_attempts_of_one_call() -> None:
    """A request that is sent again is still one request of the caller's."""
    store = MemoryStore(Orders)
    store.inject(throttling(), times=2)
    calls: list[Call] = []

    class Recorder:
        def finished(self, call: Call, _begun: Any, /) -> None:
            calls.append(call)

    Orders(store, instruments=[Recorder()]).get((ADA, 1))
    assert [call.attempts for call in calls] == [3]
