"""The door to DynamoDB: one method that sends an operation and says truly what came of it.

Here and nowhere else are requests sent again.
"""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from dynrepo.errors import Throttled
from dynrepo.failure import Failure
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
                failure = Failure.from_exception(error)
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


def _pause(attempt: int, failure: Failure) -> float:
    """Seconds to wait before the next attempt: exponential, with full jitter.

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    first = _FIRST_PAUSE_THROTTLED if failure.kind is Throttled else _FIRST_PAUSE
    return random.random() * first * 2**attempt


def _may_repeat(operation: Operation[Any], failure: Failure, attempt: int) -> bool:
    """Whether sending again can help, and can do no harm."""
    return (
        attempt < _ATTEMPTS
        and operation.deadline is None
        and failure.retryable
        and not (failure.in_doubt and operation.effect is Effect.ONCE)
    )
