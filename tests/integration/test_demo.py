"""The demo, run as a newcomer runs it: a process, watched from outside."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo.testing.engine import Engine

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, str(ROOT / "docs" / "examples" / "demo.py")]
WIDTH = 80
"""The columns of a terminal that nobody has resized."""
PROMISED = 20.0
"""Seconds of a core that the demo may take: README promises to show it in a minute."""
PATIENCE = 90.0
"""Seconds to wait for what must come, however busy the machine is."""

pytestmark = pytest.mark.engine


def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the demo to its end."""
    return subprocess.run(
        [*COMMAND, *options],
        env={**os.environ, "COLUMNS": "", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.fixture(scope="module")
def shown() -> str:
    """What the demo prints with nothing configured."""
    before = spent()
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert spent() - before < PROMISED
    return done.stdout


def spent() -> float:
    """Seconds of a core that processes of this one have taken, once they ended."""
    times = os.times()
    return times.children_user + times.children_system


def chapter(shown: str, number: int) -> str:
    """One chapter of what the demo prints."""
    return re.split(r"^\d  .* ─+$", shown, flags=re.MULTILINE)[number]


def test_it_shows_the_models_and_the_code_of_the_service(shown: str) -> None:
    """A newcomer sees what to write: a model, a repository, and the lines that use them."""
    assert "user_id: Annotated[UUID, PartitionKey()]" in chapter(shown, 1)
    assert "class AsyncUsers(UserTable, AsyncRepository[User]):" in chapter(shown, 1)
    assert "return await orders.create(order)" in chapter(shown, 2)


def test_no_line_is_wider_than_a_terminal(shown: str) -> None:
    """Where nobody says how wide it is, as when it prints into a file; and none has colours."""
    assert [line for line in shown.splitlines() if len(line) > WIDTH] == []
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        pytest.param(r"POST /users  \{.*", 201, r'\{"user_id":.*"name":"Ada', id="create"),
        pytest.param(r"PUT /users/\w{8}…  \{.*", 200, r'\{"user_id":.*"engines"', id="set"),
        pytest.param(r"GET /users/\w{8}…", 200, r'\{"user_id":.*"engines"', id="get"),
        pytest.param(r"PUT /users/\w{8}…/orders/1  \{.*", 201, r'\{.*"149.85"', id="order"),
        pytest.param(r"PUT /users/\w{8}…/orders/1  \{.*", 409, r'\{.*"ItemExists"', id="again"),
        pytest.param(r"GET /users/\w{8}…/orders\?at_least=50", 200, r'\[\{.*"149.85"', id="list"),
        pytest.param(r"DELETE /users/\w{8}…/orders/1", 200, r'\{.*"149.85"', id="delete"),
        pytest.param(r"GET /users/00000000…", 404, r'\{.*"ItemNotFound"', id="miss"),
    ],
)
def test_every_request_is_answered(shown: str, request_line: str, status: int, body: str) -> None:
    """Set, get, list and delete come back over HTTP, and errors with a status of their own."""
    code, cost = r"(?:  │.*\n)*", r".* ms, \d calls?, .* units?.*"
    remark = r"(?:       .*\n)*"
    told = rf"^  {request_line}\n{code}  {status}  {cost}\n{remark}((?:      .*\n)+)"
    found = re.search(told, chapter(shown, 2), re.MULTILINE)
    assert found is not None, chapter(shown, 2)
    assert re.match(body, "".join(found[1].split()))


def test_it_says_which_call_is_slow_and_why(shown: str) -> None:
    """The first one opens the client: below that line, and below no other."""
    first, *others = re.split(r"^  \d{3}  ", chapter(shown, 2), flags=re.MULTILINE)[1:]
    assert re.match(r"\d+\.\d ms, .*\n +\^ slow, once: the first call", first)
    assert [one for one in others if "^" in one] == []


