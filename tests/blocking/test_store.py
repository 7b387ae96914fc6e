"""One door for any number of threads and processes, opened at the first call."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
import time
import warnings
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import DynamoStore, PartitionKey, Repository, Settings, errors
from dynrepo.clock import deadline
from dynrepo.operations.operation import Operation
from dynrepo.sending.outcomes import Refused
from dynrepo.sending.retry import CAPACITY
from tests.loopback import Loopback, Received, answer, reset, say
from tests.ports import refusing
from tests.scripted import EMPTY, GET, Scripted, refused
from tests.stopwatch import Stopwatch
from tests.threads import together

if TYPE_CHECKING:
    from collections.abc import Iterator


class Thing(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]


class Things(Repository[Thing]):
    """All things."""

    table = "things"


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The URL of an endpoint that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def nobody() -> Iterator[str]:
    """The URL of an endpoint that refuses connections."""
    with refusing() as port:
        yield f"http://127.0.0.1:{port}"


def test_an_answer_has_its_body_its_id_and_its_attempts() -> None:
    """What instruments want to know of it."""
    body = {**EMPTY, "Item": {}, "ResponseMetadata": {"RequestId": "R1"}}
    answer = DynamoStore(connection=Scripted(refused("ThrottlingException"), body)).execute(GET)
    assert (answer.body["Item"], answer.request_id, answer.attempts) == ({}, "R1", 2)


def test_a_table_that_is_not_there_is_told_with_its_place() -> None:
    """The region and the endpoint that were asked, and what makes it."""
    missing = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}
    with Loopback(say(answer(missing, status=400))) as server:
        store = DynamoStore(region="eu-west-1", endpoint=server.url)
        with pytest.raises(errors.TableNotFound) as caught:
            Things(store).get("1")
        assert str(caught.value).startswith(
            f"GetItem on things failed: no such table in eu-west-1 at {server.url}; ensure_table()"
        )


class Dropped:
    """Answers the first request of each connection; what comes over one again is lost.

    The first answers wait for each other, so that as many connections are kept.
    """

    def __init__(self, kept: int) -> None:
        self._barrier = threading.Barrier(kept)
        self._known: set[socket.socket] = set()
        self.lost = 0

    def __call__(self, connection: socket.socket, request: Received) -> None:
        """Answers, or drops the connection."""
        if connection in self._known:
            self.lost += 1
            reset(connection)
            return
        self._known.add(connection)
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait(10)
        self._barrier.abort()
        say(answer({**EMPTY, "Item": {"id": {"S": "1"}}}))(connection, request)


@pytest.mark.parametrize("verb", ["get", "set"])
def test_kept_connections_that_are_all_dead_cost_one_request_each(verb: str) -> None:
    """As behind a firewall that forgot them: what is sent again goes over a new one."""
    drop = Dropped(6)
    with Loopback(drop) as server:
        store = DynamoStore(region="eu-west-1", endpoint=server.url, attempts=2)
        things = Things(store, instruments=[])
        together(partial(things.get, "1"), 6)
        call = partial(things.set, Thing(id="1")) if verb == "set" else partial(things.get, "1")
        for _ in range(3):
            call()
        assert drop.lost == 3
        store.close()


def test_a_request_is_not_changed_by_sending_it() -> None:
    """PynamoDB adds to the arguments that it is given; the operation stays as it was."""

    class Adding(Scripted):
        def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
            operation_kwargs["ReturnConsumedCapacity"] = "TOTAL"
            return super().dispatch(operation_name, operation_kwargs)

    DynamoStore(connection=Adding(EMPTY)).execute(GET)
    assert GET.request == {"TableName": "things"}


@pytest.mark.parametrize("failure", [RuntimeError("?"), KeyError("?"), refused("Whatever")])
def test_only_errors_of_this_library_leave(failure: Exception) -> None:
    """With what went wrong behind them; of an answer its code, for AWS's text quotes values."""
    with pytest.raises(errors.DynrepoError) as caught:
        DynamoStore(connection=Scripted(failure)).execute(GET)
    cause = caught.value.__cause__
    assert cause is failure or (isinstance(cause, Refused) and str(cause) == "Whatever")


