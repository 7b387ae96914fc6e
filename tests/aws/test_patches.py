"""Whoever joins in or replaces a part of botocore gets the requests there."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import botocore.handlers
import pytest
from botocore.awsrequest import AWSHTTPConnectionPool
from botocore.client import BaseClient
from botocore.stub import Stubber
from pynamodb.connection import Connection
from urllib3.connectionpool import HTTPConnectionPool
from wrapt import FunctionWrapper

from dynrepo.aws import botocore_sender, private
from dynrepo.sending.outcomes import AnswerTimedOut, NotSent, SendingFailed
from tests.loopback import CAPACITY, Loopback, answer, drip
from tests.wire import KEY, connect_to, send

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

    from dynrepo.aws.connection import WireConnection


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
        assert connection.chooser.used.name == "botocore"
        assert "test_patches" in connection.chooser.used.reason
        send(connection, "PutItem", {"TableName": "users", "Item": {}})
        assert len(heard) == 1
        connection.client.meta.events.unregister(event, listener)
        assert connection.chooser.used.name == "direct"
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
        assert connection.chooser.used.name == "botocore"
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
            assert connection.chooser.used.reason == "Connection._make_api_call is replaced"
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
        assert connection.chooser.used.reason == "BaseClient._make_api_call is replaced"
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
        assert connection.chooser.used.reason == "BaseClient._make_api_call is replaced"

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
            assert connection.chooser.used.name == "botocore"
        assert made == ["127.0.0.1"]
        assert connection.chooser.used.name == "direct"
        classes = connection.client._endpoint.http_session._pool_classes_by_scheme
        assert classes["http"] is botocore_sender._BoundedPool

    def test_a_botocore_of_another_build(
        self, connection: WireConnection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where a private name is missing, botocore sends."""
        connection.chooser._choice = None
        monkeypatch.delattr(connection.client._endpoint.http_session, "_proxy_config")
        assert connection.chooser.used.name == "botocore"
        assert "_proxy_config" in connection.chooser.used.reason


def refuse(*_: Any, **__: Any) -> Any:
    """What a test puts in place of a function that would send."""
    raise OSError("nothing leaves")


SEND_BY = (
    "pynamodb.connection.Connection.dispatch",
    "botocore.endpoint.Endpoint._get_response",
    "botocore.endpoint.Endpoint.prepare_request",
    "botocore.httpsession.URLLib3Session.send",
    "botocore.awsrequest.AWSHTTPConnection.request",
    "botocore.awsrequest.AWSHTTPConnectionPool.urlopen",
    "urllib3.PoolManager.connection_from_url",
    "urllib3.PoolManager.connection_from_host",
    "urllib3.connectionpool.HTTPConnectionPool.urlopen",
    "urllib3.connectionpool.HTTPConnectionPool._make_request",
    "urllib3.connection.HTTPConnection.send",
    "botocore.auth.SigV4Auth.add_auth",
    "botocore.awsrequest.AWSRequest.prepare",
    "botocore.awsrequest.AWSRequestPreparer.prepare",
    "botocore.client.BaseClient._resolve_endpoint_ruleset",
    "botocore.client.BaseClient._convert_to_request_dict",
    "botocore.endpoint.Endpoint.create_request",
    "botocore.signers.RequestSigner.sign",
    "urllib3.connectionpool.HTTPConnectionPool._new_conn",
    "urllib3.connection.HTTPConnection.request",
    "urllib3.connection.HTTPConnection.connect",
    "urllib3.util.connection.create_connection",
    "http.client.HTTPConnection.putrequest",
    "http.client.HTTPConnection.send",
    "socket.socket",
    "socket.socket.connect",
)
"""Names that a request of botocore's passes; some are not the classes' own, but inherited."""


