# Written by tests/faces.py from aio/direct.py: change that one.
"""The direct sender: one signed HTTP request, one answer, and little in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from dynrepo.blocking.pool import Pool
from dynrepo.blocking.waits import AT_ONCE, ended
from dynrepo.protocol.answer import read
from dynrepo.protocol.requests import RequestWriter
from dynrepo.sending.outcomes import Refused, SendingFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.aws.pending import Pending
    from dynrepo.operations.operation import Answer, Operation
    from dynrepo.protocol.endpoint import Target, Timeouts
    from dynrepo.protocol.http import Message
    from dynrepo.protocol.requests import Request


class CredentialSource(Protocol):
    """botocore's credentials; those that may have to be waited for are a `SharedCredentials`."""

    def get_frozen_credentials(self) -> Any:
        """The credentials to sign the next request with."""
        ...


class DirectSender:
    """Sends requests to one endpoint; safe to share by threads.

    It sends once. A request that DynamoDB refused because this machine's clock is wrong is not
    applied, so that one goes again, with the server's time. `translated` makes an outcome of what
    the credentials raise when they cannot be refreshed.
    """

    def __init__(
        self,
        target: Target,
        credentials: CredentialSource,
        translated: Callable[[Exception], SendingFailed],
        timeouts: Timeouts,
        kept: int,
    ) -> None:
        self.target = target
        self._credentials = credentials
        self._ready: Callable[[], Any] | None = getattr(credentials, "ready", None)
        self._translated = translated
        self._writer = RequestWriter(target)
        self._pool = Pool(target.endpoint, timeouts, kept)

    def send(
        self, operation: Operation[Any], attempt: int, ends: float, *, anew: bool = False
    ) -> Answer:
        """The answer to an operation, by a point of `time.monotonic`; else a `SendingFailed`.

        With `anew` it goes over a new connection.
        """
        message = self._exchange(operation, ends, anew=anew)
        try:
            return read(operation, message, attempt, AT_ONCE)
        except Refused as refusal:
            if not self._writer.corrects_clock(refusal, message.headers):
                raise
        message = self._exchange(operation, ends, anew=anew)
        return read(operation, message, attempt, AT_ONCE)

    def close(self) -> None:
        """Closes the connections; those in use when their answer is there."""
        self._pool.close()

    def forget(self) -> None:
        """Starts anew in a forked process, without the connections of its parent."""
        self._pool.forget()

    def _exchange(self, operation: Operation[Any], ends: float, *, anew: bool) -> Message:
        return self._pool.exchange(self._request(operation, ends), ends, anew=anew)

    def _request(self, operation: Operation[Any], ends: float) -> Request:
        """The request, signed: the frame that waits for its answer holds no credentials."""
        try:
            if self._ready is None:
                credentials = self._credentials.get_frozen_credentials()
            else:
                credentials = self._ready() or self._found(ends)
            return self._writer.request(operation, credentials)
        except SendingFailed:
            raise
        except Exception as error:
            raise self._translated(error) from error

    def _found(self, ends: float) -> Any:
        """The credentials that have to be waited for; a `NotSent` where there are none by then."""
        shared: Any = self._credentials
        pending: Pending[Any] = shared.pending(ends)
        ended(pending.task, pending.seconds)
        return pending.result()