def test_an_answer_without_its_parts_is_not_an_empty_one() -> None:
    """An object that lost its members does not say that nothing is stored."""
    things = Things(DynamoStore(connection=Scripted({})), instruments=[])
    with pytest.raises(errors.Unavailable):
        things.get("1")
    with pytest.raises(errors.OutcomeUnknown):
        things.set(Thing(id="1"))


def test_an_interrupt_is_not_an_error_of_the_engine() -> None:
    """Ctrl-C goes through."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        DynamoStore(connection=Scripted(interrupt)).execute(GET)


def test_missing_credentials_are_told_at_once(monkeypatch: pytest.MonkeyPatch, nobody: str) -> None:
    """In less than three seconds, with what to do, and nothing is sent."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", nobody)
    watch = Stopwatch()
    with pytest.raises(errors.CredentialsMissing, match="AWS_PROFILE"):
        DynamoStore(endpoint=nobody, region="eu-west-1").execute(GET)
    assert watch.seconds < 3.0


def test_a_search_for_credentials_is_shared(
    monkeypatch: pytest.MonkeyPatch, black_hole: str
) -> None:
    """Sixteen calls without credentials wait for one look-up that fails, not for sixteen."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", black_hole)
    store = DynamoStore(endpoint=black_hole, region="eu-west-1")
    watch = Stopwatch()
    results = together(lambda: store.execute(GET))
    assert {type(one) for one in results} == {errors.CredentialsMissing}
    assert watch.seconds < 15.0


def test_credentials_that_appear_are_found(monkeypatch: pytest.MonkeyPatch, nobody: str) -> None:
    """A failed search is not for ever."""
    store = DynamoStore(endpoint=nobody, region="eu-west-1")
    with monkeypatch.context() as without:
        without.delenv("AWS_ACCESS_KEY_ID")
        without.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(errors.CredentialsMissing):
            store.execute(GET)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with pytest.raises(errors.StoreError) as caught:
            store.execute(GET)
        if isinstance(caught.value, errors.Unavailable):
            return
        time.sleep(0.1)
    pytest.fail("the credentials were not found")


def test_an_endpoint_that_nobody_serves_is_unavailable(nobody: str) -> None:
    """Certain, even of a write: nothing was sent."""
    watch = Stopwatch()
    with pytest.raises(errors.Unavailable) as caught:
        Things(DynamoStore(endpoint=nobody, region="eu-west-1"), instruments=[]).create(
            Thing(id="1")
        )
    assert caught.value.retryable
    assert caught.value.attempts == 4
    assert watch.seconds < 20.0


def test_a_name_that_nobody_has_is_unavailable() -> None:
    """The name of an endpoint that does not resolve."""
    store = DynamoStore(endpoint="http://nobody.invalid", region="eu-west-1", deadline=5.0)
    with pytest.raises((errors.Unavailable, errors.Timeout)):
        store.execute(GET)


@pytest.mark.parametrize(
    "endpoint", ["nonsense", "http://", "http://a b", "ftp//x", "http://x:99999"]
)
def test_a_wrong_endpoint_is_told(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an error of this library, in good time, where it is one of AWS's own variables."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
    with pytest.raises(errors.StoreError):
        DynamoStore(region="eu-west-1", deadline=3.0).execute(GET)


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_a_black_hole_does_not_hold_a_call_beyond_its_deadline(
    black_hole: str, transport: Any
) -> None:
    """The total of all attempts ends by the store's time, and by that of a block."""
    store = DynamoStore(endpoint=black_hole, region="eu-west-1", deadline=0.7, transport=transport)
    assert store.location.endpoint  # the client is made
    watch = Stopwatch()
    with pytest.raises(errors.Timeout):
        store.execute(GET)
    with pytest.raises(errors.Timeout), deadline(0.3):
        store.execute(GET)
    assert watch.seconds < 5.0


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_call_has_so_many_attempts(attempts: int) -> None:
    """Where a caller repeats calls itself, one may be right."""
    connection = Scripted(ConnectionRefusedError())
    with pytest.raises(errors.Unavailable) as raised:
        DynamoStore(connection=connection, attempts=attempts).execute(GET)
    assert raised.value.attempts == len(connection.sent) == attempts