class TestBelowTheSession:
    """Whoever replaced what lies between botocore and the socket gets the request there."""

    @pytest.mark.parametrize("name", SEND_BY)
    def test_nothing_leaves(
        self,
        connection: WireConnection,
        server: Loopback,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
    ) -> None:
        """Not even over a connection that was open before, and as before when it is over."""
        send(connection, "GetItem", KEY)
        with monkeypatch.context() as patch:
            patch.setattr(name, Mock(side_effect=refuse))
            with pytest.raises(SendingFailed):
                send(connection, "GetItem", KEY)
            assert connection.chooser.used.name == "botocore"
            assert name.rpartition(".")[2] in connection.chooser.used.reason
            assert len(server.received) == 1
        assert connection.chooser.used.name == "direct"
        send(connection, "GetItem", KEY)
        assert len(server.received) == 2

    @pytest.mark.parametrize(
        "name",
        [
            "botocore.hooks.HierarchicalEmitter.emit",
            "botocore.parsers.ResponseParser.parse",
            "botocore.parsers.JSONParser._do_parse",
            "http.client.HTTPResponse._read_status",
            "socket.SocketIO.readinto",
            "urllib3.connectionpool.HTTPConnectionPool._put_conn",
        ],
    )
    def test_answers_pass_there_too(
        self, connection: WireConnection, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """And so does what tells listeners of a request."""
        assert connection.chooser.used.name == "direct"
        with monkeypatch.context() as patch:
            patch.setattr(name, lambda *_, **__: None)
            assert connection.chooser.used.name == "botocore"
        assert connection.chooser.used.name == "direct"

    @pytest.mark.parametrize(
        "name",
        [
            "urllib3.connection.ssl_wrap_socket",
            "ssl.SSLContext.wrap_socket",
            "ssl.SSLSocket.sendall",
        ],
    )
    def test_nothing_leaves_over_tls(
        self,
        tls: tuple[ssl.SSLContext, Path],
        monkeypatch: pytest.MonkeyPatch,
        name: str,
    ) -> None:
        """As without."""
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tls[1]))
        with Loopback(tls=tls[0]) as server:
            connection = connect_to("eu-west-1", server.url)
            send(connection, "GetItem", KEY)
            assert connection.chooser.used.name == "direct"
            monkeypatch.setattr(name, refuse)
            with pytest.raises(SendingFailed):
                send(connection, "GetItem", KEY)
            connection.close()
        assert len(server.received) == 1

    def test_what_lets_nothing_out(
        self, connection: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With sockets that raise whatever they like, as pytest-socket's, nothing is in doubt."""
        send(connection, "GetItem", KEY)

        class Guarded(socket.socket):
            def __new__(cls, *_: Any, **__: Any) -> Any:
                raise RuntimeError("no sockets in this test")

        monkeypatch.setattr(socket, "socket", Guarded)
        with pytest.raises(NotSent) as raised:
            send(connection, "PutItem", {"TableName": "users", "Item": {}})
        assert raised.value.code == "RuntimeError"
        assert connection.chooser.used.reason == "socket.socket is replaced"
        assert len(server.received) == 1

    def test_a_tracer(
        self, connection: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """OpenTelemetry's for urllib3, whose wrapper is equal to what it wraps."""
        seen: list[str] = []

        def traced(wrapped: Any, _: Any, args: Any, kwargs: Any) -> Any:
            seen.append(kwargs["method"])
            return wrapped(*args, **kwargs)

        send(connection, "GetItem", KEY)
        wrapper = FunctionWrapper(HTTPConnectionPool.urlopen, traced)
        assert wrapper == HTTPConnectionPool.urlopen
        monkeypatch.setattr(HTTPConnectionPool, "urlopen", wrapper)
        for _ in range(2):
            send(connection, "GetItem", KEY)
        assert seen == ["POST", "POST"]
        assert connection.chooser.used.reason == "HTTPConnectionPool.urlopen is replaced"
        assert len(server.received) == 3

    def test_answers_stay_bounded(
        self, connection: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who looks on does not take the end of a call away."""
        original = HTTPConnectionPool.urlopen

        def traced(*args: Any, **kwargs: Any) -> Any:
            seen.append(args)
            return original(*args, **kwargs)

        seen: list[Any] = []
        monkeypatch.setattr(HTTPConnectionPool, "urlopen", traced)
        server.script[:] = [drip(answer(), 0.01)]
        with pytest.raises(AnswerTimedOut):
            send(connection, "GetItem", KEY, ends=time.monotonic() + 1)
        assert len(seen) == 1

    @pytest.mark.parametrize("depth", ["client", "endpoint", "session", "manager"])
    def test_one_object_alone(
        self, connection: WireConnection, server: Loopback, depth: str
    ) -> None:
        """A method that only this client, or what it sends by, was given."""
        send(connection, "GetItem", KEY)
        client = connection.client
        session = client._endpoint.http_session
        owner, name = {
            "client": (client, "_make_request"),
            "endpoint": (client._endpoint, "make_request"),
            "session": (session, "send"),
            "manager": (session._manager, "connection_from_url"),
        }[depth]
        setattr(owner, name, refuse)
        with pytest.raises(SendingFailed):
            send(connection, "GetItem", KEY)
        assert connection.chooser.used.reason == f"{type(owner).__name__}.{name} is replaced"
        delattr(owner, name)
        assert connection.chooser.used.name == "direct"
        assert len(server.received) == 1

    def test_another_session(self, connection: WireConnection, server: Loopback) -> None:
        """What was put in the place of botocore's gets the request."""
        send(connection, "GetItem", KEY)
        endpoint = connection.client._endpoint
        session, endpoint.http_session = endpoint.http_session, SimpleNamespace(send=refuse)
        with pytest.raises(SendingFailed):
            send(connection, "GetItem", KEY)
        assert connection.chooser.used.reason == "SimpleNamespace is replaced"
        endpoint.http_session = session
        assert connection.chooser.used.name == "direct"
        assert len(server.received) == 1

    def test_every_part_is_looked_at(
        self, connection: WireConnection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Wherever it stands, what replaces it is seen, and that it is over."""
        for owner, names in private.carriers_of(connection.client).shared:
            for name in names:
                with monkeypatch.context() as patch:
                    patch.setattr(owner, name, refuse)
                    assert connection.chooser.used.name == "botocore", name
                assert connection.chooser.used.name == "direct", name

    def test_what_no_request_passes(
        self, connection: WireConnection, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Other names of these classes are anybody's, and hide nothing that is replaced."""
        for number in range(3):
            monkeypatch.setattr(HTTPConnectionPool, "label", number, raising=False)
            send(connection, "GetItem", KEY)
            assert connection.chooser.used.name == "direct"
        monkeypatch.setattr(HTTPConnectionPool, "urlopen", refuse)
        monkeypatch.setattr(HTTPConnectionPool, "label", None)
        with pytest.raises(SendingFailed):
            send(connection, "GetItem", KEY)
        assert len(server.received) == 3

    def test_one_that_was_there_before(self) -> None:
        """A class that is replaced while this library is imported is replaced until it is back."""
        script = """
import http.client
from tests.loopback import Loopback

original = http.client.HTTPConnection
http.client.HTTPConnection = type("Recorder", (original,), {"__module__": "recorder"})
from tests.wire import KEY, connect_to, send

with Loopback() as server:
    connection = connect_to("eu-west-1", server.url, 2, 3)
    print(connection.chooser.used.name)
    http.client.HTTPConnection = original
    print(connection.chooser.used.name)
    send(connection, "GetItem", KEY)
"""
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.stdout.split() == ["botocore", "direct"], done.stderr
