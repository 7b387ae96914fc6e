"""Both senders keep the same promises: what is sent, what is raised, and when it ends."""

from __future__ import annotations

import json
import logging
import re
import ssl
import sys
import threading
import time
from email.utils import formatdate
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import ReadOnlyCredentials
from pynamodb.connection import Connection
from pynamodb.signals import post_dynamodb_send, pre_dynamodb_send

from dynrepo.aws import connection as connections
from dynrepo.aws.connection import GivenConnection, WireConnection
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import CredentialsUnusable, Refused
from tests.loopback import (
    Loopback,
    Received,
    answer,
    certificate_for,
    drip,
    reset,
    say,
    say_nothing,
)
from tests.wire import connect_to, send, wire_connection

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = {"TableName": "users", "Key": {"id": {"S": "1"}}}
ITEM = {"id": {"S": "1"}, "photo": {"B": "AAEC"}, "parts": {"BS": ["AAE=", "Ag=="]}}

Connect = "Callable[..., WireConnection]"


@pytest.fixture(params=["direct", "botocore"])
def sender(request: pytest.FixtureRequest) -> str:
    """Each of the two."""
    return str(request.param)


@pytest.fixture
def connect(sender: str) -> Iterator[Connect]:
    """Makes connections that send by one of the two, and closes them."""
    made: list[WireConnection] = []

    def connect_to(url: str, *, read: float = 3, **options: Any) -> WireConnection:
        made.append(
            wire_connection(
                transport="auto" if sender == "direct" else "botocore",
                region="eu-west-1",
                host=url,
                read=read,
                **options,
            )
        )
        assert made[-1].sender.name == sender, made[-1].sender.reason
        return made[-1]

    yield connect_to
    for connection in made:
        connection.close()


def failure_of(call: Callable[[], Any]) -> Failure:
    """What the store makes of the error that a call raises."""
    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one it is, is the question
        call()
    return Failure.from_exception(raised.value)


def test_what_is_sent(connect: Connect) -> None:
    """The operation, the request in DynamoDB JSON, and PynamoDB's own additions."""
    with Loopback(say(answer({"Item": ITEM}))) as server:
        connection = connect(server.url, extra_headers={"X-Team": "blue"})
        found = send(connection, "GetItem", KEY)
    (request,) = server.received
    assert request.head.startswith(b"POST / HTTP/1.1\r\n")
    assert request.headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert request.headers["content-type"] == "application/x-amz-json-1.0"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["x-team"] == "blue"
    assert "Credential=made-up/" in request.headers["authorization"]
    assert "/eu-west-1/dynamodb/aws4_request" in request.headers["authorization"]
    assert request.json["Key"] == KEY["Key"]
    assert request.json["ReturnConsumedCapacity"] == "TOTAL"
    assert found.body["Item"] == ITEM
    assert found.request_id == "R1"


def test_text_of_every_kind(connect: Connect) -> None:
    """It arrives and comes back as it is."""

    def echo(connection: socket.socket, request: Received) -> None:
        connection.sendall(answer({"Attributes": request.json["Item"]}))

    item = {"id": {"S": 'ä☃\U0001f600\u2028"\\\x00/'}, "n": {"N": "1.50"}, "o": {"NULL": True}}
    with Loopback(echo) as server:
        found = send(connect(server.url), "PutItem", {"TableName": "users", "Item": item}).body
    assert found["Attributes"] == item


def test_signals(connect: Connect) -> None:
    """PynamoDB's signals are fired before and after."""
    heard: list[tuple[str, str]] = []

    def before(_: Any, operation_name: str, table_name: str, **__: Any) -> None:
        heard.append((operation_name, table_name))

    def after(_: Any, operation_name: str, table_name: str, **__: Any) -> None:
        heard.append((table_name, operation_name))

    with (
        Loopback() as server,
        pre_dynamodb_send.connected_to(before),
        post_dynamodb_send.connected_to(after),
    ):
        send(connect(server.url), "GetItem", KEY)
    assert heard == [("GetItem", "users"), ("users", "GetItem")]