def test_a_call_is_a_span_inside_the_request(shown: str) -> None:
    """The tree is the request, in it dynrepo's calls with their attributes, in them botocore's."""
    below = r"(?:  [│ ].*\n)*"
    assert re.search(
        r"  PUT /users/\{user_id\}/orders/\{number\} +SERVER +fastapi .* ms\n"
        rf"{below}  ├─ GetItem demo-\w+-users +CLIENT +dynrepo .* ms\n"
        rf"{below}  │  └─ DynamoDB.GetItem +CLIENT +botocore .* ms\n"
        rf"{below}  └─ PutItem demo-\w+-orders +CLIENT +dynrepo .* ms\n"
        rf"{below}     └─ DynamoDB.PutItem +CLIENT +botocore .* ms\n",
        chapter(shown, 3),
    )
    assert "db.system.name=aws.dynamodb" in chapter(shown, 3)
    assert "db.operation.name=PutItem" in chapter(shown, 3)


def test_a_call_is_a_timing_a_count_and_a_log_line(shown: str) -> None:
    """StatsD lines are shown as they arrived, log lines as JSON."""
    lines = chapter(shown, 3)
    name = r"^  dynrepo\.demo-\w+-orders\.PutItem\.success"
    log = r'^  \{"level": "DEBUG", "logger": "dynrepo[.\w]*", "message": "PutI'
    assert re.search(rf"{name}:\d+\.\d+\|ms +milliseconds it took$", lines, re.MULTILINE)
    assert re.search(rf"{name}:1\|c +calls that succeeded$", lines, re.MULTILINE)
    assert re.search(log, lines, re.MULTILINE)


def test_health_follows_the_table(shown: str) -> None:
    """UP and 200 while the tables are there; DOWN, 503 and the cause when one is dropped."""
    before, after = chapter(shown, 4).split("drop_table")
    assert re.search(r"^  200 UP\n", before, re.MULTILINE)
    assert re.search(r"^ +AsyncUsers +UP\n", after, re.MULTILINE)
    assert re.search(r"^  503 DOWN\n", after, re.MULTILINE)
    assert re.search(r"^ +AsyncOrders +DOWN\n(.*\n)*?.*error=TableNotFound", after, re.MULTILINE)


def test_nothing_is_seen_twice_or_missed(shown: str) -> None:
    """There are as many spans, timings and log lines as calls; none holds what is stored."""
    numbers = chapter(shown, 5)
    calls = re.search(r"which made (\d+) calls", numbers)
    assert calls is not None
    many = calls.group(1)
    assert f"{many} spans, {many} timings, {many} log lines" in numbers
    assert "leaked    nothing" in numbers


