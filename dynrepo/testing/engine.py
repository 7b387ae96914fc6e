"""A DynamoDB engine of one's own: MiniStack or moto's server, in a process beside this one.

::

    with start_engine() as engine:
        users = Users(DynamoStore(endpoint=engine.endpoint, region=engine.region))

Nothing of it stays behind: the process ends with `stop()`, with this interpreter, with Ctrl-C, and
even when this process is killed.
"""

from __future__ import annotations

import atexit
import http.client
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, Self

from dynrepo.errors import DynrepoError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MINISTACK: Final = "ministack==1.5.33"
"""What is installed where no MiniStack is at hand; it gets an environment of its own."""

PATIENCE: Final = 120.0
"""Seconds to wait for an engine, the first time with its installation."""

_HOST = "127.0.0.1"
_POLL = 0.05
_LAST_BREATH = 5.0


class EngineUnavailable(DynrepoError, RuntimeError):
    """No engine could be started; the message is one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of engine is started, asked whether it is ready, and emptied."""

    command: Sequence[str]
    environment: Mapping[str, str]
    health: str
    reset: str


class Engine:
    """A running engine: `name`, `endpoint`, `region`, and `environment` to reach it with.

    A context manager that stops the engine at the end of its block.
    """

    region: Final = "eu-west-1"

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
        """Removes every table and item."""
        status = _ask(self.port, "POST", self._reset)
        if status is None or status >= http.client.BAD_REQUEST:
            raise EngineUnavailable(f"{self.name} at {self.endpoint} did not reset")

    def stop(self) -> None:
        """Ends the engine with all its processes; does nothing the second time."""
        atexit.unregister(self.stop)
        _kill(self._process)
        until = time.monotonic() + _LAST_BREATH
        while _ask(self.port, "GET", "/") is not None and time.monotonic() < until:
            time.sleep(_POLL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_engine(
    kind: str = "auto",
    *,
    port: int = 0,
    constraints: Path | None = None,
    patience: float = PATIENCE,
) -> Engine:
    """Starts an engine on the loopback interface and waits until it answers.

    `kind` is `ministack`, `moto`, or `auto`: the first of them that can be had. `port` 0 takes a
    free one. `constraints` is a file that pins what MiniStack is installed with; `patience` is in
    seconds. Raises `EngineUnavailable`.
    """
    if kind not in ("auto", *_KINDS):
        raise ValueError(f"an engine is one of auto, {', '.join(_KINDS)}")
    port = _free(port)
    problems: list[str] = []
    for name in _KINDS if kind == "auto" else (kind,):
        try:
            return _start(name, port, constraints, time.monotonic() + patience)
        except EngineUnavailable as error:
            problems.append(str(error))
    raise EngineUnavailable("; ".join(problems))


def _start(name: str, port: int, constraints: Path | None, until: float) -> Engine:
    how = _KINDS[name](port, constraints)
    with tempfile.TemporaryFile() as output:
        process = _spawn(how, output)
        engine = Engine(name, port, process, how.reset)
        atexit.register(engine.stop)
        try:
            _wait(engine, process, how.health, output, until)
        except BaseException:
            engine.stop()
            raise
    return engine


def _ministack(port: int, constraints: Path | None) -> _Kind:
    environment = {
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(port),
        "SERVICES": "dynamodb,dynamodbstreams",
    }
    return _Kind(
        _ministack_command(constraints), environment, "/_ministack/health", "/_ministack/reset"
    )


def _ministack_command(constraints: Path | None) -> list[str]:
    """A MiniStack of the user's, or one that uv installs; not ours: it pins an older botocore."""
    if constraints is None and (installed := shutil.which("ministack")):
        return [installed]
    if importlib.util.find_spec("uv"):
        uv = [sys.executable, "-m", "uv"]
    elif found := shutil.which("uv"):
        uv = [found]
    else:
        raise EngineUnavailable("MiniStack needs `uv` (pip install uv), or `ministack` on the PATH")
    pinned = [] if constraints is None else ["--constraints", str(constraints)]
    return [
        *uv,
        "tool",
        "run",
        "--python",
        sys.executable,
        *pinned,
        "--from",
        MINISTACK,
        "ministack",
    ]


def _moto(port: int, _: Path | None) -> _Kind:
    if not (importlib.util.find_spec("moto") and importlib.util.find_spec("flask")):
        raise EngineUnavailable("moto's server is not installed (pip install 'moto[server]')")
    command = [sys.executable, "-m", "moto.server", "-H", _HOST, "-p", str(port)]
    return _Kind(command, {}, "/moto-api/data.json", "/moto-api/reset")


_KINDS: Final = {"ministack": _ministack, "moto": _moto}

# The shell leads a process group of its own, so that a Ctrl-C at the terminal reaches only us and
# everything that the engine starts ends with it. Its standard input is a pipe that we hold: however
# this process ends, the pipe closes, and the group is killed.
_GUARD = """
exec 3<&0
"$@" </dev/null 3<&- &
engine=$!
{ read -r _ <&3; kill -9 0; } &
wait $engine
"""


def _spawn(how: _Kind, output: IO[bytes]) -> subprocess.Popen[bytes]:
    command = list(how.command)
    if os.name == "posix":
        command = ["/bin/sh", "-c", _GUARD, "dynrepo-engine", *command]
    return subprocess.Popen(  # noqa: S603 - a command of our own making
        command,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env={**os.environ, **how.environment},
        start_new_session=True,
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


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


def _wait(
    engine: Engine,
    process: subprocess.Popen[bytes],
    health: str,
    output: IO[bytes],
    until: float,
) -> None:
    while _ask(engine.port, "GET", health) != http.client.OK:
        if process.poll() is not None:
            raise EngineUnavailable(
                f"{engine.name} ended before it was ready: {_last_line(output)}"
            )
        if time.monotonic() > until:
            raise EngineUnavailable(f"{engine.name} gave no answer in time: {_last_line(output)}")
        time.sleep(_POLL)


def _ask(port: int, method: str, path: str) -> int | None:
    """The HTTP status of a request; None when nobody answers."""
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