class Grudge(logging.Handler):
    """A log handler that raises, and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the line and raises."""
        self.told.append(record.getMessage())
        raise OSError("the disk is full")


@pytest.fixture
def grudge() -> Iterator[Grudge]:
    """Such a handler, listening to PynamoDB at DEBUG."""
    handler, log = Grudge(), logging.getLogger("pynamodb")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield handler
    log.setLevel(logging.NOTSET)
    log.removeHandler(handler)


def test_no_log_of_pynamodb_is_written(connect: Connect, grudge: Grudge) -> None:
    """Its lines hold keys and items, and a handler that raises would be felt by the call."""
    with Loopback(say(answer({"Item": ITEM}))) as server:
        assert send(connect(server.url), "GetItem", KEY).body["Item"] == ITEM
    assert grudge.told == []


def test_a_signal_that_raises_is_not_felt(connect: Connect, grudge: Grudge) -> None:
    """Nor is the log handler that raises when PynamoDB logs it."""

    def receiver(_: Any, **__: Any) -> None:
        raise LookupError("not today")

    with Loopback(say(answer({"Item": ITEM}))) as server, pre_dynamodb_send.connected_to(receiver):
        assert send(connect(server.url), "GetItem", KEY).body["Item"] == ITEM
    assert len(grudge.told) == 1


def test_an_answer_may_be_made_from_its_text(connect: Connect, sender: str) -> None:
    """By whoever asked; where that makes nothing of it, it is DynamoDB JSON as ever."""
    seen: list[bytes] = []

    def parse(body: bytes | bytearray) -> tuple[dict[str, Any], list[Any]] | None:
        seen.append(bytes(body))
        return ({"ConsumedCapacity": {}}, ["made"]) if b"photo" in body else None

    other = {"id": {"S": "2"}}
    with Loopback(say(answer({"Item": ITEM})), say(answer({"Item": other}))) as server:
        connection = connect(server.url)
        found = [send(connection, "GetItem", KEY, parse=parse) for _ in range(2)]
    made, read = [answer.items or answer.body["Item"] for answer in found]
    assert (made, read) == ((["made"], other) if sender == "direct" else (ITEM, other))
    assert len(seen) == (2 if sender == "direct" else 0)


REFUSALS = [
    (
        {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no"},
        400,
    ),
    ({"__type": "ConditionalCheckFailedException", "Message": "no", "Item": ITEM}, 400),
    ({"__type": "a.b#ThrottlingException:http://internal", "message": "slow down"}, 400),
    ({"__type": "x#InternalServerError", "message": ""}, 500),
    ({"__type": "x#TransactionCanceledException", "CancellationReasons": [{"Code": "None"}]}, 400),
]


@pytest.mark.parametrize(("body", "status"), REFUSALS, ids=lambda one: str(one)[:40])
def test_a_refusal(connect: Connect, body: dict[str, Any], status: int) -> None:
    """It is told from the first answer, with everything that DynamoDB says about it."""
    with Loopback(say(answer(body, status=status))) as server:
        failure = failure_of(lambda: send(connect(server.url), "PutItem", {"TableName": "users"}))
    assert failure.code == body["__type"].split("#")[-1].split(":")[0]
    assert failure.in_doubt is (status == 500)
    assert failure.request_id == "R1"
    assert failure.response.get("Item") == body.get("Item")
    assert failure.response.get("CancellationReasons") == body.get("CancellationReasons")
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [403, 413, 502, 503])
def test_an_error_of_somebody_in_between(connect: Connect, status: int) -> None:
    """A page in HTML is an error with its status for a code."""
    data = f"HTTP/1.1 {status} No\r\nContent-Length: 13\r\n\r\n<h1>Nope</h1>".encode()
    with Loopback(say(data)) as server:
        failure = failure_of(lambda: send(connect(server.url), "GetItem", KEY))
    assert failure.code == str(status)
    assert failure.in_doubt is (status >= 500)


