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

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "tests" / "engines" / "ministack.lock"
PARENT = """
import sys, time
from pathlib import Path
from dynrepo.testing.engine import start_engine
engine = start_engine("ministack", constraints=Path(sys.argv[1]))
print(engine.port, flush=True)
time.sleep(60)
"""


def listening(port: int) -> bool:
    """Whether somebody accepts connections on a port of the loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether a condition comes true in time."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


@pytest.mark.engine
@pytest.mark.parametrize("kind", ["ministack", "moto"])
def test_an_engine_serves_until_it_is_stopped(kind: str) -> None:
    """It answers real requests, forgets all on reset, and its port is free afterwards."""
    with start_engine(kind, constraints=LOCK) as engine:
        assert engine.name == kind
        documents = Documents(DynamoStore(endpoint=engine.endpoint, region=engine.region))
        documents.create_table()
        documents.set(Document(name="a"))
        assert documents.exists("a")
        engine.reset()
        assert documents.health_check().status == "DOWN"
    assert not listening(engine.port)
    engine.stop()


@pytest.mark.engine
@pytest.mark.skipif(os.name != "posix", reason="signals are sent")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_stays_behind(ending: signal.Signals) -> None:
    """However the process that started an engine ends, the engine ends with it."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(LOCK)],
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
    with pytest.raises(DynrepoError, match=r"pip install uv.*pip install 'moto\[server\]'"):
        start_engine()


def test_an_engine_that_dies_says_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A broken installation is told from a slow one."""
    broken = tmp_path / "ministack"
    broken.write_text("#!/bin/sh\necho no such luck >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"ministack ended before .*: no such luck"):
        start_engine("ministack")


def test_an_engine_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Patience has an end, and the hanging process ends too."""
    hanging = tmp_path / "ministack"
    hanging.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match="no answer in time: it said nothing"):
        start_engine("ministack", patience=0.2)


def test_an_unknown_kind_is_refused() -> None:
    """A typo is no reason to start something else."""
    with pytest.raises(ValueError, match="auto, ministack, moto"):
        start_engine("dynamodb")
