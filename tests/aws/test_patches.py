"""Whoever joins in or replaces a part of botocore gets the requests there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.handlers
import pytest
from botocore.awsrequest import AWSHTTPConnectionPool
from botocore.client import BaseClient
from botocore.stub import Stubber
from pynamodb.connection import Connection
from wrapt import FunctionWrapper

from dynrepo.aws import botocore_sender
from tests.loopback import CAPACITY, Loopback
from tests.wire import KEY, send

if TYPE_CHECKING:
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
