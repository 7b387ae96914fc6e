"""PynamoDB's signals are fired, whoever sends."""

from __future__ import annotations

from typing import Any

import pytest
from pynamodb.signals import post_dynamodb_send, pre_dynamodb_send

from tests.loopback import Loopback
from tests.wire import KEY, Connect, connect_to, send


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


@pytest.mark.parametrize("signal", [pre_dynamodb_send, post_dynamodb_send])
def test_who_fires_signals(signal: Any) -> None:
    """The thread of the caller, or PynamoDB itself, which then sends as it does everywhere."""
    heard: list[Any] = []

    def receive(*_: Any, **__: Any) -> None:
        heard.append(1)

    with Loopback() as server:
        connections = [
            connect_to("eu-west-1", server.url, fires_signals=fires) for fires in (True, False)
        ]
        for connection in connections:
            send(connection, "GetItem", KEY)
            with signal.connected_to(receive):
                send(connection, "GetItem", KEY)
            connection.close()
    assert heard == [1, 1]
    agents = ["lib/dynrepo" in request.headers["user-agent"] for request in server.received]
    assert agents == [True, True, True, False]
