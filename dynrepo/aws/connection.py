"""PynamoDB's `Connection`, set up to carry DynamoDB JSON as it travels, and who sends over it."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from pynamodb.connection import Connection
from pynamodb.settings import get_settings_value
from pynamodb.signals import post_dynamodb_send, pre_dynamodb_send

from dynrepo.aws import private
from dynrepo.aws.botocore_sender import BotocoreSender, bound_reads, check_answers
from dynrepo.aws.credentials import fenced
from dynrepo.aws.errors import unsent
from dynrepo.aws.foreign_logs import fenced_logs
from dynrepo.aws.loader import speed_up_loader
from dynrepo.aws.patches import replaced_parts
from dynrepo.aws.sender_choice import SenderChoice, SenderUsed, logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.aws.sender_choice import AnySender, MakeDirect, Transport
    from dynrepo.operations.operation import Answer, Operation
    from dynrepo.protocol.endpoint import Target

__all__ = ["Connection", "GivenConnection", "WireConnection", "connect"]

_EMPTY_FOR = 1.0
"""Seconds for which a client that found no credentials is asked again, before a new one looks."""


class WireConnection(Connection):
    """A connection that sends once (the store repeats) and leaves binary values as base64 text.

    Its client is made once for all threads. `make_direct` makes the direct sender to a target.
    """

    def __init__(
        self, *, make_direct: MakeDirect, transport: Transport = "auto", **options: Any
    ) -> None:
        super().__init__(**options)
        self._make_direct = make_direct
        self._transport: Transport = transport
        self._headers: Mapping[str, str] = (
            options.get("extra_headers") or get_settings_value("extra_headers") or {}
        )
        self._lock = threading.RLock()
        self._shared: Any = None
        self._made = 0.0
        self._choice: SenderChoice | None = None
        self._botocore = BotocoreSender(self, as_text=True)

    @property
    def session(self) -> Any:
        """The botocore session of this thread, with a parser that keeps base64 text."""
        session = cast("Any", super()).session
        speed_up_loader(session)
        session.get_component("response_parser_factory").set_parser_defaults(blob_parser=_as_it_is)
        return session

    @property
    def client(self) -> Any:
        """The botocore client below, made once for all threads."""
        client = self._shared
        if client is not None and (private.has_credentials(client) or self._is_new()):
            return client
        with self._lock:
            if self._shared is None or not self._is_new():
                with fenced_logs():
                    self._shared = cast("Any", super()).client
                    check_answers(self._shared)
                self._made = time.monotonic()
            return self._shared

    @property
    def sender(self) -> SenderUsed:
        """Who sends the requests now, and why."""
        return self._current_choice().sender

    def sender_for(self, operation: Operation[Any]) -> AnySender:
        """Who is to send an operation now."""
        choice = self._choice
        if choice is None or not choice.holds():
            choice = self._current_choice()
        direct = choice.direct
        chosen = self._botocore if direct is None or not choice.takes(operation.table) else direct
        # Without blinker there are no signals, and no `receivers`.
        if chosen is direct and (
            getattr(pre_dynamodb_send, "receivers", None)
            or getattr(post_dynamodb_send, "receivers", None)
        ):
            return SignallingSender(self, direct)
        return chosen

    def close(self) -> None:
        """Closes the idle connections, waiting for nothing; a later request opens new ones."""
        with self._lock:
            client, self._shared = self._shared, None
            choice, self._choice = self._choice, None
        if choice is not None and choice.direct is not None:
            choice.direct.close()
        if client is not None:
            client.close()

    def _current_choice(self) -> SenderChoice:
        choice = self._choice
        # A client for which the direct sender was chosen has credentials: it need not be asked.
        client = self._shared if choice is not None and choice.direct else self.client
        if choice is None or choice.client is not client or not choice.holds():
            with self._lock:
                if self._choice is choice:
                    self._choice = self._choose(self.client)
            return self._current_choice()
        return choice

    def _choose(self, client: Any) -> SenderChoice:
        with suppress(Exception):  # then each read ends by its own timeout alone
            bound_reads(client, original=not any(True for _ in replaced_parts()))
        return SenderChoice(client, self._transport, self._headers, self._direct)

    def _direct(self, target: Target, credentials: Any) -> AnySender:
        return self._make_direct(target, fenced(credentials))

    def _is_new(self) -> bool:
        return time.monotonic() - self._made < _EMPTY_FOR


class GivenConnection:
    """A `Connection` of the caller's, as it is; botocore sends, within the caller's timeouts."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.sender = SenderUsed("botocore", "the connection was given")
        self._botocore = BotocoreSender(connection, as_text=False)
        if not private.can_forget_client(connection):
            logger.warning("this PynamoDB keeps its client in a fork: connect in the child")

    @property
    def client(self) -> Any:
        """The botocore client below."""
        return self.connection.client

    def sender_for(self, _: Operation[Any]) -> AnySender:
        """Who is to send an operation."""
        return self._botocore

    def close(self) -> None:
        """Closes the connections of the caller's client; a later request opens new ones."""
        self.connection.client.close()

    def forget(self) -> None:
        """Starts anew in a forked process, without the sockets and locks of its parent."""
        private.forget_client(self.connection)


class SignallingSender:
    """A sender around which PynamoDB's signals are fired; the second for what was answered."""

    def __init__(self, connection: Connection, sender: AnySender) -> None:
        self._connection: Any = connection
        self._sender = sender

    def send(self, operation: Operation[Any], attempt: int, ends: float) -> Answer:
        """The answer to an operation, by the sender."""
        told = operation.name, uuid4(), operation.request.get("TableName")
        with suppress(Exception):  # PynamoDB logs what a receiver raises, and a handler may raise
            self._connection.send_pre_boto_callback(*told)
        answer = self._sender.send(operation, attempt, ends)
        with suppress(Exception):
            self._connection.send_post_boto_callback(*told)
        return answer

    def close(self) -> None:
        """Closes the sender."""
        self._sender.close()


def connect(
    region: str | None,
    endpoint: str | None,
    connect_timeout: float,
    read_timeout: float,
    *,
    make_direct: MakeDirect,
    pool_size: int = 50,
    transport: Transport = "auto",
) -> WireConnection:
    """A connection whose client is made, so that threads that share it do not each make one.

    `NotSent`, with the cause, where it cannot be made.
    """
    try:
        connection = WireConnection(
            make_direct=make_direct,
            transport=transport,
            region=region,
            host=endpoint,
            connect_timeout_seconds=connect_timeout,
            read_timeout_seconds=read_timeout,
            max_retry_attempts=0,
            max_pool_connections=pool_size,
        )
        connection.client  # noqa: B018 - makes it
    except Exception as error:
        raise unsent(error) from error
    return connection


def _as_it_is(value: str) -> str:
    return value
