"""Etsy's StatsD daemon, the real one: its own counters agree with the calls that were made."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import closing, contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, NoReturn

import pytest
from statsd import StatsClient

from dynrepo import Container, ItemExists, Settings
from dynrepo.instrumentation.statsd import StatsdInstrument
from dynrepo.testing.memory import MemoryStore
from models.user import User, Users
from tests.instrumentation.all_calls import calls
from tests.loopback import soon
from tests.test_dashboards import panels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAEMON = "statsd@0.9.0"

ADA = User.model_validate(
    {
        "user_id": "9a3c1c2e-0000-4000-8000-00000000ada0",
        "email": "ada@example.org",
        "name": "Ada",
        "joined": "2026-01-01T00:00:00Z",
    }
)


def unavailable(reason: str) -> NoReturn:
    """Says why the daemon cannot be had; where CI runs that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def daemon_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The daemon's program, installed for this run of the tests and no longer."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        unavailable("Etsy's StatsD daemon needs Node.js and npm, which are not installed")
    room = tmp_path_factory.mktemp("statsd")
    options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=optional"]
    done = subprocess.run(
        [npm, "install", *options, "--prefix", str(room), DAEMON],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        unavailable(f"npm could not install {DAEMON}: {done.stderr.strip()[-300:]}")
    return room / "node_modules" / "statsd" / "stats.js"


class Daemon:
    """A running daemon."""

    def __init__(self, port: int, management: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._management = ("127.0.0.1", management)

    def ask(self, command: str) -> str:
        """What the daemon's management interface answers."""
        with socket.create_connection(self._management, timeout=10) as connection:
            connection.sendall(f"{command}\n".encode())
            answer = b""
            while not answer.rstrip().endswith(b"END"):
                answer += connection.recv(65535)
        return answer.decode()

    def counters(self) -> dict[str, float]:
        """The daemon's counters."""
        found = re.findall(r"'?([\w.-]+)'?: ([\d.]+)", self.ask("counters"))
        return {name: float(value) for name, value in found}

    def wait(self, counter: str, count: float) -> dict[str, float]:
        """The counters, once one of them has come so far: the daemon takes its time."""
        ends = time.monotonic() + 20
        while (found := self.counters()).get(counter, 0) < count:
            assert time.monotonic() < ends, found
        return found

    def greet(self) -> None:
        """Waits until the daemon listens: it says that it is up a moment before."""
        host, port = self.address.split(":")
        ends = time.monotonic() + 20
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            while True:
                assert time.monotonic() < ends
                with suppress(ConnectionRefusedError):
                    probe.sendto(b"hello:1|c", (host, int(port)))
                    if self.counters().get("hello"):
                        return

    def timers(self) -> dict[str, list[float]]:
        """The daemon's timers: every duration it was told, in milliseconds."""
        found = re.findall(r"'?([\w.-]+)'?: \[([^]]*)\]", self.ask("timers"))
        return {
            name: [float(one) for one in re.findall(r"[\d.]+", values)] for name, values in found
        }


def free_port(kind: socket.SocketKind) -> int:
    """A port that nobody listens on."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(code: Path, folder: Path, options: str) -> Iterator[Daemon]:
    """A daemon on loopback with options of its configuration."""
    port, management = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    configuration = folder / "config.js"
    configuration.write_text(
        f'{{address: "127.0.0.1", port: {port}, mgmt_address: "127.0.0.1",'
        f" mgmt_port: {management}, {options}}}"
    )
    node = shutil.which("node") or "node"
    with subprocess.Popen(
        [node, str(code), str(configuration)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert any("server is up" in line for line in process.stdout)
            started = Daemon(port, management)
            started.greet()
            yield started
        finally:
            process.terminate()


@pytest.fixture
def daemon(daemon_code: Path, tmp_path: Path) -> Iterator[Daemon]:
    """A daemon that keeps what it is told until it is asked."""
    options = 'backends: ["./backends/console"], flushInterval: 3600000'
    with running(daemon_code, tmp_path, options) as started:
        yield started


class Graphite:
    """What a daemon tells Graphite: the names of series."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = Thread(target=self._listen)
        self._thread.start()

    def close(self) -> None:
        """Ends it: a daemon may still send."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _listen(self) -> None:
        """Takes a connection for each flush, until the end."""
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection, connection.makefile(encoding="utf-8") as lines:
                    self.names |= {line.partition(" ")[0] for line in lines}


@pytest.fixture(params=["", "graphite: {legacyNamespace: false}, "], ids=["default", "not legacy"])
def graphite(
    request: pytest.FixtureRequest, daemon_code: Path, tmp_path: Path
) -> Iterator[tuple[Daemon, Graphite]]:
    """A daemon as it comes, or without its legacy name spaces, and what it tells Graphite."""
    with closing(Graphite()) as found:
        place = f'graphiteHost: "127.0.0.1", graphitePort: {found.port}'
        options = f"{request.param}{place}, flushInterval: 200"
        with running(daemon_code, tmp_path, options) as started:
            yield started, found


def test_the_daemon_counts_as_many_calls_as_were_made(daemon: Daemon) -> None:
    """One counter and one timing a call, by table, operation and outcome; and what they cost."""
    settings = Settings(statsd=daemon.address)
    with Container(settings=settings, store=MemoryStore(Users)) as container:
        users = container.repository(Users)
        users.create(ADA)
        with pytest.raises(ItemExists):
            users.create(ADA)
        for _ in range(20):
            users.get(ADA.user_id)
        users.scan().all()
        users.delete(ADA.user_id)
        users.get(ADA.user_id)
    counters = daemon.wait("dynrepo.users.GetItem.success", 21)  # the last that was sent
    assert counters["statsd.bad_lines_seen"] == 0
    assert {name: value for name, value in counters.items() if name.startswith("dynrepo")} == {
        "dynrepo.users.PutItem.success": 1,
        "dynrepo.users.PutItem.capacity": 2,  # of the table and its index
        "dynrepo.users.PutItem.failure": 1,
        "dynrepo.users.GetItem.success": 21,
        "dynrepo.users.GetItem.items": 20,
        "dynrepo.users.GetItem.capacity": 10.5,
        "dynrepo.users.Scan.success": 1,
        "dynrepo.users.Scan.items": 1,
        "dynrepo.users.Scan.capacity": 0.5,
        "dynrepo.users.DeleteItem.success": 1,
        "dynrepo.users.DeleteItem.capacity": 2,
    }
    timers = daemon.timers()
    assert {name: len(values) for name, values in timers.items()} == {
        "dynrepo.users.PutItem.success": 1,
        "dynrepo.users.PutItem.failure": 1,
        "dynrepo.users.GetItem.success": 21,
        "dynrepo.users.Scan.success": 1,
        "dynrepo.users.DeleteItem.success": 1,
    }
    assert all(value > 0 for values in timers.values() for value in values)


def pattern(target: str) -> re.Pattern[str]:
    """A query of Graphite's as a regular expression of the names that it finds."""
    queries = re.findall(r"stats\.[\w.$*{},]+[\w}]", target.partition(", '^")[0])
    texts = [re.escape(query.replace("$table", "*")).replace(r"\*", "[^.]+") for query in queries]
    choices = [
        re.sub(r"\\{(.*?)\\}", lambda m: f"({m[1].replace(',', '|')})", text) for text in texts
    ]
    return re.compile("|".join(choices))


def test_a_panel_finds_its_series(graphite: tuple[Daemon, Graphite]) -> None:
    """Each of the dashboard, under the names that the daemon makes by either configuration."""
    daemon, found = graphite
    host, port = daemon.address.split(":")
    client = StatsClient(host, int(port))
    instrument = StatsdInstrument(client)
    left = {
        panel["title"]: pattern(panel["targets"][0]["target"]) for panel in panels("statsd.json")
    }
    until = soon()
    while left and time.monotonic() < until:
        for call in calls():
            instrument.finished(call, None)
        time.sleep(0.1)
        left = {
            title: names
            for title, names in left.items()
            if not any(map(names.fullmatch, set(found.names)))
        }
    client.close()
    assert left == {}, sorted(found.names)
    assert any(name.startswith("stats.timers.dynrepo.users.") for name in found.names)
