"""Etsy's StatsD daemon, the real one: its own counters agree with the calls that were made."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

import pytest

from dynrepo import Container, ItemExists, Settings
from dynrepo.testing.memory import MemoryStore
from models.user import User, Users

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


@pytest.fixture
def daemon(daemon_code: Path, tmp_path: Path) -> Iterator[Daemon]:
    """A daemon on loopback that keeps what it is told until it is asked."""
    port, management = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
    configuration = tmp_path / "config.js"
    configuration.write_text(
        f'{{address: "127.0.0.1", port: {port}, mgmt_address: "127.0.0.1",'
        f' mgmt_port: {management}, backends: ["./backends/console"], flushInterval: 3600000}}'
    )
    node = shutil.which("node") or "node"
    with subprocess.Popen(
        [node, str(daemon_code), str(configuration)],
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
        "dynrepo.users.PutItem.capacity": 1,
        "dynrepo.users.PutItem.failure": 1,
        "dynrepo.users.GetItem.success": 21,
        "dynrepo.users.GetItem.items": 20,
        "dynrepo.users.GetItem.capacity": 10.5,
        "dynrepo.users.Scan.success": 1,
        "dynrepo.users.Scan.items": 1,
        "dynrepo.users.Scan.capacity": 0.5,
        "dynrepo.users.DeleteItem.success": 1,
        "dynrepo.users.DeleteItem.capacity": 1,
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
