"""The direct sender signs, dates and sends as botocore does."""

from __future__ import annotations

import json
import threading
import time
from email.utils import formatdate
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import ReadOnlyCredentials

from dynrepo.aws.errors import unsent
from dynrepo.aws.pending import Pending
from dynrepo.aws.tasks import Task
from dynrepo.blocking.direct import DirectSender
from dynrepo.operations.operation import Operation
from dynrepo.protocol.endpoint import Endpoint, Target, Timeouts
from dynrepo.sending.outcomes import CredentialsUnusable, DeadlineExceeded, Refused
from tests.loopback import (
    Loopback,
    answer,
    say,
)
from tests.recorded import ACCESS_KEY, SECRET_KEY, TOKEN, leaks
from tests.wire import KEY, connect_to, send

if TYPE_CHECKING:
    from dynrepo.protocol.http import Message


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


def test_a_token_of_two_lines() -> None:
    """It would become a header of somebody else's choice."""
    with Loopback() as server:
        connection = connect_to("eu-west-1", server.url, 2, 3)
        direct: Any = connection.chooser._current().direct
        frozen = ReadOnlyCredentials("key", "secret", "token\r\nX: y")
        direct._credentials = SimpleNamespace(get_frozen_credentials=lambda: frozen)
        with pytest.raises(CredentialsUnusable, match="such as a line end"):
            send(connection, "GetItem", KEY)
        connection.close()
    assert server.received == []


def test_a_request_may_be_text_already() -> None:
    """Then it is sent as it is, with the wish to be told of the capacity."""
    text = b'{"TableName":"users", "Item": {"id":{"S":"\\u2603"}}}'
    request = {"TableName": "users", "Item": {"id": {"S": "☃"}}}
    with Loopback() as server:
        connection = connect_to("eu-west-1", server.url)
        send(connection, "PutItem", request, text=text)
        send(connection, "PutItem", request)
    first, second = server.received
    assert first.json == second.json == request | {"ReturnConsumedCapacity": "TOTAL"}
    if connection.chooser.used.name == "direct":
        assert first.body.startswith(text[:-1])


def test_a_session_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary credentials send theirs, and sign it."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    with Loopback() as server:
        send(connect_to("eu-west-1", server.url), "GetItem", KEY)
    headers = server.received[0].headers
    assert headers["x-amz-security-token"] == "token"
    assert "x-amz-security-token" in headers["authorization"]


def test_requests_are_valid_json() -> None:
    """And say their length in bytes."""
    with Loopback() as server:
        send(
            connect_to("eu-west-1", server.url),
            "GetItem",
            {"TableName": "users", "Key": {"id": {"S": "ä☃"}}},
        )
    request = server.received[0]
    assert int(request.headers["content-length"]) == len(request.body)
    assert json.loads(request.body)["Key"] == {"id": {"S": "ä☃"}}


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, OSError])
def test_no_frame_of_an_exchange_shows_what_is_sent(
    stopped: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither credentials nor body, though the error passes as it was raised, with all frames."""
    endpoint = Endpoint("127.0.0.1", 1)
    target = Target(endpoint, "table.example", "eu-west-1", "dynamodb", "test", {})
    frozen = ReadOnlyCredentials(ACCESS_KEY, SECRET_KEY, TOKEN)
    source: Any = SimpleNamespace(get_frozen_credentials=lambda: frozen)
    sender = DirectSender(target, source, unsent, Timeouts(2, 3), 1)

    def exchange(request: bytes, _: float, **_more: object) -> Message:
        assert TOKEN.encode() in request
        assert repr(request) == str(request) == f"<POST table.example, {len(request)} bytes>"
        raise stopped

    monkeypatch.setattr(sender._pool, "exchange", exchange)
    request = {"TableName": "users", "Key": {"id": {"S": "mustikka"}}}
    operation: Operation[Any] = Operation("GetItem", "users", request, lambda answer: answer)
    with pytest.raises(stopped) as caught:
        sender.send(operation, 1, time.monotonic() + 60)
    assert leaks(caught.value, "mustikka") == []


def test_credentials_are_waited_for_as_long_as_the_call_may() -> None:
    """Those that are not ready are waited for; those that are, are asked at each request."""
    keys: list[ReadOnlyCredentials] = []
    go_on = threading.Event()

    def look() -> ReadOnlyCredentials:
        go_on.wait(30)
        keys.append(ReadOnlyCredentials("key", "secret", None))
        return keys[-1]

    looking = Task(look, "looking")
    source: Any = SimpleNamespace(
        ready=lambda: keys and keys[-1],
        pending=lambda ends: Pending(looking, ends, lambda: "it took the time"),
    )
    looking.start()
    with Loopback() as server:
        endpoint = Endpoint("127.0.0.1", server.port)
        target = Target(endpoint, "table.example", "eu-west-1", "dynamodb", "test", {})
        sender = DirectSender(target, source, unsent, Timeouts(2, 3), 1)
        request: Operation[Any] = Operation("GetItem", "users", KEY, lambda answer: answer)
        with pytest.raises(DeadlineExceeded):
            sender.send(request, 1, time.monotonic() + 0.05)
        go_on.set()
        for _ in range(2):
            sender.send(request, 1, time.monotonic() + 60)
        sender.close()
    signed = ["Credential=key/" in request.headers["authorization"] for request in server.received]
    assert signed == [True, True]