@pytest.mark.parametrize(
    "data",
    [
        answer({"Item": ITEM}, crc=1),
        answer({"__type": "x#ResourceNotFoundException"}, status=400, crc=1),
        answer(b""),
        answer(b"{"),
        answer(b"[]"),
        answer(b"null"),
        answer(b'{"Item": \xff}'),
        answer(b'{"Item": NaN}'),
        b"HTTP/1.1 200 OK\r\n\r\n{",
        answer({}),
        answer({}, status=204),
        answer({}, status=301),
    ],
    ids=[
        "wrong checksum",
        "wrong checksum of an error",
        "empty",
        "cut",
        "a list",
        "null",
        "no text",
        "no JSON",
        "cut, without length",
        "nothing in it",
        "no content",
        "redirect",
    ],
)
def test_a_broken_answer_is_no_answer(connect: Connect, data: bytes) -> None:
    """A wrong checksum, or a body that is no object: the request may have been applied."""

    def step(connection: socket.socket, _: Received) -> None:
        connection.sendall(data)
        if b"Length" not in data:
            connection.close()

    with Loopback(step) as server:
        failure = failure_of(lambda: send(connect(server.url, read=0.5), "GetItem", KEY))
    assert failure.in_doubt
    assert failure.retryable
    assert len(server.received) == 1


def test_a_lost_answer(connect: Connect) -> None:
    """A request whose connection was reset may have been applied, and is not sent again here."""
    with Loopback(reset) as server:
        failure = failure_of(lambda: send(connect(server.url), "GetItem", KEY))
        assert failure.in_doubt
        assert failure.retryable
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "step",
    [
        say_nothing,
        drip(answer({"Item": "x" * 2000}), 0.01),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, 0.01),
    ],
    ids=["silence", "drip", "dripping 1xx"],
)
def test_a_call_ends_when_it_must(connect: Connect, step: Any) -> None:
    """Its end bounds the whole answer, however slowly it comes."""
    with Loopback(step) as server:
        connection = connect(server.url)
        start = time.monotonic()
        failure = failure_of(lambda: send(connection, "GetItem", KEY, ends=time.monotonic() + 0.4))
        assert time.monotonic() - start < 1.2
    assert failure.in_doubt
    assert failure.retryable


def test_a_closed_port(connect: Connect) -> None:
    """Nothing was sent."""
    with Loopback() as server:
        connection = connect(server.url)
    failure = failure_of(lambda: send(connection, "GetItem", KEY))
    assert not failure.in_doubt
    assert failure.retryable


def test_threads(connect: Connect) -> None:
    """One connection serves many, and has one client."""

    def echo(connection: socket.socket, request: Received) -> None:
        connection.sendall(answer({"Item": request.json["Key"]}))

    found: list[tuple[str, Any]] = []
    with Loopback(echo) as server:
        connection = connect(server.url)

        def work(number: int) -> None:
            for turn in range(20):
                key = {"id": {"S": f"{number}-{turn}"}}
                item = send(connection, "GetItem", {"TableName": "users", "Key": key}).body["Item"]
                found.append((key["id"]["S"], item["id"]["S"]))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 160
    assert all(asked == got for asked, got in found)
    assert server.connections <= 8


