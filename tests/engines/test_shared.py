"""One engine serves all workers, and ends after the last of them."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.engines.shared import shared_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="each worker has its own there")


class Listener:
    """What an engine is to those who share it: something that listens until it is stopped."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.stopped = False

    def stop(self) -> None:
        """Listens no more."""
        self._socket.close()
        self.stopped = True


@pytest.fixture
def started() -> Iterator[list[Any]]:
    """The engines that were started."""
    engines: list[Any] = []
    yield engines
    for engine in engines:
        engine.stop()


def start(started: list[Any]) -> Any:
    """Starts another."""
    started.append(Listener())
    return started[-1]


def test_the_second_worker_uses_what_the_first_started(tmp_path: Path, started: list[Any]) -> None:
    """Two that overlap have one engine, which stops with the one that started it."""
    with shared_engine(tmp_path, lambda: start(started)) as first:
        with shared_engine(tmp_path, lambda: start(started)) as second:
            assert first == second
        assert not started[0].stopped
    assert [engine.stopped for engine in started] == [True]


def test_a_later_worker_starts_another(tmp_path: Path, started: list[Any]) -> None:
    """What was stopped is not offered."""
    for _ in range(2):
        with shared_engine(tmp_path, lambda: start(started)):
            pass
    assert len(started) == 2


def test_an_engine_that_died_is_replaced(tmp_path: Path, started: list[Any]) -> None:
    """The worker that started it was killed, and the next starts one of its own."""
    dead = start(started)
    dead.stop()
    (tmp_path / "engine").write_text(dead.endpoint)
    with shared_engine(tmp_path, lambda: start(started)) as endpoint:
        assert endpoint == started[1].endpoint


USER = """
import sys
from pathlib import Path
from tests.engines.shared import shared_engine
with shared_engine(Path(sys.argv[1]), None) as endpoint:
    print(endpoint, flush=True)
    sys.stdin.read()
    print("left", flush=True)
"""


def test_the_starter_leaves_last(tmp_path: Path, started: list[Any]) -> None:
    """It stops the engine when no other process uses it any more, even one that was killed."""
    sharing = shared_engine(tmp_path, lambda: start(started))
    endpoint = sharing.__enter__()
    program = [sys.executable, "-c", USER, str(tmp_path)]
    with subprocess.Popen(
        program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as user:
        assert user.stdout is not None
        assert user.stdout.readline().strip() == endpoint
        leaving = threading.Thread(target=sharing.__exit__, args=(None, None, None))
        leaving.start()
        leaving.join(0.3)
        assert not started[0].stopped
        user.kill()
    leaving.join()
    assert started[0].stopped
