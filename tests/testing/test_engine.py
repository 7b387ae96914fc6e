"""An engine starts, answers, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dynrepo import DynamoStore, DynrepoError
from dynrepo.testing.engine import EngineUnavailable, start_engine
from models.document import Document, Documents
from tests.engines.ministack import start_ministack

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.testing.engine import Engine

ROOT = Path(__file__).parents[2]
PARENT = """
import time
from dynrepo.testing.engine import start_engine
engine = start_engine("ministack")
print(engine.port, flush=True)
time.sleep(60)
"""
SERVER = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/_ministack/health" else 404)
        self.end_headers()

    def do_POST(self):
        self.send_response(200 if Handler.resets else 500)
        self.end_headers()
        Handler.resets = False

Handler.resets = True
HTTPServer((os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a script the only command on the PATH, as `ministack`."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def install(script: str) -> None:
        command = tmp_path / "ministack"
        command.write_text(script)
        command.chmod(0o755)

    return install


@pytest.fixture
def installed(install: Callable[[str], None]) -> None:
    """A MiniStack that does nothing but answer."""
    install(f"#!{sys.executable}\n{SERVER}")


def listening(port: int) -> bool:
    """Whether somebody accepts connections on a port of the loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether a condition comes true in time."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


@pytest.mark.engine
@pytest.mark.parametrize(
    ("name", "start"), [("ministack", start_ministack), ("moto", lambda: start_engine("moto"))]
)
def test_an_engine_serves_until_it_is_stopped(name: str, start: Callable[[], Engine]) -> None:
    """It answers real requests, forgets all on reset, and its port is free afterwards."""
    with start() as engine:
        assert engine.name == name
        documents = Documents(DynamoStore(endpoint=engine.endpoint, region=engine.region))
        documents.create_table()
        documents.set(Document(name="a"))
        assert documents.exists("a")
        engine.reset()
        assert documents.health_check().status == "DOWN"
    assert not listening(engine.port)


@pytest.mark.usefixtures("installed")
def test_an_installed_ministack_comes_first() -> None:
    """Its environment leads botocore to it, a refused reset is an error, stopping twice is fine."""
    with start_engine() as engine:
        assert engine.name == "ministack"
        assert engine.endpoint == f"http://127.0.0.1:{engine.port}"
        assert engine.environment["AWS_ENDPOINT_URL_DYNAMODB"] == engine.endpoint
        assert engine.environment["AWS_REGION"] == engine.region
        engine.reset()
        with pytest.raises(EngineUnavailable, match="did not reset"):
            engine.reset()
    assert not listening(engine.port)
    engine.stop()


@pytest.mark.usefixtures("installed")
@pytest.mark.skipif(os.name != "posix", reason="signals are sent")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_stays_behind(ending: signal.Signals) -> None:
    """However the process that started an engine ends, the engine ends with it."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        assert listening(port)
        parent.send_signal(ending)
    assert eventually(lambda: not listening(port))


def test_a_taken_port_is_one_sentence() -> None:
    """It names the port and says what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EngineUnavailable, match=rf"^port {port} of 127.0.0.1 is taken: choose"):
            start_engine(port=port)


def test_without_any_engine_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be installed is named, and the error is one of dynrepo's."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        DynrepoError, match=r"uv tool install ministack.*pipx.*; .*pip install 'moto\[server\]'"
    ):
        start_engine()


def test_an_engine_that_dies_says_its_last_words(install: Callable[[str], None]) -> None:
    """A broken installation is told from a slow one."""
    install("#!/bin/sh\necho no such luck >&2\nexit 3\n")
    with pytest.raises(EngineUnavailable, match=r"ministack ended before .*: no such luck"):
        start_engine("ministack")


def test_an_engine_that_hangs_is_given_up(install: Callable[[str], None]) -> None:
    """Patience has an end, and the hanging process ends too."""
    install("#!/bin/sh\nexec /bin/sleep 60\n")
    with pytest.raises(EngineUnavailable, match="no answer in time: it said nothing"):
        start_engine("ministack", patience=0.2)


def test_an_unknown_kind_is_refused() -> None:
    """A typo is no reason to start something else."""
    with pytest.raises(ValueError, match="auto, ministack, moto"):
        start_engine("dynamodb")