def test_an_engine_of_ones_own_is_used_and_left_clean(engine: Engine) -> None:
    """Where an endpoint is configured the demo runs there, and removes the tables it made."""
    before = tables(engine)
    done = run(**engine.environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert engine.endpoint in done.stdout
    assert left_by(done.stdout, engine, before) == []


def test_a_profile_is_enough(engine: Engine, tmp_path: Path) -> None:
    """Where an AWS profile is chosen the demo runs where that leads."""
    (tmp_path / "config").write_text(
        "[profile shop]\n"
        f"region = {engine.region}\nendpoint_url = {engine.endpoint}\n"
        "aws_access_key_id = made-up\naws_secret_access_key = made-up\n"
    )
    before = tables(engine)
    done = run(AWS_PROFILE="shop", AWS_CONFIG_FILE=str(tmp_path / "config"))
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(rf"yours, by AWS_PROFILE +{re.escape(engine.endpoint)}\n", done.stdout)
    assert left_by(done.stdout, engine, before) == []


def tables(engine: Engine) -> list[str]:
    """The names of the engine's tables."""
    client = boto3.client("dynamodb", endpoint_url=engine.endpoint, region_name=engine.region)
    try:
        names: list[str] = client.list_tables()["TableNames"]
        return names
    finally:
        client.close()


def left_by(output: str, engine: Engine, before: list[str]) -> list[str]:
    """The tables that are there now and were not there before, with the prefix of a demo."""
    prefix = re.search(r"demo-\w+-", output)
    assert prefix is not None
    return [name for name in tables(engine) if prefix.group() in name and name not in before]


# How it ends


class Running:
    """A demo on its way; what it starts is recognised by a variable that is passed on to it."""

    def __init__(self, **environment: str) -> None:
        self.mark = f"DEMO_OF_THIS_TEST={uuid4()}"
        name, value = self.mark.split("=")
        self.process = subprocess.Popen(
            COMMAND,
            env={**os.environ, **environment, name: value, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        self.output = self.process.stdout

    def processes(self) -> list[int]:
        """The demo and everything that it started, directly or not."""
        mark = self.mark.encode()
        return [pid for pid in _pids() if mark in _environment(pid)]

    def wait_for(self, line: str) -> str:
        """Reads what is printed, up to and with a line that holds a text."""
        read = ""
        for one in self.output:
            read += one
            if line in one:
                return read
        pytest.fail(f"the demo ended without {line!r}:\n{read}")

    def interrupt(self) -> str:
        """Presses Ctrl-C; what the demo says until its end."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        return rest


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Starts demos, and ends those that a failed test leaves."""
    started: list[Running] = []

    def begin(**environment: str) -> Running:
        started.append(Running(**environment))
        return started[-1]

    yield begin
    for one in started:
        for pid in one.processes():
            os.kill(pid, signal.SIGKILL)
        one.process.wait()
        one.output.close()


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # ended meanwhile, or somebody else's
        return b""


def wait_until(true: Callable[[], bool]) -> None:
    """Waits for a condition, for as long as a busy machine may need."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@on_linux
def test_ctrl_c_in_the_story_leaves_no_process(start: Callable[..., Running]) -> None:
    """Service and engine end with the demo."""
    demo = start()
    demo.wait_for("HTTP in, typed items out")
    assert len(demo.processes()) >= 3  # the demo, the service and the engine
    assert "interrupted" in demo.interrupt()
    assert demo.process.returncode == 130
    wait_until(lambda: not demo.processes())


@on_linux
def test_ctrl_c_while_the_engine_starts_leaves_no_process(start: Callable[..., Running]) -> None:
    """An engine that is not ready yet ends with the demo, too."""
    demo = start()
    wait_until(lambda: len(demo.processes()) > 1)
    assert "interrupted" in demo.interrupt()
    assert demo.process.returncode == 130
    wait_until(lambda: not demo.processes())


@on_linux
def test_a_kill_leaves_no_process(start: Callable[..., Running]) -> None:
    """Even a demo that could not tidy up takes service and engine with it."""
    demo = start()
    demo.wait_for("HTTP in, typed items out")
    demo.process.kill()
    wait_until(lambda: not demo.processes())


@on_linux
def test_ctrl_c_removes_the_tables(start: Callable[..., Running], engine: Engine) -> None:
    """On an engine that goes on living, no table of the demo stays behind."""
    before = tables(engine)
    demo = start(**engine.environment)
    shown = demo.wait_for("HTTP in, typed items out")
    demo.interrupt()
    assert left_by(shown, engine, before) == []


def test_a_taken_port_is_one_sentence() -> None:
    """Whoever names a port that somebody has is told so, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port))
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(rf"demo: port {port} of 127\.0\.0\.1 is taken.*\n", done.stderr)


def test_an_engine_that_is_not_there_is_one_sentence() -> None:
    """Whoever configures an endpoint where nobody listens is told so."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
    done = run(AWS_ENDPOINT_URL_DYNAMODB=endpoint, AWS_REGION="eu-west-1")
    assert done.returncode == 1
    assert re.fullmatch(rf"demo: {endpoint} cannot be used: .*\n", done.stderr)


def test_an_engine_that_cannot_be_started_is_one_sentence(tmp_path: Path) -> None:
    """An engine that is asked for and not installed is named, and how to install it."""
    done = run("--engine", "ministack", PATH=str(tmp_path))
    assert done.returncode == 1
    assert re.fullmatch(r"demo: no engine could be started: MiniStack .*install.*\n", done.stderr)


def test_help_explains() -> None:
    """`--help` says what happens, and where the demo runs."""
    done = run("--help")
    assert done.returncode == 0
    assert "AWS_ENDPOINT_URL_DYNAMODB" in done.stdout
