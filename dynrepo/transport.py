"""PynamoDB's `Connection`, set up to carry DynamoDB JSON as it travels.

botocore gives bytes for `{"B": ...}` where the wire, and all of this library, has base64 text.
"""

from __future__ import annotations

import logging
from base64 import b64decode, b64encode
from typing import Any

from pynamodb.connection import Connection

_POOL = 50
"""Sockets a client keeps open; more threads than that open one for each call."""


class WireConnection(Connection):
    """A connection that sends once (the store repeats) and leaves binary values as base64 text."""

    @property
    def session(self) -> Any:
        """The botocore session of this thread, with a parser that keeps base64 text."""
        session = super().session
        session.get_component("response_parser_factory").set_parser_defaults(blob_parser=_as_it_is)
        return session

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Sends a request in DynamoDB JSON and returns the answer in DynamoDB JSON."""
        return super().dispatch(operation_name, _blobs(operation_kwargs, b64decode))


class AdaptedConnection:
    """A `Connection` of the caller's, as it is, with binary values translated on both ways."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def client(self) -> Any:
        """The botocore client below."""
        return self.connection.client

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        """Sends a request in DynamoDB JSON and returns the answer in DynamoDB JSON."""
        answer = self.connection.dispatch(operation_name, _blobs(operation_kwargs, b64decode))
        return _blobs(answer, lambda value: b64encode(value).decode())  # type: ignore[no-any-return]


def connect(
    region: str | None, endpoint: str | None, connect_timeout: float, read_timeout: float
) -> WireConnection:
    """A connection whose client is made, so that threads that share it do not each make one."""
    connection = WireConnection(
        region=region,
        host=endpoint,
        connect_timeout_seconds=connect_timeout,
        read_timeout_seconds=read_timeout,
        max_retry_attempts=0,
        max_pool_connections=_POOL,
    )
    connection.client  # noqa: B018 - makes it
    return connection


def _as_it_is(value: str) -> str:
    return value


def _blobs(value: Any, translate: Any) -> Any:
    """A copy of a request or an answer with every binary attribute value translated."""
    if isinstance(value, dict):
        return {
            key: translate(inner)
            if key == "B" and not isinstance(inner, dict)
            else [translate(one) for one in inner]
            if key == "BS" and isinstance(inner, list)
            else _blobs(inner, translate)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_blobs(one, translate) for one in value]
    return value


class _NoArguments(logging.Filter):
    """Takes keys and values out of PynamoDB's DEBUG log, which prints whole requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg == "Calling %s with arguments %s" and isinstance(record.args, tuple):
            record.args = (record.args[0], "(not shown)")
        return True


logging.getLogger("pynamodb.connection.base").addFilter(_NoArguments())
