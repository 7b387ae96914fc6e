"""What the instruments add to a get, measured side by side in one run.

Run it with `python -m tests.benchmarks.bench_instruments`. A server in a process of its own answers
from stock; each round times all sets of instruments one after the other. The figures are this
thread's CPU time, the lower quartile over the rounds: what other programs do can only add to it.
Nothing here is a test.
"""

from __future__ import annotations

import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, nullcontext
from time import thread_time
from typing import TYPE_CHECKING, Any

from opentelemetry import context, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from dynrepo import Answer, DynamoStore, Location, usage
from dynrepo.instrumentation import conventions
from dynrepo.instrumentation.daemon import DaemonInstrument, instrument_at
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.otel import MeterInstrument, SpanInstrument
from tests.benchmarks.peers import KEYS, Users

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from dynrepo.instrumentation import Call, Instrument
    from dynrepo.operations.protocols import Store

ROUNDS, CALLS = 25, 100
SDK, STATSD, UNCONFIGURED = 1.35, 1.3, 1.02
"""What must hold, as times of what it is compared with."""

NONE, IDLE = "none", "as they are, nothing configured"
PLAIN, BARE = "StatsD over UDP", "a bare sendto of the same bytes"
COUNTED = "StatsD over UDP, nothing else configured, in a usage block"
RECORDING, ALONE = "an SDK that records", "the same span and measures by the SDK alone"
KEY = ("user-1", KEYS[0]["sk"])


class NoStore:
    """Answers from this process, so that only the library's own work shows."""

    table_prefix = ""
    deadline = 10.0
    location = Location("eu-west-1", "http://127.0.0.1:8000")
    answer = Answer({"ConsumedCapacity": {"TableName": "bench", "CapacityUnits": 0.5}})

    def sleep(self, _seconds: float, /) -> None:
        """Does not wait."""

    def execute(self, _operation: Any, /) -> Answer:
        """Answers."""
        return self.answer


@contextmanager
def canned() -> Iterator[str]:
    """The server; the value is its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.canned"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.kill()


class SdkAlone:
    """The span and the measures of a get as they would be written by hand, with nothing to look up.

    This is what the SDK itself takes: ours is to cost at most `SDK` times that.
    """

    def __init__(self, traces: TracerProvider, metrics: MeterProvider) -> None:
        self.tracer, meter = traces.get_tracer("bench"), metrics.get_meter("bench")
        buckets = conventions.DURATION_BUCKETS
        self.duration = meter.create_histogram(
            "bench.duration", "s", explicit_bucket_boundaries_advisory=buckets
        )
        self.rows = meter.create_histogram(
            "bench.rows", explicit_bucket_boundaries_advisory=conventions.ROWS_BUCKETS
        )
        self.capacity = meter.create_counter("bench.capacity")

    def started(self, _call: Call, /) -> tuple[Any, Any]:
        """Starts the span."""
        span = self.tracer.start_span("GetItem bench", kind=SpanKind.CLIENT, attributes=_ASKED)
        return span, context.attach(trace.set_span_in_context(span))

    def finished(self, call: Call, begun: tuple[Any, Any], /) -> None:
        """Records the measures and ends the span."""
        span, token = begun
        # Within the span, as ours are: each points to it by an exemplar.
        self.duration.record(call.duration, _LOCATED)
        self.rows.record(0, _LOCATED)
        self.capacity.add(0.5, _LOCATED)
        context.detach(token)
        span.set_attributes(_ANSWERED)
        span.end()


_LOCATED = {
    "db.system.name": "aws.dynamodb",
    "db.operation.name": "GetItem",
    "db.collection.name": "bench",
    "server.address": "127.0.0.1",
    "server.port": 8000,
    "cloud.region": "eu-west-1",
}
_ASKED = {
    **_LOCATED,
    "aws.dynamodb.table_names": ("bench",),
    "aws.dynamodb.consistent_read": False,
}
_ANSWERED = {
    "db.response.returned_rows": 0,
    "aws.dynamodb.consumed_capacity": ['{"TableName": "bench", "CapacityUnits": 0.5}'],
}


class BareSendto:
    """The bytes of a get's lines, those of its first call, sent as they are.

    Ours is to cost at most `STATSD` times that.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self._bytes = b""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        self._address = address
        self.close = self._socket.close

    def finished(self, call: Call, _begun: Any, /) -> None:
        """Sends."""
        if not self._bytes:
            self._bytes = DaemonInstrument(None).text(call).encode()
        self._socket.sendto(self._bytes, self._address)


