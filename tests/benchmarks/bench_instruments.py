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
from contextlib import contextmanager, nullcontext
from time import thread_time
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dynrepo import Answer, DynamoStore, Location, usage
from dynrepo.instrumentation.daemon import instrument_at
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.otel import MeterInstrument, SpanInstrument
from tests.benchmarks.peers import KEYS, Users

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo.instrumentation import Instrument
    from dynrepo.operations.protocols import Store

ROUNDS, CALLS = 25, 100
COUNTED = "StatsD over UDP, in a usage block"
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


def sets() -> dict[str, list[Instrument]]:
    """The sets of instruments that are compared."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    kept.append(receiver)
    address = receiver.getsockname()
    unconfigured: list[Instrument] = [LogInstrument(), SpanInstrument(), MeterInstrument()]
    traces = TracerProvider()
    traces.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
    metrics = MeterProvider([InMemoryMetricReader()])
    recording: list[Instrument] = [
        LogInstrument(),
        SpanInstrument(traces),
        MeterInstrument(metrics),
    ]
    return {
        "none": [],
        "as they are, nothing configured": unconfigured,
        "StatsD over UDP, no SDK": [*unconfigured, instrument_at(*address)],
        "DogStatsD over UDP, no SDK": [*unconfigured, instrument_at(*address, dialect="dogstatsd")],
        COUNTED: [*unconfigured, instrument_at(*address)],
        "StatsD and an SDK that records": [*recording, instrument_at(*address)],
    }


kept: list[socket.socket] = []


def measure(store: Store, calls: int) -> dict[str, float]:
    """Microseconds of CPU a get, by set of instruments: the lower quartile of all rounds."""
    verbs = {name: Users(store, instruments=chosen).get for name, chosen in sets().items()}
    times: dict[str, list[float]] = {name: [] for name in verbs}
    for _ in range(ROUNDS):
        for name, get in verbs.items():
            with usage() if name == COUNTED else nullcontext():
                times[name].append(timed(get, calls))
    return {name: statistics.quantiles(found, n=4)[0] for name, found in times.items()}


def timed(get: Callable[..., Any], calls: int) -> float:
    """Microseconds of this thread's CPU a get."""
    started = thread_time()
    for _ in range(calls):
        get(KEY)
    return (thread_time() - started) / calls * 1e6


def report(title: str, found: dict[str, float]) -> None:
    """Prints a table in Markdown."""
    bare = found["none"]
    print(f"\n{title}\n")
    print("| instruments | get, µs CPU | added, µs | added, % |")
    print("|---|---|---|---|")
    for name, cost in found.items():
        print(f"| {name} | {cost:.1f} | {cost - bare:.1f} | {(cost / bare - 1) * 100:.0f} |")


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
