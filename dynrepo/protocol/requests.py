"""Requests as bytes: framed as HTTP/1.1, signed, and dated by the server's clock if ours is wrong.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
"""

from __future__ import annotations

import time
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from dynrepo.opaque import OpaqueRecord
from dynrepo.protocol.answer import MEMBERS
from dynrepo.protocol.signer import Clock, SignedHead, Signer
from dynrepo.sending.outcomes import CredentialsUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.operations.operation import Operation
    from dynrepo.protocol.endpoint import Target
    from dynrepo.protocol.signer import Credentials, SigningContext
    from dynrepo.sending.outcomes import Refused

_API = "DynamoDB_20120810"
_TYPE = "application/x-amz-json-1.0"
_SIGNED = "content-type;host;x-amz-date;x-amz-target"
_SIGNED_TEMPORARY = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"

METERED = frozenset(MEMBERS) - {"DescribeTable"}
"""The operations that tell what capacity they consumed, if they are asked to."""


class Request(bytes):
    """A request as it is sent, head and body. Its repr names its method and host, and its size."""

    __slots__ = ()

    def __repr__(self) -> str:
        head = self.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        host = next(
            (line.partition(":")[2].strip() for line in head if line.startswith("host:")), ""
        )
        return f"<{head[0].partition(' ')[0]} {host}, {len(self)} bytes>"

    __str__ = __repr__


class RequestTemplate(OpaqueRecord, sealed=["credentials", "head"]):
    """What the requests of one operation share for a second."""

    timestamp: str
    credentials: Credentials
    head: str
    """The lines up to the signature."""
    signing: SigningContext


class RequestWriter:
    """Writes the requests to one endpoint; safe to share by threads."""

    def __init__(self, target: Target) -> None:
        self._signer = Signer(target.region, target.service)
        self._clock = Clock()
        self._templates: dict[str, RequestTemplate] = {}
        # What every request says, written once: as it is signed, and as it is sent.
        self._signed = f"POST\n/\n\ncontent-type:{_TYPE}\nhost:{target.host}\nx-amz-date:"
        others = {"User-Agent": target.user_agent, "Accept-Encoding": "identity"}
        self._sent = _lines({"content-type": _TYPE, "host": target.host}) + _lines(
            {**others, **target.extra_headers}
        )

    def request(self, operation: Operation[Any], credentials: Credentials) -> Request:
        """The request of an operation, signed now; `CredentialsUnusable` for odd credentials."""
        name = operation.name
        timestamp = self._clock.timestamp()
        template = self._templates.get(name)
        if (
            template is None
            or template.timestamp != timestamp
            or template.credentials != credentials
        ):
            template = self._templates[name] = self._template(name, timestamp, credentials)
        body = operation.text or to_json(operation.request)
        if name in METERED and _CAPACITY not in operation.request:
            body = body[:-1] + _TELL_CAPACITY
        head = (
            f"{template.head}Authorization: {template.signing.authorization(body)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return Request(head.encode("latin-1") + body)

    def corrects_clock(self, refusal: Refused, headers: Mapping[str, str]) -> bool:
        """Sets the clock by a refusal that may be the clock's fault; whether that changed it.

        Such a request was not applied: it may be written anew, and sent once more.
        """
        if refusal.code not in _CLOCK_FAULTS:
            return False
        with suppress(KeyError, ValueError):
            theirs = parsedate_to_datetime(headers["date"]).timestamp()
            skew = theirs - time.time()
            if abs(skew - self._clock.skew) > _TOLERATED:
                self._clock.skew = skew
                return True
        return False

    def _template(self, name: str, timestamp: str, credentials: Credentials) -> RequestTemplate:
        require_usable(credentials)
        signed, token = self._to_sign(name, timestamp, credentials.token)
        head = (
            f"POST / HTTP/1.1\r\n{self._sent}x-amz-date: {timestamp}\r\n{token}"
            f"x-amz-target: {_API}.{name}\r\n"
        )
        signing = self._signer.context(credentials, signed, timestamp)
        return RequestTemplate(timestamp, credentials, head, signing)

    def _to_sign(self, name: str, timestamp: str, token: str | None) -> tuple[SignedHead, str]:
        """What is signed, and the line that sends a session token."""
        start, target = f"{self._signed}{timestamp}\n", f"x-amz-target:{_API}.{name}\n"
        if not token:
            return SignedHead(start + target, _SIGNED), ""
        head = f"{start}x-amz-security-token:{token}\n{target}"
        return SignedHead(head, _SIGNED_TEMPORARY), f"x-amz-security-token: {token}\r\n"


def require_usable(credentials: Credentials) -> None:
    """`CredentialsUnusable` for credentials with what no credentials have.

    A line end would become a header of its own, or a signature that DynamoDB refuses without
    saying why.
    """
    parts = ("access key", credentials.access_key), ("secret key", credentials.secret_key)
    for name, part in (*parts, ("session token", credentials.token or "")):
        if not _is_usable(part):
            remedy = f"the {name} has what no credentials have, such as a line end or a space"
            raise CredentialsUnusable(remedy, remedy=remedy)


def _is_usable(part: object) -> bool:
    # A process that gives credentials out may give a number, or null.
    if not isinstance(part, str):
        return False
    return part.isascii() and part.isprintable() and part == part.strip()


def _lines(headers: Mapping[str, str]) -> str:
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()])


_CAPACITY = "ReturnConsumedCapacity"
_TELL_CAPACITY = b',"ReturnConsumedCapacity":"TOTAL"}'

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
