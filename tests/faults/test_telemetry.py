"""What watches the calls neither hurts them nor tells what they carry."""

from __future__ import annotations

import io
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import statsd
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dynrepo import DynamoStore, DynrepoError, Throttled
from dynrepo.sending import retry
from dynrepo.testing.memory import MemoryStore
from tests.faults.ledger import Entries, new_account
from tests.faults.proxy import ALWAYS, FAULTS
from tests.faults.verbs import VERBS, entry
from tests.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.testing.engine import Engine
    from tests.faults.ledger import Truth
    from tests.faults.proxy import FaultProxy
    from tests.faults.verbs import Verb


@pytest.fixture
def deaf() -> Iterator[int]:
    """The port of a TCP StatsD that takes connections and reads nothing."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_daemon_that_stops_reading_holds_up_nothing(
    deaf: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Its buffers fill, a call waits a tenth of a second, and it is left out with one warning."""
    client = statsd.TCPStatsClient("127.0.0.1", deaf)
    client.connect()
    client._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    entries = Entries(MemoryStore(), instruments=[])
    entries.create_table()
    entries.set(entry("a", version=0))
    entries.use_metrics(client)
    watch = Stopwatch()
    for _ in range(3000):
        assert entries.get(("a", 1)) == entry("a")
    assert watch.seconds < 10.0
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    client.close()


class Full(logging.Handler):
    """A log handler that cannot write."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raises, as one may that has no `handleError`."""
        raise OSError(f"no room for {record.name}")


@pytest.mark.parametrize("patience", [5.0])
@pytest.mark.parametrize("name", ["", "dynrepo", "dynrepo.instrumentation", "pynamodb", "botocore"])
def test_a_log_handler_that_raises_is_not_felt(
    name: str, proxy: FaultProxy, entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any level, whoever's lines it is given; nor does a failure become another."""
    # Else the last attempt may begin so late that it has no time to be throttled.
    monkeypatch.setattr(retry, "_FIRST_PAUSE_THROTTLED", 0.01)
    handler, logger = Full(), logging.getLogger(name)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        account = new_account()
        entries.set(entry(account, version=0))
        assert entries.require((account, 1)).amount == 0
        proxy.spoil(FAULTS["throttled"], ALWAYS)
        with pytest.raises(Throttled):
            entries.require((account, 1))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


LOUD = ("botocore", "urllib3", "asyncio", "faker", "hypothesis")
"""Whose DEBUG lines are not this library's affair; SECURITY.md says what botocore's print."""


class Witness:
    """Everything that can be heard of calls: logs at DEBUG, spans, StatsD lines, errors."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog
        self._exporter = InMemorySpanExporter()
        self._provider = TracerProvider()
        self._provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._lines = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._lines.bind(("127.0.0.1", 0))
        self._client = statsd.StatsClient("127.0.0.1", self._lines.getsockname()[1])
        self.errors: list[str] = []
        caplog.set_level(logging.DEBUG)

    def watch(self, entries: Entries) -> None:
        """Listens to a repository."""
        entries.use_tracer(self._provider)
        entries.use_metrics(self._client)

    def call(self, verb: Verb, entries: Entries, account: str) -> None:
        """Makes a call, and keeps what its error says."""
        try:
            verb.call(entries, account)
        except DynrepoError as error:
            self.errors.append(f"{error} {error!r}")

    def heard(self) -> str:
        """All of it as one text."""
        out = io.StringIO()
        for record in self._caplog.records:
            if not record.name.startswith(LOUD):
                print(record.getMessage(), record.__dict__, file=out)
        for span in self._exporter.get_finished_spans():
            print(span.to_json(), file=out)
        self._lines.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                print(self._lines.recv(65536).decode(), file=out)
        print(*self.errors, sep="\n", file=out)
        return out.getvalue()

    def close(self) -> None:
        """Lets go of the sockets."""
        self._lines.close()
        self._client.close()
        self._provider.shutdown()


@pytest.fixture
def witness(caplog: pytest.LogCaptureFixture) -> Iterator[Witness]:
    """Somebody who hears everything."""
    listening = Witness(caplog)
    yield listening
    listening.close()


@pytest.mark.engine
@pytest.mark.parametrize("fault", [None, "500 after apply", "garbled", "throttled", "not JSON"])
@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_nothing_that_is_carried_is_told(  # noqa: PLR0917 - fixtures
    engine: Engine,
    truth: Truth,
    proxy: FaultProxy,
    witness: Witness,
    monkeypatch: pytest.MonkeyPatch,
    transport: Any,
    fault: str | None,
) -> None:
    """No key, item, condition's value, credential or secret of cursors, whatever goes wrong."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAMUSTIKKA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "puolukka")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "karpalo")
    store = DynamoStore(
        endpoint=proxy.endpoint,
        region=engine.region,
        table_prefix=truth.prefix,
        deadline=1.0,
        transport=transport,
    )
    entries = Entries(store, cursor_secret="lakka" * 7)
    witness.watch(entries)
    accounts = [new_account() for _ in VERBS]
    for verb, account in zip(VERBS, accounts, strict=True):
        truth.write(account, {n: {**row, "more": "kirsikka"} for n, row in verb.before.items()})
    if fault is not None:
        proxy.spoil(FAULTS[fault], ALWAYS)
    with ThreadPoolExecutor(len(VERBS)) as pool:
        list(
            pool.map(
                lambda pair: witness.call(pair[0], entries, pair[1]),
                zip(VERBS, accounts, strict=True),
            )
        )
    store.close()
    heard = witness.heard()
    assert "GetItem" in heard
    assert "dynrepo." in heard
    for secret in [*accounts, "kirsikka", "MUSTIKKA", "puolukka", "karpalo", "lakka"]:
        assert secret not in heard
