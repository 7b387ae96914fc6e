"""Both senders keep the same promises: what is sent, what is raised, and when it ends."""

from __future__ import annotations

import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session
from pynamodb.connection import Connection

from dynrepo.aws import connection as connections
from dynrepo.aws.connection import WireConnection
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import CredentialsUnusable, Misconfigured, NotSent
from dynrepo.sending.sender_used import SenderUsed
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
from tests.stopwatch import Stopwatch
from tests.wire import ITEM, KEY, Connect, connect_to, send, wire_connection

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path


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
        failure = failure_of(lambda: send(connect(server.url, read=10), "GetItem", KEY))
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
    with Loopback(say(answer()), step) as server:
        connection = connect(server.url)
        send(connection, "GetItem", KEY)  # so that the next one is prepared for
        watch = Stopwatch()
        failure = failure_of(lambda: send(connection, "GetItem", KEY, ends=time.monotonic() + 0.8))
        assert watch.seconds < 5
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
    looked: list[int] = []
    look = Session.get_credentials

    def counted(session: Session) -> Any:
        looked.append(1)
        return look(session)

    monkeypatch.setattr(Session, "get_credentials", counted)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with Loopback() as server:
        connection = wire_connection(
            transport="auto" if sender == "direct" else "botocore",
            region="eu-west-1",
            host=server.url,
        )
        for _ in range(5):
            with pytest.raises(CredentialsUnusable) as raised:
                send(connection, "GetItem", KEY)
            assert "no AWS credentials" in raised.value.remedy
        assert looked == [1]
        assert connection.chooser.used == SenderUsed("botocore", "there are no credentials")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "found")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "found")
        monkeypatch.setattr(connection.credentials, "_look_again", 0.0)
        send(connection, "GetItem", KEY)
        assert connection.chooser.used.name == sender
        connection.close()


class TestOfTheCallers:
    """A connection of the caller's is used as it is."""

    def test_one_whose_client_cannot_be_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing was sent, and it says why."""
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        with pytest.raises(NotSent) as raised:
            connections.given(Connection())
        assert raised.value.code == "NoRegionError"

    def test_its_client_and_its_session(self) -> None:
        """They are the caller's own, also after a close."""
        theirs = Connection(region="eu-west-1", host="http://127.0.0.1:1")
        made = connections.given(theirs)
        assert made.session is theirs.session
        made.close()
        assert made.client is theirs.client
        made.forget()
        assert theirs._client is None

    def test_one_that_cannot_start_anew(self, caplog: pytest.LogCaptureFixture) -> None:
        """The caller is told what a fork would do."""
        theirs = Connection(region="eu-west-1", host="http://127.0.0.1:1")
        client = theirs.client
        del theirs._local
        made = connections.GivenConnection(theirs)
        assert "keeps its client in a fork" in caplog.text
        made.forget()
        assert theirs._client is client


@pytest.mark.parametrize("region", ["eu-west-1\n", "eu west"])
def test_a_region_that_is_no_name(region: str) -> None:
    """It would become a part of a header: no client is kept."""
    with pytest.raises(Misconfigured) as raised:
        connect_to(region, "http://127.0.0.1:1")
    assert raised.value.code == "InvalidRegionError"


class TestGiven:
    """A connection of the caller's is used as it is."""

    def test_its_client_and_session_are_the_callers(self) -> None:
        """They are made by it, and closing closes them."""
        theirs = Connection(region="eu-west-1", host="http://127.0.0.1:1")
        made = connections.given(theirs)
        assert (made.client, made.session) == (theirs.client, theirs.session)
        assert made.chooser.used == SenderUsed("botocore", "the connection was given")
        made.close()
        client = theirs.client
        made.settle()
        made.forget()
        assert theirs.client is not client

    def test_one_that_cannot_be_made_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing was sent."""
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        with pytest.raises(NotSent) as raised:
            connections.given(Connection())
        assert "AWS_REGION" in raised.value.remedy


def test_a_connection_that_cannot_be_made_is_told() -> None:
    """Nothing was sent, whatever is wrong with it."""
    for region, url in (("eu-west-1\n", None), ("eu-west-1", "nonsense")):
        with pytest.raises(NotSent):
            connect_to(region, url)


def test_connections_of_a_store_share_its_credentials() -> None:
    """The second one looks for none; before a fork, a look that is under way is waited for."""
    first = wire_connection(region="eu-west-1", host="http://127.0.0.1:1")
    second = wire_connection(
        region="eu-west-1", host="http://127.0.0.1:1", credentials=first.credentials
    )
    assert second.session.get_credentials() is first.session.get_credentials()
    for connection in (first, second):
        connection.settle()
        connection.forget()
        connection.close()
