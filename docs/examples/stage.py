"""What the demo puts on stage: an engine, tables, receivers, and the service as a process.

`stage()` starts them in this order, telling of each, and takes them down in the opposite one,
whatever happens.
"""

import http.client
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import screen
from receivers import (
    LOOPBACK,
    Received,
    StatsdSocket,
    in_background,
    log_lines,
    otlp_receiver,
)

from dynrepo import DynamoStore, DynrepoError, Settings, TableNotFound
from dynrepo.testing.engine import EngineUnavailable, start_engine
from models.order import Orders
from models.user import Users

ROOT = Path(__file__).resolve().parents[2]
# The service holds on to a pipe from us: when we end, however that may be, it ends.
WATCHED = """
import os, sys, threading, uvicorn
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
uvicorn.main()
"""
SERVICE = ("-c", WATCHED, "docs.examples.service:app", "--app-dir", str(ROOT))
CONFIGURED = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL", "AWS_PROFILE")
"""Whoever sets one of these has an engine; for everybody else the demo starts one."""
NAMES = {"ministack": "MiniStack", "moto": "moto's server"}
PATIENCE = 15.0
"""Seconds to wait for the service: to start, to answer, to end."""


class DemoError(Exception):
    """What the demo cannot go on with, in one sentence."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a request, the trace it went out with, and the StatsD lines it caused.

    `cost` is what the service says in the header `Server-Timing`: calls and capacity units.
    """

    status: int
    body: str
    milliseconds: float
    trace: str
    cost: str
    statsd: tuple[str, ...]

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass(slots=True)
class Stage:
    """The running pieces, and what came of them."""

    port: int
    store: DynamoStore
    users: Users
    orders: Orders
    received: Received = field(default_factory=Received)
    statsd: StatsdSocket = field(default_factory=StatsdSocket)
    replies: list[Reply] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None) -> Reply:
        """Sends one HTTP request to the service; it starts a trace of its own."""
        trace = secrets.token_hex(16)
        headers = {
            "Content-Type": "application/json",
            "traceparent": f"00-{trace}-{secrets.token_hex(8)}-01",
        }
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE)
        started = time.perf_counter()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        took = (time.perf_counter() - started) * 1000
        told = answer.getheader("Server-Timing", "")
        cost = re.sub(r"\b1 (call|unit)s\b", r"1 \1", told.partition('desc="')[2].rstrip('"'))
        reply = Reply(answer.status, text, took, trace, cost, tuple(self.statsd.lines()))
        self.replies.append(reply)
        return reply


@contextmanager
def stage(port: int, engine: str | None) -> Iterator[Stage]:
    """Everything the story needs, running; DemoError when something cannot be had."""
    with ExitStack() as stack:
        port = free(port)
        screen.say(
            "dynrepo: Pydantic models in DynamoDB, with the instruments built in", screen.BOLD
        )
        screen.say()
        name, environment = stack.enter_context(_engine(engine))
        os.environ.update(environment)
        prefix = f"demo-{secrets.token_hex(3)}-"
        store = DynamoStore(table_prefix=prefix, settings=Settings())  # as if nothing were set
        screen.fact("engine", name, store.location.endpoint or "")
        made = Stage(port, store, Users(store), Orders(store))
        stack.enter_context(_tables(made))
        names = f"{store.table_prefix}users, {store.table_prefix}orders"
        screen.fact("tables", names, "created from the models")
        stack.callback(made.statsd.close)
        otlp = stack.enter_context(otlp_receiver(made.received))
        stack.enter_context(_service(made, _environment(store, made.statsd.address, otlp)))
        screen.fact("service", "docs/examples/service.py", f"http://{LOOPBACK}:{port}")
        yield made


def free(port: int) -> int:
    """The port, or a free one for 0; DemoError when somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError) as error:
            raise DemoError(
                f"port {port} of {LOOPBACK} is taken, or not to be had:"
                " choose another one, or leave out --port for a free one"
            ) from error
        return int(probe.getsockname()[1])


@contextmanager
def _engine(kind: str | None) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The engine's name, and the variables that lead to it."""
    configured = next((name for name in CONFIGURED if os.environ.get(name)), None)
    if kind is None and configured:
        yield f"yours, by {configured}", {}
        return
    try:
        running = start_engine(kind or "auto")
    except EngineUnavailable as error:
        raise DemoError(f"no engine could be started: {error}") from error
    with running:
        yield f"{NAMES[running.name]}, started for this demo", running.environment


@contextmanager
def _tables(made: Stage) -> Iterator[None]:
    """The tables, created from the markers of the models, and removed at the end."""
    repositories = (made.users, made.orders)
    try:
        _check_reachable(made)
        try:
            for repository in repositories:
                repository.create_table()
            yield
        finally:
            for repository in repositories:
                _remove(made.store.table_prefix + repository.table, repository)
    except DynrepoError as error:
        where = made.store.location.endpoint or "DynamoDB"
        raise DemoError(f"{where} cannot be used: {error}") from error


def _check_reachable(made: Stage) -> None:
    with suppress(TableNotFound):  # as it should be: the prefix is new
        made.users.connect()


def _remove(table: str, repository: Users | Orders) -> None:
    try:
        repository.drop_table(confirm=table)
    except TableNotFound:
        pass  # the story dropped it, or it was never made
    except DynrepoError as error:
        print(f"demo: the table {table} is left behind: {error}", file=sys.stderr)


def _environment(store: DynamoStore, statsd: str, otlp: str) -> dict[str, str]:
    """All the configuration that the service has."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("DYNREPO_")},
        "DYNREPO_TABLE_PREFIX": store.table_prefix,
        "DYNREPO_STATSD": statsd,
        "OTEL_EXPORTER_OTLP_ENDPOINT": otlp,
        "OTEL_BSP_SCHEDULE_DELAY": "50",  # ms between two batches of spans: somebody is watching
        "OTEL_SEMCONV_STABILITY_OPT_IN": "http",
        "OTEL_PYTHON_FASTAPI_EXCLUDED_URLS": "alive",
        "OTEL_SERVICE_NAME": "shop",
        "no_proxy": ",".join(filter(None, (os.environ.get("no_proxy"), LOOPBACK))),
    }


@contextmanager
def _service(made: Stage, environment: Mapping[str, str]) -> Iterator[None]:
    """The service, a process of its own in a session of its own: Ctrl-C reaches only the demo."""
    options = ("--host", LOOPBACK, "--port", str(made.port), "--log-level", "warning")
    process = subprocess.Popen(
        [sys.executable, *SERVICE, *options, "--timeout-graceful-shutdown", "2"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        reader = in_background(lambda: log_lines(process.stderr, made.received))
        _wait_until_alive(made, process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(1)
        process.stdin.close()
        process.stderr.close()


def _wait_until_alive(made: Stage, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if made.send("GET", "/.well-known/alive").status == http.client.OK:
                made.replies.clear()  # the story has not begun yet
                return
        except OSError:
            time.sleep(0.05)
        if process.poll() is not None or time.monotonic() > until:
            said = made.received.other[-1].strip() if made.received.other else "nothing"
            raise DemoError(f"the service did not start; the last it said: {said}")