def test_the_first_use_by_many_threads(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They share one client: the session is asked for one."""
    made: list[Any] = []
    session = connections.WireConnection.session.fget  # type: ignore[attr-defined]

    def counted(self: WireConnection) -> Any:
        made.append(threading.current_thread().name)
        return session(self)

    monkeypatch.setattr(WireConnection, "session", property(counted))
    with Loopback() as server:
        connection = wire_connection(
            transport="auto" if sender == "direct" else "botocore",
            region="eu-west-1",
            host=server.url,
        )
        threads = [
            threading.Thread(target=send, args=(connection, "GetItem", dict(KEY)))
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        connection.close()
    assert len(server.received) == 16
    assert len(made) == 1


def test_closing(connect: Connect) -> None:
    """It closes what is idle; a later request opens a new connection."""
    with Loopback() as server:
        connection = connect(server.url)
        for _ in range(2):
            send(connection, "GetItem", KEY)
            connection.close()
    assert server.connections == 2


def test_over_tls(connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundle that botocore is configured with is the one that is trusted."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for path, content in zip((certificate, key), certificate_for("localhost"), strict=True):
        path.write_bytes(content)
    serves = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serves.load_cert_chain(certificate, key)
    with Loopback(say(answer({"Item": ITEM})), tls=serves) as server:
        for variable in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
            with monkeypatch.context() as patch:
                patch.setenv(variable, str(certificate))
                assert send(connect(server.url), "GetItem", KEY).body["Item"] == ITEM
        stranger = connect(server.url)
        failure = failure_of(lambda: send(stranger, "GetItem", KEY))
        assert not failure.in_doubt


def test_missing_credentials(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are looked for again later, but not by every call at once."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with Loopback() as server:
        connection = wire_connection(
            transport="auto" if sender == "direct" else "botocore",
            region="eu-west-1",
            host=server.url,
        )
        clients = set()
        for _ in range(5):
            with pytest.raises(CredentialsUnusable):
                send(connection, "GetItem", KEY)
            clients.add(id(connection._shared))
        assert len(clients) == 1
        assert connection.sender.name == "botocore"
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "found")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "found")
        monkeypatch.setattr(connections, "_EMPTY_FOR", 0.0)
        send(connection, "GetItem", KEY)
        assert connection.sender.name == sender
        connection.close()


def test_a_session_token(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary credentials send theirs, and sign it."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    with Loopback() as server:
        send(connect(server.url), "GetItem", KEY)
    headers = server.received[0].headers
    assert headers["x-amz-security-token"] == "token"
    assert "x-amz-security-token" in headers["authorization"]


def test_credentials_are_asked_at_each_request(connect: Connect) -> None:
    """Refreshed ones are used from the next request on."""
    with Loopback() as server:
        connection = connect(server.url)
        names = iter(["first", "second"])

        def frozen() -> ReadOnlyCredentials:
            return ReadOnlyCredentials(next(names), "secret", None)

        credentials = connection.client._request_signer._credentials
        credentials.get_frozen_credentials = frozen
        for _ in range(2):
            send(connection, "GetItem", KEY)
    used = [request.headers["authorization"].split("/")[0] for request in server.received]
    assert used == [f"AWS4-HMAC-SHA256 Credential={name}" for name in ("first", "second")]


class TestClock:
    """The direct sender alone corrects a clock that is wrong."""

    @staticmethod
    def _refused(date: float) -> bytes:
        body = {"__type": "x#InvalidSignatureException", "message": "Signature expired"}
        header = f"Date: {formatdate(date, usegmt=True)}"
        return answer(body, status=400, headers=(header,))

    def test_a_wrong_clock(self) -> None:
        """The request that was refused for it goes again with the server's time, and so do all."""
        ahead = time.time() + 3600
        with Loopback(say(self._refused(ahead)), say()) as server:
            connection = connect_to("eu-west-1", server.url, 2, 3)
            send(connection, "GetItem", KEY)
            send(connection, "GetItem", KEY)
            connection.close()
        dates = [request.headers["x-amz-date"] for request in server.received]
        expected = time.strftime("%Y%m%dT%H", time.gmtime(ahead))
        assert len(dates) == 3
        assert [date.startswith(expected) for date in dates[1:]] == [True, True]
        assert not dates[0].startswith(expected)

    @pytest.mark.parametrize("off", [0, 3600])
    def test_a_wrong_signature(self, off: float) -> None:
        """One that time does not explain, or a second one, is told."""
        with Loopback(say(self._refused(time.time() + off))) as server:
            connection = connect_to("eu-west-1", server.url, 2, 3)
            with pytest.raises(Refused):
                send(connection, "GetItem", KEY)
            connection.close()
        assert len(server.received) == (2 if off else 1)


class TestAdapted:
    """A connection of the caller's is taken as it is."""

    def test_binary_values(self) -> None:
        """They are text on this side and bytes on that one."""
        with Loopback(say(answer({"Attributes": ITEM}))) as server:
            theirs = Connection(region="eu-west-1", host=server.url)
            adapted = GivenConnection(theirs)
            found = send(adapted, "PutItem", {"TableName": "users", "Item": ITEM}).body
            assert adapted.sender.name == "botocore"
            adapted.close()
        assert found["Attributes"] == ITEM
        assert server.received[0].json["Item"] == ITEM

    def test_no_log_of_pynamodb_is_written(self, grudge: Grudge) -> None:
        """Of this library's calls; others find no keys and values in it."""
        with Loopback(say(answer({"Item": ITEM})), say(answer({"Item": ITEM}))) as server:
            theirs = Connection(region="eu-west-1", host=server.url)
            adapted = GivenConnection(theirs)
            assert send(adapted, "GetItem", KEY).body["Item"] == ITEM
            assert grudge.told == []
            with pytest.raises(OSError, match="full"):
                theirs.dispatch("GetItem", KEY)
            adapted.close()
        assert grudge.told == ["Calling GetItem with arguments (not shown)"]

    def test_a_fork_forgets_its_client(self) -> None:
        """So that a child process makes its own."""
        theirs = Connection(region="eu-west-1", host="http://127.0.0.1:1")
        adapted = GivenConnection(theirs)
        client = adapted.client
        adapted.forget()
        assert adapted.client is not client


PROCESS = """
import datetime, json, pathlib, sys
calls = pathlib.Path(sys.argv[1])
calls.write_text(calls.read_text() + "x" if calls.exists() else "x")
soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
key = "KEY%d" % len(calls.read_text())
print(json.dumps({"Version": 1, "AccessKeyId": key, "SecretAccessKey": "made-up",
                  "SessionToken": "token of " + key, "Expiration": soon.isoformat()}))
"""


def test_credentials_are_refreshed_without_a_failed_call(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are about to expire are replaced before the next request is signed."""
    (tmp_path / "process.py").write_text(PROCESS)
    command = f"{sys.executable} {tmp_path / 'process.py'} {tmp_path / 'calls'}"
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {command}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with Loopback() as server:
        connection = connect(server.url)
        for _ in range(3):
            send(connection, "GetItem", KEY)

    signed = [request.headers["authorization"] for request in server.received]
    keys = [re.search(r"Credential=KEY(\d+)/", one) for one in signed]
    numbers = [int(found[1]) for found in keys if found]
    assert len(numbers) == len(set(numbers)) == 3
    tokens = [request.headers["x-amz-security-token"] for request in server.received]
    assert tokens == [f"token of KEY{number}" for number in numbers]


def test_a_token_of_two_lines() -> None:
    """It would become a header of somebody else's choice."""
    with Loopback() as server:
        connection = connect_to("eu-west-1", server.url, 2, 3)
        direct: Any = connection._current_choice().direct
        frozen = ReadOnlyCredentials("key", "secret", "token\r\nX: y")
        direct._credentials = SimpleNamespace(get_frozen_credentials=lambda: frozen)
        with pytest.raises(CredentialsUnusable, match="such as a line end"):
            send(connection, "GetItem", KEY)
        connection.close()
    assert server.received == []


def test_a_request_may_be_text_already(connect: Connect) -> None:
    """Then it is sent as it is, with the wish to be told of the capacity."""
    text = b'{"TableName":"users", "Item": {"id":{"S":"\\u2603"}}}'
    request = {"TableName": "users", "Item": {"id": {"S": "☃"}}}
    with Loopback() as server:
        connection = connect(server.url)
        send(connection, "PutItem", request, text=text)
        send(connection, "PutItem", request)
    first, second = server.received
    assert first.json == second.json == request | {"ReturnConsumedCapacity": "TOTAL"}
    if connection.sender.name == "direct":
        assert first.body.startswith(text[:-1])


def test_requests_are_valid_json(connect: Connect) -> None:
    """And say their length in bytes."""
    with Loopback() as server:
        send(connect(server.url), "GetItem", {"TableName": "users", "Key": {"id": {"S": "ä☃"}}})
    request = server.received[0]
    assert int(request.headers["content-length"]) == len(request.body)
    assert json.loads(request.body)["Key"] == {"id": {"S": "ä☃"}}
