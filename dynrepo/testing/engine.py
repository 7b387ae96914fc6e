"""A DynamoDB engine of one's own: MiniStack or moto's server, in a process beside this one.

The engine ends with `stop()`, with this interpreter, with Ctrl-C, and when this process is killed.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from typing import IO, TYPE_CHECKING, Final, NamedTuple, Self

from dynrepo.clock import steady
from dynrepo.errors import DynrepoError

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 60.0
"""Seconds to wait for an engine."""

_HOST = "127.0.0.1"
_POLL = 0.05


class EngineUnavailable(DynrepoError, RuntimeError):
    """No engine could be started; the message is one sentence that says why and what to do."""


class Engine:
    """A running engine; a context manager that stops it at the end of its block.

    `start_engine` makes one.

    Attributes:
        name: `ministack` or `moto`.
        port: Its port on the loopback interface.
    """

    region: Final = "eu-west-1"
    """The region to give to a store: an engine needs a name, but not a certain one."""

    def __init__(self, name: str, port: int, process: subprocess.Popen[bytes], reset: str) -> None:
        self.name = name
        self.port = port
        self._process = process
        self._reset = reset

    @property
    def endpoint(self) -> str:
        """The URL to give to a store, or to `AWS_ENDPOINT_URL_DYNAMODB`."""
        return f"http://{_HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead botocore to this engine; the credentials are made up."""
        return {
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": "engine",
            "AWS_SECRET_ACCESS_KEY": "engine",
        }

    def reset(self) -> None:
        """Removes every table and item.

        Raises:
            EngineUnavailable: It did not answer, or answered with an error.
        """
        status = _status(self.port, "POST", self._reset)
        if status is None or status >= http.client.BAD_REQUEST:
            raise EngineUnavailable(f"{self.name} at {self.endpoint} did not reset")

    def stop(self) -> None:
        """Ends the engine; does nothing the second time."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_engine(kind: str = "auto", *, port: int = 0, patience: float = PATIENCE) -> Engine:
    """Starts an engine on the loopback interface and waits until it answers.

    ```python
    with start_engine() as engine:
        users = Users(DynamoStore(endpoint=engine.endpoint, region=engine.region))
    ```

    Args:
        kind: `ministack`, `moto`, or `auto`: MiniStack where its command is installed, else moto's
            server.
        port: Where it listens; 0 takes a free one.
        patience: Seconds to wait for its first answer, 60 by default.

    Returns:
        The engine, which ends with `stop()`, with its `with` block, and with this process.

    Raises:
        EngineUnavailable: None is installed, none answered in time, or the port is taken.
        ValueError: `kind` is another one.
    """
    if kind not in ("auto", *_LAUNCHES):
        raise ValueError(f"an engine is one of auto, {', '.join(_LAUNCHES)}")
    port = _free(port)
    problems: list[str] = []
    for name in _LAUNCHES if kind == "auto" else (kind,):
        try:
            return _started(name, port, patience)
        except EngineUnavailable as error:
            problems.append(str(error))
    raise EngineUnavailable("; ".join(problems))


class _Launch(NamedTuple):
    """How an engine is started on a port, asked whether it is ready, and emptied."""

    command: list[str]
    environment: dict[str, str]
    health: str
    reset: str


def _ministack(port: int) -> _Launch:
    command = shutil.which("ministack")
    if command is None:
        raise EngineUnavailable(
            "MiniStack is not on the PATH (uv tool install ministack, or pipx install ministack)"
        )
    environment = {
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(port),
        "SERVICES": "dynamodb,dynamodbstreams",
    }
    return _Launch([command], environment, "/_ministack/health", "/_ministack/reset")


def _moto(port: int) -> _Launch:
    # Not in this process: moto listens to all clients of botocore where it is imported.
    if not (importlib.util.find_spec("moto") and importlib.util.find_spec("flask")):
        raise EngineUnavailable("moto's server is not installed (pip install 'moto[server]')")
    command = [sys.executable, "-m", "moto.server", "-H", _HOST, "-p", str(port)]
    return _Launch(command, {}, "/moto-api/data.json", "/moto-api/reset")


_LAUNCHES: Final[dict[str, Callable[[int], _Launch]]] = {"ministack": _ministack, "moto": _moto}

# The engine is the child of a process that kills it when its standard input closes. The other end
# is ours, and the system closes it however this process ends.
_GUARD = """
import os, subprocess, sys, threading
engine = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (os.read(0, 1), engine.kill()), daemon=True).start()
sys.exit(engine.wait())
"""


def _started(name: str, port: int, patience: float) -> Engine:
    launch = _LAUNCHES[name](port)
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - a command of our own making
            [sys.executable, "-I", "-c", _GUARD, *launch.command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**os.environ, **launch.environment},
            start_new_session=True,  # Ctrl-C at the terminal reaches this process alone
        )
        engine = Engine(name, port, process, launch.reset)
        try:
            _wait(engine, process, launch.health, output, steady.monotonic() + patience)
        except BaseException:
            engine.stop()
            raise
    return engine


def _wait(
    engine: Engine,
    process: subprocess.Popen[bytes],
    health: str,
    output: IO[bytes],
    latest: float,
) -> None:
    while _status(engine.port, "GET", health) != http.client.OK:
        if process.poll() is not None:
            raise EngineUnavailable(
                f"{engine.name} ended before it was ready: {_last_line(output)}"
            )
        if steady.monotonic() > latest:
            raise EngineUnavailable(f"{engine.name} gave no answer in time: {_last_line(output)}")
        time.sleep(_POLL)


def _free(port: int) -> int:
    """The port itself when it is free, or a free one for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise EngineUnavailable(
                f"port {port} of {_HOST} is taken: choose another, or 0 for a free one"
            ) from error
        return int(probe.getsockname()[1])


def _status(port: int, method: str, path: str) -> int | None:
    """The HTTP status of a request; None without an answer."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=5)
    try:
        connection.request(method, path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _last_line(output: IO[bytes]) -> str:
    output.seek(0)
    lines = [line.strip() for line in output.read().decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "it said nothing")