def test_a_store_leaves_no_socket_open() -> None:
    """Neither closed nor forgotten ones, as Python's own warnings show."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        accepted: list[socket.socket] = []
        accepting = threading.Thread(
            target=lambda: accepted.append(server.accept()[0]), daemon=True
        )
        accepting.start()
        before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208
        store = DynamoStore(endpoint=f"http://127.0.0.1:{port}", region="eu-west-1", deadline=1.0)
        assert store.location.endpoint  # the client is made, so that the deadline is for the call
        with pytest.raises(errors.Timeout):
            store.execute(GET)
        accepting.join(30)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            store.close()
            del store
            gc.collect()
        accepted[0].settimeout(30)
        while accepted[0].recv(65536):
            pass
        accepted[0].close()
        if before:
            assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208


LAST_BREATH = """
import threading
from dynrepo import DynamoStore
from dynrepo.operations.operation import Operation
from dynrepo.errors import DynrepoError
store = DynamoStore(endpoint="{endpoint}", region="eu-west-1", deadline=30)
def call():
    try:
        store.execute(Operation("GetItem", "t", {{"TableName": "t", "Key": {{}}}}, lambda a: a))
    except DynrepoError:
        pass
threading.Thread(target=call, daemon=True).start()
from models.document import Documents
print(Documents(store, instruments=()).health_check().status)
"""


def test_the_interpreter_exits_quietly(black_hole: str) -> None:
    """With calls under way and a health check left behind, nothing is printed and nothing hangs."""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-c", LAST_BREATH.format(endpoint=black_hole)],
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "DOWN\n", "")


@pytest.mark.parametrize(
    ("variable", "value", "cure"),
    [
        ("AWS_ENDPOINT_URL", "localhost:8000", "a URL such as"),
        ("AWS_REGION", "eu west", "no name such as eu-west-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "nothing answers at the endpoint"),
    ],
)
def test_what_is_set_wrong_is_said(
    variable: str, value: str, cure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message of the error names the cure, not the class of an inner exception."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv(variable, value)
    store = DynamoStore(settings=Settings())
    with pytest.raises(errors.StoreError, match=cure):
        store.execute(Operation("GetItem", "users", {"TableName": "users"}, lambda _: None))


def test_closing_gives_no_new_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that is closed after each failure does not multiply the load of an outage."""
    monkeypatch.setattr("dynrepo.blocking.sender.pause", lambda *_: 0.0)
    connection = Scripted(refused("InternalServerError", 500))
    store = DynamoStore(connection=connection, attempts=2)
    calls = 130
    for _ in range(calls):
        with pytest.raises(errors.Unavailable):
            store.execute(GET)
        store.close()
    assert len(connection.sent) == calls + CAPACITY


def test_a_probe_has_a_time_of_its_own() -> None:
    """Preparing included: it does not wait for as long as a call may."""
    store = DynamoStore(connection=Scripted(EMPTY))
    probe = GET._replace(deadline=5.0)
    assert store.execute(probe).body == EMPTY
    assert store.execute(probe).attempts == 1
    with deadline(0.0), pytest.raises(errors.Timeout):
        store.execute(probe)


def test_a_block_closes_it() -> None:
    """A later call opens new connections."""
    connection = Scripted(EMPTY)
    with DynamoStore(connection=connection) as store:
        store.execute(GET)
    assert connection.closed == 1
    store.execute(GET)
