"""PynamoDB's `Connection`, set up to carry DynamoDB JSON as it travels.

`dispatch` does what PynamoDB's does: it asks for the consumed capacity and fires the signals. It
does not log, since PynamoDB's lines hold keys and values, and a handler that raises would break the
call. What lies below it is decided here: the direct sender, or botocore's client.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from pynamodb.connection import Connection
from pynamodb.signals import post_dynamodb_send, pre_dynamodb_send

from dynrepo.aws import botocore_sender as stock
from dynrepo.aws.foreign_logs import fenced, here
from dynrepo.aws.loader import hasten
from dynrepo.aws.sender_choice import Choice, Sender, Transport
from dynrepo.protocol.answer import MEMBERS, require_members
from dynrepo.protocol.endpoint import Timeouts

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from dynrepo.codec.core import Parse

_PATIENCE = 60.0
"""Seconds for a request that comes without an end of its own."""

_POISONED_FOR = 1.0
"""Seconds for which a client that found no credentials is asked again, before a new one looks."""


_METERED = frozenset(MEMBERS) - {"DescribeTable"}
"""The operations that tell what capacity they consumed."""

# PynamoDB's own `dispatch` asks for the consumed capacity of requests that have none.
_UNMETERED = {"DescribeTimeToLive"}


class Request(dict[str, Any]):
    """A request in DynamoDB JSON, with what only this library's own sender wants to know of it."""

    __slots__ = ("ends", "instances", "parse", "text")

    ends: float
    """When it must be answered, by `time.monotonic`."""
    parse: Parse | None
    """Makes the answer from its text at once, where it can."""
    text: bytes | None
    """The same as JSON, where it is there already."""
    instances: Sequence[Any] | None
    """The instances that the sender made, once it is answered."""


class WireConnection(Connection):
    """A connection that sends once (the store repeats) and leaves binary values as base64 text."""

    def __init__(self, *, transport: Transport = "auto", **options: Any) -> None:
        super().__init__(**options)
        self._transport: Transport = transport
        self._lock = threading.RLock()
        self._made = 0.0
        self._choice: Choice | None = None
        _connections.add(self)

    @property
    def session(self) -> Any:
        """The botocore session of this thread, with a parser that keeps base64 text."""
        session = cast("Any", super()).session
        hasten(session)
        session.get_component("response_parser_factory").set_parser_defaults(blob_parser=_as_it_is)
        return session

    @property
    def client(self) -> Any:
        """The botocore client below, made once for all threads."""
        client: Any = self._client
        if client is not None and (_has_credentials(client) or self._lately()):
            return client
        with self._lock:
            if self._client is None or not self._lately():
                with fenced():
                    stock.check_answers(super().client)
                self._made = time.monotonic()
            return self._client

    @property
    def sender(self) -> Sender:
        """Who sends the requests now, and why."""
        return self._chosen().sender

    def dispatch(  # type: ignore[override]
        self,
        operation_name: str,
        operation_kwargs: Mapping[str, Any],
        ends: float | None = None,
        parse: Parse | None = None,
        text: bytes | None = None,
    ) -> tuple[dict[str, Any], Sequence[Any] | None]:
        """Sends a request in DynamoDB JSON and returns the answer in DynamoDB JSON.

        `ends` is when it must be there, by `time.monotonic`. `parse` may make instances of the
        answer's items, which stand beside it. `text` is the request as JSON.
        """
        request = Request(operation_kwargs)
        request.instances = None
        request.ends = time.monotonic() + _PATIENCE if ends is None else ends
        request.parse = parse
        request.text = text
        if operation_name in _METERED and "ReturnConsumedCapacity" not in request:
            request["ReturnConsumedCapacity"] = "TOTAL"
            request.text = text and b'%b,"ReturnConsumedCapacity":"TOTAL"}' % text[:-1]
        if not _has_listeners():
            return self._make_api_call(operation_name, request), request.instances
        with self._signalled(operation_name, request):
            return self._make_api_call(operation_name, request), request.instances

    @contextmanager
    def _signalled(self, operation_name: str, request: Request) -> Generator[None]:
        """Fires PynamoDB's signals, of which the second is for a request that was answered."""
        told = operation_name, uuid4(), request.get("TableName")
        connection = cast("Any", self)
        with suppress(Exception):  # PynamoDB logs what a receiver raises, and a handler may raise
            connection.send_pre_boto_callback(*told)
        yield
        with suppress(Exception):
            connection.send_post_boto_callback(*told)

    def close(self) -> None:
        """Closes the idle connections, waiting for nothing; a later request opens new ones."""
        with self._lock:
            client: Any = self._client
            self._client = None
            choice, self._choice = self._choice, None
        if choice is not None and choice.direct is not None:
            choice.direct.close()
        if client is not None:
            client.close()

    def forget(self) -> None:
        """Starts anew in a forked process, without the sockets and locks of its parent."""
        _forget(self)
        self._lock = threading.RLock()
        self._choice = None

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> Any:
        # As `fenced` does, without what contextlib takes at each request.
        outer, here.now = here.now, True
        try:
            choice, ends = self._chosen(), None
            if isinstance(operation_kwargs, Request):
                ends = operation_kwargs.ends
                if choice.direct is not None and choice.takes(operation_kwargs):
                    parse, text = operation_kwargs.parse, operation_kwargs.text
                    body, operation_kwargs.instances = choice.direct.send(
                        operation_name, operation_kwargs, ends, parse, text
                    )
                    return body
            with stock.ending(ends):
                request = _blobs(operation_kwargs, b64decode)
                body = cast("Any", super())._make_api_call(operation_name, request)  # noqa: SLF001
            require_members(operation_name, body)
            return body
        finally:
            here.now = outer

    def _chosen(self) -> Choice:
        choice = self._choice
        # A client for which the direct sender was chosen has credentials: it need not be asked.
        client: Any = self._client if choice is not None and choice.direct else self.client
        if choice is None or choice.client is not client or not choice.holds():
            with self._lock:
                if self._choice is choice:
                    self._choice = self._choose(self.client)
            return self._chosen()
        return choice

    def _choose(self, client: Any) -> Choice:
        timeouts = Timeouts(self._connect_timeout_seconds, self._read_timeout_seconds)
        extra, kept = self._extra_headers or {}, self._max_pool_connections
        return Choice(client, self._transport, extra, timeouts, kept)

    def _lately(self) -> bool:
        return time.monotonic() - self._made < _POISONED_FOR


