"""botocore's own sender keeps the promises of the direct one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSHTTPConnection, AWSHTTPConnectionPool

from dynrepo.aws import botocore_sender, private
from dynrepo.operations.operation import Operation
from dynrepo.sending.outcomes import AnswerBroken, AnswerTimedOut, InDoubt, NotSent, Refused
from tests.loopback import drip
from tests.wire import Connect, connect_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.aws.connection import WireConnection

import pytest
from pynamodb.connection import Connection

from dynrepo.aws.connection import GivenConnection
from tests.loopback import (
    Loopback,
    answer,
    say,
    soon,
)
from tests.wire import ITEM, KEY, Grudge, send


class TestAdapted:
    """A connection of the caller's is taken as it is."""

    def test_binary_values(self) -> None:
        """They are text on this side and bytes on that one."""
        with Loopback(say(answer({"Attributes": ITEM}))) as server:
            theirs = Connection(region="eu-west-1", host=server.url)
            adapted = GivenConnection(theirs)
            found = send(adapted, "PutItem", {"TableName": "users", "Item": ITEM}).body
            assert adapted.chooser.used.name == "botocore"
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


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes connections by which botocore sends."""
    made: list[WireConnection] = []

    def connect_by_botocore(url: str, **options: Any) -> WireConnection:
        made.append(connect_to("eu-west-1", url, transport="botocore", **options))
        return made[-1]

    yield connect_by_botocore
    for connection in made:
        connection.close()


def test_the_answer_is_as_it_travels(connect: Connect) -> None:
    """Binary values as text, the id of the request beside it, the capacity asked for."""
    with Loopback(say(answer({"Item": ITEM}))) as server:
        found = send(connect(server.url), "GetItem", KEY)
    assert (found.body, found.request_id) == ({"Item": ITEM}, "R1")
    assert server.received[0].json["ReturnConsumedCapacity"] == "TOTAL"


def test_a_request_is_not_changed(connect: Connect) -> None:
    """PynamoDB adds to what it is given."""
    request = {"TableName": "users", "Item": ITEM}
    with Loopback() as server:
        send(connect(server.url), "PutItem", request)
    assert request == {"TableName": "users", "Item": ITEM}
    assert server.received[0].json["Item"] == ITEM


def test_an_operation_that_pynamodb_does_not_know(connect: Connect) -> None:
    """It would be asked for a capacity that it does not tell, and be refused."""
    with Loopback(say(answer({"TimeToLiveDescription": {}}))) as server:
        found = send(connect(server.url), "DescribeTimeToLive", {"TableName": "users"})
    assert found.body == {"TimeToLiveDescription": {}}
    assert server.received[0].json == {"TableName": "users"}


@pytest.mark.parametrize(
    "data",
    [
        answer({"Item": ITEM}).replace(b"photo", b"phony"),
        answer([]),
        answer({}),
        answer({"Item": ITEM}, status=302),
    ],
    ids=["checksum", "no object", "no members", "redirected"],
)
def test_a_broken_answer_is_none(connect: Connect, data: bytes) -> None:
    """It is no empty one, for which botocore alone takes it."""
    with Loopback(say(data)) as server, pytest.raises(InDoubt):
        send(connect(server.url), "GetItem", KEY)


def test_any_operation_can_be_sent(connect: Connect) -> None:
    """One that this library has no verb for is asked for no capacity, which it would not know."""
    resource = {"ResourceArn": "arn:aws:dynamodb:eu-west-1:1:table/users"}
    with Loopback(say(answer({"Tags": []}))) as server:
        assert send(connect(server.url), "ListTagsOfResource", resource).body["Tags"] == []
    assert server.received[0].json == resource


def test_every_operation_passes_what_tests_replace(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At `Connection._make_api_call` a test answers in DynamoDB's place, with no server behind."""
    asked: list[str] = []

    def answered(_: Any, name: str, __: Any) -> dict[str, Any]:
        asked.append(name)
        return {"TimeToLiveDescription": {}, "Item": {}}

    with Loopback() as server:
        connection = connect(server.url)
        monkeypatch.setattr(Connection, "_make_api_call", answered)
        send(connection, "GetItem", KEY)
        send(connection, "DescribeTimeToLive", {"TableName": "users"})
    assert asked == ["GetItem", "DescribeTimeToLive"]
    assert server.received == []


