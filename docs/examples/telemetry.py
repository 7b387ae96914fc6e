"""Logs as JSON lines and spans by OTLP: how a service makes dynrepo's instruments visible.

dynrepo logs on the standard library's logging, makes spans with OpenTelemetry's API, and sends
StatsD lines to `DYNREPO_STATSD`. Where they go is the application's choice, made here, once. What
writes and sends does so in threads: the tasks of the service do not wait for it.

Spans of the HTTP request and of botocore's requests are made by packages of others, which are used
where they are installed: opentelemetry-instrumentation-fastapi and -botocore.
"""

import atexit
import importlib
import json
import logging
from contextlib import suppress
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def configure(app: Any) -> None:
    """Shows each call as a log line and as a span; the OTEL_* variables say where spans go."""
    output = logging.StreamHandler()
    output.setFormatter(JsonLines())
    lines: SimpleQueue[logging.LogRecord] = SimpleQueue()
    listener = QueueListener(lines, output)
    listener.start()
    atexit.register(listener.stop)
    handler = QueueHandler(lines)
    handler.addFilter(with_trace)
    logging.getLogger("dynrepo").addHandler(handler)
    logging.getLogger("dynrepo").setLevel(logging.DEBUG)

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _instrument_others(app)


def _instrument_others(app: Any) -> None:
    """Spans above and below those of dynrepo."""
    with suppress(ModuleNotFoundError):
        fastapi = importlib.import_module("opentelemetry.instrumentation.fastapi")
        fastapi.FastAPIInstrumentor.instrument_app(app, exclude_spans=["receive", "send"])
    with suppress(ModuleNotFoundError):
        botocore = importlib.import_module("opentelemetry.instrumentation.botocore")
        botocore.BotocoreInstrumentor().instrument()


def with_trace(record: logging.LogRecord) -> bool:
    """Notes on a record which trace it belongs to, while that is known."""
    record.trace_id = trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)
    return True


class JsonLines(logging.Formatter):
    """One JSON object a line: the message, and every field that came with it by `extra=`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line = {
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_extra(record),
        }
        return json.dumps(line, default=str)


_STANDARD = {*logging.makeLogRecord({}).__dict__, "message", "taskName"}


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
