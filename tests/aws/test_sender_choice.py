"""The direct sender steps aside for whatever it cannot do as botocore would, and says why."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.handlers
import pytest
from botocore.awsrequest import AWSHTTPConnectionPool
from botocore.client import BaseClient
from botocore.stub import Stubber
from pynamodb.connection import Connection
from wrapt import FunctionWrapper

from dynrepo import DynamoStore
from dynrepo.aws import botocore_sender
from dynrepo.aws.sender_choice import SenderUsed
from tests.loopback import CAPACITY, Loopback
from tests.wire import connect_to, send, wire_connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dynrepo.aws.connection import WireConnection

KEY = {"TableName": "users", "Key": {"id": {"S": "1"}}}


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A server that answers."""
    with Loopback() as one:
        yield one


@pytest.fixture
def connection(server: Loopback) -> Iterator[WireConnection]:
    """A connection to it, by the direct sender."""
    one = connect_to("eu-west-1", server.url, 2, 3)
    assert one.sender.name == "direct", one.sender.reason
    yield one
    one.close()


def test_the_store_hands_it_on(server: Loopback) -> None:
    """`DynamoStore(transport=...)` decides what its connections may do."""
    for asked, name in (("auto", "direct"), ("botocore", "botocore")):
        store = DynamoStore(region="eu-west-1", endpoint=server.url, transport=asked)  # type: ignore[arg-type]
        assert store.sender.name == name
        store.close()


def test_botocore_when_it_is_asked_for(server: Loopback) -> None:
    """Whatever else is true."""
    connection = connect_to("eu-west-1", server.url, 2, 3, transport="botocore")
    assert connection.sender == SenderUsed("botocore", "it was asked for")
    connection.close()


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"HTTPS_PROXY": "http://127.0.0.1:1"}, "there is a proxy"),
        ({"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1/path"}, "not a plain host"),
        ({"AWS_ENDPOINT_DISCOVERY_ENABLED": "true"}, "botocore.discovery"),
    ],
)
def test_what_only_botocore_does(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], reason: str
) -> None:
    """It is left to botocore."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    connection = connect_to("eu-west-1", None, 2, 3)
    assert connection.sender.name == "botocore"
    assert reason in connection.sender.reason
    connection.close()


def test_a_proxy_that_does_not_count(monkeypatch: pytest.MonkeyPatch, server: Loopback) -> None:
    """`NO_PROXY` is honoured."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    connection = connect_to("eu-west-1", server.url, 2, 3)
    assert connection.sender.name == "direct"
    connection.close()


@pytest.mark.parametrize("headers", [{"Host": "x"}, {"X": "a\r\nb: c"}, {"X": "ä"}, {"X\n": "a"}])
def test_headers_that_are_no_plain_ones(server: Loopback, headers: dict[str, str]) -> None:
    """They are not put between ours."""
    connection = wire_connection(region="eu-west-1", host=server.url, extra_headers=headers)
    assert connection.sender.name == "botocore"
    connection.close()


def test_a_bundle_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is botocore that tells of it, at the first call, as it always does."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none.pem"))
    connection = connect_to("eu-west-1", "https://127.0.0.1:1", 2, 3)
    assert connection.sender == SenderUsed("botocore", "the CA bundle cannot be read")
    connection.close()


