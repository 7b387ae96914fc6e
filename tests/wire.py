"""Connections to servers on loopback, and single requests over them, for tests below a store."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dynrepo.aws import connection as connections
from dynrepo.aws.errors import unsent
from dynrepo.blocking.direct import DirectSender
from dynrepo.operations.operation import Operation
from dynrepo.protocol.endpoint import Timeouts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.aws.connection import GivenConnection, WireConnection
    from dynrepo.aws.sender_choice import MakeDirect
    from dynrepo.operations.operation import Answer

KEY = {"TableName": "users", "Key": {"id": {"S": "1"}}}
"""A request for an item."""

ITEM = {"id": {"S": "1"}, "photo": {"B": "AAEC"}, "parts": {"BS": ["AAE=", "Ag=="]}}
"""An item with binary values."""


Connect = Callable[..., "WireConnection"]
"""Makes a connection to a URL."""


class Grudge(logging.Handler):
    """A log handler that raises, and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the line and raises."""
        self.told.append(record.getMessage())
        raise OSError("the disk is full")


def direct_within(connect: float, read: float) -> MakeDirect:
    """Makes direct senders with these timeouts, in seconds."""
    return lambda target, credentials: DirectSender(
        target, credentials, unsent, Timeouts(connect, read), 50
    )


def wire_connection(*, connect: float = 2, read: float = 3, **options: Any) -> WireConnection:
    """A connection that may send directly; its client is not made yet."""
    return connections.WireConnection(
        make_direct=direct_within(connect, read),
        connect_timeout_seconds=connect,
        read_timeout_seconds=read,
        max_retry_attempts=0,
        **options,
    )


def connect_to(
    region: str, url: str | None, connect: float = 2, read: float = 3, **options: Any
) -> WireConnection:
    """A connection as a store makes it."""
    return connections.connect(
        region, url, connect, read, make_direct=direct_within(connect, read), **options
    )


def send(
    connection: WireConnection | GivenConnection,
    name: str,
    request: Mapping[str, Any],
    *,
    ends: float | None = None,
    parse: Callable[[bytes | bytearray], Any] | None = None,
    text: bytes | None = None,
) -> Answer:
    """The answer to one request, by whoever sends for the connection now."""
    table = request.get("TableName", "")
    operation: Operation[Any] = Operation(
        name, table, request, lambda answer: answer, parse=parse, text=text
    )
    until = time.monotonic() + 60 if ends is None else ends
    return connection.chooser.sender_for(operation, until).send(operation, 1, until)
