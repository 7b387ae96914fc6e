"""botocore's own sender, held to the same promises: bounded in time and size, answers checked."""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from urllib3.exceptions import HTTPError

from dynrepo.aws import private
from dynrepo.aws.credentials import signing_credentials
from dynrepo.aws.departure import Departure
from dynrepo.aws.errors import cause_of, outcome_of, unsent
from dynrepo.aws.foreign_logs import fenced_logs
from dynrepo.clock import steady
from dynrepo.operations.operation import Answer
from dynrepo.protocol.answer import MEMBERS, require_members, verify
from dynrepo.protocol.http import LARGEST_BODY, LARGEST_HEAD, TOO_LONG
from dynrepo.protocol.requests import require_usable
from dynrepo.sending.interrupted import handed_over
from dynrepo.sending.outcomes import AnswerBroken, NotSent

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator, Iterable

    from pynamodb.connection import Connection

    from dynrepo.operations.operation import Operation

# PynamoDB asks for the consumed capacity of every other operation, and most of them have none.
_KNOWN_TO_PYNAMODB = frozenset(MEMBERS) | {
    "CreateTable",
    "DeleteTable",
    "ListTables",
    "UpdateTable",
    "UpdateTimeToLive",
}


class BotocoreSender:
    """Sends by PynamoDB's `Connection`, and so by botocore, with binary values as text.

    With `as_text` the connection's client leaves binary values of answers as base64 text itself.
    `is_original` says whether requests pass nothing but botocore's own code; where they do, what
    botocore did not come to sending was not sent.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        as_text: bool,
        is_original: Callable[[], bool] = lambda: False,
    ) -> None:
        self._connection = connection
        self._as_text = as_text
        self._is_original = is_original

    def send(self, operation: Operation[Any], attempt: int, ends: float, **_: bool) -> Answer:
        """The answer to an operation; reads of it end by a point of `time.monotonic`.

        Which connection it goes over, urllib3 decides.
        """
        try:
            credentials = signing_credentials(self._connection.client, ends)
            if credentials is not None:
                require_usable(credentials)
            request = _translated(operation.request, b64decode)
        except Exception as error:
            raise unsent(error) from error
        departure = Departure()
        try:
            with fenced_logs(), _reads_ending(ends), departure.noted(), handed_over():
                body = self._body(operation.name, request)
        except Exception as error:  # noqa: BLE001 - translated here
            stayed = departure.is_pending and self._is_original()
            outcome = (unsent if stayed else outcome_of)(error)
            raise outcome from cause_of(outcome, error)
        if not self._as_text:
            body = _translated(body, _text_of)
        request_id = body.pop("ResponseMetadata", {}).get("RequestId")
        answer = Answer(body, request_id, attempt)
        require_members(operation.name, answer)
        return answer

    def _body(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        if name in _KNOWN_TO_PYNAMODB:
            connection: Any = self._connection
            return dict(connection.dispatch(name, request))
        return private.call_api(self._connection, name, request)


def check_answers(client: Any) -> None:
    """Makes a client verify every answer; botocore takes a broken one for an empty one."""
    client.meta.events.register("before-parse.dynamodb", _check, unique_id="dynrepo-check")


def _check(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    status, headers = response_dict["status_code"], response_dict["headers"]
    verify(operation_model.name, status, headers, response_dict["body"])


def bound_reads(client: Any) -> None:
    """Makes a client's reads end when the call must; botocore bounds each of them alone.

    Where botocore's connection classes are replaced, the replacements are left to do it.
    """
    pools = (AWSHTTPConnectionPool, AWSHTTPSConnectionPool)
    if [pool.ConnectionCls for pool in pools] == [AWSHTTPConnection, AWSHTTPSConnection]:
        pools = (_BoundedPool, _BoundedTlsPool)
    session = private.http_session_of(client)
    classes = private.pool_classes_of(session)
    if classes is not None and (classes["http"], classes["https"]) != pools:
        session.close()  # no connection of the other kind is used again
        classes.update(http=pools[0], https=pools[1])


_ends: ContextVar[float | None] = ContextVar("dynrepo_reads_end", default=None)


@contextmanager
def _reads_ending(ends: float) -> Generator[None]:
    """Bounds what is read within the block, by a point of `time.monotonic`."""
    token = _ends.set(ends)
    try:
        yield
    finally:
        _ends.reset(token)


def _translated(value: Any, translate: Any) -> Any:
    """A copy of a request or an answer with every binary attribute value translated."""
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {key: _member(key, inner, translate) for key, inner in members.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_translated(inner, translate) for inner in cast("Iterable[Any]", value)]
    return value


def _member(key: str, value: Any, translate: Any) -> Any:
    if key == "B" and not isinstance(value, Mapping):
        return translate(value)
    if key == "BS" and isinstance(value, list):
        return [translate(binary) for binary in cast("Iterable[Any]", value)]
    return _translated(value, translate)


def _text_of(value: bytes) -> str:
    return b64encode(value).decode()


class _BoundedReader(io.RawIOBase):
    """Reads an answer from a socket: each time for no longer than is left, and not for ever."""

    def __init__(self, of: socket.socket, raw: Any) -> None:
        self._socket = of
        self._raw = raw
        self._timeout = of.gettimeout()
        self._left = LARGEST_HEAD + LARGEST_BODY

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        ends = _ends.get()
        if ends is not None:
            left = ends - steady.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left if self._timeout is None else min(left, self._timeout))
        read = self._raw.readinto(buffer)
        self._left -= read or 0
        if self._left < 0:
            raise AnswerBroken(TOO_LONG)
        return read

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = io.BufferedReader(_BoundedReader(sock, self.fp.detach()))

    def begin(self) -> None:
        super().begin()
        if (self.length or 0) > LARGEST_BODY:
            raise AnswerBroken(TOO_LONG)


@contextmanager
def _connecting() -> Generator[None]:
    """Whatever keeps a connection from being made is `NotSent`, if urllib3 has no word for it."""
    try:
        yield
    except (OSError, ValueError, HTTPError):  # of TLS, too
        raise
    except Exception as error:
        raise NotSent(code=type(error).__name__) from error


class _BoundedConnection(AWSHTTPConnection):
    response_class: Any = _BoundedResponse

    def connect(self) -> None:
        with _connecting():
            super().connect()


class _BoundedTlsConnection(AWSHTTPSConnection):
    response_class: Any = _BoundedResponse

    def connect(self) -> None:
        with _connecting():
            super().connect()


class _BoundedPool(AWSHTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _BoundedTlsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _BoundedTlsConnection