@pytest.mark.parametrize(
    ("region", "url", "signed_for"),
    [
        ("eu-west-1", "https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1"),
        ("cn-north-1", "https://dynamodb.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("local", "http://localhost:8000", "us-east-1"),
    ],
)
def test_where_requests_go(region: str, url: str, signed_for: str) -> None:
    """Where botocore would send them, signed as botocore would."""
    connection = connect_to(region, None, 2, 3)
    direct: Any = connection._current_choice().direct
    target = direct.target
    assert url.endswith(f"//{target.host}")
    assert (target.endpoint.tls is not None) is url.startswith("https")
    assert target.region == signed_for
    connection.close()


def test_the_endpoint_of_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that name their account go to its own endpoint; another account, another one."""
    monkeypatch.setenv("AWS_ACCOUNT_ID", "123456789012")
    connection = connect_to("eu-west-1", None, 2, 3)
    direct: Any = connection._current_choice().direct
    assert direct.target.host == "123456789012.ddb.eu-west-1.amazonaws.com"
    connection.client._request_signer._credentials.account_id = "210987654321"
    moved: Any = connection._current_choice().direct
    assert moved.target.host == "210987654321.ddb.eu-west-1.amazonaws.com"
    connection.close()


def test_a_table_named_by_its_arn(connection: WireConnection, server: Loopback) -> None:
    """It may be another account's, with an endpoint that botocore knows to find."""
    send(connection, "GetItem", KEY)
    send(connection, "GetItem", {**KEY, "TableName": "arn:aws:dynamodb:eu-west-1:1:table/users"})
    ours, theirs = (request.headers["user-agent"] for request in server.received)
    assert "lib/dynrepo" in ours
    assert "lib/dynrepo" not in theirs


class TestListeners:
    """Whoever listens to botocore's events hears of every request."""

    @pytest.mark.parametrize(
        "event", ["before-send", "before-send.dynamodb.PutItem", "request-created", "needs-retry"]
    )
    def test_one_that_comes_later(
        self, connection: WireConnection, server: Loopback, event: str
    ) -> None:
        """From then on botocore sends; when the last has gone, the direct sender again."""
        heard: list[str] = []

        def listener(event_name: str, **_: Any) -> None:
            heard.append(event_name)

        connection.client.meta.events.register(event, listener)
        assert connection.sender.name == "botocore"
        assert "test_sender_choice" in connection.sender.reason
        send(connection, "PutItem", {"TableName": "users", "Item": {}})
        assert len(heard) == 1
        connection.client.meta.events.unregister(event, listener)
        assert connection.sender.name == "direct"
        send(connection, "PutItem", {"TableName": "users", "Item": {}})
        assert (len(heard), len(server.received)) == (1, 2)

    def test_a_stub(self, connection: WireConnection, server: Loopback) -> None:
        """The stub of botocore answers in place of the network."""
        with Stubber(connection.client) as stub:
            stub.add_response("get_item", {**CAPACITY, "Item": {"id": {"S": "stub"}}})
            assert send(connection, "GetItem", KEY).body["Item"] == {"id": {"S": "stub"}}
        assert server.received == []

    def test_one_for_all_new_clients(
        self, connection: WireConnection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who comes for new clients, as moto does when it is imported, is let in to this one."""
        heard: list[str] = []

        def listener(event_name: str, **_: Any) -> None:
            heard.append(event_name)

        handlers = [*botocore.handlers.BUILTIN_HANDLERS, ("before-send", listener)]
        monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", handlers)
        send(connection, "GetItem", KEY)
        assert connection.sender.name == "botocore"
        assert heard == ["before-send.dynamodb.GetItem"]


class TestReplacedParts:
    """Whoever replaced a part of PynamoDB or botocore gets the request there."""

    def test_a_test_that_patches_pynamodb(
        self, connection: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The usual way to test with PynamoDB works as ever."""
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "_make_api_call", lambda *_: {"Item": {"id": {"S": "fake"}}})
            assert send(connection, "GetItem", KEY).body["Item"] == {"id": {"S": "fake"}}
            assert connection.sender.reason == "Connection._make_api_call is replaced"
        send(connection, "GetItem", KEY)
        assert len(server.received) == 1

    def test_a_wrapped_client(
        self, connection: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So do tracers that wrap botocore's client."""
        original, seen = BaseClient._make_api_call, []

        def traced(self: Any, name: str, parameters: Any) -> Any:
            seen.append(name)
            return original(self, name, parameters)

        monkeypatch.setattr(BaseClient, "_make_api_call", traced)
        send(connection, "GetItem", KEY)
        assert seen == ["GetItem"]
        assert connection.sender.reason == "BaseClient._make_api_call is replaced"
        assert len(server.received) == 1

    def test_an_instrumented_client(
        self, connection: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And OpenTelemetry's instrumentation, whose wrapper looks like what it wraps."""
        seen: list[str] = []

        def traced(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
            seen.append(args[0])
            return wrapped(*args, **kwargs)

        wrapper = FunctionWrapper(BaseClient._make_api_call, traced)
        monkeypatch.setattr(BaseClient, "_make_api_call", wrapper)
        send(connection, "GetItem", KEY)
        assert seen == ["GetItem"]
        assert len(server.received) == 1

    def test_a_wrapper_that_passes_for_what_it_wraps(
        self, connection: WireConnection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As those of wrapt do, which OpenTelemetry and X-Ray use."""
        original = BaseClient._make_api_call

        class Wrapper:
            __class__ = type(original)  # type: ignore[assignment]

            def __getattr__(self, name: str) -> Any:
                return getattr(original, name)

        monkeypatch.setattr(BaseClient, "_make_api_call", Wrapper())
        assert connection.sender.reason == "BaseClient._make_api_call is replaced"

    def test_a_patched_instance(
        self, connection: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And who patches one client."""
        answer = {"Item": {"id": {"S": "fake"}}}
        monkeypatch.setattr(connection.client, "_make_api_call", lambda *_: answer)
        assert send(connection, "GetItem", KEY).body["Item"] == answer["Item"]
        assert server.received == []

    def test_a_recorder(self, connection: WireConnection, monkeypatch: pytest.MonkeyPatch) -> None:
        """And recorders that swap botocore's connection classes."""
        made: list[str] = []

        class Recorder(AWSHTTPConnectionPool.ConnectionCls):  # type: ignore[misc, name-defined]
            def connect(self) -> None:
                made.append(self.host)
                super().connect()

        send(connection, "GetItem", KEY)
        with monkeypatch.context() as patch:
            patch.setattr(AWSHTTPConnectionPool, "ConnectionCls", Recorder)
            send(connection, "GetItem", KEY)
            assert connection.sender.name == "botocore"
        assert made == ["127.0.0.1"]
        assert connection.sender.name == "direct"
        classes = connection.client._endpoint.http_session._pool_classes_by_scheme
        assert classes["http"] is botocore_sender._Pool

    def test_a_botocore_of_another_build(
        self, connection: WireConnection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where a private name is missing, botocore sends."""
        connection._choice = None
        monkeypatch.delattr(connection.client._endpoint.http_session, "_proxy_config")
        assert connection.sender.name == "botocore"
        assert "_proxy_config" in connection.sender.reason


class TestMoto:
    """Under `mock_aws` no request leaves the process, however late it was started."""

    def test_started_after_the_store_was_used(
        self, connection: WireConnection, server: Loopback
    ) -> None:
        """The sender changes while it runs, and back."""
        from moto import mock_aws  # noqa: PLC0415 - late, as in the case at hand

        send(connection, "GetItem", KEY)
        with mock_aws():
            assert connection.sender.name == "botocore"
        assert connection.sender.name == "direct"
        send(connection, "GetItem", KEY)
        assert len(server.received) == 2

    @pytest.mark.parametrize("when", ["before the store", "after the store"])
    def test_nothing_leaves(self, when: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not even a name is looked up, where AWS itself is the endpoint."""
        from moto import mock_aws  # noqa: PLC0415 - late, as in the case at hand

        monkeypatch.setattr("socket.getaddrinfo", _not_to_be_called)
        monkeypatch.setattr("socket.socket.connect", _not_to_be_called)
        connection = None
        if when == "after the store":
            connection = connect_to("eu-west-1", None, 2, 3)
        with mock_aws():
            connection = connection or connect_to("eu-west-1", None, 2, 3)
            assert send(connection, "ListTables", {}).body["TableNames"] == []
        connection.close()

    def test_imported_after_the_store_was_used(self) -> None:
        """In a process that had not heard of moto before."""
        script = """
import socket, sys
from tests.loopback import Loopback
from tests.wire import connect_to, send

def refuse(*_, **__):
    raise AssertionError("a request left")

with Loopback() as server:
    for sender in ("auto", "botocore"):
        connection = connect_to("eu-west-1", None, 2, 3, transport=sender)
        assert connection.sender.name == {"auto": "direct"}.get(sender, sender), connection.sender
        globals()[sender] = connection
    assert "moto" not in sys.modules
    from moto import mock_aws

    socket.getaddrinfo = refuse
    with mock_aws():
        for connection in (auto, botocore):
            assert send(connection, "ListTables", {}).body["TableNames"] == []
    print("nothing left")
"""
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.stdout.strip() == "nothing left", done.stderr


def _not_to_be_called(*_: Any, **__: Any) -> None:
    raise AssertionError("a request left the process")


def test_what_is_off_does_not_count(server: Loopback) -> None:
    """A mock that was imported and is not on leaves the direct sender alone."""
    switch = SimpleNamespace(enabled=False)

    class Mock:
        enabled = False

        def __call__(self, **_: Any) -> None:
            switch.heard = True

    connection = connect_to("eu-west-1", server.url, 2, 3)
    mock = Mock()
    connection.client.meta.events.register("before-send", mock)
    assert connection.sender.name == "direct"
    mock.enabled = True
    assert connection.sender.name == "botocore"
    send(connection, "GetItem", KEY)
    assert switch.heard
    connection.close()
