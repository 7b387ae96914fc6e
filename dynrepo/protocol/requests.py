"""The direct sender: one signed HTTP request, one answer, and little in between."""

from __future__ import annotations

import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pydantic_core import to_json

from dynrepo.blocking.pool import Pool
from dynrepo.protocol import answer
from dynrepo.protocol.signer import Clock, Signed, Signer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocore.exceptions import ClientError

    from dynrepo.codec.core import Parse
    from dynrepo.protocol.endpoint import Target, Timeouts
    from dynrepo.protocol.http import Message
    from dynrepo.protocol.signer import Credentials, Seal

_API = "DynamoDB_20120810"
_TYPE = "application/x-amz-json-1.0"
_SIGNED = "content-type;host;x-amz-date;x-amz-target"
_SIGNED_TEMPORARY = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"


class CredentialSource(Protocol):
    """botocore's credentials, which refresh themselves."""

    def get_frozen_credentials(self) -> Any:
        """The credentials to sign the next request with."""
        ...


class Alike(NamedTuple):
    """What the requests of one operation share for a second."""

    timestamp: str
    credentials: Credentials
    head: str
    """The lines up to the signature."""
    seal: Seal


class DirectSender:
    """Sends requests to one endpoint; safe to share by threads.

    It sends once. A request that DynamoDB refused because this machine's clock is wrong is not
    applied, so that one goes again, with the server's time.
    """

    def __init__(
        self, target: Target, credentials: CredentialSource, timeouts: Timeouts, kept: int
    ) -> None:
        self._target = target
        self._credentials = credentials
        self._signer = Signer(target.region, target.service)
        self._clock = Clock()
        self._pool = Pool(target.endpoint, timeouts, kept)
        self._alike: dict[str, Alike] = {}
        # What every request says, written once: as it is signed, and as it is sent.
        self._signed = f"POST\n/\n\ncontent-type:{_TYPE}\nhost:{target.host}\nx-amz-date:"
        others = {"User-Agent": target.user_agent, "Accept-Encoding": "identity"}
        self._sent = _lines({"content-type": _TYPE, "host": target.host}) + _lines(
            {**others, **target.extra_headers}
        )

    def send(
        self,
        operation: str,
        request: Mapping[str, Any],
        until: float,
        parse: Parse | None = None,
        text: bytes | None = None,
    ) -> tuple[dict[str, Any], Sequence[Any] | None]:
        """The answer to a request in DynamoDB JSON, by a point of `time.monotonic`.

        `parse` may make it from its text; where it does not, it is DynamoDB JSON. `text` is the
        request as JSON, where it is there already.

        Raises botocore's `ClientError` for what DynamoDB refuses, a `TransportFailure` for the
        rest, and whatever the credentials raise when they cannot be refreshed.
        """
        body = text or to_json(request)
        message = self._pool.exchange(self._request(operation, body), until)
        if answer.is_refusal(message.status):
            refusal = _refusal(operation, message)
            if not self._corrects(refusal, message):
                raise refusal
            message = self._pool.exchange(self._request(operation, body), until)
            if answer.is_refusal(message.status):
                raise _refusal(operation, message)
        answer.verify(message.headers, message.body)
        result, items = answer.parse(message.status, message.body, parse)
        answer.require_members(operation, result, items)
        result["ResponseMetadata"] = answer.metadata(message.status, message.headers)
        return result, items

    def close(self) -> None:
        """Closes the connections; those in use when their answer is there."""
        self._pool.close()

    def _request(self, operation: str, body: bytes) -> bytes:
        credentials: Credentials = self._credentials.get_frozen_credentials()
        timestamp = self._clock.timestamp()
        alike = self._alike.get(operation)
        if alike is None or alike.timestamp != timestamp or alike.credentials != credentials:
            alike = self._alike[operation] = self._made(operation, timestamp, credentials)
        return (
            f"{alike.head}Authorization: {alike.seal.authorization(body)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode("latin-1") + body

    def _made(self, operation: str, timestamp: str, credentials: Credentials) -> Alike:
        signed, token = self._to_sign(operation, timestamp, credentials.token)
        head = (
            f"POST / HTTP/1.1\r\n{self._sent}x-amz-date: {timestamp}\r\n{token}"
            f"x-amz-target: {_API}.{operation}\r\n"
        )
        return Alike(
            timestamp, credentials, head, self._signer.seal(credentials, signed, timestamp)
        )

    def _to_sign(self, operation: str, timestamp: str, token: str | None) -> tuple[Signed, str]:
        """What is signed, and the line that sends a session token."""
        start, target = f"{self._signed}{timestamp}\n", f"x-amz-target:{_API}.{operation}\n"
        if not token:
            return Signed(start + target, _SIGNED), ""
        if "\n" in token or "\r" in token:
            raise ValueError("the session token has more than one line")
        head = f"{start}x-amz-security-token:{token}\n{target}"
        return Signed(head, _SIGNED_TEMPORARY), f"x-amz-security-token: {token}\r\n"

    def _corrects(self, refusal: ClientError, message: Message) -> bool:
        """Sets the clock by a refusal that may be the clock's fault; whether that changed it."""
        if refusal.response.get("Error", {}).get("Code") not in _CLOCK_FAULTS:
            return False
        with suppress(KeyError, ValueError):
            theirs = parsedate_to_datetime(message.headers["date"]).timestamp()
            skew = theirs - time.time()
            if abs(skew - self._clock.skew) > _TOLERATED:
                self._clock.skew = skew
                return True
        return False


def _lines(headers: Mapping[str, str]) -> str:
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()])


def _refusal(operation: str, message: Message) -> ClientError:
    answer.verify(message.headers, message.body)
    return answer.refusal(operation, message.status, message.headers, message.body)


# AWS takes five minutes for the limit. The codes name a wrong signature too, which a wrong clock is
# one cause of.
_TOLERATED = 60.0
_CLOCK_FAULTS = (
    "InvalidSignatureException",
    "RequestExpired",
    "RequestInTheFuture",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
)
