"""The dashboards ask for the metrics that the instruments send."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from dynrepo.errors import Throttled
from dynrepo.instrumentation import Call
from dynrepo.instrumentation.call import CANCELLED
from dynrepo.instrumentation.events import (
    BudgetSpent,
    ConnectionAwaited,
    ConnectionMade,
    SenderChosen,
)
from dynrepo.instrumentation.otel import MeterInstrument
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.operations.operation import Answer, Effect, Location, Operation
from dynrepo.sending.sender_used import SenderUsed

HERE = Path(__file__).parents[1] / "docs" / "dashboards"
SPEC = importlib.util.spec_from_file_location("generate", HERE / "generate.py")
assert SPEC is not None
assert SPEC.loader is not None
generate = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generate)

DASHBOARDS = generate.dashboards()
PARTS = ("upper_90", "mean")
"""What of a timer has a panel."""


def calls() -> list[Call]:
    """A read with all that can be counted, a failure, a cancelled write, and one of all events."""
    read, failed = called("Query"), called("Query")
    body = {"Count": 2, "ConsumedCapacity": {"CapacityUnits": 1.0}}
    read.answer = Answer(body, attempts=2)
    failed.error = Throttled("no", code="ThrottlingException", attempts=2)
    cancelled = called("PutItem", Effect.ONCE)
    cancelled.error = asyncio.CancelledError()
    eventful = called("GetItem")
    eventful.answer = Answer({})
    eventful.events = (
        *(BudgetSpent(), ConnectionMade("a", 0.1)),
        *(ConnectionAwaited("a", 0.1, is_late) for is_late in (False, True)),
        *(SenderChosen(SenderUsed(name, "why")) for name in ("direct", "botocore")),
    )
    return [read, failed, cancelled, eventful]


def called(name: str, effect: Effect = Effect.NONE) -> Call:
    """A call of an operation."""
    operation = Operation(name, "users", {}, lambda _: None, effect)
    return Call(operation, lambda: Location("eu-west-1"))


def queries(file: str) -> list[str]:
    """What the panels of a dashboard ask for."""
    panels: list[Any] = DASHBOARDS[file]["panels"]
    return [target.get("expr") or target["target"] for one in panels for target in one["targets"]]


@pytest.mark.parametrize("file", DASHBOARDS)
def test_a_file_is_what_the_code_makes(file: str) -> None:
    """After a change of names: python docs/dashboards/generate.py."""
    stored = (HERE / file).read_text(encoding="utf-8")
    assert stored == generate.written(DASHBOARDS[file])
    assert json.loads(stored)["panels"]


def test_the_statsd_names_are_those_that_are_sent() -> None:
    """Every panel's pattern fits a name that a call sends, and every name has a panel."""
    sent: set[str] = set()

    class Client:
        def timing(self, name: str, *_: Any) -> None:
            sent.update(f"stats.timers.{name}.{part}" for part in PARTS)

        def incr(self, name: str, *_: Any) -> None:
            sent.add(f"stats.counters.{name}.rate")

    for call in calls():
        StatsdInstrument(Client()).finished(call, None)
    patterns = [re.search(r"aliasByNode\((.*?), \d", query) for query in queries("statsd.json")]
    shown = [pattern(found[1]) for found in patterns if found]
    assert [one.pattern for one in shown if not any(map(one.fullmatch, sent))] == []
    slow = tuple(f"{outcome}.{part}" for outcome in ("failure", CANCELLED) for part in PARTS)
    wanted = {name for name in sent if not name.endswith(slow)}
    assert {name for name in wanted if not any(one.fullmatch(name) for one in shown)} == set()


def pattern(target: str) -> re.Pattern[str]:
    """A Graphite pattern as a regular expression."""
    text = re.escape(target.replace("$table", "*"))
    text = text.replace(r"\*", "[^.]+").replace(r"\{", "(").replace(r"\}", ")")
    return re.compile(text.replace(",", "|"))


def test_the_prometheus_names_are_those_of_the_histograms() -> None:
    """And the labels are attributes of their points."""
    reader = InMemoryMetricReader()
    instrument = MeterInstrument(MeterProvider([reader]))
    for call in calls():
        instrument.finished(call, None)
    data = reader.get_metrics_data()
    assert data is not None
    metrics = data.resource_metrics[0].scope_metrics[0].metrics
    unit = {"s": "_seconds", "{row}": ""}
    series = {
        metric.name.replace(".", "_") + unit[metric.unit] + part
        for metric in metrics
        if metric.unit in unit
        for part in ("_count", "_bucket")
    }
    labels = {
        name.replace(".", "_")
        for metric in metrics
        for point in metric.data.data_points
        for name in point.attributes or {}
    }
    for query in queries("otel.json"):
        (asked,) = re.findall(r"rate\((\w+)\{", query)
        assert asked in series
        grouped = re.findall(r"by \(([^)]*)\)", query)[0].split(", ")
        filtered = re.findall(r'(\w+)(?:=~|!=|=)"', query)
        assert {*grouped, *filtered} - {"le"} <= labels
