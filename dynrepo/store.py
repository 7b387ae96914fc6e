"""The door to DynamoDB: one method that sends an operation and says truly what came of it.

Here and nowhere else are errors of PynamoDB and botocore translated, and requests sent again.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from dynrepo.errors import (
    CredentialsMissing,
    DynrepoError,
    OutcomeUnknown,
    StoreError,
    Throttled,
    Timeout,
    Unavailable,
    class_of,
)
from dynrepo.operation import Answer, Effect, Operation

if TYPE_CHECKING:
    from pynamodb.connection import Connection


@dataclass(frozen=True, slots=True)
class Location:
    """Where a store sends its requests: the AWS region, and the URL of the endpoint."""

    region: str | None = None
    endpoint: str | None = None


class Store(Protocol):
    """What a repository needs below it: one method that sends an operation."""

    @property
    def table_prefix(self) -> str:
        """What every table name starts with."""
        ...

    @property
    def location(self) -> Location:
        """Where the requests go, as far as it is known; never raises."""
        ...

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation; raises a `DynrepoError`, and nothing else, when it is not done."""
        ...


class DynamoStore:
    """DynamoDB over PynamoDB's `Connection`, which gets credentials and endpoint from botocore.

    One store serves any number of repositories and threads. Nothing is resolved or connected
    before the first call. Timeouts are in seconds: `connect_timeout` and `read_timeout` bound one
    wait on the socket, `deadline` bounds a call with all its attempts.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        table_prefix: str = "",
        connect_timeout: float = 1.0,
        read_timeout: float = 3.0,
        deadline: float = 10.0,
        connection: Connection | None = None,
    ) -> None:
        self.table_prefix = table_prefix
        self.deadline = deadline
        self._region = region or os.environ.get("AWS_REGION")
        self._endpoint = endpoint
        self._timeouts = (connect_timeout, read_timeout)
        self._given = connection
        self._connection: _Connection | None = None
        self._probe: _Connection | None = None
        self._lock = threading.Lock()

    @property
    def location(self) -> Location:
        """The region and the endpoint that botocore resolved; as given, where it could not."""
        try:
            meta = self._connected().client.meta
        except Exception:  # noqa: BLE001 - the call itself will say what is wrong
            return Location(self._region, self._endpoint)
        return Location(meta.region_name, meta.endpoint_url)

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation, again where that is safe, until it is answered or its time is up."""
        until = time.monotonic() + (operation.deadline or self.deadline)
        attempt, in_doubt = 0, False
        while True:
            attempt += 1
            try:
                return self._send(operation, attempt)
            except Exception as error:
                failure = _failure(error)
                in_doubt = in_doubt or failure.in_doubt
                pause = _pause(attempt, failure)
                if not _may_repeat(operation, failure, attempt) or time.monotonic() + pause > until:
                    raise failure.verdict(operation, attempt, in_doubt=in_doubt) from error
            time.sleep(pause)

    def _send(self, operation: Operation[Any], attempt: int) -> Answer:
        connection = self._connected() if operation.deadline is None else self._probing()
        body = connection.dispatch(operation.name, dict(operation.request))
        return Answer(body, body.get("ResponseMetadata", {}).get("RequestId"), attempt)

    def _connected(self) -> _Connection:
        if self._connection is None:
            with self._lock:
                if self._connection is None:
                    self._connection = self._connect(*self._timeouts)
        return self._connection

    def _probing(self) -> _Connection:
        """Connections of their own for probes, which must not queue behind a busy pool."""
        if self._given is not None:
            return self._connected()
        if self._probe is None:
            with self._lock:
                if self._probe is None:
                    self._probe = self._connect(*_PROBE_TIMEOUTS)
        return self._probe

    def _connect(self, connect_timeout: float, read_timeout: float) -> _Connection:
        from dynrepo import transport  # noqa: PLC0415 - botocore takes half a second to import

        if self._given is not None:
            return transport.AdaptedConnection(self._given)
        return transport.connect(self._region, self._endpoint, connect_timeout, read_timeout)


class _Connection(Protocol):
    """What the store uses of PynamoDB's `Connection`."""

    @property
    def client(self) -> Any: ...

    def dispatch(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]: ...


_ATTEMPTS = 4
_PROBE_TIMEOUTS = (0.5, 1.0)
_FIRST_PAUSE = 0.025
_FIRST_PAUSE_THROTTLED = 0.25