def test_a_pynamodb_without_that_method(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client has one for each operation."""
    monkeypatch.delattr(Connection, "_make_api_call")
    with Loopback(say(answer({"TimeToLiveDescription": {}}))) as server:
        theirs = Connection(region="eu-west-1", host=server.url)
        found = private.call_api(theirs, "DescribeTimeToLive", {"TableName": "users"})
    assert found["TimeToLiveDescription"] == {}


def test_a_refusal_keeps_its_answer(connect: Connect) -> None:
    """With the item that stood in the way."""
    refused = answer({"__type": "x#ConditionalCheckFailedException", "Item": ITEM}, status=400)
    with Loopback(say(refused)) as server, pytest.raises(Refused) as raised:
        send(connect(server.url), "PutItem", {"TableName": "users", "Item": ITEM})
    assert raised.value.code == "ConditionalCheckFailedException"
    assert raised.value.response["Item"]["id"] == {"S": "1"}


def test_an_answer_that_drips_ends_with_the_call(connect: Connect) -> None:
    """Each byte comes in time, and the whole does not."""
    with Loopback(say(answer({"Item": ITEM})), drip(answer({"Item": ITEM}), 0.01)) as server:
        connection = connect(server.url, read=30)
        send(connection, "GetItem", KEY)  # so that the next one is prepared for
        with pytest.raises(AnswerTimedOut):
            send(connection, "GetItem", KEY, ends=soon(1))


ENDLESS = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * 40_000
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n%b\r\n" % (b" " * 1024) * 40
)
DECLARED = b"HTTP/1.1 200 OK\r\nContent-Length: 70000000\r\n\r\n{"


class TestSize:
    """An answer has the size that answers have, whoever reads it."""

    def test_a_length_that_no_answer_has(self, sender: str) -> None:
        """It is refused before its body is read."""
        transport = "auto" if sender == "direct" else "botocore"
        with Loopback(say(DECLARED)) as server:
            connection = connect_to("eu-west-1", server.url, transport=transport)
            with pytest.raises(AnswerBroken, match="too long"):
                send(connection, "GetItem", KEY)
            connection.close()

    @pytest.mark.parametrize("data", [ENDLESS, CHUNKED], ids=["to the end", "chunked"])
    def test_a_body_that_does_not_end(
        self, connect: Connect, monkeypatch: pytest.MonkeyPatch, data: bytes
    ) -> None:
        """It is not read for ever."""
        monkeypatch.setattr(botocore_sender, "LARGEST_BODY", 2000)
        with Loopback(say(data)) as server, pytest.raises(AnswerBroken, match="too long"):
            send(connect(server.url), "GetItem", KEY)

    def test_one_that_somebody_else_read(
        self, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who replaced botocore's connections is not bounded; the answer is not taken."""
        recorder = type("Recorder", (AWSHTTPConnection,), {})
        monkeypatch.setattr(AWSHTTPConnectionPool, "ConnectionCls", recorder)
        monkeypatch.setattr("dynrepo.protocol.answer.LARGEST_BODY", 20)
        with Loopback() as server, pytest.raises(AnswerBroken, match="too long"):
            send(connect(server.url), "GetItem", KEY)


def test_where_others_replaced_the_connections_theirs_are_used(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recorder puts its own in place of botocore's."""
    client = connect("http://127.0.0.1:1").client
    classes = private.pool_classes_of(private.http_session_of(client))
    assert classes is not None
    botocore_sender.bound_reads(client)
    assert classes["http"] is not AWSHTTPConnectionPool
    recorder = type("Recorder", (AWSHTTPConnection,), {})
    monkeypatch.setattr(AWSHTTPConnectionPool, "ConnectionCls", recorder)
    botocore_sender.bound_reads(client)
    assert classes["http"] is AWSHTTPConnectionPool


def test_what_fails_before_it_is_sent_was_not_sent() -> None:
    """Also where nobody foresaw it."""

    class Odd:
        @property
        def client(self) -> Any:
            raise RuntimeError("no thread")

    sender = botocore_sender.BotocoreSender(cast("Any", Odd()), as_text=True)
    operation: Operation[Any] = Operation("GetItem", "users", KEY, lambda answer: answer)
    with pytest.raises(NotSent) as raised:
        sender.send(operation, 1, time.monotonic() + 1)
    assert raised.value.code == "RuntimeError"


@pytest.mark.parametrize(
    "error",
    [OSError(24, "too many open files"), RuntimeError("?"), MemoryError(), KeyError("?")],
    ids=repr,
)
def test_whatever_keeps_it_from_connecting_sent_nothing(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """No error of a name, a socket or TLS leaves a write in doubt, however unknown it is."""

    def fail(*_: object, **__: object) -> None:
        raise error

    connection = connect_to("eu-west-1", server.url, 2, 3, transport="botocore")
    assert connection.chooser.used.name == "botocore"
    with monkeypatch.context() as broken:
        broken.setattr("socket.socket", fail)
        with pytest.raises(NotSent):
            send(connection, "PutItem", {"TableName": "users", "Item": {"id": {"S": "1"}}})
    send(connection, "GetItem", KEY)
    connection.close()
    assert len(server.received) == 1