class AdaptedConnection:
    """A `Connection` of the caller's, as it is, with binary values translated on both ways.

    botocore sends, and time is bounded as the caller configured it.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        _connections.add(self)

    @property
    def client(self) -> Any:
        """The botocore client below."""
        return self.connection.client

    @property
    def sender(self) -> Sender:
        """Who sends the requests, and why."""
        return Sender("botocore", "the connection was given")

    def dispatch(
        self,
        operation_name: str,
        operation_kwargs: Mapping[str, Any],
        ends: float | None = None,  # noqa: ARG002 - the caller's timeouts count
        parse: Parse | None = None,  # noqa: ARG002 - botocore parses
        text: bytes | None = None,  # noqa: ARG002 - and writes
    ) -> tuple[dict[str, Any], Sequence[Any] | None]:
        """Sends a request in DynamoDB JSON and returns the answer in DynamoDB JSON."""
        request = _blobs(operation_kwargs, b64decode)
        connection = cast("Any", self.connection)
        if operation_name in _UNMETERED:
            return connection._make_api_call(operation_name, request), None  # noqa: SLF001
        with fenced():
            body = _blobs(connection.dispatch(operation_name, request), _to_text)
        require_members(operation_name, body)
        return body, None

    def close(self) -> None:
        """Closes the connections of the caller's client; a later request opens new ones."""
        self.connection.client.close()

    def forget(self) -> None:
        """Starts anew in a forked process, without the sockets and locks of its parent."""
        _forget(self.connection)


def connect(
    region: str | None,
    endpoint: str | None,
    connect_timeout: float,
    read_timeout: float,
    *,
    pool_size: int = 50,
    transport: Transport = "auto",
) -> WireConnection:
    """A connection whose client is made, so that threads that share it do not each make one."""
    connection = WireConnection(
        transport=transport,
        region=region,
        host=endpoint,
        connect_timeout_seconds=connect_timeout,
        read_timeout_seconds=read_timeout,
        max_retry_attempts=0,
        max_pool_connections=pool_size,
    )
    connection.client  # noqa: B018 - makes it
    return connection


def _has_credentials(client: Any) -> bool:
    return bool(client._request_signer._credentials)  # noqa: SLF001 - as PynamoDB asks it


def _as_it_is(value: str) -> str:
    return value


def _to_text(value: bytes) -> str:
    return b64encode(value).decode()


def _blobs(value: Any, translate: Any) -> Any:
    """A copy of a request or an answer with every binary attribute value translated."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {key: _blob(key, inner, translate) for key, inner in members.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_blobs(one, translate) for one in cast("Iterable[Any]", value)]
    return value


def _blob(key: str, value: Any, translate: Any) -> Any:
    if key == "B" and not isinstance(value, dict):
        return translate(value)
    if key == "BS" and isinstance(value, list):
        return [translate(one) for one in cast("Iterable[Any]", value)]
    return _blobs(value, translate)


def _has_listeners() -> bool:
    # `receivers` is blinker's, without which there are no signals.
    return bool(
        getattr(pre_dynamodb_send, "receivers", None)
        or getattr(post_dynamodb_send, "receivers", None)
    )


_connections: weakref.WeakSet[WireConnection | AdaptedConnection] = weakref.WeakSet()


def _forget(connection: Any) -> None:
    connection._client = None  # noqa: SLF001 - there is no other way to a new one
    connection._local = threading.local()  # noqa: SLF001


def _forget_all() -> None:
    """A child process that used its parent's sockets would read its parent's answers."""
    for connection in list(_connections):
        connection.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forget_all)