@contextmanager
def daemon() -> Iterator[tuple[str, int]]:
    """The address of a process that reads datagrams: one that does not drops them, for nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        number = receiver.fileno()
        script = f"import socket; s = socket.socket(fileno={number})\nwhile s.recv(65535): pass"
        with subprocess.Popen([sys.executable, "-c", script], pass_fds=[number]) as reading:
            yield receiver.getsockname()
            reading.kill()


def sets(address: tuple[str, int], opened: ExitStack) -> dict[str, list[Instrument]]:
    """The sets of instruments that are compared; what they opened is closed at the end."""
    unconfigured: list[Instrument] = [LogInstrument(), SpanInstrument(), MeterInstrument()]
    traces, metrics = TracerProvider(), MeterProvider([InMemoryMetricReader()])
    traces.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
    recording: list[Instrument] = [SpanInstrument(traces), MeterInstrument(metrics)]
    opened.callback(traces.shutdown)
    opened.callback(metrics.shutdown)
    bare, plain = BareSendto(address), instrument_at(*address)
    tagged = instrument_at(*address, dialect="dogstatsd")
    for sending in (bare, plain, tagged):
        opened.callback(sending.close)
    return {
        NONE: [],
        IDLE: unconfigured,
        BARE: [bare],
        PLAIN: [plain],
        "DogStatsD over UDP": [tagged],
        COUNTED: [*unconfigured, plain],
        ALONE: [SdkAlone(traces, metrics)],
        RECORDING: recording,
        "StatsD and an SDK that records": [LogInstrument(), *recording, plain],
    }


def measure(
    store: Store, calls: int, rounds: int = ROUNDS, names: Collection[str] | None = None
) -> dict[str, float]:
    """Microseconds of CPU a get, by set of instruments: the lower quartile of all rounds."""
    with daemon() as address, ExitStack() as opened:
        every = sets(address, opened)
        chosen = {name: every[name] for name in names or every}
        time.sleep(0.5)  # until addresses are looked up
        verbs = {name: Users(store, instruments=each).get for name, each in chosen.items()}
        times: dict[str, list[float]] = {name: [] for name in verbs}
        for _ in range(rounds):
            for name, get in verbs.items():
                with usage() if name == COUNTED else nullcontext():
                    times[name].append(timed(get, calls))
        return {name: statistics.quantiles(found, n=4)[0] for name, found in times.items()}


def ratios(found: dict[str, float]) -> dict[str, tuple[float, float]]:
    """What must hold: a figure and its limit, by a sentence."""
    added = {name: cost - found[NONE] for name, cost in found.items()}
    return {
        "an SDK that records, to the SDK alone": (added[RECORDING] / added[ALONE], SDK),
        "StatsD, to a bare sendto": (added[PLAIN] / added[BARE], STATSD),
    }


def timed(get: Callable[..., Any], calls: int) -> float:
    """Microseconds of this thread's CPU a get."""
    started = thread_time()
    for _ in range(calls):
        get(KEY)
    return (thread_time() - started) / calls * 1e6


def report(title: str, found: dict[str, float]) -> None:
    """Prints a table in Markdown."""
    bare = found[NONE]
    print(f"\n{title}\n")
    print("| instruments | get, µs CPU | added, µs | added, % |")
    print("|---|---|---|---|")
    for name, cost in found.items():
        print(f"| {name} | {cost:.1f} | {cost - bare:.1f} | {(cost / bare - 1) * 100:.1f} |")
    print()
    for what, (figure, limit) in ratios(found).items():
        print(f"- {what}: {figure:.2f} (at most {limit})")


def main() -> None:
    """Measures over both transports, and without any."""
    os.environ.update(AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="bench")
    print(f"Python {platform.python_version()}, {ROUNDS} rounds")
    report("No transport", measure(NoStore(), CALLS * 10))
    with canned() as url:
        for transport in ("auto", "botocore"):
            store = DynamoStore(region="eu-west-1", endpoint=url, transport=transport)  # type: ignore[arg-type]
            report(f"transport={transport!r}", measure(store, CALLS))
            store.close()


if __name__ == "__main__":
    main()
