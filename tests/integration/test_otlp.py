"""Spans and metrics through the real SDK and exporter, as an OTLP receiver of others reads them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from dynrepo import DynamoStore, ItemExists
from dynrepo.instrumentation.otel import MeterInstrument, SpanInstrument
from models.user import User, Users

if TYPE_CHECKING:
    from collections.abc import Iterator

ADA = User.model_validate(
    {
        "user_id": "9a3c1c2e-0000-4000-8000-00000000ada0",
        "email": "ada@example.org",
        "name": "Ada",
        "joined": "2026-01-01T00:00:00Z",
    }
)


class Receiver:
    """An OTLP receiver, in a process of its own, that writes what it receives as JSON lines."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "oteltap", "--port", str(port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        assert "Listening" in next(self._lines)

    def received(self, *, until: str) -> list[dict[str, Any]]:
        """What was received so far, up to the thing with a name."""
        found: list[dict[str, Any]] = []
        for line in self._lines:
            if line.startswith("{"):
                found.append(json.loads(line))
                if found[-1]["name"] == until:
                    return found
        pytest.fail(f"the receiver ended, and had no {until}: {[one['name'] for one in found]}")

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()
        self._lines.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    started = Receiver()
    yield started
    started.close()


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> Iterator[Users]:
    """A repository on botocore, in a table that moto keeps."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        store = DynamoStore(region="eu-west-1", transport="botocore")
        repository = Users(store, instruments=())
        repository.create_table()
        yield repository
        store.close()


def attributes(one: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a span or of a data point, as plain values."""
    return {pair["key"]: next(iter(pair["value"].values())) for pair in one["attributes"]}


def test_spans_arrive_as_a_tree(receiver: Receiver, users: Users) -> None:
    """The application's, ours below it, and below ours those of botocore's instrumentation."""
    provider = TracerProvider()
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(f"{receiver.endpoint}/v1/traces"))
    )
    BotocoreInstrumentor().instrument(tracer_provider=provider)
    try:
        users.use_instruments(SpanInstrument(provider))
        with provider.get_tracer("app").start_as_current_span("request"):
            users.create(ADA)
            with pytest.raises(ItemExists):
                users.create(ADA)
            users.get(ADA.user_id)
            users.scan().all()
        users.use_instruments(SpanInstrument(provider, suppress_nested=True))
        users.get(ADA.user_id)
        with provider.get_tracer("app").start_as_current_span("last"):
            pass
        provider.shutdown()
    finally:
        BotocoreInstrumentor().uninstrument()

    spans = sorted(receiver.received(until="last"), key=lambda span: int(span["endTimeUnixNano"]))
    by_id = {span["spanId"]: span["name"] for span in spans}
    assert [(span["name"], by_id.get(span["parentSpanId"])) for span in spans] == [
        ("DynamoDB.PutItem", "PutItem users"),
        ("PutItem users", "request"),
        ("DynamoDB.PutItem", "PutItem users"),
        ("PutItem users", "request"),
        ("DynamoDB.GetItem", "GetItem users"),
        ("GetItem users", "request"),
        ("DynamoDB.Scan", "Scan users"),
        ("Scan users", "Users.scan"),
        ("Users.scan", "request"),
        ("request", None),
        ("GetItem users", None),
        ("last", None),
    ]
    assert spans[1]["kind"] == 3  # CLIENT
    told = attributes(spans[1])
    assert told["db.system.name"] == "aws.dynamodb"
    assert told["server.address"] == "dynamodb.eu-west-1.amazonaws.com"
    assert told["cloud.region"] == "eu-west-1"
    assert told["aws.request_id"]
    assert spans[3]["status"].get("code", 0) == 0  # unset: a taken key is an answer
    assert attributes(spans[3])["error.type"] == "ItemExists"
    ours = [span for span in spans if span["name"].endswith(" users")]
    assert not any(str(value) in str(ours) for value in (ADA.user_id, ADA.email, ADA.name))


def test_durations_arrive_as_a_histogram(receiver: Receiver, users: Users) -> None:
    """As many as there were calls; exporters before 1.31 put them into buckets of their own."""
    exporter = OTLPMetricExporter(f"{receiver.endpoint}/v1/metrics")
    provider = MeterProvider([PeriodicExportingMetricReader(exporter, 3_600_000)])
    users.use_instruments(MeterInstrument(provider))
    users.create(ADA)
    for _ in range(3):
        users.get(ADA.user_id)
    provider.shutdown()

    metrics = receiver.received(until="db.client.response.returned_rows")
    found = {
        metric["name"]: metric["histogram"]["dataPoints"]
        for metric in metrics
        if "histogram" in metric
    }
    durations = {
        attributes(point)["db.operation.name"]: point
        for point in found["db.client.operation.duration"]
    }
    assert {name: int(point["count"]) for name, point in durations.items()} == {
        "PutItem": 1,
        "GetItem": 3,
    }
    assert durations["GetItem"]["sum"] > 0
    (rows,) = found["db.client.response.returned_rows"]
    assert (int(rows["count"]), rows["sum"]) == (3, 3)
    sums = {metric["name"]: metric["sum"] for metric in metrics if "sum" in metric}
    consumed = sums["dynrepo.client.consumed_capacity"]
    assert consumed["isMonotonic"]
    assert {attributes(point)["db.collection.name"] for point in consumed["dataPoints"]} == {
        "users"
    }
