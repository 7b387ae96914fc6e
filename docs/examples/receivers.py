"""Three small receivers on loopback: StatsD lines by UDP, spans by OTLP, log lines by a pipe."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TextIO

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

LOOPBACK = "127.0.0.1"
PATIENCE = 5.0
"""Seconds to wait for what must come."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span as it arrived; `by` is the library that made it."""

    name: str
    kind: str
    by: str
    trace: str
    id: str
    parent: str
    start: int
    milliseconds: float
    attributes: dict[str, Any]
    failed: bool

    @property
    def is_call(self) -> bool:
        """Whether dynrepo made it for one request to DynamoDB."""
        return self.by == "dynrepo" and self.kind == "CLIENT"


@dataclass(slots=True)
class Received:
    """What has arrived so far, in the order of arrival."""

    statsd: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    logs: list[dict[str, Any]] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    """Lines of the service that are no log lines of dynrepo."""
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def add(self, to: list[Any], *items: Any) -> None:
        """Notes what arrived, and wakes whoever waits for it."""
        with self.arrived:
            to.extend(items)
            self.arrived.notify_all()

    def wait(self, come: Callable[[], bool]) -> None:
        """Waits until something has come, `PATIENCE` seconds at most."""
        with self.arrived:
            self.arrived.wait_for(come, PATIENCE)

    def spans_of(self, trace: str) -> list[Span]:
        """The spans of a trace by their start; the request's own, the last, is waited for."""

        def found() -> list[Span]:
            return [span for span in self.spans if span.trace == trace]

        self.wait(lambda: any(span.kind == "SERVER" for span in found()))
        return sorted(found(), key=lambda span: span.start)

    def logs_of(self, trace: str) -> list[dict[str, Any]]:
        """The log lines of a trace; one for each call is waited for."""

        def found() -> list[dict[str, Any]]:
            return [line for line in self.logs if line["trace_id"] == trace]

        calls = sum(span.is_call for span in self.spans_of(trace))
        self.wait(lambda: len(found()) >= calls)
        return found()

    def of_calls(self, number: int) -> tuple[list[Span], list[dict[str, Any]]]:
        """The spans and the log lines of all calls; so many of each are waited for.

        A health check is nobody's: its calls are in no trace of a request.
        """

        def found() -> tuple[list[Span], list[dict[str, Any]]]:
            spans = [span for span in self.spans if span.is_call]
            return spans, [line for line in self.logs if "operation" in line]

        self.wait(lambda: min(map(len, found())) >= number)
        return found()


class StatsdSocket:
    """A UDP socket for StatsD lines, read when somebody looks: the kernel keeps them so long."""

    def __init__(self) -> None:
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((LOOPBACK, 0))
        self._udp.settimeout(0)  # looks, never waits

    @property
    def address(self) -> str:
        """`host:port`."""
        host, port = self._udp.getsockname()
        return f"{host}:{port}"

    def lines(self) -> Iterator[str]:
        """The lines that came since the last look."""
        with suppress(BlockingIOError):
            while True:
                yield from self._udp.recv(65_535).decode().splitlines()

    def close(self) -> None:
        """Listens no longer."""
        self._udp.close()


@contextmanager
def otlp_receiver(received: Received) -> Iterator[str]:
    """An OTLP receiver of spans over HTTP; the value is its endpoint."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.add(received.spans, *_spans(ExportTraceServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody wants to read that."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    in_background(server.serve_forever)
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def log_lines(pipe: TextIO, received: Received) -> None:
    """Reads the service's lines until it ends."""
    for line in pipe:
        if line.startswith("{"):
            received.add(received.logs, json.loads(line))
        else:
            received.add(received.other, line)


def in_background(target: Callable[[], object]) -> threading.Thread:
    """Starts a thread that does not keep the program alive."""
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


# https://opentelemetry.io/docs/specs/otlp/
_KINDS = ("", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
_FAILED = 2


def _spans(request: ExportTraceServiceRequest) -> Iterator[Span]:
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Span(
                    name=span.name,
                    kind=_KINDS[span.kind],
                    by=scope.scope.name.removeprefix("opentelemetry.instrumentation.").split(".")[
                        0
                    ],
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    start=span.start_time_unix_nano,
                    milliseconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e6,
                    attributes={one.key: _value(one.value) for one in span.attributes},
                    failed=span.status.code == _FAILED,
                )


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind)