def _pause(attempt: int, failure: _Failure) -> float:
    """Seconds to wait before the next attempt: exponential, with full jitter.

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    first = _FIRST_PAUSE_THROTTLED if failure.kind is Throttled else _FIRST_PAUSE
    return random.random() * first * 2**attempt


def _may_repeat(operation: Operation[Any], failure: _Failure, attempt: int) -> bool:
    """Whether sending again can help, and can do no harm."""
    return (
        attempt < _ATTEMPTS
        and operation.deadline is None
        and failure.kind in (Throttled, Unavailable, Timeout)
        and not (failure.in_doubt and operation.effect is Effect.ONCE)
    )


@dataclass(frozen=True, slots=True)
class _Failure:
    """What an exception says: its code and class, and whether the request may have been applied."""

    code: str
    kind: type[StoreError]
    in_doubt: bool = False
    request_id: str | None = None
    response: Mapping[str, Any] = field(default_factory=dict)

    def verdict(self, operation: Operation[Any], attempts: int, *, in_doubt: bool) -> DynrepoError:
        """The error for the caller, after all attempts of an operation."""
        if self.code == "ConditionalCheckFailedException" and operation.refusal is not None:
            return operation.refusal(self.request_id, self.response.get("Item"))
        if in_doubt and operation.effect is not Effect.NONE:
            return OutcomeUnknown(
                f"{operation.name} on {operation.table} may or may not have been applied: {self.code}",
                attempts=attempts,
            )
        return self.error(operation.name, operation.table, attempts)

    def error(self, name: str, table: str, attempts: int = 1) -> StoreError:
        """The plain error, for what cannot have changed anything."""
        request = f" (request {self.request_id})" if self.request_id else ""
        return self.kind(
            f"{name} on {table} failed: {_REMEDIES.get(self.code, self.code)}{request}",
            code=self.code,
            request_id=self.request_id,
            retryable=self.kind in (Throttled, Unavailable, Timeout),
            attempts=attempts,
        )


_REMEDIES = {
    "NoRegionError": "no AWS region; set AWS_REGION, or pass region= to the store",
    "NoCredentialsError": "no AWS credentials; set AWS_PROFILE or AWS_ACCESS_KEY_ID and"
    " AWS_SECRET_ACCESS_KEY, or give the host a role",
    "ResourceNotFoundException": "no such table or index here; create_table() makes it",
}

# By name, since importing botocore takes half a second; a base class stands for its subclasses.
_LOCAL: dict[str, tuple[type[StoreError], bool]] = {
    "NoRegionError": (StoreError, False),
    "NoCredentialsError": (CredentialsMissing, False),
    "PartialCredentialsError": (CredentialsMissing, False),
    "CredentialRetrievalError": (CredentialsMissing, False),
    "TokenRetrievalError": (CredentialsMissing, False),
    "SSOError": (CredentialsMissing, False),
    "ProfileNotFound": (CredentialsMissing, False),
    "ConnectTimeoutError": (Timeout, False),
    "EndpointConnectionError": (Unavailable, False),
    "ProxyConnectionError": (Unavailable, False),
    "SSLError": (Unavailable, False),
    "ReadTimeoutError": (Timeout, True),
    "ConnectionClosedError": (Unavailable, True),
    "HTTPClientError": (Unavailable, True),
    "ResponseParserError": (Unavailable, True),
    "BotoCoreError": (StoreError, False),
    "ValueError": (StoreError, False),
}


def _failure(error: Exception) -> _Failure:
    # PynamoDB's error keeps only the code; the response is on the botocore error it came from.
    response = getattr(error.__cause__, "response", None) or getattr(error, "response", None)
    if isinstance(response, Mapping) and "Error" in response:
        return _refused(response)
    for ancestor in type(error).__mro__:
        if ancestor.__name__ in _LOCAL:
            kind, in_doubt = _LOCAL[ancestor.__name__]
            return _Failure(type(error).__name__, kind, in_doubt)
    return _Failure(type(error).__name__, StoreError, in_doubt=True)


def _refused(response: Mapping[str, Any]) -> _Failure:
    metadata = response.get("ResponseMetadata", {})
    code = str(response["Error"].get("Code", "Unknown"))
    broken = metadata.get("HTTPStatusCode", 400) >= _SERVER_ERROR
    kind = class_of(code, fallback=Unavailable if broken else StoreError)
    return _Failure(code, kind, broken, metadata.get("RequestId"), response)


_SERVER_ERROR = 500
